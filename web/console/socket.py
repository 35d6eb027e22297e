"""The live console: GET /api/console/ws. Cases and lines as they change, for this member's queues.

    {"type":"case","case"} · {"type":"message","case_id","message"} · {"type":"typing","case_id"}
    {"type":"refresh"}  changes were missed: load the lists again

A member sees frames only of cases they may open; the bank is asked about each one.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiohttp import WSMsgType, web

from bank.domain.actors import Actor
from bank.domain.cases import UNRESOLVED, Case
from bank.domain.conversations import Change, ChangeKind
from bank.domain.errors import BankError, NotFound
from web.api.errors import RequestRefused
from web.console import models
from web.console.names import display_names
from web.feed import Subscription
from web.guard import Knock, is_same_origin, parse_json
from web.keys import BANK, FEED, METRICS

HEARTBEAT_S = 25.0
QUIET_S = 20.0
FRAME_LIMIT_BYTES = 4096
POLICY_VIOLATION = 1008


async def console_socket(knock: Knock) -> web.StreamResponse:
    """The live connection of one console."""
    # The cookie comes along from any page of this site only, but a check costs nothing.
    if not is_same_origin(knock.request):
        raise RequestRefused("csrf_required", 403)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=FRAME_LIMIT_BYTES)
    await socket.prepare(knock.request)
    app = knock.request.app
    subscription = app[FEED].listen_to_all()
    gauge = app[METRICS].sockets.labels("console")
    gauge.inc()
    console = _Console(socket, app, knock.token, subscription)
    pump = asyncio.create_task(console.pump())
    try:
        await console.read()
    finally:
        gauge.dec()
        app[FEED].leave(subscription)
        pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pump
    return socket


class _Console:
    """One open console."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        app: web.Application,
        token: str,
        subscription: Subscription,
    ) -> None:
        self._socket = socket
        self._app = app
        self._token = token
        self._subscription = subscription

    async def pump(self) -> None:
        """Write frames until the socket or the session ends."""
        try:
            while not self._socket.closed:
                actor = await self._actor()
                if self._subscription.overflowed:
                    self._subscription.overflowed = False
                    await self._socket.send_json({"type": "refresh"})
                for frame in await asyncio.to_thread(self._frames, actor):
                    await self._socket.send_json(frame)
                await self._subscription.wait(QUIET_S)
        except BankError as refusal:
            await self._socket.close(code=POLICY_VIOLATION, message=refusal.code.encode())
        except ConnectionError:
            return

    async def read(self) -> None:
        """Read what the page sends: only that its staff member is writing."""
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            with contextlib.suppress(BankError, RequestRefused):
                said = parse_json(frame.data)
                if isinstance(said, dict) and said.get("type") == "typing":
                    await self._typing(str(said.get("case_id"))[:100])

    async def _typing(self, case_id: str) -> None:
        actor = await self._actor()
        case = await asyncio.to_thread(self._app[BANK].cases.get, actor, case_id)
        if case.conversation_id is not None and case.assignee == actor.id:
            self._app[FEED].typing(case.conversation_id, "staff")

    async def _actor(self) -> Actor:
        session = await asyncio.to_thread(self._app[BANK].sessions.verify, self._token)
        return session.actor()

    def _frames(self, actor: Actor) -> list[dict[str, Any]]:
        """Return what to show of the changes since the last look. Blocking."""
        changes = self._subscription.take_changes()
        frames: list[dict[str, Any]] = []
        shown: set[str] = set()
        for change in changes:
            with contextlib.suppress(NotFound):  # not this member's queue
                frames += self._frames_of(actor, change, shown)
        for frame in self._subscription.take_frames():
            with contextlib.suppress(NotFound):
                for case in self._cases_of(actor, frame["conversation_id"]):
                    frames.append({"type": "typing", "case_id": case.id})
        return frames

    def _frames_of(
        self, actor: Actor, change: Change, shown: set[str]
    ) -> list[dict[str, Any]]:
        if change.kind is ChangeKind.CASE and change.case_id is not None:
            if change.case_id in shown:  # several changes of one case: its newest state is enough
                return []
            shown.add(change.case_id)
            return [self._case_frame(actor, self._app[BANK].cases.get(actor, change.case_id))]
        if change.conversation_id is None:
            return []
        cases = self._cases_of(actor, change.conversation_id)
        if change.kind is ChangeKind.SPEAKER:
            return [self._case_frame(actor, case) for case in cases]
        if change.kind is ChangeKind.MESSAGE and cases:
            return self._message_frames(actor, change, cases)
        return []

    def _message_frames(
        self, actor: Actor, change: Change, cases: list[Case]
    ) -> list[dict[str, Any]]:
        assert change.conversation_id is not None
        lines = self._app[BANK].conversations.transcript(
            actor, change.conversation_id, after_seq=int(change.data["seq"]) - 1, limit=1
        )
        return [
            {
                "type": "message",
                "case_id": case.id,
                "message": models.show_transcript_line(line).model_dump(mode="json", by_alias=True),
            }
            for case in cases
            for line in lines
        ]

    def _cases_of(self, actor: Actor, conversation_id: str) -> list[Case]:
        """Return this conversation's open cases that the member may see."""
        bank = self._app[BANK]
        found: list[Case] = bank.store.read(
            lambda uow: uow.cases.list(conversation_id=conversation_id, state=UNRESOLVED)
        )
        seen = []
        for case in found:
            with contextlib.suppress(NotFound):
                seen.append(bank.cases.get(actor, case.id))
        return seen

    def _case_frame(self, actor: Actor, case: Case) -> dict[str, Any]:
        names = display_names(self._app[BANK], actor, [case])
        view = models.show_case(case, viewer_id=actor.id, names=names)
        return {"type": "case", "case": view.model_dump(mode="json")}
