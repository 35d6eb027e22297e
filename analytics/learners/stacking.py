"""How much each member counts: weights ≥ 0 that make the training rows' out-of-fold labels likely.

    log-odds of the blend = Σ weight · member's log-odds

A little pull towards equal weights: seven thousand rows cannot tell members apart that agree, and
equal weights are hard to beat (Clemen 1989). Never negative, so that no member argues backwards.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from analytics.learners.members import expit
from analytics.models import Floats, Labels

#: In rows: the pull counts about as much as the labels of so many.
_PULL_ROWS = 100.0


def weights_of(log_odds: Floats, labels: Labels) -> Floats:
    """Return a weight per member, shape (members,), ≥ 0, their sum > 0.

    log_odds: shape (n, members), out of fold.
    """
    members_count = log_odds.shape[1]
    if members_count == 1:
        return np.ones(1)
    equal = np.full(members_count, 1 / members_count)
    share = float(labels.mean())
    # What a weight away from equal moves is how far the members lie apart, so the pull is in
    # that unit: the curvature that so many rows would give the loss.
    apart = float(np.mean(np.var(log_odds - log_odds.mean(axis=1, keepdims=True), axis=0)))
    pull = _PULL_ROWS / len(labels) * max(apart, 1e-6) * share * (1 - share)
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
    ).x[:-1]  # fmt: skip
    return found if found.sum() > 1e-6 else equal
