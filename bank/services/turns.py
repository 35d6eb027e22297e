"""Turns: a message id runs once, and its replies are kept for whoever asks again.

    begin ─▶ new          run the turn, then `finish`
          ├▶ replay       the stored replies
          ├▶ in_progress  somebody is at it; ask again in a moment
          └▶ mismatch     the same id with another body: refuse

A process that dies in the middle leaves a lease; after TURN_LEASE_S the message may run
again. The bot's lines and the stored replies are written together, so a crash leaves both or
neither. A turn costs two commits, each of which waits for the disk: one that claims the
message id and stores the customer's line, one that stores everything said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bank.domain.actors import SYSTEM, Actor
from bank.domain.conversations import Conversation, NewMessage, Speaker
from bank.domain.ids import ConversationId, MessageId
from bank.domain.turns import (
    TURN_KEEP_S,
    TURN_LEASE_S,
    BegunTurn,
    FinishedTurn,
    TurnRecord,
    TurnStart,
    TurnState,
    turn_key_of,
)
from bank.ports import Clock, Digests, Store, UnitOfWork
from bank.services.chat_seals import ChatSeals
from bank.services.conversations import Conversations
from bank.services.purging import purge

#: The replies to keep and the lines to store, made inside the write that keeps them.
Saying = tuple[Sequence[Mapping[str, Any]], Sequence[NewMessage]]


class Turns:
    """The memory of message ids."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        seals: ChatSeals,
        digests: Digests,
        conversations: Conversations,
    ) -> None:
        self._store = store
        self._clock = clock
        self._seals = seals
        self._digests = digests
        self._conversations = conversations

    def begin(
        self,
        conversation_id: str,
        message_id: str,
        fingerprint: str,
        *,
        line: tuple[Actor, NewMessage] | None = None,
    ) -> BegunTurn:
        """Claim a message id. `fingerprint` is the body's text; a keyed digest of it is kept.

        line: who says what; stored in the same write when the turn is new. A line that may not
        be stored (NotFound, NotPermitted, ChatErased) leaves the message id unclaimed.
        """
        digest = self._digests.digest("turns", fingerprint)

        def claimed(uow: UnitOfWork, attempt: int) -> BegunTurn:
            if line is None:
                return BegunTurn(TurnStart.NEW, attempt)
            actor, said = line
            stored = self._conversations.append_in(uow, actor, conversation_id, (said,))[0]
            speaker = uow.conversations.get(conversation_id).speaker
            return BegunTurn(TurnStart.NEW, attempt, seq=stored.seq, speaker=speaker)

        def work(uow: UnitOfWork) -> BegunTurn:
            turn_id, now_utc = turn_key_of(conversation_id, message_id), self._clock()
            held: TurnRecord | None = uow.turns.find(turn_id)
            if held is None:
                uow.turns.add(self._new(turn_id, conversation_id, message_id, digest, attempt=1))
                return claimed(uow, 1)
            if held.fingerprint != digest:
                return BegunTurn(TurnStart.MISMATCH)
            if held.state is TurnState.FINISHED:
                return BegunTurn(TurnStart.REPLAY, held.attempt, self._replies_in(uow, held))
            if held.lease_until_utc > now_utc:
                return BegunTurn(TurnStart.IN_PROGRESS, held.attempt)
            again = self._new(
                turn_id, conversation_id, message_id, digest, attempt=held.attempt + 1
            )
            uow.turns.save(again)
            return claimed(uow, again.attempt)

        return self._store.write(work)

    def finish(
        self,
        conversation_id: str,
        message_id: str,
        replies: Sequence[Mapping[str, Any]],
        *,
        lines: Sequence[NewMessage] = (),
    ) -> FinishedTurn:
        """Keep a turn's replies and, with `lines`, add them to the conversation: one write.

        When another attempt finished first, its replies are the answer and `lines` are dropped.
        When a person took over meanwhile, nothing is said and the kept replies are empty.
        """
        return self.finish_saying(
            conversation_id, message_id, lambda _: (replies, lines), speaks=bool(lines)
        )

    def finish_saying(
        self,
        conversation_id: str,
        message_id: str,
        make: Callable[[UnitOfWork], Saying],
        *,
        speaks: bool = True,
    ) -> FinishedTurn:
        """The same with what `make` says, which may store in this write: tokens of buttons.

        `make` is not called when nothing of it would be kept.
        """

        def work(uow: UnitOfWork) -> FinishedTurn:
            held: TurnRecord = uow.turns.get(turn_key_of(conversation_id, message_id), lock=True)
            if held.state is TurnState.FINISHED:
                return FinishedTurn(self._replies_in(uow, held))
            conversation: Conversation = uow.conversations.get(conversation_id, lock=True)
            if speaks and conversation.speaker is not Speaker.BOT:
                self._keep(uow, held, ())
                return FinishedTurn((), spoken=False)
            replies, lines = make(uow)
            said = tuple(dict(reply) for reply in replies)
            stored = (
                self._conversations.append_in(uow, SYSTEM, conversation_id, lines) if lines else []
            )
            self._keep(uow, held, said)
            return FinishedTurn(said, tuple(line.seq for line in stored))

        return self._store.write(work)

    def give_up(self, conversation_id: str, message_id: str) -> None:
        """Let the message run again at once: nothing came of this attempt."""

        def work(uow: UnitOfWork) -> None:
            held: TurnRecord | None = uow.turns.find(turn_key_of(conversation_id, message_id))
            if held is not None and held.state is TurnState.IN_PROGRESS:
                uow.turns.save(replace(held, lease_until_utc=self._clock()))

        self._store.write(work)

    def purge(self) -> int:
        """Forget turns older than TURN_KEEP_S; their lines stay. Returns how many."""
        until = self._clock() - timedelta(seconds=TURN_KEEP_S)
        return purge(self._store, "turns", begun_at_utc__lt=until)

    def _new(
        self, turn_id: str, conversation_id: str, message_id: str, digest: str, *, attempt: int
    ) -> TurnRecord:
        now_utc = self._clock()
        return TurnRecord(
            id=turn_id,
            conversation_id=ConversationId(conversation_id),
            message_id=MessageId(message_id),
            fingerprint=digest,
            state=TurnState.IN_PROGRESS,
            attempt=attempt,
            begun_at_utc=now_utc,
            lease_until_utc=now_utc + timedelta(seconds=TURN_LEASE_S),
        )

    def _keep(self, uow: UnitOfWork, held: TurnRecord, replies: Sequence[dict[str, Any]]) -> None:
        key = self._seals.key_in(uow, held.conversation_id)
        sealed = self._seals.seal_value(key, list(replies), place=f"turns|{held.id}|replies")
        uow.turns.save(replace(held, state=TurnState.FINISHED, replies_enc=sealed))

    def _replies_in(self, uow: UnitOfWork, held: TurnRecord) -> tuple[dict[str, Any], ...]:
        assert held.replies_enc is not None, held.id
        key = self._seals.key_in(uow, held.conversation_id)
        replies: list[dict[str, Any]] = self._seals.open_value(
            key, held.replies_enc, place=f"turns|{held.id}|replies"
        )
        return tuple(replies)
