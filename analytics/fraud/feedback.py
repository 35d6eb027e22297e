"""What analysts and customers say becomes labels: late, and only for what somebody looked at.

    alerted          all reviewed                        weight 1
    reported         a customer said it was fraud        weight 1
    the rest         `share` drawn at random, reviewed   weight 1 / share
                     not drawn                           unknown: not in the table

The bias: a desk that reviews alerts alone teaches its model what the model already suspected, and
measures a recall of 1. Reading the unreviewed rest as "not fraud" is worse, since the frauds that
were missed would teach that they are honest. So a small random share of the rest is reviewed too,
and each reviewed payment stands for as many as its chance of being seen says (Horvitz and
Thompson 1952). Each payment belongs to exactly one of the three strata, so nothing counts twice.

The delay: a payment takes part once it is old enough for a report to have come in, whatever its
label: if frauds, which are found later than an honest payment is cleared, were missing from the
latest days, those days would look honest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

import numpy as np

from analytics.errors import CannotLearn
from analytics.fraud.events import Label, Payment
from analytics.models import Floats

#: No single reviewed payment stands for more than this many.
WEIGHT_MAX = 1_000.0


class Origin(StrEnum):
    """Why a payment was looked at. The first that fits is the one that counts."""

    ALERT = "alert"
    REPORT = "report"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a person found out about a payment. known_at_s: Unix seconds, UTC."""

    payment: Payment
    is_fraud: bool
    origin: Origin
    known_at_s: int

    def label(self) -> Label:
        """Return it as the state learns it."""
        return Label(self.payment, self.is_fraud, self.known_at_s)


def is_drawn(payment_id: str, *, share: float, salt: bytes) -> bool:
    """Tell whether an unalerted payment is drawn for review.

    The same payment is always drawn or never, so the draw can be proven afterwards. salt: secret;
    whoever knew it could choose payments that nobody looks at.
    """
    assert 0 <= share <= 1, share
    digest = blake2b(payment_id.encode(), key=salt, digest_size=8).digest()
    return int.from_bytes(digest, "big") < share * 2**64


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Labels with weights: labels shape (n,) of 0 and 1; weights shape (n,), each at least 1."""

    payments: tuple[Payment, ...]
    labels: Floats
    weights: Floats


def reviewed(feedback: Iterable[Feedback], *, share: float, as_of_s: int, delay_s: int) -> Reviewed:
    """Return what may be learnt from at a moment.

    share: of the unalerted that was drawn. Takes part: payments older than the delay whose
    feedback is known by `as_of_s`; of several about one payment, the latest word with the
    earliest origin (alert before report before sample).

    Raises CannotLearn: sampled feedback, but a share of 0.
    """
    latest: dict[str, Feedback] = {}
    origins: dict[str, Origin] = {}
    for each in sorted(feedback, key=lambda one: one.known_at_s):
        if each.known_at_s > as_of_s or each.payment.at_s + delay_s > as_of_s:
            continue
        key = each.payment.payment_id
        latest[key] = each
        origins[key] = min(origins.get(key, each.origin), each.origin, key=_ORDER.__getitem__)
    if Origin.SAMPLE in origins.values() and share <= 0:
        raise CannotLearn("Sampled feedback needs the share that was drawn.")
    weight = {
        Origin.ALERT: 1.0,
        Origin.REPORT: 1.0,
        Origin.SAMPLE: min(WEIGHT_MAX, 1 / share) if share > 0 else 1.0,
    }
    return Reviewed(
        payments=tuple(each.payment for each in latest.values()),
        labels=np.array([each.is_fraud for each in latest.values()], np.float64),
        weights=np.array([weight[origins[key]] for key in latest], np.float64),
    )


def fraud_rate(found: Reviewed) -> float:
    """Return the estimated share of fraud among all payments, reviewed or not."""
    return float(np.average(found.labels, weights=found.weights))


def recall(found: Reviewed, alerted: Floats) -> float:
    """Return the estimated share of all frauds that was alerted. alerted: shape (n,), 0 or 1."""
    frauds = found.labels * found.weights
    return float((frauds * alerted).sum() / frauds.sum())


_ORDER = {origin: place for place, origin in enumerate(Origin)}
