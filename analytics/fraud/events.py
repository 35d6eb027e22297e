"""What the fraud room hears: payments, and labels that arrive later.

    Payment ──▶ a row of features ──▶ a probability        now
    Label   ──▶ what is known about payees and customers   days later, for some payments only

Both carry what the state needs, so that it never looks a payment up.
"""

from __future__ import annotations

from dataclasses import dataclass

DAY_S = 86_400
HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the globe, in degrees."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as it is asked for.

    at_s: Unix seconds, UTC. payee: a terminal, a merchant or an account paid to.
    device, place: "" and None where the channel has none.
    drawn_minor, drawn_at_s: what came from the customer's own savings last, within a day before
    the payment, and when; 0 and -1 where nothing did, or where nobody looks.
    """

    payment_id: str
    customer: str
    payee: str
    amount_minor: int
    at_s: int
    channel: str = ""
    device: str = ""
    place: Place | None = None
    drawn_minor: int = 0
    drawn_at_s: int = -1


@dataclass(frozen=True, slots=True)
class Label:
    """What became known of one payment: fraud, or confirmed as the customer's own.

    known_at_s: when it became known, Unix seconds, UTC. A payment without a label is unknown,
    never "not fraud" (see feedback.py).
    """

    payment: Payment
    is_fraud: bool
    known_at_s: int
