"""Labels: what staff found out about the town's payments, late, not all of it, and not all right.

    fraud    ──95 %──▶ reported 3 to 30 days later        5 % never
    genuine  ──0.1 %─▶ reported by mistake, and believed

So whoever learns from the findings meets what a bank meets: the newest days look clean.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from bank.demo.ledgers import Entry
from bank.demo.movements import Movement
from bank.domain.actors import SYSTEM
from bank.domain.fraud_findings import FindingSource, FraudFinding
from bank.domain.ids import CustomerId, make_id
from bank.domain.ledger import TransactionKind

DELAY_DAYS = (3, 30)
UNREPORTED_SHARE, FALSE_SHARE = 0.05, 0.001
_KINDS = (TransactionKind.CARD, TransactionKind.TRANSFER)


def finding_of(
    movement: Movement, entry: Entry, customer_id: str, rng: Random, *, now_utc: datetime
) -> FraudFinding | None:
    """Return what staff said about a payment by now, if anything."""
    is_payment = movement.kind in _KINDS and movement.amount_minor < 0 and not movement.savings
    if not is_payment:
        return None
    share = FALSE_SHARE if movement.episode is None else 1 - UNREPORTED_SHARE
    if rng.random() >= share:
        return None
    low, high = DELAY_DAYS
    found_at = movement.at_utc + timedelta(days=rng.uniform(low, high))
    if found_at > now_utc:
        return None
    return FraudFinding(
        id=make_id("fi"),
        posting_id=entry[1][0].id,
        customer_id=CustomerId(customer_id),
        is_fraud=True,
        source=FindingSource.REPORT,
        found_at_utc=found_at,
        found_by=SYSTEM.id,
    )
