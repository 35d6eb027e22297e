"""The fraud desk: which payments become cases, and from which probability on.

    payments of a customer ──a day──▶ P(one of them is fraud)     small suspicions add up
         at least the threshold ──▶ alert ──a week──▶ case        alerts of one customer fold
                                                      └─ as many as the desk can open, and only
                                                         where cases are expected to be right

A person looks at a customer, not at a payment: the fifth payment of a burst is no fifth case. The
threshold is the lowest at which cases are right often enough *by the model's own probabilities*;
no label is looked at, so it may be chosen on the very rows it is told about.

Pure: arrays of payments in any order, times in Unix seconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.fraud.events import DAY_S
from analytics.models import Floats

Ints = NDArray[np.int64]

#: Payments of one customer within this time are one suspicion.
TOGETHER_S = DAY_S
#: An alert within this time of its case's first belongs to the case.
CASE_S = 7 * DAY_S
NO_CASE = -1
_WEEK_S = 7 * DAY_S
#: Above this a payment is certain, and no sum of logarithms may become infinite.
_CERTAIN = 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Desk:
    """What the desk can do: cases it opens in an average week, and how often one must be right.

    cases_week_most: at least 1. right_least: a share in (0, 1), expected over all cases.
    """

    cases_week_most: int
    right_least: float

    def __post_init__(self) -> None:
        assert self.cases_week_most >= 1, self.cases_week_most
        assert 0 < self.right_least < 1, self.right_least


def together(customers: Sequence[str], at_s: Ints, probabilities: Floats) -> Floats:
    """Return P(a payment of the customer's last day is fraud) at each payment, shape (n,).

    Each payment and those up to a day before it, as if they were independent; never one later.
    """
    order, code = _in_order(customers, at_s)
    # So far apart that no window reaches into the customer before.
    apart = int(np.ptp(at_s)) + TOGETHER_S + 1 if len(at_s) else 1
    key = code[order] * apart + (at_s[order] - at_s.min() if len(at_s) else at_s)
    begins = np.searchsorted(key, key - TOGETHER_S, side="right")
    clear = np.log1p(-np.minimum(probabilities[order], _CERTAIN))
    sums = np.concatenate([[0.0], np.cumsum(clear)])
    found = np.empty(len(order))
    found[order] = 1 - np.exp(sums[np.arange(len(order)) + 1] - sums[begins])
    # Rounding of long sums must not make a payment less suspect than it is alone.
    return np.maximum(found, probabilities)


def cases_of(customers: Sequence[str], at_s: Ints, alerts: NDArray[np.bool_]) -> Ints:
    """Return the number of the case each payment belongs to, NO_CASE where it is no alert.

    Cases are numbered 0 … from one customer's first to another's last.
    """
    order, code = _in_order(customers, at_s)
    cases = np.full(len(order), NO_CASE, np.int64)
    case, whose, began_s = NO_CASE, -1, 0
    for place in order[alerts[order]].tolist():
        if code[place] != whose or at_s[place] - began_s >= CASE_S:
            case, whose, began_s = case + 1, code[place], int(at_s[place])
        cases[place] = case
    return cases


def threshold_of(
    customers: Sequence[str], at_s: Ints, probabilities: Floats, *, desk: Desk
) -> float:
    """Return the probability, as `together` tells it, from which a payment is an alert.

    The lowest at which the desk can open every case and the cases are expected to be right often
    enough; just above all probabilities where even the most suspect are not.
    """
    assert len(at_s) > 0, "no payments to choose a threshold on"
    weeks = max(1.0, float(np.ptp(at_s)) / _WEEK_S)
    most = int(desk.cases_week_most * weeks)
    best = float(np.nextafter(probabilities.max(), np.inf))
    for value in np.unique(probabilities)[::-1].tolist():
        cases = cases_of(customers, at_s, probabilities >= value)
        count = int(cases.max()) + 1
        if count > most:
            break
        surest = np.zeros(count)
        np.maximum.at(surest, cases[cases >= 0], probabilities[cases >= 0])
        if surest.mean() < desk.right_least:
            break
        best = value
    return best


def _in_order(customers: Sequence[str], at_s: Ints) -> tuple[Ints, Ints]:
    """Return the places of the payments by customer and time, and each one's customer's code."""
    code = pd.factorize(np.asarray(customers, object))[0].astype(np.int64)
    return np.lexsort((at_s, code)), code
