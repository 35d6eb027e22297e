"""Event answers: the customer says whether it was them, and what follows is one write.

    yes ─▶ from a place that is not in question, or after a code ─▶ noted; a card payment is
           labelled genuine, a place counts as known
    no  ─▶ at once, from anywhere: cards frozen, every other session ended, the risk noted, an
           urgent alert for the desk, a card payment labelled as reported

A second no does nothing more, a yes never undoes a no: that is a person's (alert_desk.py). A yes
from the very place that is asked about would be a thief vouching for himself, so it costs a code
that goes to the customer's phone; until then the signal of the new place stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bank.domain import cards as card_rules
from bank.domain.actors import Actor, LoginLevel
from bank.domain.asked_events import AskedEvent, EventAnswer, EventKind, is_believed
from bank.domain.cards import Card, CardStatus, FreezeReason
from bank.domain.cases import Case, CaseKind, Priority
from bank.domain.challenges import StepUpProof
from bank.domain.fraud_findings import FindingSource
from bank.domain.ids import CaseId, make_id
from bank.domain.ledger import Posting
from bank.domain.money import Money
from bank.domain.risk import (
    Assessment,
    RiskAct,
    RiskDecision,
    RiskNote,
    RiskOutcome,
    RiskSource,
    Story,
)
from bank.domain.security_events import SecurityEventKind
from bank.policies import access
from bank.policies import protection as policy
from bank.policies.escalation import queue_of
from bank.policies.fx import in_eur_minor
from bank.ports import Auditor, CaseOpener, Clock, Store, UnitOfWork
from bank.services.event_questions import doubted_places, places_of
from bank.services.fraud_findings import find_in
from bank.services.risk_notes import RiskNotes
from bank.services.security_events import SecurityEvents
from bank.services.sessions import Sessions
from bank.services.stepped_up import SteppedUp

PURPOSE = "event_yes"
REASON_CODE = "event_denied"
CODE = "denied_login"
_ACTION = "events.answer"
_ACTS = {EventKind.LOGIN: RiskAct.LOGIN, EventKind.CARD: RiskAct.CARD_PAYMENT}
#: Acts whose subject is an asked event.
EVENT_ACTS = frozenset(_ACTS.values())


class EventAnswers:
    """Takes answers."""

    def __init__(
        self, store: Store, *, clock: Clock, audit: Auditor, cases: CaseOpener,
        sessions: Sessions, risk_notes: RiskNotes, stepped_up: SteppedUp, events: SecurityEvents,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._audit = audit
        self._cases = cases
        self._sessions = sessions
        self._risk_notes = risk_notes
        self._stepped_up = stepped_up
        self._events = events

    def yes(self, actor: Actor, event_id: str, *, proof: StepUpProof | None = None) -> AskedEvent:
        """Take "that was me". Returns the event; one that was denied comes back as it is.

        Raises StepUpRequired (from here it is not believed), NotFound, and what a proof does.
        """

        def work(uow: UnitOfWork) -> AskedEvent | None:
            event = self._own_in(uow, actor, event_id)
            believed = event.answer is not None or self._is_believed_in(uow, actor, event)
            return self._accept_in(uow, actor, event, "own") if believed else None

        binding = {"event_id": event_id}
        if proof is not None:
            return self._stepped_up.run(
                actor, purpose=PURPOSE, binding=binding, proof=proof,
                act=lambda uow: self._accept_in(
                    uow, actor, self._own_in(uow, actor, event_id), "step_up"
                ),
            )  # fmt: skip
        done = self._store.write(work)
        if done is None:
            raise self._stepped_up.ask(actor, purpose=PURPOSE, binding=binding)
        return done

    def confirm(self, actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> AskedEvent:
        """Take the yes that a code was asked for: the act of `PURPOSE`."""
        return self.yes(actor, str(binding["event_id"]), proof=proof)

    def no(self, actor: Actor, event_id: str) -> AskedEvent:
        """Take "that was not me", and protect. Saying it again changes nothing.

        Raises NotFound, NotAuthenticated.
        """

        def work(uow: UnitOfWork) -> AskedEvent:
            event = self._own_in(uow, actor, event_id)
            if event.answer is EventAnswer.NO:
                return event
            frozen = self._freeze_in(uow, actor, event)
            ended = self._sessions.end_all_in(uow, event.customer_id, but=actor.conversation_id)
            sentence = _sentence(event)
            self._risk_notes.note_in(
                uow, event.customer_id, source=RiskSource.LOGIN, code=CODE, strength=1.0,
                conversation_id=actor.conversation_id,
                evidence={"event_id": event.id, "sentence": sentence},
            )  # fmt: skip
            done = f"Cards frozen: {len(frozen)}. Other sessions ended: {ended}."
            case = self._open_case_in(uow, actor, event, f"{sentence} {done}")
            self._keep_in(uow, actor, event, case, sentence)
            self._report_in(uow, actor, frozen, case)
            self._label_in(uow, event, FindingSource.REPORT, is_fraud=True, found_by=actor.id)
            denied = self._answered(event, EventAnswer.NO, actor, case_id=CaseId(case.id))
            uow.asked_events.save(denied)
            self._audit.append_in(
                uow, actor, "event.deny", event.id, "done", "owner",
                {"cards": len(frozen), "sessions": ended, "case_id": case.id},
            )  # fmt: skip
            return denied

        return self._store.write(work)

    def overrule_in(
        self, uow: UnitOfWork, actor: Actor, event_id: str, outcome: RiskOutcome
    ) -> None:
        """Let what a person found stand, in the write of their decision (alert_desk.py).

        Genuine: the denial is taken back, and what was noted because of it. The cards stay frozen:
        to unfreeze them is the customer's, with a code.
        """
        event: AskedEvent = uow.asked_events.get(event_id, lock=True)
        is_fraud = outcome is RiskOutcome.FRAUD
        self._label_in(uow, event, FindingSource.ALERT, is_fraud=is_fraud, found_by=actor.id)
        if is_fraud:
            return
        uow.asked_events.save(self._answered(event, EventAnswer.YES, actor))
        noted: list[RiskNote] = uow.risk_notes.list(customer_id=event.customer_id, code=CODE)
        for note in noted:
            if note.evidence.get("event_id") == event.id:
                uow.risk_notes.save(replace(note, expires_at_utc=self._clock()))

    def _own_in(self, uow: UnitOfWork, actor: Actor, event_id: str) -> AskedEvent:
        access.require(actor, _ACTION)
        event: AskedEvent = uow.asked_events.get(event_id, lock=True)
        access.require(actor, _ACTION, owner_id=event.customer_id)
        return event

    def _is_believed_in(self, uow: UnitOfWork, actor: Actor, event: AskedEvent) -> bool:
        if actor.login_level is LoginLevel.STRONG:
            return True
        return is_believed(
            event,
            from_places=places_of(uow, event.customer_id, actor.conversation_id),
            in_question=doubted_places(uow, event.customer_id, now_utc=self._clock()),
        )

    def _accept_in(
        self, uow: UnitOfWork, actor: Actor, event: AskedEvent, reason: str
    ) -> AskedEvent:
        if event.answer is not None:
            return event
        accepted = self._answered(event, EventAnswer.YES, actor)
        uow.asked_events.save(accepted)
        self._label_in(uow, event, FindingSource.REPORT, is_fraud=False, found_by=actor.id)
        self._audit.append_in(uow, actor, "event.accept", event.id, "done", reason, {})
        return accepted

    def _answered(
        self, event: AskedEvent, answer: EventAnswer, actor: Actor, **more: Any
    ) -> AskedEvent:
        return replace(
            event, answer=answer, answered_by=actor.id, answered_at_utc=self._clock(), **more
        )

    def _freeze_in(self, uow: UnitOfWork, actor: Actor, event: AskedEvent) -> list[Card]:
        """Freeze the cards of the payment's account; after a strange login, all there are."""
        about: dict[str, Any] = {"customer_id": event.customer_id, "status": CardStatus.ACTIVE}
        if event.posting_id is not None:
            posting: Posting = uow.postings.get(event.posting_id)
            about["account_id"] = posting.account_id
        active: list[Card] = uow.cards.list(**about)
        for card in active:
            frozen = card_rules.freeze(card, reason=FreezeReason.SUSPICIOUS, at_utc=self._clock())
            uow.cards.save(frozen)
            self._audit.append_in(
                uow, actor, "card.freeze", card.id, "done", REASON_CODE, {"card": card.pan_masked}
            )
        return active

    def _report_in(self, uow: UnitOfWork, actor: Actor, frozen: list[Card], case: Case) -> None:
        for card in frozen:
            self._events.report_in(
                uow, actor, SecurityEventKind.CARD_FROZEN_AFTER_QUESTION, subject=card.id,
                reason=REASON_CODE, case_id=case.id,
            )  # fmt: skip

    def _open_case_in(self, uow: UnitOfWork, actor: Actor, event: AskedEvent, why: str) -> Case:
        what = "card payment" if event.kind is EventKind.CARD else "login"
        return self._cases.open_in(
            uow,
            kind=CaseKind.ALERT,
            queue=queue_of(CaseKind.ALERT),
            subject=f"The customer says: that {what} was not me",
            reason_code=REASON_CODE,
            why=why,
            customer_id=event.customer_id,
            conversation_id=actor.conversation_id,
            priority=Priority.URGENT,
            idempotency_key=None,  # the event's own state makes it once
        )

    def _keep_in(
        self, uow: UnitOfWork, actor: Actor, event: AskedEvent, case: Case, sentence: str
    ) -> None:
        """Keep it as an assessment, which is what the desk decides."""
        amount_eur_minor = 0
        if event.posting_id is not None:
            posting: Posting = uow.postings.get(event.posting_id)
            amount_eur_minor = in_eur_minor(Money(abs(posting.amount_minor), posting.currency))
        view = policy.view(
            [policy.signal(RiskSource.LOGIN, CODE, sentence)],
            amount_eur_minor=amount_eur_minor or None,
        )
        uow.assessments.add(
            Assessment(
                id=make_id("as"),
                act=_ACTS[event.kind],
                subject_id=event.id,
                customer_id=event.customer_id,
                conversation_id=actor.conversation_id,
                to_iban="",
                amount_eur_minor=amount_eur_minor,
                probability=view.probability,
                decision=RiskDecision.HOLD,  # nothing to hold any more, but a person decides
                story=Story.UNKNOWN,
                signals={"signals": view.signals_as_json()},
                model_version="",
                at_utc=self._clock(),
                case_id=CaseId(case.id),
            )
        )

    def _label_in(
        self, uow: UnitOfWork, event: AskedEvent, source: FindingSource, *, is_fraud: bool,
        found_by: str,
    ) -> None:  # fmt: skip
        """Say of a card payment whether it was fraud; later words overrule earlier ones."""
        if event.posting_id is None:
            return
        find_in(
            uow, event.posting_id, event.customer_id, is_fraud=is_fraud, source=source,
            found_by=found_by, now_utc=self._clock(),
        )  # fmt: skip


def _sentence(event: AskedEvent) -> str:
    """Return the denial as staff read it."""
    told = event.facts
    if event.kind is EventKind.CARD:
        what = f"card payment of {told['amount']} to {told['merchant']} on {told['date']}"
    else:
        what = f"login from a new place on {told['date']}, {told['time']},"
    return f"The customer says that the {what} was not theirs."
