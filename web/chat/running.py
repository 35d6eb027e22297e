"""Running one turn: begun once, asked of Rasa, finished in one write, whatever fails between.

    once(run) ─▶ begin (and, if known, the customer's line)
                        ├─ replay, mismatch, in progress
                        └─ work ─▶ ask ─▶ finish: replies, lines and buttons kept together
                             └─ failed before anything came of it ─▶ give up: may run again

One turn at a time in a conversation; conversations do not wait for each other.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakValueDictionary

import structlog

from bank.domain.actors import SYSTEM, ActorKind
from bank.domain.conversations import Conversation, NewMessage, Sender, Speaker
from bank.domain.errors import AssistantUnavailable, IdempotencyMismatch, Unavailable
from bank.domain.ids import CustomerId, MessageId
from bank.domain.turns import BegunTurn, TurnStart
from bank.ports import UnitOfWork
from bank.security.turns import Turn, mint_turn
from web.assistant import Assistant, AssistantTurn
from web.chat.overhearing import is_doubtful, overhear
from web.chat.replies import Reply, ReplyButton, from_stored, from_wire, to_stored
from web.chat.turn_parts import Announcer, Run, Said, TurnInProgress, TurnResult
from web.metrics import Metrics
from web.utterances import Utterances

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

T = TypeVar("T")


class TurnRunner:
    """What every kind of turn has in common; which kinds there are is the turn desk's."""

    def __init__(
        self,
        bank: Bank,
        assistant: Assistant,
        turn_key: str | bytes,
        *,
        utterances: Utterances,
        announcer: Announcer,
        metrics: Metrics,
    ) -> None:
        self._bank = bank
        self._assistant = assistant
        self._turn_key = turn_key
        self._utterances = utterances
        self._announcer = announcer
        self._metrics = metrics
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def once(
        self,
        run: Run,
        mark: str,
        work: Callable[[], Awaitable[TurnResult]],
        *,
        shown: str | None = None,
    ) -> TurnResult:
        """Run `work` unless this message id was answered before.

        shown: the customer's line when it is known already; it then costs no write of its own.
        """
        line = None if shown is None else (run.actor, _line(run, shown))
        async with self.lock(run.conversation_id):
            begun = await self.thread(
                lambda: self._bank.turns.begin(
                    run.conversation_id, run.message_id, mark, line=line
                )
            )
            if begun.start is TurnStart.MISMATCH:
                raise IdempotencyMismatch(message_id=run.message_id)
            if begun.start is TurnStart.IN_PROGRESS:
                raise TurnInProgress(message_id=run.message_id)
            if begun.start is TurnStart.REPLAY:
                return await self._replay(run, begun)
            try:
                if line is not None:
                    self._note_stored(run, begun.seq, begun.speaker)
                result = await work()
            except BaseException:
                await asyncio.shield(self._give_up(run))
                raise
            if result.failed and not result.replies:
                await self._give_up(run)
        self._announcer.wake(run.conversation_id)
        self._metrics.turns.labels(_outcome(result)).inc()
        self._metrics.turn_s.observe(time.monotonic() - run.began_s)
        return result

    async def _give_up(self, run: Run) -> None:
        """Let the same message id run again at once; else its lease must run out first."""
        with contextlib.suppress(Unavailable):
            await self.thread(
                lambda: self._bank.turns.give_up(run.conversation_id, run.message_id)
            )

    async def ask(
        self,
        run: Run,
        said: Said,
        *,
        apologise: bool = True,
        mark: Mapping[str, Any] | None = None,
    ) -> TurnResult:
        """Send the signed turn, store what came back, or one apology."""
        self._announcer.typing(run.conversation_id, "bot")
        answered: AssistantTurn | None = None
        try:
            answered = await self._assistant.answer(
                self._sign(run, said), message_id=run.message_id
            )
            replies = [from_wire(reply) for reply in answered.replies]
        except AssistantUnavailable as refusal:
            answered = None
            self._metrics.apologies.inc()
            log.error("assistant_failed", **refusal.details)  # noqa: TRY400  expected: no trace
            if not apologise:
                return TurnResult(run.message_id, (), Speaker.BOT, run.seq, failed=True)
            text = (await self.words(run.conversation_id)).say("utter_web_apology")
            replies = [Reply(text=text, kind="apology", utter="utter_web_apology")]
        result = await self._finish(run, replies, answered, mark or {})
        if answered is not None and is_doubtful(said, answered):
            doubted = answered
            await self.thread(lambda: overhear(self._bank, run, said, doubted))
        return result

    async def _finish(
        self,
        run: Run,
        replies: list[Reply],
        answered: AssistantTurn | None,
        mark: Mapping[str, Any],
    ) -> TurnResult:
        """Keep replies, lines and the tokens of buttons in one write."""
        reading = {} if answered is None else {**answered.nlu, "actions": answered.actions}
        # Kept with every line, so that web's own sentences can follow it later.
        spoken = {"language": answered.language} if answered and answered.language else {}

        def say(uow: UnitOfWork) -> tuple[list[dict[str, Any]], list[NewMessage]]:
            shown = [self._with_tokens(uow, run, reply) for reply in replies]
            kept = [to_stored(reply) | spoken for reply in shown]
            lines = [
                NewMessage(
                    Sender.BOT,
                    reply.text or "",
                    {k: v for k, v in stored.items() if k != "text"},
                    {"nlu": reading} if place == 0 else {},
                    run.message_id,
                )
                for place, (reply, stored) in enumerate(zip(shown, kept, strict=True))
            ]
            kept[0] |= mark  # a replay tells the outcome of a step-up again
            return kept, lines

        finished = await self.thread(
            lambda: self._bank.turns.finish_saying(run.conversation_id, run.message_id, say)
        )
        return TurnResult(
            run.message_id,
            tuple(from_stored(reply) for reply in finished.replies),
            Speaker.BOT if finished.spoken else Speaker.STAFF,
            max((run.seq, *finished.seqs)),
            failed=answered is None,
        )

    def _with_tokens(self, uow: UnitOfWork, run: Run, reply: Reply) -> Reply:
        if not reply.buttons:
            return reply
        tokens = self._bank.buttons.issue_group_in(
            uow, run.conversation_id, [(b.title, b.payload or {}) for b in reply.buttons]
        )
        shown = tuple(
            ReplyButton(button.title, token)
            for button, token in zip(reply.buttons, tokens, strict=True)
        )
        return replace(reply, buttons=shown)

    async def finish_silent(self, run: Run) -> TurnResult:
        await self.thread(
            lambda: self._bank.turns.finish(run.conversation_id, run.message_id, [])
        )
        return TurnResult(run.message_id, (), Speaker.STAFF, run.seq)

    async def _replay(self, run: Run, begun: BegunTurn) -> TurnResult:
        self._metrics.turns.labels("replayed").inc()
        conversation = await self.thread(lambda: self.conversation(run.conversation_id))
        first = begun.replies[0] if begun.replies else {}
        return TurnResult(
            run.message_id,
            tuple(from_stored(reply) for reply in begun.replies),
            conversation.speaker,
            conversation.last_seq,
            replayed=True,
            outcome=first.get("outcome", ""),
            details=first.get("details", {}),
        )

    # --- small steps ---

    async def store_line(self, run: Run, shown: str) -> None:
        """Store the customer's line and note who speaks, unless `once` has done so."""
        if run.speaker is not None:
            return
        stored = await self.thread(
            lambda: self._bank.conversations.append(
                run.actor, run.conversation_id, _line(run, shown)
            )
        )
        self._note_stored(run, stored.seq, await self.speaker(run))

    def _note_stored(self, run: Run, seq: int, speaker: Speaker | None) -> None:
        run.seq, run.speaker = seq, speaker
        if run.on_stored is not None:
            run.on_stored()
        self._announcer.wake(run.conversation_id)

    async def speaker(self, run: Run) -> Speaker:
        return await self.thread(lambda: self._bank.conversations.speaker(run.conversation_id))

    def conversation(self, conversation_id: str) -> Conversation:
        return self._bank.conversations.get(SYSTEM, conversation_id)

    def lock(self, conversation_id: str) -> asyncio.Lock:
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock

    async def words(self, conversation_id: str) -> Utterances:
        """Return web's own sentences in the conversation's language."""
        language = await self.thread(lambda: self._bank.conversations.language(conversation_id))
        return self._utterances.spoken(language)

    async def thread(self, call: Callable[[], T]) -> T:
        """Run a blocking call of the bank beside the event loop."""
        return await asyncio.to_thread(call)

    def _sign(self, run: Run, said: Said) -> str:
        customer = run.actor.kind is ActorKind.CUSTOMER
        turn = Turn(
            conversation_id=run.conversation_id,
            message_id=MessageId(run.message_id),
            text=said.text,
            customer_id=CustomerId(run.actor.id) if customer else None,
            login_level=run.actor.login_level,
            channel=run.channel,
            payload=said.payload,
        )
        return mint_turn(self._turn_key, turn)


def _line(run: Run, shown: str) -> NewMessage:
    return NewMessage(Sender.CUSTOMER, shown, {}, {}, run.message_id)


def _outcome(result: TurnResult) -> str:
    if result.failed:
        return "apologised"
    return "answered" if result.speaker is Speaker.BOT else "to_staff"
