"""The alert desk: a person decides an alert, once, and everything follows in the same write.

    genuine ──▶ held payments go out, the customer hears that they went
                a pause ends, the customer hears that they may pay now
    fraud   ──▶ held payments are not carried out, the money is free again, the customer hears that
    a denied event ("that was not me", event_answers.py): genuine takes the denial back
    both    ──▶ the outcome stands on every assessment, and on the posting: labels to learn from
                the case is resolved; a long run of "genuine" by one person calls another

The customer is told what happened to the payment, in the same words whatever the reason was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bank.domain import ibans
from bank.domain.actors import Actor
from bank.domain.cases import Case
from bank.domain.errors import InvalidInput
from bank.domain.fraud_findings import FindingSource
from bank.domain.ledger import Posting
from bank.domain.notices import NoticeKind
from bank.domain.payees import Payee
from bank.domain.risk import Assessment, RiskAct, RiskDecision, RiskOutcome
from bank.domain.security_events import SecurityEventKind
from bank.domain.transfers import Transfer, TransferStatus
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services import proposals
from bank.services.cases import Cases
from bank.services.event_answers import EVENT_ACTS, EventAnswers
from bank.services.fraud_findings import find_in
from bank.services.notices import leave_in
from bank.services.risk_view import open_pause
from bank.services.security_events import SecurityEvents
from bank.services.transfer_posting import audited, post_transfer
from bank.services.verdict_runs import watch_in


class AlertDesk:
    """Decides alerts."""

    def __init__(
        self, store: Store, *, clock: Clock, audit: Auditor, cases: Cases, answers: EventAnswers,
        events: SecurityEvents,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._audit = audit
        self._cases = cases
        self._answers = answers
        self._events = events

    def decide(
        self, actor: Actor, case_id: str, outcome: RiskOutcome | str, note: str = ""
    ) -> Case:
        """Decide the alert whose case the actor holds.

        Raises NotPermitted, NotFound, CaseNotOwned, CaseClosed, InvalidInput (the outcome, or a
        case that is no alert), AccountNotActive (a payment that can no longer go out: it is fraud
        or it is cancelled, and neither moves money).
        """
        reason = access.require(actor, "alerts.decide")
        try:
            outcome = RiskOutcome(outcome)
        except ValueError:
            raise InvalidInput(field="outcome", allowed=", ".join(RiskOutcome)) from None

        def work(uow: UnitOfWork) -> Case:
            seen: list[Assessment] = uow.assessments.list(case_id=case_id, outcome=None)
            if not seen:
                raise InvalidInput(field="case_id", allowed="an alert that waits for a decision")
            now_utc = self._clock()
            for one in seen:
                uow.assessments.save(
                    replace(one, outcome=outcome, outcome_by=actor.id, outcome_at_utc=now_utc)
                )
                if one.act is RiskAct.TRANSFER:
                    self._settle_in(uow, actor, one, outcome, now_utc=now_utc)
                    if outcome is RiskOutcome.GENUINE:
                        self._lift_in(uow, actor, one, now_utc=now_utc)
                if one.act in EVENT_ACTS:
                    self._answers.overrule_in(uow, actor, one.subject_id, outcome)
            self._audit.append_in(
                uow, actor, "alert.decide", case_id, "done", reason, {"outcome": outcome.value}
            )
            watch_in(uow, self._cases, actor, now_utc=now_utc)
            return self._cases.resolve_in(uow, actor, case_id, outcome.value, note)

        return self._store.write(work)

    def _settle_in(
        self, uow: UnitOfWork, actor: Actor, seen: Assessment, outcome: RiskOutcome, *,
        now_utc: datetime,
    ) -> None:  # fmt: skip
        transfer: Transfer | None = uow.transfers.find(seen.subject_id)
        if transfer is None:
            return
        if transfer.status is TransferStatus.HELD:
            transfer = self._end_in(uow, actor, transfer, outcome, now_utc=now_utc)
        if transfer.status is TransferStatus.POSTED:
            self._label_in(uow, actor, transfer, seen, outcome, now_utc=now_utc)

    def _end_in(
        self, uow: UnitOfWork, actor: Actor, transfer: Transfer, outcome: RiskOutcome, *,
        now_utc: datetime,
    ) -> Transfer:  # fmt: skip
        """Let a held payment go, or give the money back."""
        if outcome is RiskOutcome.GENUINE:
            debit, credit = proposals.lock_sides(uow, transfer)
            proposals.check_confirmable(transfer, debit, credit)
            ended = post_transfer(uow, transfer, debit=debit, credit=credit, now_utc=now_utc)
            proposals.settle_bill(uow, ended)
            action, kind = "transfer.release", NoticeKind.PAYMENT_SENT
            event = SecurityEventKind.PAYMENT_RELEASED
        else:
            ended, _ = proposals.end_proposal(uow, transfer, TransferStatus.VOIDED)
            action, kind = "transfer.reject", NoticeKind.PAYMENT_NOT_SENT
            event = SecurityEventKind.PAYMENT_REJECTED
        self._audit.append_in(
            uow, actor, action, transfer.id, "done", outcome.value, audited(transfer)
        )
        self._events.report_in(
            uow, actor, event, subject=transfer.id, reason=outcome.value,
            customer_id=transfer.customer_id,
        )  # fmt: skip
        leave_in(
            uow, ended.customer_id, kind, f"{kind.value}:{ended.id}",
            {"amount": str(ended.amount), "payee": ended.payee_name}, now_utc=now_utc,
        )  # fmt: skip
        return ended

    def _lift_in(
        self, uow: UnitOfWork, actor: Actor, seen: Assessment, *, now_utc: datetime
    ) -> None:
        """End the pause of a payment: its customer may make it at once (risk_view.py)."""
        pause = open_pause(uow, seen.customer_id, seen.to_iban, now_utc=now_utc)
        if seen.decision is not RiskDecision.PAUSE or pause is None:
            return
        uow.payment_pauses.save(replace(pause, until_utc=now_utc))
        self._audit.append_in(
            uow, actor, "payment_pause.lift", seen.subject_id, "done", RiskOutcome.GENUINE.value,
            {"pause_id": pause.id},
        )  # fmt: skip
        self._events.report_in(
            uow, actor, SecurityEventKind.PAYMENT_RELEASED, subject=seen.subject_id,
            reason="pause_lifted", customer_id=seen.customer_id, case_id=seen.case_id,
        )  # fmt: skip
        kind = NoticeKind.PAYMENT_READY
        leave_in(
            uow, seen.customer_id, kind, f"{kind.value}:{pause.id}",
            {"payee": _payee_name(uow, seen)}, now_utc=now_utc,
        )  # fmt: skip

    def _label_in(
        self, uow: UnitOfWork, actor: Actor, transfer: Transfer, seen: Assessment,
        outcome: RiskOutcome, *, now_utc: datetime,
    ) -> None:  # fmt: skip
        posting: Posting | None = uow.postings.first(
            transaction_id=transfer.transaction_id, account_id=transfer.from_account_id
        )
        assert posting is not None, transfer.id
        find_in(
            uow, posting.id, transfer.customer_id, is_fraud=outcome is RiskOutcome.FRAUD,
            source=FindingSource.ALERT, found_by=actor.id, now_utc=now_utc, case_id=seen.case_id,
        )  # fmt: skip


def _payee_name(uow: UnitOfWork, seen: Assessment) -> str:
    """Return who was to be paid, as the customer calls them: a standing order left no transfer."""
    transfer: Transfer | None = uow.transfers.find(seen.subject_id)
    if transfer is not None:
        return transfer.payee_name
    known: Payee | None = uow.payees.first(customer_id=seen.customer_id, iban=seen.to_iban)
    return known.name if known is not None else ibans.mask(seen.to_iban)
