"""The feed: tells open sockets that something is new. Carries no text, only "look again".

    turn finished ──wake──┐
                          ▼
    bank's change table ─poll 200 ms─▶ Feed ─▶ Subscription ─▶ one pump per socket ─▶ page

Each socket reads what is new from the bank by its own `seq`, so nothing is lost or doubled
when a page reconnects, and a slow socket delays only itself: its subscription is bounded, and
one that overflows is told so.

The poll is what makes several web processes one branch: each sees what the others committed.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any

import structlog

from bank.domain.conversations import Change
from bank.domain.errors import BankError

log = structlog.get_logger(__name__)

POLL_S = 0.2
PAUSE_AFTER_FAULT_S = 1.0
FRAMES_MOST = 256

Frame = dict[str, Any]


class Subscription:
    """What one socket has not looked at yet."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._frames: deque[Frame] = deque()
        self._changes: deque[Change] = deque()
        self.overflowed = False

    def wake(self) -> None:
        """Say that there is something to read from the bank."""
        self._news.set()

    def send(self, frame: Frame) -> None:
        """Queue a frame that is stored nowhere (typing, acknowledgement)."""
        if len(self._frames) >= FRAMES_MOST:
            self.overflowed = True
        else:
            self._frames.append(frame)
        self._news.set()

    def note(self, change: Change) -> None:
        """Queue a change for a console."""
        if len(self._changes) >= FRAMES_MOST:
            self.overflowed = True
        else:
            self._changes.append(change)
        self._news.set()

    async def wait(self, timeout_s: float) -> bool:
        """Return whether there is news; False after `timeout_s` of quiet."""
        try:
            # Not wait_for: in Python 3.11 it loses a cancellation that comes along with the news.
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def take_frames(self) -> list[Frame]:
        frames = list(self._frames)
        self._frames.clear()
        return frames

    def take_changes(self) -> list[Change]:
        changes = list(self._changes)
        self._changes.clear()
        return changes


class Feed:
    """Who listens to what, in this process."""

    def __init__(
        self,
        *,
        read_changes: Callable[[int], Iterable[Change]],
        newest_change: Callable[[], int],
    ) -> None:
        self._read_changes = read_changes
        self._newest_change = newest_change
        self._chats: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._consoles: set[Subscription] = set()

    def listen_to_chat(self, conversation_id: str) -> Subscription:
        subscription = Subscription()
        self._chats[conversation_id].add(subscription)
        return subscription

    def listen_to_all(self) -> Subscription:
        """Return a console's subscription: every change, in the order of the bank."""
        subscription = Subscription()
        self._consoles.add(subscription)
        return subscription

    def leave(self, subscription: Subscription) -> None:
        self._consoles.discard(subscription)
        for conversation_id, listeners in list(self._chats.items()):
            listeners.discard(subscription)
            if not listeners:
                del self._chats[conversation_id]

    def open_chats(self) -> list[str]:
        """Return the conversations somebody looks at just now."""
        return list(self._chats)

    def wake(self, conversation_id: str) -> None:
        """Tell the conversation's sockets at once, without waiting for the poll."""
        for subscription in self._chats.get(conversation_id, ()):
            subscription.wake()

    def typing(
        self, conversation_id: str, who: str, *, but: Subscription | None = None
    ) -> None:
        """Show the other sides that `who` is writing."""
        for subscription in self._chats.get(conversation_id, ()):
            if subscription is not but and who != "customer":
                subscription.send({"type": "typing", "from": who})
        if who == "customer":
            for subscription in self._consoles:
                subscription.send({"type": "typing", "conversation_id": conversation_id})

    async def run(self) -> None:
        """Poll until cancelled. A busy database only makes it later."""
        after: int | None = None
        while True:
            try:
                if after is None:
                    after = await asyncio.to_thread(self._newest_change)
                after = await self._poll(after)
            except BankError as refusal:
                log.warning("feed_paused", code=refusal.code)
                await asyncio.sleep(PAUSE_AFTER_FAULT_S)
            await asyncio.sleep(POLL_S)

    async def _poll(self, after: int) -> int:
        seen = after
        for change in await asyncio.to_thread(lambda: list(self._read_changes(after))):
            seen = max(seen, change.number)
            if change.conversation_id is not None:
                self.wake(change.conversation_id)
            for subscription in self._consoles:
                subscription.note(change)
        return seen
