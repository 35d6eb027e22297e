"""The permanent hold-out: a tenth of the customers who never get an offer, chosen by a keyed hash.

    HMAC-SHA256(key, customer id) ──first 8 bytes──▶ a number in [0, 1) ──▶ held out if < share

The same customer is always on the same side, whatever else is known of them, on every machine
with the key; nobody without the key can tell who, and no list has to be kept. Raising the share
only adds people, so those who were held out stay so.

What the offers are worth is the difference between the two sides, among those who would have been
chosen: `kept_by_offers`.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from dataclasses import dataclass

from bank.domain.shares import wilson

PURPOSE = "retention-holdout"
_DRAWS = float(2**64)
_Z_90 = 1.645


def place_of(customer_id: str, *, key: bytes) -> float:
    """Return the customer's number in [0, 1); uniform over customers, the same every time."""
    digest = hmac.new(key, customer_id.encode(), hashlib.sha256).digest()
    # The lowest 11 of 64 bits do not fit a float: dropped, so that 1.0 is never reached.
    return (int.from_bytes(digest[:8], "big") >> 11 << 11) / _DRAWS


def is_held_out(customer_id: str, *, key: bytes, share: float) -> bool:
    """Say whether the customer belongs to the hold-out of this share (0 nobody, 1 everybody)."""
    return place_of(customer_id, key=key) < share


@dataclass(frozen=True, slots=True)
class Kept:
    """Customers kept per customer offered: a difference of rates with its 90 % interval."""

    rate: float
    low: float
    high: float


def kept_by_offers(
    *, offered_count: int, offered_left_count: int, held_out_count: int, held_out_left_count: int
) -> Kept:
    """Return by how much offers lowered the share that left, with Newcombe's score interval.

    Count only people whom the plan would have chosen, on both sides.

    >>> kept = kept_by_offers(offered_count=900, offered_left_count=90,
    ...                       held_out_count=100, held_out_left_count=20)
    >>> f"{kept.rate:.2f} [{kept.low:.3f}, {kept.high:.3f}]"
    '0.10 [0.040, 0.175]'
    """
    assert offered_count > 0, offered_count
    assert held_out_count > 0, held_out_count
    out = held_out_left_count / held_out_count
    offered = offered_left_count / offered_count
    out_low, out_high = wilson(held_out_left_count, held_out_count, z=_Z_90)
    off_low, off_high = wilson(offered_left_count, offered_count, z=_Z_90)
    rate = out - offered
    return Kept(
        rate,
        rate - math.hypot(out - out_low, off_high - offered),
        rate + math.hypot(out_high - out, offered - off_low),
    )
