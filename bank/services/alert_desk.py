"""The alert desk: a person decides an alert, once, and everything follows in the same write.

    genuine ──▶ held payments go out, the customer hears that they went
    fraud   ──▶ held payments are not carried out, the money is free again, the customer hears that
    a denied event ("that was not me", event_answers.py): genuine takes the denial back
    both    ──▶ the outcome stands on every assessment, and on the posting: labels to learn from
                the case is resolved

The customer is told what happened to the payment, in the same words whatever the reason was.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bank.domain.actors import Actor
from bank.domain.cases import Case
from bank.domain.errors import InvalidInput
from bank.domain.fraud_findings import FindingSource, FraudFinding
from bank.domain.ids import CaseId, make_id
from bank.domain.ledger import Posting
from bank.domain.notices import NoticeKind
from bank.domain.risk import Assessment, RiskAct, RiskOutcome
from bank.domain.security_events import SecurityEventKind
from bank.domain.transfers import Transfer, TransferStatus
from bank.policies import access
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services import proposals
from bank.services.cases import Cases
from bank.services.event_answers import EVENT_ACTS, EventAnswers
from bank.services.notices import leave_in
from bank.services.security_events import SecurityEvents
from bank.services.transfer_posting import audited, post_transfer


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
                if one.act in EVENT_ACTS:
                    self._answers.overrule_in(uow, actor, one.subject_id, outcome)
            self._audit.append_in(
                uow, actor, "alert.decide", case_id, "done", reason, {"outcome": outcome.value}
            )
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

    def _label_in(
        self, uow: UnitOfWork, actor: Actor, transfer: Transfer, seen: Assessment,
        outcome: RiskOutcome, *, now_utc: datetime,
    ) -> None:  # fmt: skip
        posting: Posting | None = uow.postings.first(
            transaction_id=transfer.transaction_id, account_id=transfer.from_account_id
        )
        assert posting is not None, transfer.id
        uow.fraud_findings.add(
            FraudFinding(
                id=make_id("fi"),
                posting_id=posting.id,
                customer_id=transfer.customer_id,
                is_fraud=outcome is RiskOutcome.FRAUD,
                source=FindingSource.ALERT,
                found_at_utc=now_utc,
                found_by=actor.id,
                case_id=CaseId(seen.case_id) if seen.case_id else None,
            )
        )
