"""The turn desk: one customer message in, exactly one answer out, whatever fails between.

    read_line ─▶ begin, store the line ─▶ who speaks?
                   │                          ├─ staff: stored, pushed, done; Rasa is not called
                   │                          ├─ a code, and an act waits for it: perform the act
                   │                          ├─ a code, and an address waits for it: confirm it
                   └─ seen before: replay     └─ bot: button? ─▶ sign ─▶ Rasa ─▶ finish ─▶ publish
                                                      silence, failure ─▶ one apology

One turn at a time in a conversation; conversations do not wait for each other. The speaker is
checked again in the write that stores the replies: what the bot says after a takeover is
dropped there, not shown.

Knows no HTTP: the page, the live socket, the messengers and the dialogue tests all come here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from bank.domain.actors import VISITOR, Actor, ActorKind
from bank.domain.challenges import Challenge, CodeProof, FaceProof, StepUpProof
from bank.domain.conversations import Conversation, Speaker
from bank.domain.errors import BankError, NotAuthenticated, Unavailable
from bank.domain.ids import ConversationId
from bank.domain.sessions import Session
from web.assistant import Assistant
from web.chat.lines import HIDDEN_CODE, TypedLine, read_line
from web.chat.listening import Deaf, Ear, Heard, offer_of
from web.chat.running import TurnRunner
from web.chat.turn_parts import Announcer, Nobody, Run, Said, TurnInProgress, TurnResult
from web.metrics import Metrics
from web.utterances import Utterances

if TYPE_CHECKING:
    from bank.bootstrap import Bank

__all__ = ["Announcer", "TurnDesk", "TurnInProgress", "TurnResult"]

T = TypeVar("T")


class TurnDesk:
    """Handles messages, step-up proofs and events of all conversations."""

    def __init__(
        self,
        bank: Bank,
        assistant: Assistant,
        turn_key: str | bytes,
        *,
        utterances: Utterances,
        announcer: Announcer | None = None,
        metrics: Metrics | None = None,
        ear: Ear | Deaf | None = None,
    ) -> None:
        self._bank = bank
        self._ear = ear or Deaf()
        self._announcer = announcer or Nobody()
        self._turns = TurnRunner(
            bank,
            assistant,
            turn_key,
            utterances=utterances,
            announcer=self._announcer,
            metrics=metrics or Metrics(),
        )

    async def handle(
        self,
        session: Session,
        *,
        message_id: str,
        text: str | None = None,
        button: str | None = None,
        channel: str = "web",
        on_stored: Callable[[], None] | None = None,
    ) -> TurnResult:
        """Answer one message, once. The same `message_id` again gets the same answer.

        Raises InvalidText, ButtonUsed, IdempotencyMismatch, TurnInProgress, NotFound, and
        Unavailable when the bank cannot store: then nothing was done, and a retry is safe.
        """
        said = _read(text, button)
        run = self._run_of(session, message_id, channel)
        run.on_stored = on_stored
        mark = f"button\x00{button}" if button is not None else f"text\x00{text}"
        # A button's title, and whether a code is to be hidden, are known only later.
        shown = said.shown if said.button is None and said.code is None else None
        heard = Heard()

        async def work() -> TurnResult:
            nonlocal heard
            heard = await self._hear(run, said)
            return await self._answer(run, said)

        result = await self._turns.once(run, mark, work, shown=shown)
        if heard.is_vulnerable and result.speaker is Speaker.BOT:
            await self.event(run.actor, **offer_of(run, self._bank.clock()))
        return result

    async def step_up(
        self,
        session: Session,
        *,
        challenge_id: str,
        proof: StepUpProof,
        message_id: str,
        channel: str = "web",
    ) -> TurnResult:
        """Perform the act that waits for this proof, and let the bot say how it went."""
        run = self._run_of(session, message_id, channel)
        mark = f"step_up\x00{challenge_id}\x00{proof!r}"
        label = "face_used" if isinstance(proof, FaceProof) else "passkey_used"

        async def work() -> TurnResult:
            words = await self._turns.words(run.conversation_id)
            is_code = isinstance(proof, CodeProof)
            shown = HIDDEN_CODE if is_code else words.say(f"utter_web_{label}")
            challenge = await self._turns.thread(
                lambda: self._bank.step_up.get(run.actor, challenge_id)
            )
            await self._turns.store_line(run, shown)
            return await self._act(run, challenge, proof)

        return await self._turns.once(run, mark, work)

    async def event(
        self,
        actor: Actor,
        *,
        conversation_id: str,
        message_id: str,
        name: str,
        facts: Mapping[str, Any],
        channel: str = "web",
    ) -> TurnResult:
        """Let the bot speak about something that happened (`EXTERNAL_…`), once per id.

        No line of the customer's is stored. When the assistant is silent there is no apology,
        because nobody asked; `failed` is set, and a later call with this id tries again.
        """
        run = Run(actor, ConversationId(conversation_id), message_id, channel)
        payload = {"intent": name, "entities": dict(facts)}

        async def work() -> TurnResult:
            if await self._turns.speaker(run) is Speaker.STAFF:
                return await self._turns.finish_silent(run)
            return await self._turns.ask(run, Said("", "", payload), apologise=False)

        return await self._turns.once(run, f"event\x00{name}", work)

    async def let_bot_speak(
        self,
        conversation_id: str,
        work: Callable[[], T],
        *,
        summary: str = "",
        farewell: Callable[[], None] = lambda: None,
    ) -> T:
        """Run `work`, which ends a person's turn to speak; then the bot says it is back.

        Waits for a line that is being stored, so none falls between the two speakers. The bot
        gets no rights of the customer's for this: it only says what it is told.
        """
        async with self._turns.lock(conversation_id):
            before = await self._turns.thread(lambda: self._turns.conversation(conversation_id))
            done = await self._turns.thread(work)
            after = await self._turns.thread(lambda: self._turns.conversation(conversation_id))
            left = before.speaker is Speaker.STAFF and after.speaker is Speaker.BOT
            if left:
                await self._turns.thread(farewell)
        self._announcer.wake(conversation_id)
        if left:
            await self.say_back(after, summary=summary)
        return done

    async def say_back(self, conversation: Conversation, *, summary: str = "") -> TurnResult:
        """Let the bot say that it speaks again; once for each time a person has left."""
        return await self.event(
            replace(VISITOR, conversation_id=conversation.id),
            conversation_id=conversation.id,
            message_id=f"handed-back-{conversation.id}-{conversation.version}",
            name="EXTERNAL_handed_back",
            facts={"summary": summary},
            channel=conversation.channel,
        )

    async def greet(self, session: Session, *, channel: str = "web") -> None:
        """Let the bot open a conversation in which nothing has been said."""
        conversation_id = str(session.conversation_id)
        conversation = await self._turns.thread(lambda: self._turns.conversation(conversation_id))
        if conversation.last_seq == 0:
            await self.event(
                session.actor(),
                conversation_id=conversation_id,
                message_id=f"greet-{conversation_id}",
                name="EXTERNAL_greet",
                facts={},
                channel=channel,
            )

    # --- kinds of turn ---

    async def _hear(self, run: Run, said: Said) -> Heard:
        """Listen to what was typed: before it is answered, so that it counts for the answer."""
        if said.button is not None or said.code is not None:
            return Heard()
        return await self._turns.thread(lambda: self._ear.hear(run, said.text))


    async def _answer(self, run: Run, said: Said) -> TurnResult:
        if said.button is not None:
            said = await self._press(run, said.button)
        challenge = await self._waiting_act(run, said)
        confirms = challenge is None and await self._waiting_address(run, said)
        await self._turns.store_line(run, HIDDEN_CODE if challenge or confirms else said.shown)
        if run.speaker is Speaker.STAFF:
            return await self._turns.finish_silent(run)
        if challenge is not None and said.code is not None:
            return await self._act(run, challenge, CodeProof(said.code))
        if confirms and said.code is not None:
            return await self._confirm_address(run, said.code)
        return await self._turns.ask(run, said)

    async def _act(self, run: Run, challenge: Challenge, proof: StepUpProof) -> TurnResult:
        """Perform the act behind a challenge; its outcome goes to the bot as an event."""
        name, outcome, details = "EXTERNAL_step_up_done", "done", {}
        facts: dict[str, str] = {"purpose": challenge.purpose}
        facts |= {k: v for k, v in challenge.binding.items() if isinstance(v, str)}
        try:
            await self._turns.thread(
                lambda: self._bank.step_up_acts.perform(run.actor, challenge, proof)
            )
        except Unavailable:
            raise
        except BankError as refusal:
            name, outcome, details = "EXTERNAL_step_up_failed", refusal.code, refusal.details
            facts |= {**details, "code": refusal.code}
        if await self._turns.speaker(run) is Speaker.STAFF:
            result = await self._turns.finish_silent(run)
        else:
            said = Said("", "", {"intent": name, "entities": facts})
            result = await self._turns.ask(run, said, mark={"outcome": outcome, "details": details})
        return replace(result, outcome=outcome, details=details)

    async def _confirm_address(self, run: Run, code: str) -> TurnResult:
        """Confirm an applicant's e-mail or phone; the bot hears how it went, never the code."""
        name, facts = "EXTERNAL_contact_confirmed", {}
        try:
            await self._turns.thread(
                lambda: self._bank.onboarding.confirm_code(run.actor, code)
            )
        except Unavailable:
            raise
        except BankError as refusal:
            name, facts = "EXTERNAL_contact_refused", {**refusal.details, "code": refusal.code}
        return await self._turns.ask(run, Said("", "", {"intent": name, "entities": facts}))

    async def _press(self, run: Run, token: str) -> Said:
        pressed = await self._turns.thread(
            lambda: self._bank.buttons.press(
                run.conversation_id, token, message_id=run.message_id
            )
        )
        payload = pressed.payload
        if "intent" in payload:
            return Said(pressed.title, pressed.title, payload)
        return Said(pressed.title, str(payload.get("text", pressed.title)))

    async def _waiting_act(self, run: Run, said: Said) -> Challenge | None:
        if said.code is None or run.actor.kind is not ActorKind.CUSTOMER:
            return None
        return await self._turns.thread(lambda: self._bank.step_up.pending(run.actor))

    async def _waiting_address(self, run: Run, said: Said) -> bool:
        if said.code is None:
            return False
        return await self._turns.thread(lambda: self._bank.onboarding.pending_code(run.actor))

    def _run_of(self, session: Session, message_id: str, channel: str) -> Run:
        if session.conversation_id is None or session.actor_kind is ActorKind.STAFF:
            raise NotAuthenticated
        return Run(session.actor(message_id), session.conversation_id, message_id, channel)


def _read(text: str | None, button: str | None) -> Said:
    if button is not None:
        return Said("", "", button=button)
    line: TypedLine = read_line(text or "")
    return Said(line.text, line.text, code=line.code)
