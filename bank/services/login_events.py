"""What the security desk hears of a login that failed: the failure, and the door that closed by it.

Written for names nobody has as well: the time an answer takes must not tell the two apart.
"""

from __future__ import annotations

from typing import Any

from bank.domain.actors import VISITOR
from bank.domain.security_events import SecurityEventKind
from bank.ports import Store, UnitOfWork
from bank.services.security_events import SecurityEvents

#: By the rule whose window is full (policies/attempts.toml): guessing at one name, or one
#: password on many.
_TECHNIQUES = {"login_address": "T1110.003"}
_GUESSING = "T1110.001"


def tell_failed(
    store: Store,
    events: SecurityEvents,
    *,
    customer_id: str | None,
    filled: tuple[str, ...],
    source_ip: str | None,
) -> None:
    """Report a customer's failed login. filled: rules that refuse the next try."""

    def work(uow: UnitOfWork) -> None:
        about: dict[str, Any] = {"customer_id": customer_id, "source_ip": source_ip}
        subject = customer_id or "unknown"
        events.report_in(
            uow, VISITOR, SecurityEventKind.LOGIN_FAILED,
            subject=subject, reason="wrong_credentials", **about,
        )  # fmt: skip
        for rule in filled:
            events.report_in(
                uow, VISITOR, SecurityEventKind.CUSTOMER_LOCKED, subject=subject, reason=rule,
                technique=_TECHNIQUES.get(rule, _GUESSING), **about,
            )  # fmt: skip

    if events:
        store.write(work)


def tell_staff_failed(
    store: Store,
    events: SecurityEvents,
    *,
    staff_id: str | None,
    reason: str,
    filled: tuple[str, ...],
    source_ip: str | None,
) -> None:
    """Report a failed login to the console. reason: wrong_credentials or wrong_code."""

    def work(uow: UnitOfWork) -> None:
        subject = staff_id or "unknown"
        events.report_in(
            uow, VISITOR, SecurityEventKind.STAFF_LOGIN_FAILED,
            subject=subject, reason=reason, source_ip=source_ip,
        )  # fmt: skip
        for rule in filled:
            events.report_in(
                uow, VISITOR, SecurityEventKind.STAFF_LOCKED, subject=subject, reason=rule,
                technique=_TECHNIQUES.get(rule, _GUESSING), source_ip=source_ip,
            )  # fmt: skip

    if events:
        store.write(work)
