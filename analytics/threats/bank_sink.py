"""Alerts become the bank's: an event for the SIEM, a bounded response, a note, a case.

    Alert ─┬▶ security event                      always
           ├▶ Responses.propose ─▶ bank.blocks    where the policy proposes one, within its bounds
           ├▶ risk note of the account's owner    attacks on a login weigh on payments for a while
           └▶ case of the alert desk              high severity: one a kind, source and day

Each part stands alone: one that is refused is logged, and the others go on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from analytics.threats.alerts import Alert, Severity
from analytics.threats.responses import Policy, ResponseKind, Responses, load_policy
from bank.domain.actors import SYSTEM
from bank.domain.blocks import BlockKind
from bank.domain.cases import CaseKind, Priority
from bank.domain.errors import BankError
from bank.domain.risk import RiskSource
from bank.domain.security_events import SecurityEventKind
from bank.policies.escalation import queue_of

if TYPE_CHECKING:
    from bank.bootstrap import Bank
    from bank.domain.customers import Customer

_LOGINS = frozenset(
    {"brute_force", "credential_stuffing", "password_spraying", "distributed_stuffing",
     "impossible_travel", "new_device"}
)  # fmt: skip
_FLOWS = frozenset({"port_scan", "host_scan", "connection_flood", "flow_anomaly"})
#: What speaks of one account, and how much.
_ATTACKED = {"brute_force": 0.6, "impossible_travel": 1.0, "new_device": 0.6}
_BLOCKS = {
    ResponseKind.BLOCK: BlockKind.IP,
    ResponseKind.RATE_LIMIT: BlockKind.RATE_LIMIT,
    ResponseKind.FORCE_STEP_UP: BlockKind.CUSTOMER_STEP_UP,
}
#: Five severities of ours on the ten of the receivers.
_SIEM_SEVERITY = {
    Severity.INFO: 2, Severity.LOW: 4, Severity.MEDIUM: 6, Severity.HIGH: 8, Severity.CRITICAL: 10,
}  # fmt: skip

log = structlog.get_logger(__name__)


class BankSink:
    """Implements AlertSink. responds: False only watches and tells."""

    def __init__(self, bank: Bank, *, policy: Policy | None = None, responds: bool = True) -> None:
        self._bank = bank
        self._responses = Responses(policy or load_policy())
        self._responds = responds

    def raise_alert(self, alert: Alert) -> None:
        """Take one alert."""
        customer = self._customer(alert)
        self._try(alert, "event", lambda: self._report(alert, customer))
        if customer is not None and alert.kind in _ATTACKED:
            self._try(alert, "note", lambda: self._note(alert, customer))
        if self._responds:
            self._try(alert, "response", lambda: self._respond(alert, customer))
        if alert.severity >= Severity.HIGH:
            self._try(alert, "case", lambda: self._open_case(alert, customer))

    def _customer(self, alert: Alert) -> Customer | None:
        if alert.kind not in _LOGINS or not alert.subject:
            return None
        return self._bank.customers.find_by_login_name(SYSTEM, alert.subject)

    def _report(self, alert: Alert, customer: Customer | None) -> None:
        self._bank.security_events.report(
            SYSTEM,
            _kind_of(alert),
            subject=customer.id if customer else alert.source_ip or "network",
            reason=alert.kind,
            severity=_SIEM_SEVERITY[alert.severity],
            customer_id=customer.id if customer else None,
            source_ip=alert.source_ip or None,
            technique=alert.technique or None,
            details={"count": alert.count},
        )

    def _note(self, alert: Alert, customer: Customer) -> None:
        self._bank.risk_notes.note(
            SYSTEM, customer.id, source=RiskSource.NETWORK, code="login_attacked",
            strength=_ATTACKED[alert.kind],
            evidence={"sentence": f"The login was attacked: {alert.kind.replace('_', ' ')}."},
        )  # fmt: skip

    def _respond(self, alert: Alert, customer: Customer | None) -> None:
        found = self._responses.propose(alert, now_utc=self._bank.clock())
        if found is None:
            return
        subject = found.subject
        if found.kind is ResponseKind.FORCE_STEP_UP:
            if customer is None:
                return  # nobody is called so: there is no one to protect
            subject = customer.id
        # A score alone counts as one look: it may slow an address down, never block it.
        self._bank.blocks.put_automatic(
            SYSTEM, _BLOCKS[found.kind], subject, reason=alert.kind,
            evidence={"count": max(1, alert.count)}, lasts_s=found.expires_s,
        )  # fmt: skip

    def _open_case(self, alert: Alert, customer: Customer | None) -> None:
        day = alert.at_utc.date().isoformat()
        self._bank.cases.open(
            SYSTEM,
            kind=CaseKind.ALERT,
            queue=queue_of(CaseKind.ALERT),
            subject=alert.kind.replace("_", " ").capitalize(),
            reason_code=alert.kind,
            why=alert.sentence,
            customer_id=customer.id if customer else None,
            priority=Priority.URGENT if alert.severity >= Severity.CRITICAL else Priority.HIGH,
            idempotency_key=f"threat:{alert.kind}:{alert.source_ip or alert.subject}:{day}",
        )

    def _try(self, alert: Alert, part: str, act: Callable[[], None]) -> None:
        try:
            act()
        except BankError as refusal:
            log.warning("threat.part_refused", kind=alert.kind, part=part, code=refusal.code)


def _kind_of(alert: Alert) -> SecurityEventKind:
    if alert.kind in _LOGINS:
        return SecurityEventKind.THREAT_LOGIN
    return (
        SecurityEventKind.THREAT_FLOW if alert.kind in _FLOWS else SecurityEventKind.THREAT_REQUEST
    )
