"""One customer, now: how likely they leave within 90 days, when, and why. For staff only.

What is said here is never said to the customer: it may lead to an offer or to a better tone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from analytics import dataset
from analytics.churn.reasons import Reason, reasons_of
from analytics.churn.survival import Hazards, When
from analytics.models import Model
from bank.domain.errors import NotFound
from bank.ports import Store


@dataclass(frozen=True, slots=True)
class ChurnScore:
    """P(last account closed within 90 days of `as_of_utc`), 0-1. `when` needs hazards."""

    customer_id: str
    as_of_utc: datetime
    probability: float
    when: When | None
    reasons: tuple[Reason, ...]


def score_customer(
    store: Store,
    model: Model,
    customer_id: str,
    *,
    as_of_utc: datetime,
    hazards: Hazards | None = None,
    reasons_most: int = 4,
) -> ChurnScore:
    """Return a customer's score. Raises NotFound: nobody, or no account open at the moment."""
    table = dataset.customers_table(store, as_of_utc, customers=[customer_id])
    if table.empty:
        raise NotFound(table="customers")
    return ChurnScore(
        customer_id=customer_id,
        as_of_utc=as_of_utc,
        probability=float(model.probability(table)[0]),
        when=hazards.when(table)[0] if hazards else None,
        reasons=reasons_of(model, table, most=reasons_most)[0],
    )
