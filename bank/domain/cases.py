"""Cases: one piece of staff work, from whatever room it came.

    open ──claim──▶ assigned ◀──▶ waiting_customer
      ▲               │  │               │
      ├──release,─────┘  └───resolve─────┤
      │  lease over                      ▼
      └──────────────reopen────────── resolved

A claim is a lease with a version: fifty people may press at once, one gets the case. The
owner keeps it by working on it; a lease nobody renews lets the case go back to the queue.
The outcome says how it ended and is separate from the state.

Pure: no clock, no store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from bank.domain.errors import CaseClosed, CaseNotOwned, Conflict, NotPermitted
from bank.domain.ids import CaseId, ConversationId, CustomerId, StaffId

LEASE_S = 900
#: The reason code of a case that questions a colleague's own decisions.
VERDICT_RUN = "verdict_run"


class CaseKind(StrEnum):
    HANDOFF = "handoff"
    KYC = "kyc"
    ALERT = "alert"
    DISPUTE = "dispute"
    PRIVACY = "privacy"
    COMPLAINT = "complaint"


class CaseState(StrEnum):
    OPEN = "open"
    ASSIGNED = "assigned"
    WAITING_CUSTOMER = "waiting_customer"
    RESOLVED = "resolved"


class Priority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


#: States in which a case is somebody's work or waits to be.
UNRESOLVED = (CaseState.OPEN, CaseState.ASSIGNED, CaseState.WAITING_CUSTOMER)


@dataclass(frozen=True, slots=True)
class Case:
    """`why` is read by staff only; `reason_code` is the stable name of the same reason."""

    id: CaseId
    kind: CaseKind
    queue: str
    state: CaseState
    priority: Priority
    subject: str
    reason_code: str
    why: str
    customer_id: CustomerId | None
    conversation_id: ConversationId | None
    assignee: StaffId | None
    lease_until_utc: datetime | None
    version: int
    opened_at_utc: datetime
    due_at_utc: datetime
    idempotency_key: str | None = None
    first_taken_at_utc: datetime | None = None
    resolved_at_utc: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One line of a case's history. A `note` is private and never reaches the customer."""

    id: str
    case_id: CaseId
    at_utc: datetime
    actor_kind: str
    actor_id: str
    kind: str
    text: str
    data: dict[str, Any]


def is_held(case: Case, *, now_utc: datetime) -> bool:
    """Whether somebody's lease on this case is running."""
    return (
        case.assignee is not None
        and case.lease_until_utc is not None
        and case.lease_until_utc > now_utc
    )


def about_key(reason_code: str, staff_id: str, *, day: date) -> str:
    """Return the idempotency key of a case about a colleague: one a day.

    >>> about_key(VERDICT_RUN, "st_1", day=date(2026, 11, 20))
    'verdict_run:st_1:2026-11-20'
    """
    return f"{reason_code}:{staff_id}:{day}"


def is_about(case: Case, staff_id: str) -> bool:
    """Whether the case questions what this very colleague decided."""
    key = f"{VERDICT_RUN}:{staff_id}:"
    return case.reason_code == VERDICT_RUN and (case.idempotency_key or "").startswith(key)


def claim(case: Case, *, staff_id: StaffId, now_utc: datetime) -> Case:
    """Return the case as `staff_id` holds it; claiming one's own renews the lease.

    Raises CaseClosed, CaseNotOwned (somebody else's lease is running), NotPermitted (about them).
    """
    if case.state is CaseState.RESOLVED:
        raise CaseClosed(case_id=case.id)
    if case.assignee != staff_id and is_held(case, now_utc=now_utc):
        raise CaseNotOwned(case_id=case.id, version=case.version)
    return give(case, staff_id=staff_id, now_utc=now_utc)


def give(case: Case, *, staff_id: StaffId, now_utc: datetime) -> Case:
    """Return the case in `staff_id`'s hands, whoever had it.

    Raises CaseClosed, NotPermitted: it is about themselves.
    """
    if case.state is CaseState.RESOLVED:
        raise CaseClosed(case_id=case.id)
    if is_about(case, staff_id):
        raise NotPermitted(case_id=case.id)
    state = CaseState.ASSIGNED if case.state is CaseState.OPEN else case.state
    return replace(
        case,
        state=state,
        assignee=staff_id,
        lease_until_utc=now_utc + timedelta(seconds=LEASE_S),
        first_taken_at_utc=case.first_taken_at_utc or now_utc,
        version=case.version + 1,
    )


def check_owner(case: Case, *, staff_id: StaffId, now_utc: datetime) -> None:
    """Refuse an act on a case by somebody who does not hold it.

    A lease that ran out still counts for its holder as long as nobody else claimed the case.
    Raises CaseClosed, CaseNotOwned.
    """
    if case.state is CaseState.RESOLVED:
        raise CaseClosed(case_id=case.id)
    if case.assignee != staff_id:
        raise CaseNotOwned(case_id=case.id, version=case.version)
    assert case.lease_until_utc is not None, (case.id, now_utc)


def let_go(case: Case) -> Case:
    """Return the case to its queue."""
    return replace(
        case,
        state=CaseState.OPEN,
        assignee=None,
        lease_until_utc=None,
        version=case.version + 1,
    )


def resolve(case: Case, *, outcome: str, now_utc: datetime) -> Case:
    """Return the case as finished. Raises CaseClosed."""
    if case.state is CaseState.RESOLVED:
        raise CaseClosed(case_id=case.id)
    return replace(
        case,
        state=CaseState.RESOLVED,
        outcome=outcome,
        resolved_at_utc=now_utc,
        lease_until_utc=None,
        version=case.version + 1,
    )


def reopen(case: Case, *, due_at_utc: datetime) -> Case:
    """Return a resolved case to its queue with a new due time. Raises Conflict."""
    if case.state is not CaseState.RESOLVED:
        raise Conflict(case_id=case.id, state=case.state)
    return replace(let_go(case), outcome=None, resolved_at_utc=None, due_at_utc=due_at_utc)
