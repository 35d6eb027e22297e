"""Delivery: what the bank says goes from the transcript to the messenger, line by line.

    change feed, a finished turn ──wake──▶ pump of this chat ─▶ claim ─▶ send ─▶ mark sent
    start, every minute: what was missed ─┘                          │
                                                                     ├─ out or busy ─▶ postpone
                                                                     └─ refused, or TRIES_MOST
                                                                        times ─▶ given up, logged

One way for answers, staff replies and notices. Nothing here runs a turn: an outage of a
service makes a line late, never a payment double. A crash between sending and marking sends
one line again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog
from prometheus_client import Counter

from bank.domain.actors import SYSTEM
from bank.domain.conversations import ChangeKind, MessageView, Sender
from bank.domain.errors import BankError
from bank.domain.messenger_chats import TRIES_MOST, MessengerChat
from web.channels.parts import Messenger, Outgoing, SendFailed, SendRefused
from web.channels.showing import Showing
from web.feed import Feed, Subscription
from web.metrics import Metrics

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 2.0
RESCAN_EVERY_S = 60.0


class Deliveries:
    """Sends to every messenger that is on, for as long as the process lives."""

    def __init__(
        self,
        bank: Bank,
        feed: Feed,
        messengers: Mapping[str, Messenger],
        showing: Showing,
        metrics: Metrics,
        *,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._bank = bank
        self._feed = feed
        self._messengers = messengers
        self._showing = showing
        self._look_every_s = look_every_s
        self._pumps: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._open: dict[str, Subscription] = {}
        self._given_up = Counter(
            "florin_messenger_lines_given_up",
            "Lines no messenger took: raise an alarm when this grows",
            ["channel"],
            registry=metrics.registry,
        )

    def wake(self, chat_id: str) -> None:
        """Send what waits in this chat; called as often as one likes."""
        if chat_id in self._pumps:
            self._again.add(chat_id)
            return
        task = asyncio.create_task(self._pump(chat_id))
        self._pumps[chat_id] = task
        task.add_done_callback(lambda _done: self._ended(chat_id))

    async def say(self, chat: MessengerChat, text: str) -> None:
        """Send a sentence that belongs to no transcript, such as a refusal. Tried, not kept."""
        messenger = self._messengers[chat.channel]
        try:
            await messenger.send(self._bank.messenger_chats.address_of(chat), Outgoing(text))
        except (SendFailed, SendRefused) as fault:
            log.warning("messenger_notice_lost", channel=chat.channel, reason=fault.reason)

    async def run(self) -> None:
        """Follow the feed until cancelled; then let running sends go."""
        subscription = self._feed.listen_to_all()
        rescan_s, loop = 0.0, asyncio.get_running_loop()
        try:
            while True:
                try:
                    if subscription.overflowed:
                        self._feed.leave(subscription)
                        subscription, rescan_s = self._feed.listen_to_all(), 0.0
                    if loop.time() >= rescan_s:
                        await self._rescan()
                        rescan_s = loop.time() + RESCAN_EVERY_S
                    await self._follow(subscription)
                except BankError as refusal:
                    log.warning("messengers_paused", code=refusal.code)
                await subscription.wait(self._look_every_s)
        finally:
            self._feed.leave(subscription)
            for listener in self._open.values():
                self._feed.leave(listener)

    async def close(self) -> None:
        """End the pumps; a line that was being sent is sent again by the next process."""
        for task in list(self._pumps.values()):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for messenger in self._messengers.values():
            await messenger.close()

    async def _follow(self, subscription: Subscription) -> None:
        subscription.take_frames()
        changes = subscription.take_changes()
        spoken = {
            change.conversation_id
            for change in changes
            if change.kind is ChangeKind.MESSAGE
            and change.conversation_id is not None
            and change.data.get("sender") != Sender.CUSTOMER
        }
        chats = self._bank.messenger_chats
        for conversation_id in spoken:
            chat = await asyncio.to_thread(chats.of_conversation, conversation_id)
            if chat is not None:
                self.wake(chat.id)
        for chat_id in await asyncio.to_thread(chats.list_due):
            self.wake(chat_id)

    async def _rescan(self) -> None:
        """Find what no change told of; show the notice teller which chats are open."""
        chats = self._bank.messenger_chats
        for chat_id in await asyncio.to_thread(chats.list_unsent):
            self.wake(chat_id)
        self.keep_open(await asyncio.to_thread(chats.list_open))

    def keep_open(self, conversation_ids: list[str], *, others: bool = False) -> None:
        """Make these chats count as open; all others no more, unless `others` stay."""
        if not others:
            for gone in self._open.keys() - set(conversation_ids):
                self._feed.leave(self._open.pop(gone))
        for conversation_id in conversation_ids:
            if conversation_id not in self._open:
                self._open[conversation_id] = self._feed.listen_to_chat(conversation_id)
        for listener in self._open.values():
            listener.take_frames()

    async def _pump(self, chat_id: str) -> None:
        try:
            chat = await asyncio.to_thread(self._bank.messenger_chats.claim, chat_id)
            messenger = self._messengers.get(chat.channel) if chat else None
            if chat is not None and messenger is not None:
                await self._send_all(chat, messenger)
        except BankError as refusal:
            log.warning("messenger_delivery_waits", code=refusal.code)
        except Exception:  # one chat's trouble must not end the others; the lease runs out
            log.exception("messenger_delivery_failed")

    async def _send_all(self, chat: MessengerChat, messenger: Messenger) -> None:
        lines = await asyncio.to_thread(
            lambda: self._bank.conversations.transcript(
                SYSTEM, chat.conversation_id, after_seq=chat.sent_seq
            )
        )
        held: MessengerChat | None = chat
        for place, line in enumerate(lines, start=1):
            assert held is not None
            if not await self._send(held, messenger, line):
                return
            held = await self._mark(held, line.seq, last=place == len(lines))
            if held is None:
                return  # the account changed hands meanwhile
        self._again.add(chat.id)  # a line may have come while these went out

    async def _send(self, chat: MessengerChat, messenger: Messenger, line: MessageView) -> bool:
        """Send one line. False: it waits, and so do those after it."""
        if line.sender is Sender.CUSTOMER:
            return True
        conversation = await asyncio.to_thread(
            self._bank.conversations.get, SYSTEM, chat.conversation_id
        )
        outgoing = await self._showing.show(
            line, customer_id=conversation.customer_id, has_buttons=messenger.has_buttons
        )
        try:
            await messenger.send(self._bank.messenger_chats.address_of(chat), outgoing)
        except SendRefused as fault:
            self._give_up(chat, line, fault.reason)
        except SendFailed as fault:
            if chat.tries + 1 < TRIES_MOST:
                await self._postpone(chat, fault)
                return False
            self._give_up(chat, line, fault.reason)
        return True

    async def _postpone(self, chat: MessengerChat, fault: SendFailed) -> None:
        log.warning("messenger_send_postponed", channel=chat.channel, reason=fault.reason)
        await asyncio.to_thread(
            lambda: self._bank.messenger_chats.postpone(chat, at_least_s=fault.retry_after_s)
        )

    def _give_up(self, chat: MessengerChat, line: MessageView, reason: str) -> None:
        self._given_up.labels(chat.channel).inc()
        log.error(
            "messenger_line_given_up",
            channel=chat.channel, conversation_id=chat.conversation_id, seq=line.seq, reason=reason,
        )  # fmt: skip

    async def _mark(self, chat: MessengerChat, seq: int, *, last: bool) -> MessengerChat | None:
        return await asyncio.to_thread(
            lambda: self._bank.messenger_chats.mark_sent(chat, seq, last=last)
        )

    def _ended(self, chat_id: str) -> None:
        del self._pumps[chat_id]
        if chat_id in self._again:
            self._again.discard(chat_id)
            self.wake(chat_id)
