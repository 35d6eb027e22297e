"""Ends the leases of staff who stopped working on a case, and lets their customers know.

    lease over ─▶ one write: case to its queue, bot speaks, farewell line ─▶ EXTERNAL_handed_back
                                                   └─ the bot is silent: again, for OWED_S

The farewell is part of the write that changes the speaker, and the bot's turn has an id made
of conversation and version: several processes, or a crash between the two, say each once.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

import structlog

from bank.bootstrap import Bank
from bank.domain.actors import SYSTEM
from bank.domain.cases import Case
from bank.domain.conversations import Conversation, NewMessage, Sender, Speaker
from bank.domain.errors import BankError, ChatErased
from bank.ports import UnitOfWork
from web.chat.turns import TurnDesk
from web.utterances import Utterances

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 10.0
OWED_S = 600  # later, a sentence about who is speaking now would come out of the blue


class LeaseKeeper:
    """Looks for leases that are over, for as long as the process lives."""

    def __init__(self, bank: Bank, desk: TurnDesk, utterances: Utterances) -> None:
        self._bank = bank
        self._desk = desk
        self._utterances = utterances
        self._owed: set[str] = set()

    async def run(self) -> None:
        """Look every LOOK_EVERY_S until cancelled."""
        is_caught_up = False
        while True:
            try:
                if not is_caught_up:
                    await self.catch_up()
                    is_caught_up = True
                await self.expire()
            except BankError as refusal:
                log.warning("leases_wait", code=refusal.code)
            except Exception:  # a bug here must not leave every later customer with nobody
                log.exception("leases_failed")
            await asyncio.sleep(LOOK_EVERY_S)

    async def catch_up(self) -> None:
        """Remember the chats a person left lately: the process before may have died on it."""
        since = self._bank.clock() - timedelta(seconds=OWED_S)
        left: list[Conversation] = await asyncio.to_thread(
            self._bank.store.read,
            lambda uow: uow.conversations.list(
                speaker=Speaker.BOT, speaker_since_utc__gte=since, version__gt=1, erased_at_utc=None
            ),
        )
        self._owed |= {conversation.id for conversation in left}

    async def expire(self) -> int:
        """End what is over and let the bot speak; returns how many cases went back."""

        def leaves(uow: UnitOfWork, case: Case) -> None:
            assert case.conversation_id is not None, case.id
            self._say_farewell_in(uow, case)
            self._owed.add(case.conversation_id)

        expired_count = await asyncio.to_thread(self._bank.cases.expire_leases, leaves)
        for conversation_id in list(self._owed):
            if await self._is_settled(conversation_id):
                self._owed.discard(conversation_id)
        return expired_count

    def _say_farewell_in(self, uow: UnitOfWork, case: Case) -> None:
        name = uow.staff.get(str(case.assignee)).display_name
        with contextlib.suppress(ChatErased):  # nobody reads it any more
            language = self._bank.conversations.language_in(uow, str(case.conversation_id))
            text = self._utterances.spoken(language).say("utter_web_staff_left", name=name)
            line = NewMessage(Sender.SYSTEM, text, {"kind": "staff_left"})
            self._bank.conversations.append_in(uow, SYSTEM, str(case.conversation_id), [line])

    async def _is_settled(self, conversation_id: str) -> bool:
        """Let the bot say that it is back; False when that is to be tried again."""
        try:
            conversation = await asyncio.to_thread(
                self._bank.conversations.get, SYSTEM, conversation_id
            )
            away_s = (self._bank.clock() - conversation.speaker_since_utc).total_seconds()
            if conversation.speaker is Speaker.STAFF or away_s > OWED_S:
                return True
            return not (await self._desk.say_back(conversation)).failed
        except ChatErased:
            return True
        except BankError as refusal:
            log.info("handed_back_waits", code=refusal.code)
            return False
