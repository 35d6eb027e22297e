"""Closed doors: what the bank has blocked, looked at by every request at the price of a dictionary.

    request ─▶ a copy of the active blocks, at most AGE_S old ─▶ open
                  ip          ─▶ 403 blocked                      in words that say nothing
                  rate_limit  ─▶ counted together, 429 rate_limited beyond policies/blocks.toml

Automatic blocks close no door of staff and none of the messengers: an address can be forged or
shared, and nobody may lock the people out who would undo it, or all customers of a messenger. What
a person has put closes those as well. Pages and health are never closed: they tell nothing.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from bank.domain.blocks import Block, BlockKind, address_subject
from bank.domain.errors import BankError, Blocked, InvalidInput
from web.limits import Limits

log = structlog.get_logger(__name__)

AGE_S = 1.0


class ClosedDoors:
    """Knows which addresses are refused."""

    def __init__(
        self,
        list_active: Callable[[], Sequence[Block]],
        limits: Limits,
        *,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._list_active = list_active
        self._limits = limits
        self._now_s = now_s
        self._closed: dict[tuple[BlockKind, str], bool] = {}
        self._read_at_s = float("-inf")
        self._reading = asyncio.Lock()

    async def check(self, address: str, *, spare_automatic: bool = False) -> None:
        """Refuse what is closed to this address. Raises Blocked, RateLimited.

        spare_automatic: only a person's blocks count.
        """
        await self._refresh()
        if not self._closed:
            return
        try:
            subject = address_subject(address)
        except InvalidInput:  # a socket file: no address, nothing to close
            return
        if self._is_closed(BlockKind.IP, subject, spare_automatic=spare_automatic):
            raise Blocked
        if self._is_closed(BlockKind.RATE_LIMIT, subject, spare_automatic=spare_automatic):
            self._limits.check_slow(self._limits.hash_address(subject))

    def _is_closed(self, kind: BlockKind, subject: str, *, spare_automatic: bool) -> bool:
        is_automatic = self._closed.get((kind, subject))
        return is_automatic is not None and not (is_automatic and spare_automatic)

    async def _refresh(self) -> None:
        """Read the blocks again when the copy is old; one request reads, the others go on."""
        if self._now_s() - self._read_at_s < AGE_S or self._reading.locked():
            return
        async with self._reading:
            try:
                blocks = await asyncio.to_thread(self._list_active)
            except BankError as refusal:  # a busy database opens no closed door, and closes none
                log.warning("blocks.unread", error=refusal.code)
            else:
                closed: dict[tuple[BlockKind, str], bool] = {}
                for block in blocks:
                    key = (block.kind, block.subject)
                    closed[key] = closed.get(key, True) and block.is_automatic
                self._closed = closed
            self._read_at_s = self._now_s()
