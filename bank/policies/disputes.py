"""Disputes: which reasons there are and until when each may be given. Table: `disputes.toml`."""

from __future__ import annotations

from datetime import datetime, timedelta

from bank.domain.cases import Priority
from bank.domain.disputes import DisputeReason
from bank.domain.errors import InvalidInput
from bank.domain.ledger import TransactionKind
from bank.policies.tables import load_table


def list_reasons() -> list[DisputeReason]:
    """Return the reasons in the order a customer is offered them."""
    return [get_reason(code) for code in load_table("disputes")["reasons"]]


def get_reason(code: str) -> DisputeReason:
    """Return one reason. Raises InvalidInput."""
    reasons = load_table("disputes")["reasons"]
    if code not in reasons:
        raise InvalidInput(field="reason", allowed=", ".join(reasons))
    row = reasons[code]
    return DisputeReason(
        code=code,
        deadline_days=row["deadline_days"],
        kinds=tuple(TransactionKind(kind) for kind in row["kinds"]),
        freezes_card=row["freezes_card"],
    )


def priority_of(code: str) -> Priority:
    """Return how urgent a dispute for this reason is."""
    return Priority(load_table("disputes")["reasons"][code]["priority"])


def answer_by(opened_at_utc: datetime) -> datetime:
    """Return until when we promise a first answer."""
    return opened_at_utc + timedelta(days=load_table("disputes")["answer_days"])
