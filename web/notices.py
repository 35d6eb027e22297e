"""Tells customers what the bank noticed, in the chat they have open; the rest waits.

    open chat ─▶ whose? ─▶ may we speak now? ─▶ the first pending notice ─▶ begin_telling
                                                      mark_told ◀─ EXTERNAL_notice turn ◀─┘

The bot says it in its own words. A notice never interrupts: it comes at the beginning of a
chat, or after QUIET_S without a word, one at a time; never while a person speaks or a proof is
awaited. Only "was this you?" does not wait for quiet: each minute may be a stranger's. It is not
asked in the chat of the very login it is about (bank/services/event_questions.py). Whoever began
to tell it has it alone, and its turn has the notice's id, so two processes, two chats, or a crash
before `mark_told`, say it once.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.conversations import Conversation, Sender, Speaker
from bank.domain.errors import BankError
from bank.domain.notices import AT_ONCE, Notice
from web.chat.turns import TurnDesk
from web.feed import Feed

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0
QUIET_S = 60.0
SETTLE_S = 2.0  # a moment between two bubbles nobody asked for
FIND_AGAIN_S = 3600.0  # how often the insights of one customer are looked through
OPENING_LINES = 12


class NoticeTeller:
    """Looks through the open chats, for as long as the process lives."""

    def __init__(self, bank: Bank, desk: TurnDesk, feed: Feed) -> None:
        self._bank = bank
        self._desk = desk
        self._feed = feed
        self._looked_s: dict[str, float] = {}
        self._unheard: set[tuple[str, str]] = set()

    async def run(self) -> None:
        """Look every LOOK_EVERY_S until cancelled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            for conversation_id in self._feed.open_chats():
                try:
                    await self.tell_one(conversation_id)
                except BankError as refusal:
                    log.info("notice_waits", code=refusal.code)
                except Exception:  # one chat's trouble must not silence the others
                    log.exception("notice_failed")

    async def tell_one(self, conversation_id: str) -> bool:
        """Tell the first notice of this chat's customer if it is a good moment."""
        conversation = await asyncio.to_thread(
            lambda: self._bank.conversations.get(SYSTEM, conversation_id)
        )
        notice = await asyncio.to_thread(self._choose, conversation)
        if notice is None:
            return False
        message_id = f"notice-{notice.id}"
        begun = await asyncio.to_thread(
            lambda: self._bank.notices.begin_telling(notice.id, message_id=message_id)
        )
        if not begun:
            return False
        # An exception from here on leaves it begun: the lease, and a look for the line, decide.
        result = await self._desk.event(
            _customer_of(conversation),
            conversation_id=conversation_id,
            message_id=message_id,
            name="EXTERNAL_notice",
            facts={"kind": notice.kind.value, **notice.facts},
            channel=conversation.channel,
        )
        if result.failed:
            return False  # the assistant is silent: again when the lease is over
        if not result.replies:  # a person began to speak; this chat's turn of it is spent
            self._unheard.add((conversation_id, notice.id))
            await asyncio.to_thread(lambda: self._bank.notices.put_back(notice.id))
            return False
        await asyncio.to_thread(lambda: self._bank.notices.mark_told(notice.id))
        return True

    def _choose(self, conversation: Conversation) -> Notice | None:
        customer_id = conversation.customer_id
        if customer_id is None or conversation.speaker is not Speaker.BOT:
            return None
        self._find_news(customer_id)
        pending = self._bank.notices.pending(customer_id)
        sayable = [
            one
            for one in pending
            if (conversation.id, one.id) not in self._unheard
            and self._bank.event_questions.may_be_told_in(one, conversation.id)
        ]
        if not sayable:
            return None
        first = next((one for one in sayable if one.kind in AT_ONCE), sayable[0])
        is_good = self._is_good_moment(conversation, at_once=first.kind in AT_ONCE)
        return first if is_good else None

    def _find_news(self, customer_id: str) -> None:
        """Whoever opens a chat is looked at now, not when the worker comes round."""
        now_s = time.monotonic()
        if now_s - self._looked_s.get(customer_id, -FIND_AGAIN_S) >= FIND_AGAIN_S:
            self._looked_s[customer_id] = now_s
            self._bank.notices.make_due([customer_id])

    def _is_good_moment(self, conversation: Conversation, *, at_once: bool) -> bool:
        if self._bank.step_up.pending(_customer_of(conversation)) is not None:
            return False
        after = max(0, conversation.last_seq - OPENING_LINES)
        lines = self._bank.conversations.transcript(SYSTEM, conversation.id, after_seq=after)
        if not lines:
            return False  # the greeting is on its way
        if at_once:
            return True
        quiet = self._bank.clock() - lines[-1].at_utc
        is_opening = after == 0 and all(line.sender is not Sender.CUSTOMER for line in lines)
        return quiet >= timedelta(seconds=SETTLE_S if is_opening else QUIET_S)


def _customer_of(conversation: Conversation) -> Actor:
    """Return the customer whose open, verified socket made this chat an open one."""
    assert conversation.customer_id is not None, conversation.id
    return Actor(
        ActorKind.CUSTOMER,
        conversation.customer_id,
        LoginLevel.PASSWORD,
        conversation_id=conversation.id,
    )
