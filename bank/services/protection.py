"""Protection: each act is looked at before it happens (what was noticed before: risk_notes.py).

    check       a payment before it is confirmed: its view, outside the write that moves money
    settle_in   in that write: allow │ step-up │ pause (refused with a warning) │ hold (and a case)
    check_act   a card, a payee, an order: refused for a while where a stranger may be asking

The customer hears of a pause a warning that fits the story, of a hold only that the payment is
being processed: the words for a slow payment. That there was a suspicion is never said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bank.domain.actors import Actor, ActorKind
from bank.domain.cases import Case, CaseKind, Priority
from bank.domain.errors import ActPaused, PaymentPaused
from bank.domain.ids import CaseId, make_id
from bank.domain.money import Money
from bank.domain.risk import (
    Assessment,
    PaymentAsked,
    PaymentPause,
    RiskAct,
    RiskDecision,
    RiskView,
)
from bank.domain.security_events import SecurityEventKind
from bank.domain.transfers import Transfer
from bank.policies import protection as policy
from bank.policies.escalation import queue_of
from bank.ports import Auditor, CaseOpener, Clock, Store, UnitOfWork
from bank.services.risk_view import NoScorer, PaymentScorer, open_pause, see_act, see_payment
from bank.services.security_events import SecurityEvents

#: From so much on a held payment is the first a person should look at.
URGENT_EUR_MINOR = 100_000
_EVENTS = {
    RiskDecision.STEP_UP: SecurityEventKind.PAYMENT_STEPPED_UP,
    RiskDecision.PAUSE: SecurityEventKind.PAYMENT_PAUSED,
    RiskDecision.HOLD: SecurityEventKind.PAYMENT_HELD,
}
SENTENCES_MOST = 8


@dataclass(frozen=True, slots=True)
class Looked:
    """A payment with its view. pause: one that still runs."""

    asked: PaymentAsked
    view: RiskView
    pause: PaymentPause | None = None

    @property
    def needs_step_up(self) -> bool:
        return self.view.decision.rank >= RiskDecision.STEP_UP.rank

    @property
    def is_held(self) -> bool:
        return self.view.decision is RiskDecision.HOLD


class Protection:
    """Looks at acts, and keeps what was seen."""

    def __init__(
        self, store: Store, *, clock: Clock, audit: Auditor, cases: CaseOpener,
        events: SecurityEvents,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._audit = audit
        self._cases = cases
        self._events = events
        self._scorer: PaymentScorer = NoScorer()

    def use(self, scorer: PaymentScorer) -> None:
        """Let a model and its rules speak too: called once, by a process that serves."""
        self._scorer = scorer

    def check(self, transfer: Transfer) -> Looked | None:
        """Return the view of a payment that is about to be confirmed; None for one's own money.

        Reads only, and outside the write that moves money: a score must not hold the writer.
        """
        if transfer.is_own or transfer.standing_order_id is not None:
            return None
        asked = PaymentAsked(
            transfer_id=transfer.id,
            customer_id=transfer.customer_id,
            payee_name=transfer.payee_name,
            to_iban=transfer.to_iban,
            amount_minor=transfer.amount_minor,
            currency=transfer.currency,
            amount_eur_minor=transfer.amount_eur_minor,
            at_utc=self._clock(),
        )
        return self.look(asked)

    def check_order(self, actor: Actor, asked: PaymentAsked) -> None:
        """Look at a standing order as at its first payment, which nobody will confirm again.

        Raises PaymentPaused; nothing is held, since there is nothing yet that could be released.
        """
        looked = self.look(asked)
        refusal = self._store.write(
            lambda uow: self.refuse_in(uow, actor, looked, holds=False)
        )
        if refusal is not None:
            raise refusal

    def look(self, asked: PaymentAsked) -> Looked:
        """Return the view of a payment as of now. Reads only."""
        scored = self._scorer.score(asked)

        def work(uow: UnitOfWork) -> Looked:
            pause = open_pause(uow, asked.customer_id, asked.to_iban, now_utc=asked.at_utc)
            view = see_payment(uow, asked, scored, now_utc=asked.at_utc)
            return Looked(asked, view, pause)

        return self._store.read(work)

    def refuse_in(
        self, uow: UnitOfWork, actor: Actor, looked: Looked, *, holds: bool = True
    ) -> PaymentPaused | None:
        """Return the refusal of a payment that has to wait, with its warning; else None.

        The caller raises it when the write is done: a pause that was made must stay. holds: False
        where the caller has nothing to hold, so that what would be held is paused as well.
        """
        if looked.pause is not None:
            return _paused(looked.pause)
        if looked.view.decision is not RiskDecision.PAUSE and (holds or not looked.is_held):
            return None
        now_utc = self._clock()
        pause = PaymentPause(
            id=make_id("pp"),
            customer_id=looked.asked.customer_id,
            to_iban=looked.asked.to_iban,
            story=looked.view.story,
            made_at_utc=now_utc,
            until_utc=policy.pause_until(now_utc),
        )
        uow.payment_pauses.add(pause)
        case = self._open_case_in(uow, actor, looked, "payment_paused")
        self._keep_in(uow, actor, looked, case)
        return _paused(pause)

    def hold_in(self, uow: UnitOfWork, actor: Actor, looked: Looked) -> Case:
        """Keep the assessment of a payment that is held now, and give it to the desk."""
        case = self._open_case_in(uow, actor, looked, "payment_held")
        self._keep_in(uow, actor, looked, case)
        return case

    def keep_in(self, uow: UnitOfWork, actor: Actor, looked: Looked) -> None:
        """Keep what was seen of a payment that goes on; nothing to keep of an ordinary one."""
        if looked.view.decision is not RiskDecision.ALLOW:
            self._keep_in(uow, actor, looked, None)

    def check_act(self, actor: Actor, act: RiskAct, subject_id: str) -> None:
        """Look at an act that moves no money itself. Raises ActPaused: not now, ask a person.

        Only a login that may be a stranger's stops such an act; protecting oneself (freezing a
        card, removing a payee) is never looked at.
        """
        if actor.kind is not ActorKind.CUSTOMER:
            return
        customer_id, now_utc = actor.require_customer(), self._clock()
        view = self._store.read(lambda uow: see_act(uow, customer_id, now_utc=now_utc))
        if view.decision is not RiskDecision.HOLD or not policy.is_takeover(view.signals):
            return

        def work(uow: UnitOfWork) -> None:
            asked = PaymentAsked(subject_id, customer_id, "", "", 0, "EUR", 0, now_utc)
            case = self._open_case_in(uow, actor, Looked(asked, view), "act_paused")
            self._keep_in(uow, actor, Looked(asked, view), case, act=act)

        self._store.write(work)
        raise ActPaused

    def assessments(self, actor: Actor, case_id: str) -> list[Assessment]:
        """Return what was seen of the acts of a case, the oldest first. Staff only."""
        actor.require_staff()
        found: list[Assessment] = self._store.read(
            lambda uow: uow.assessments.list(case_id=case_id)
        )
        return found

    def _open_case_in(self, uow: UnitOfWork, actor: Actor, looked: Looked, code: str) -> Case:
        """Open an alert: each held payment its own, since each is decided; of the rest one."""
        asked, is_held = looked.asked, code == "payment_held"
        if not is_held:
            known: list[Case] = uow.cases.list(
                customer_id=asked.customer_id, kind=CaseKind.ALERT, reason_code=code,
                resolved_at_utc=None, limit=1,
            )  # fmt: skip
            if known:
                return known[0]
        is_urgent = is_held or asked.amount_eur_minor >= URGENT_EUR_MINOR
        return self._cases.open_in(
            uow,
            kind=CaseKind.ALERT,
            queue=queue_of(CaseKind.ALERT),
            subject=_subject(asked, code),
            reason_code=code,
            why=why(looked.view),
            customer_id=asked.customer_id,
            conversation_id=actor.conversation_id,
            priority=Priority.URGENT if is_urgent else Priority.HIGH,
            idempotency_key=f"{code}:{asked.transfer_id}" if is_held else None,
            amount_eur_minor=asked.amount_eur_minor or None,
        )

    def _keep_in(
        self, uow: UnitOfWork, actor: Actor, looked: Looked, case: Case | None,
        act: RiskAct = RiskAct.TRANSFER,
    ) -> None:  # fmt: skip
        asked, view = looked.asked, looked.view
        before: list[Assessment] = uow.assessments.list(
            subject_id=asked.transfer_id, order_by="id", descending=True, limit=1
        )
        assessment = Assessment(
            id=make_id("as"),
            act=act,
            subject_id=asked.transfer_id,
            customer_id=asked.customer_id,
            conversation_id=actor.conversation_id,
            to_iban=asked.to_iban,
            amount_eur_minor=asked.amount_eur_minor,
            probability=view.probability,
            decision=view.decision,
            story=view.story,
            signals={"signals": view.signals_as_json()},
            model_version=view.model_version,
            at_utc=asked.at_utc,
            case_id=CaseId(case.id) if case else None,
        )
        # Asked for a code, then confirmed: the newer look at the same payment counts.
        if before and before[0].decision is RiskDecision.STEP_UP:
            uow.assessments.save(replace(assessment, id=before[0].id))
        else:
            uow.assessments.add(assessment)
        self._audit.append_in(
            uow, actor, f"risk.{view.decision.value}", asked.transfer_id, "done", view.story.value,
            {"probability": f"{view.probability:.3f}", "model": view.model_version},
        )  # fmt: skip
        kind = _EVENTS[view.decision] if act is RiskAct.TRANSFER else SecurityEventKind.ACT_PAUSED
        self._events.report_in(
            uow, actor, kind, subject=asked.transfer_id, reason=view.story.value,
            case_id=case.id if case else None, customer_id=asked.customer_id,
            details={"probability_permille": round(view.probability * 1_000)},
        )  # fmt: skip


def why(view: RiskView) -> str:
    """Return the reasons as staff read them in the inbox, the strongest first."""
    lines = [one.sentence for one in view.by_share if one.share > 0][:SENTENCES_MOST]
    return " ".join(lines)


def _paused(pause: PaymentPause) -> PaymentPaused:
    return PaymentPaused(
        until_utc=pause.until_utc.isoformat(timespec="minutes"), story=pause.story.value
    )


def _subject(asked: PaymentAsked, code: str) -> str:
    amount = Money(asked.amount_minor, asked.currency)
    return {
        "payment_held": f"Payment of {amount} waits for a decision",
        "payment_paused": f"Payment of {amount} paused with a warning",
    }.get(code, "An act of this customer was not carried out")
