"""The parts together: how much popularity, holdings, profile and neighbours count, and for whom.

    parts' scores of each instrument ──standardised over what may be recommended──▶ z
    z · weights[how much somebody holds] ──softmax──▶ P(the next one they buy is this)

The weights are those under which what was bought in a later period is most likely (a conditional
logit, convex), learnt apart for who holds nothing, one, few or many: for a newcomer the profile
has to speak, later what they hold does. Pulled towards the weights of all, so that a small group
does not go its own way by chance.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Floats32: TypeAlias = NDArray[np.float32]
Floats: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]

PARTS = ("popular", "together", "item_knn", "content", "neighbours")
#: Holdings from which each group begins.
GROUPS_FROM = (0, 1, 2, 4)
#: Before anything was bought to learn from: holdings and profile, a little of all others.
PRIOR = (0.3, 0.5, 0.1, 0.3, 0.2)
#: How strongly all are pulled towards PRIOR, and a group towards all; in buyers.
_PULL_ALL, _PULL_GROUP = 5.0, 40.0
_FLAT = 1e-6


def group_of(counts: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return each person's group by how many instruments they hold.

    >>> group_of(np.array([0, 1, 2, 3, 4, 30])).tolist()
    [0, 1, 2, 2, 3, 3]
    """
    found = np.searchsorted(np.array(GROUPS_FROM), counts, side="right") - 1
    return found.astype(np.intp)


def standardised(scores: Floats32, candidates: Mask) -> Floats32:
    """Return scores with mean 0 and deviation 1 over each person's candidates, 0 elsewhere.

    scores, candidates: shape (people, instruments). A person whose scores are all alike gets zeros.
    """
    kept = np.where(candidates, scores, 0.0).astype(np.float64)
    count = np.maximum(candidates.sum(axis=1, keepdims=True), 1)
    mean = kept.sum(axis=1, keepdims=True) / count
    apart = np.where(candidates, scores - mean, 0.0)
    deviation = np.sqrt((apart**2).sum(axis=1, keepdims=True) / count)
    found: Floats32 = np.where(deviation > _FLAT, apart / np.maximum(deviation, _FLAT), 0.0).astype(
        np.float32
    )
    return found


def blended(parts: Floats32, weights: Floats, groups: NDArray[np.intp]) -> Floats32:
    """Return the logits, shape (people, instruments).

    parts: standardised, shape (people, instruments, PARTS). weights: shape (groups, PARTS).
    """
    found: Floats32 = np.einsum("pnk,pk->pn", parts, weights[groups].astype(np.float32))
    return found


def chances(logits: Floats32, candidates: Mask) -> Floats32:
    """Return the softmax over each person's candidates, 0 elsewhere; rows sum to 1 or are 0."""
    masked = np.where(candidates, logits, -np.inf)
    most = masked.max(axis=1, keepdims=True, initial=-np.inf)
    raised = np.where(candidates, np.exp(masked - np.where(np.isfinite(most), most, 0.0)), 0.0)
    total = raised.sum(axis=1, keepdims=True)
    found: Floats32 = (raised / np.where(total > 0, total, 1.0)).astype(np.float32)
    return found


def learn_weights(
    parts: Floats32, candidates: Mask, bought: Mask, groups: NDArray[np.intp]
) -> Floats:
    """Return weights, shape (groups, PARTS); PRIOR where nobody bought a candidate.

    bought: shape (people, instruments). Each buyer counts once, however much they bought.
    """
    targets = bought & candidates
    buys = targets.any(axis=1)
    prior = np.array(PRIOR)
    if not buys.any():
        return np.tile(prior, (len(GROUPS_FROM), 1))
    parts, candidates = parts[buys], candidates[buys]
    targets, groups = targets[buys], groups[buys]
    of_all = most_likely(parts, candidates, targets, towards=prior, pull=_PULL_ALL)
    found = np.tile(of_all, (len(GROUPS_FROM), 1))
    for group in range(len(GROUPS_FROM)):
        members = groups == group
        if members.any():
            found[group] = most_likely(
                parts[members], candidates[members], targets[members],
                towards=of_all, pull=_PULL_GROUP,
            )  # fmt: skip
    return found


def most_likely(
    parts: Floats32, candidates: Mask, targets: Mask, *, towards: Floats, pull: float
) -> Floats:
    """Return the weights, none below 0, under which the targets are most likely, shape (parts,).

    targets: candidates only, at least one a person. pull: towards `towards`, in persons.
    """
    wanted = targets / targets.sum(axis=1, keepdims=True)
    reached = np.einsum("pn,pnk->k", wanted, parts)

    def loss(weights: Floats) -> tuple[float, Floats]:
        logits = parts @ weights.astype(np.float32)
        shares = chances(logits, candidates)
        likely = np.where(targets, np.log(np.maximum(shares, 1e-30)), 0.0)
        apart = weights - towards
        value = -float((wanted * likely).sum()) + 0.5 * pull * float(apart @ apart)
        slope = np.einsum("pn,pnk->k", shares, parts) - reached + pull * apart
        return value, slope.astype(np.float64)

    done = optimize.minimize(
        loss, towards, jac=True, method="L-BFGS-B", options={"maxiter": 200},
        # A part that speaks against what it stands for would give reasons that are none.
        bounds=[(0.0, None)] * len(towards),
    )  # fmt: skip
    found: Floats = done.x
    return found
