"""Risk notes: what the bank notices of a customer, before any act: words, logins, attacks.

    note ──▶ counts with its strength, fades by half-lives ──▶ forgotten after its hours

A note holds no words of the customer's: a code, how clear it was, and where it stands in which
line. Of what was heard in a chat the security desk is told, each kind once a conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bank.domain.actors import SYSTEM, Actor, ActorKind
from bank.domain.errors import InvalidInput, NotPermitted
from bank.domain.ids import ConversationId, CustomerId, make_id
from bank.domain.risk import RiskNote, RiskSource
from bank.domain.security_events import SecurityEventKind
from bank.policies import protection as policy
from bank.ports import Clock, Store, UnitOfWork
from bank.services.purging import purge
from bank.services.security_events import SecurityEvents


class RiskNotes:
    """Writes down, and forgets."""

    def __init__(self, store: Store, *, clock: Clock, events: SecurityEvents) -> None:
        self._store = store
        self._clock = clock
        self._events = events

    def note(
        self, actor: Actor, customer_id: str, *, source: RiskSource, code: str, strength: float,
        conversation_id: str | None = None, evidence: Mapping[str, Any] | None = None,
    ) -> RiskNote:  # fmt: skip
        """Write down what was noticed of a customer. The bank itself only.

        Raises NotPermitted, InvalidInput (a code without a weight, a strength outside (0, 1]).
        """
        if actor.kind is not ActorKind.SYSTEM:
            raise NotPermitted(actor=actor.kind)
        return self._store.write(
            lambda uow: self.note_in(
                uow, customer_id, source=source, code=code, strength=strength,
                conversation_id=conversation_id, evidence=evidence,
            )
        )  # fmt: skip

    def note_in(
        self, uow: UnitOfWork, customer_id: str, *, source: RiskSource, code: str, strength: float,
        conversation_id: str | None = None, evidence: Mapping[str, Any] | None = None,
    ) -> RiskNote:  # fmt: skip
        """Write it down in the caller's transaction. Raises InvalidInput."""
        if not policy.knows(source, code):
            raise InvalidInput(field="code", code=code)
        if not 0.0 < strength <= 1.0:
            raise InvalidInput(field="strength", allowed="0 to 1")
        now_utc = self._clock()
        note = RiskNote(
            id=make_id("rn"),
            customer_id=CustomerId(customer_id),
            conversation_id=ConversationId(conversation_id) if conversation_id else None,
            source=source,
            code=code,
            strength=strength,
            evidence=dict(evidence or {}),
            at_utc=now_utc,
            expires_at_utc=policy.keep_until(source, now_utc),
        )
        self._report_in(uow, note)
        uow.risk_notes.add(note)
        return note

    def hear_visitor(self, conversation_id: str, *, code: str, strength: float) -> None:
        """Tell the security desk what a chat without a customer sounds like; nothing is kept.

        The caller sees to it that it tells each kind once a conversation.
        """
        self._events.report(
            SYSTEM, SecurityEventKind.SUSPICION_IN_CHAT, subject=conversation_id, reason=code,
            conversation_id=conversation_id, details={"strength_permille": _permille(strength)},
        )  # fmt: skip

    def _report_in(self, uow: UnitOfWork, note: RiskNote) -> None:
        """Report what was heard for the first time in its conversation, as far as is remembered."""
        if note.source is not RiskSource.CONVERSATION or note.conversation_id is None:
            return
        if uow.risk_notes.count(
            customer_id=note.customer_id, conversation_id=note.conversation_id, code=note.code
        ):
            return
        self._events.report_in(
            uow, SYSTEM, SecurityEventKind.SUSPICION_IN_CHAT, subject=note.conversation_id,
            reason=note.code, customer_id=note.customer_id, conversation_id=note.conversation_id,
            details={"strength_permille": _permille(note.strength)},
        )  # fmt: skip

    def purge(self) -> int:
        """Forget notes that count no more. Returns how many."""
        return purge(self._store, "risk_notes", expires_at_utc__lt=self._clock())


def _permille(strength: float) -> int:
    return round(strength * 1_000)
