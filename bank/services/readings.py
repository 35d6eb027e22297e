"""Readings: noted by the actions, clicked by customers, labelled by staff, learnt by command.

    note ─▶ meant (a click on "did you mean") ─▶ label · dismiss ─▶ examples ─▶ florin nlu learn

The words of a reading are sealed under its conversation's key, so erasing the chat erases them;
`forget_in` takes the rows away too. A sentence to learn is sealed under the bank's own key and
names no conversation: while its reading lives it goes with the conversation, afterwards nothing
leads from it to anybody.

Noting is one write, and never in the customer's way: what cannot be noted is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bank.domain import readings as rules
from bank.domain.actors import Actor
from bank.domain.errors import ChatErased, NotFound
from bank.domain.ids import ConversationId, MessageId, ReadingId, StaffId, make_id
from bank.domain.readings import (
    Example,
    Reading,
    ReadingState,
    ReadingView,
    Tally,
    Why,
)
from bank.policies import readings as policy
from bank.policies.access import require
from bank.ports import Clock, Digests, Store, UnitOfWork, Vault
from bank.services.audit import Audit
from bank.services.chat_seals import ChatSeals
from bank.services.purging import purge
from bank.services.sentence_book import SentenceBook, drop_unused_in

#: Readings kept of one message's ranking.
RANKING_MAX = 5
LIST_MAX = 200


class Readings:
    """What the assistant was not sure of."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        seals: ChatSeals,
        vault: Vault,
        digests: Digests,
        audit: Audit,
    ) -> None:
        self._store = store
        self._clock = clock
        self._seals = seals
        self._sentences = SentenceBook(vault=vault, digests=digests)
        self._audit = audit

    # --- from the conversation ---

    def note(
        self,
        actor: Actor,
        *,
        conversation_id: str,
        message_id: str,
        text: str,
        ranking: Iterable[tuple[str, float]],
        why: Why,
        language: str = "en",
        meant: str | None = None,
    ) -> ReadingId | None:
        """Note a message of the actor's own conversation. Noting it again is one reading.

        Returns None where nothing is kept: no words, or the conversation has left its share.
        Raises NotFound (not their conversation), ChatErased.
        """
        require(actor, "readings.note")
        said = rules.discreet(text)
        if actor.conversation_id != conversation_id:
            raise NotFound(table="conversations")
        if not any(character.isalpha() for character in said):
            return None
        shares = {name: round(float(share), 4) for name, share in [*ranking][:RANKING_MAX]}

        def work(uow: UnitOfWork) -> ReadingId | None:
            known: Reading | None = uow.readings.first(
                conversation_id=conversation_id, message_id=message_id
            )
            if known is not None:
                again = rules.noted_again(known, why)
                uow.readings.save(rules.clicked(again, meant) if meant else again)
                return known.id
            if uow.readings.count(conversation_id=conversation_id) >= policy.conversation_max():
                return None
            key, reading_id = self._seals.key_in(uow, conversation_id), ReadingId(make_id("re"))
            uow.readings.add(
                Reading(
                    id=reading_id,
                    conversation_id=ConversationId(conversation_id),
                    message_id=MessageId(message_id),
                    why=why,
                    state=ReadingState.OPEN,
                    ranking=shares,
                    language=rules.validate_language(language),
                    text_enc=self._seals.seal_value(key, said, place=_place(reading_id)),
                    noted_at_utc=self._clock(),
                    meant=meant,
                )
            )
            _make_room_in(uow)
            return reading_id

        return self._store.write(work)

    def meant(self, actor: Actor, reading_id: str, *, intent: str) -> None:
        """Keep what the customer clicked. Raises NotFound: unknown, or of another conversation."""
        require(actor, "readings.meant")
        rules.validate_intent(intent)

        def work(uow: UnitOfWork) -> None:
            reading: Reading = uow.readings.get(reading_id, lock=True)
            if reading.conversation_id != actor.conversation_id:
                raise NotFound(table="readings")
            uow.readings.save(rules.clicked(reading, intent))

        self._store.write(work)

    # --- for staff ---

    def list(
        self,
        actor: Actor,
        *,
        state: ReadingState | None = ReadingState.OPEN,
        why: Why | None = None,
        before: str | None = None,
        limit: int = 50,
    ) -> list[ReadingView]:
        """Return readings in clear, newest first; `before` is the id of the last one seen.

        One whose conversation was erased meanwhile is left out.
        """
        require(actor, "readings.label")
        asked = {"state": state, "why": why, "id__lt": before}
        filters: dict[str, Any] = {name: value for name, value in asked.items() if value}

        def work(uow: UnitOfWork) -> list[ReadingView]:
            found = uow.readings.list(
                order_by="id", descending=True, limit=min(limit, LIST_MAX), **filters
            )
            views = (self._view_in(uow, reading) for reading in found)
            return [view for view in views if view is not None]

        return self._store.read(work)

    def tally(self, actor: Actor) -> Tally:
        """Return how many there are."""
        require(actor, "readings.label")

        def work(uow: UnitOfWork) -> Tally:
            count = uow.readings.count
            return Tally(
                {state: count(state=state) for state in ReadingState},
                {why: count(state=ReadingState.OPEN, why=why) for why in Why},
                uow.sentences.count(),
            )

        return self._store.read(work)

    def label(
        self, actor: Actor, reading_id: str, *, intent: str, sentence: str, language: str
    ) -> ReadingView:
        """Say what was meant; `sentence` is what is learnt, with names taken out.

        A later label takes the earlier one's place. Raises NotFound, InvalidInput, InvalidText,
        ChatErased.
        """
        require(actor, "readings.label")
        by = actor.require_staff()
        intent, clean = rules.validate_intent(intent), rules.validate_sentence(sentence)
        rules.validate_language(language)

        def work(uow: UnitOfWork) -> ReadingView:
            reading: Reading = uow.readings.get(reading_id, lock=True)
            now_utc = self._clock()
            sentence_id = self._sentences.put_in(
                uow, clean, intent=intent, language=language, by=by, now_utc=now_utc
            )
            after = rules.labelled(
                reading,
                intent=intent,
                language=language,
                sentence_id=sentence_id,
                by=by,
                now_utc=now_utc,
            )
            uow.readings.save(after)
            drop_unused_in(uow, reading.sentence_id)
            self._record_in(uow, actor, after, "reading.label", {"intent": intent})
            return self._shown_in(uow, after)

        return self._store.write(work)

    def dismiss(self, actor: Actor, reading_id: str, *, state: ReadingState | str) -> ReadingView:
        """Put a reading aside, as no wish or to be skipped. Raises NotFound, InvalidInput."""
        require(actor, "readings.label")
        by: StaffId = actor.require_staff()

        def work(uow: UnitOfWork) -> ReadingView:
            reading: Reading = uow.readings.get(reading_id, lock=True)
            after = rules.dismissed(reading, ReadingState(state), by=by, now_utc=self._clock())
            uow.readings.save(after)
            drop_unused_in(uow, reading.sentence_id)
            self._record_in(uow, actor, after, "reading.dismiss", {"as": str(after.state)})
            return self._shown_in(uow, after)

        return self._store.write(work)

    # --- for the bank itself ---

    def examples(self, actor: Actor) -> Sequence[Example]:
        """Return every sentence to learn from, in a fixed order. The bank only."""
        require(actor, "readings.learn")
        return self._store.read(self._sentences.list_in)

    def record_learning(self, actor: Actor, action: str, details: Mapping[str, Any]) -> None:
        """Write down that a model was promoted, refused or rolled back. The bank only."""
        require(actor, "readings.learn")
        self._store.write(
            lambda uow: self._audit.append_in(uow, actor, action, "model", details=details)
        )

    def purge(self) -> int:
        """Forget readings that had their time; learnt sentences stay. Returns how many."""
        until = self._clock() - policy.keep_for()
        return purge(self._store, "readings", noted_at_utc__lt=until)

    # --- small steps ---

    def _view_in(self, uow: UnitOfWork, reading: Reading) -> ReadingView | None:
        try:
            return self._shown_in(uow, reading)
        except ChatErased:
            return None

    def _shown_in(self, uow: UnitOfWork, reading: Reading) -> ReadingView:
        key = self._seals.key_in(uow, reading.conversation_id)
        text: str = self._seals.open_value(key, reading.text_enc, place=_place(reading.id))
        learnt = self._sentences.find_in(uow, reading.sentence_id)
        return ReadingView(reading, text, learnt or text)

    def _record_in(
        self, uow: UnitOfWork, actor: Actor, reading: Reading, action: str, about: dict[str, Any]
    ) -> None:
        self._audit.append_in(uow, actor, action, reading.id, details=about)


def forget_in(uow: UnitOfWork, conversation_id: str) -> None:
    """Take away a conversation's readings, and the sentences that only they lead to."""
    for reading in uow.readings.list(conversation_id=conversation_id):
        uow.readings.remove(reading.id)
        drop_unused_in(uow, reading.sentence_id)


def _place(reading_id: str) -> str:
    return f"readings|{reading_id}|text"


def _make_room_in(uow: UnitOfWork) -> None:
    """Let the oldest open readings go where too many wait."""
    too_many = uow.readings.count(state=ReadingState.OPEN) - policy.open_max()
    if too_many > 0:
        for oldest in uow.readings.list(state=ReadingState.OPEN, order_by="id", limit=too_many):
            uow.readings.remove(oldest.id)
