"""How much each member counts: weights ≥ 0 that make the training rows' out-of-fold labels likely.

    log-odds of the blend = Σ weight · member's log-odds

    free ◀── pull towards equal weights ──▶ equal      the strongest pull whose loss the rows
     └─ best on these rows      hard to beat ┘         cannot tell from the best one's

Seven thousand rows cannot tell members apart that agree, and equal weights are hard to beat
(Clemen 1989); where members lie far apart, a thousand rows can, and then they decide. So the
strongest pull within two standard errors of the best is taken (after the one-standard-error
rule: Breiman et al. 1984, 3.4.3). Never negative, so that no member argues backwards.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from analytics.learners.members import expit
from analytics.models import Floats, Labels

#: In rows: a pull counts about as much as the labels of so many. The first is the freest.
_PULLS_ROWS = (100.0, 300.0, 1_000.0, 3_000.0, 10_000.0, 100_000.0)
_ERRORS_MOST = 2.0


def weights_of(log_odds: Floats, labels: Labels) -> Floats:
    """Return a weight per member, shape (members,), ≥ 0, their sum > 0.

    log_odds: shape (n, members), out of fold.
    """
    members_count = log_odds.shape[1]
    if members_count == 1:
        return np.ones(1)
    found, losses = [], []
    for pull_rows in _PULLS_ROWS:
        weights, shift = _pulled(log_odds, labels, pull_rows)
        margin = shift + log_odds @ weights
        found.append(weights)
        losses.append(np.logaddexp(0, margin) - labels * margin)
    chosen = 0
    for place in range(1, len(found)):
        worse = losses[place] - losses[0]
        if worse.mean() <= _ERRORS_MOST * worse.std() / np.sqrt(len(worse)):
            chosen = place
    return found[chosen]


def _pulled(log_odds: Floats, labels: Labels, pull_rows: float) -> tuple[Floats, float]:
    """Return the weights under one pull, and the shift that goes with them."""
    members_count = log_odds.shape[1]
    equal = np.full(members_count, 1 / members_count)
    share = float(labels.mean())
    # What a weight away from equal moves is how far the members lie apart, so the pull is in
    # that unit: the curvature that so many rows would give the loss.
    apart = float(np.mean(np.var(log_odds - log_odds.mean(axis=1, keepdims=True), axis=0)))
    pull = pull_rows / len(labels) * max(apart, 1e-6) * share * (1 - share)
    base = float(np.log(share / (1 - share)))

    def loss(both: Floats) -> tuple[float, Floats]:
        weights, shift = both[:-1], both[-1]
        margin = shift + log_odds @ weights
        gap = (expit(margin) - labels) / len(labels)
        away = weights - equal
        value = float(np.mean(np.logaddexp(0, margin) - labels * margin) + pull * away @ away)
        return value, np.append(gap @ log_odds + 2 * pull * away, gap.sum())

    centred = base - float(np.mean(log_odds @ equal))
    found = minimize(
        loss, np.append(equal, centred), jac=True, method="L-BFGS-B",
        bounds=[(0, None)] * members_count + [(None, None)],
    ).x  # fmt: skip
    weights = found[:-1] if found[:-1].sum() > 1e-6 else equal
    return weights, float(found[-1])
