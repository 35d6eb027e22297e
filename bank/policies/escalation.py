"""Escalation: where a case waits, how urgent it is, when it is due, and who sees it.

The table is `escalation.toml`. Pure: callers pass `now_utc`.
"""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from bank.domain.cases import CaseKind, Priority
from bank.domain.errors import InvalidInput
from bank.domain.staff import Role

#: Where cases about colleagues' own work wait.
OVERSIGHT = "oversight"


def queue_of(kind: CaseKind) -> str:
    """Return the queue where cases of a kind wait."""
    queue: str = _table()["queue"][kind]
    return queue


def validate_queue(queue: str) -> str:
    """Return the queue. Raises InvalidInput when the bank has no such queue."""
    if queue not in _table()["sla_minutes"]:
        raise InvalidInput(field="queue", allowed=", ".join(sorted(_table()["sla_minutes"])))
    return queue


def priority_of(reason_code: str) -> Priority:
    """Return how urgent a handoff for this reason is."""
    return Priority(_table()["priority"].get(reason_code, Priority.MEDIUM))


def due_at_utc(*, queue: str, priority: Priority, now_utc: datetime) -> datetime:
    """Return when a case that enters `queue` now is due."""
    minutes: int = _table()["sla_minutes"][validate_queue(queue)][priority]
    return now_utc + timedelta(minutes=minutes)


def queues_for(roles: frozenset[str]) -> tuple[str, ...]:
    """Return the queues somebody with these roles works in, sorted.

    >>> queues_for(frozenset({"kyc"})), queues_for(frozenset({"admin"}))
    (('kyc',), ())
    """
    if Role.SUPERVISOR in roles:
        return tuple(sorted(_table()["sla_minutes"]))
    rules: dict[str, list[str]] = _table()["roles"]
    return tuple(sorted(queue for queue, seen_by in rules.items() if roles & set(seen_by)))


@cache
def _table() -> dict[str, Any]:
    text = resources.files("bank.policies").joinpath("escalation.toml").read_text("utf-8")
    return tomllib.loads(text)
