"""The live chat: GET /api/chat/ws. The same turns as the HTTP door, and what others say.

    page ──{"type":"hello","token","after"}──▶  first frame, within HELLO_S
         ◀─{"type":"message",seq,…}──────────   every line after `after`, in order, none twice
         ──{"type":"say","message_id",…}────▶
         ◀─{"type":"ack","message_id"}───────   the line is stored; a page may forget its copy

One pump task writes, one loop reads. The token is checked again with every message and every
push, so a logout or a login as somebody else ends what the old socket sees.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Any, Literal, Self

import structlog
from aiohttp import WSMsgType, web
from pydantic import Field, model_validator

from bank.domain.actors import ActorKind
from bank.domain.conversations import SpeakerView
from bank.domain.errors import BankError, NotAuthenticated, SessionExpired
from bank.domain.sessions import Session
from web.addresses import client_address
from web.api.errors import RequestRefused, error_body
from web.chat.models import IdText, MessageIdText, RawText, TokenText
from web.chat.views import show_line
from web.feed import Subscription
from web.guard import (
    JSON_LIMIT_BYTES,
    TOKEN_LIMIT_CHARS,
    Body,
    Knock,
    check_body,
    is_same_origin,
    parse_json,
)
from web.keys import BANK, CLOSED, DESK, FEED, LIMITS, METRICS, SIGNER, UTTERANCES

log = structlog.get_logger(__name__)

HELLO_S = 10.0
HEARTBEAT_S = 25.0
QUIET_S = 20.0  # the pump looks at the session at least this often
UNANSWERED_MOST = 8
POLICY_VIOLATION = 1008


class HelloFrame(Body):
    type: Literal["hello"]
    token: IdText
    after: Annotated[int, Field(ge=0, le=2**53)] = 0


class ClientFrame(Body):
    """What a page sends after hello."""

    type: Literal["say", "typing", "ping"]
    message_id: MessageIdText | None = None
    text: RawText | None = None
    button: TokenText | None = None

    @model_validator(mode="after")
    def _say_is_whole(self) -> Self:
        if self.type == "say" and (
            self.message_id is None or (self.text is None) == (self.button is None)
        ):
            raise ValueError("say needs message_id and either text or button")
        return self


async def chat_socket(knock: Knock) -> web.StreamResponse:
    """The live connection of one page."""
    if not is_same_origin(knock.request):
        raise RequestRefused("csrf_required", 403)
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, max_msg_size=JSON_LIMIT_BYTES)
    await socket.prepare(knock.request)
    gauge = knock.request.app[METRICS].sockets.labels("chat")
    gauge.inc()
    try:
        await _serve(socket, knock.request.app, client_address(knock.request))
    finally:
        gauge.dec()
    return socket


async def _serve(socket: web.WebSocketResponse, app: web.Application, address: str) -> None:
    try:
        hello = await _read_hello(socket)
        session = await asyncio.to_thread(app[BANK].sessions.verify, hello.token)
        if session.conversation_id is None:
            raise NotAuthenticated
    except (BankError, RequestRefused) as refusal:
        await _refuse(socket, app, refusal)
        return
    subscription = app[FEED].listen_to_chat(session.conversation_id)
    chat = _Chat(
        socket, app, session, hello.token, subscription, after=hello.after, address=address
    )
    pump = asyncio.create_task(chat.pump())
    try:
        if hello.after == 0:
            chat.greet()
        await chat.read()
    finally:
        app[FEED].leave(subscription)
        pump.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pump


async def _read_hello(socket: web.WebSocketResponse) -> HelloFrame:
    try:
        frame = await asyncio.wait_for(socket.receive(), HELLO_S)
    except TimeoutError:
        raise NotAuthenticated from None
    if frame.type is not WSMsgType.TEXT:
        raise NotAuthenticated
    hello = check_body(HelloFrame, parse_json(frame.data))
    if len(hello.token) > TOKEN_LIMIT_CHARS:
        raise NotAuthenticated
    return hello


async def _refuse(
    socket: web.WebSocketResponse, app: web.Application, refusal: BankError | RequestRefused
) -> None:
    with contextlib.suppress(ConnectionError):
        await socket.send_json(_error_frame(app, refusal))
    await socket.close(code=POLICY_VIOLATION, message=refusal.code.encode())


def _error_frame(
    app: web.Application, refusal: BankError | RequestRefused, message_id: str | None = None
) -> dict[str, Any]:
    body = error_body(app[UTTERANCES], refusal.code, refusal.details)["error"]
    return {"type": "error", "message_id": message_id, **body}


class _Chat:
    """One open page."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        app: web.Application,
        session: Session,
        token: str,
        subscription: Subscription,
        *,
        after: int,
        address: str,
    ) -> None:
        assert session.conversation_id is not None
        self._socket = socket
        self._app = app
        self._session = session
        self._conversation_id = session.conversation_id
        self._token = token
        self._subscription = subscription
        self._after = after
        self._address = address
        self._speaker: SpeakerView | None = None
        self._turns: set[asyncio.Task[None]] = set()

    async def pump(self) -> None:
        """Write what is new until the socket or the session ends."""
        try:
            while not self._socket.closed:
                await self._push()
                await self._subscription.wait(QUIET_S)
                if self._subscription.overflowed:
                    break  # too slow: the page comes back and asks from its own seq
            await self._socket.close(code=POLICY_VIOLATION, message=b"too_slow")
        except BankError as refusal:
            await _refuse(self._socket, self._app, refusal)
        except ConnectionError:
            return

    async def _push(self) -> None:
        bank = self._app[BANK]
        session = await asyncio.to_thread(bank.sessions.verify, self._token)
        lines = await asyncio.to_thread(
            lambda: bank.conversations.transcript(
                session.actor(), self._conversation_id, after_seq=self._after
            )
        )
        customer_id = session.actor_id if session.actor_kind is ActorKind.CUSTOMER else None
        for frame in self._subscription.take_frames():
            await self._socket.send_json(frame)
        for line in lines:
            shown = show_line(line, self._app[SIGNER], customer_id)
            body = shown.model_dump(mode="json", by_alias=True)
            await self._socket.send_json({"type": "message", **body})
            self._after = max(self._after, line.seq)
        await self._tell_speaker()

    async def _tell_speaker(self) -> None:
        view = await asyncio.to_thread(
            self._app[BANK].conversations.who_speaks, self._conversation_id
        )
        if view != self._speaker:
            self._speaker = view
            await self._socket.send_json(
                {"type": "speaker", "speaker": view.speaker.value, "name": view.name}
            )

    async def read(self) -> None:
        """Read the page's frames until it leaves; running turns go on without it."""
        async for frame in self._socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            try:
                self._take(check_body(ClientFrame, parse_json(frame.data)))
            except (BankError, RequestRefused) as refusal:
                self._subscription.send(_error_frame(self._app, refusal))

    def _take(self, frame: ClientFrame) -> None:
        if frame.type == "ping":
            self._subscription.send({"type": "pong"})
        elif frame.type == "typing":
            self._app[FEED].typing(
                self._conversation_id, "customer", but=self._subscription
            )
        elif len(self._turns) >= UNANSWERED_MOST:
            refusal = RequestRefused("rate_limited", 429, retry_after_s="2")
            self._subscription.send(_error_frame(self._app, refusal, frame.message_id))
        else:
            self._spawn(self._say(frame))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)

    async def _say(self, frame: ClientFrame) -> None:
        assert frame.message_id is not None
        message_id = frame.message_id
        try:
            session = await asyncio.to_thread(self._app[BANK].sessions.verify, self._token)
            if session.conversation_id != self._conversation_id:
                raise SessionExpired  # noqa: TRY301  same refusal as an ended session
            await self._app[CLOSED].check(self._address)
            self._app[LIMITS].check("message", session.id)
            await self._app[DESK].handle(
                session,
                message_id=message_id,
                text=frame.text,
                button=frame.button,
                on_stored=lambda: self._acknowledge(message_id),
            )
            self._acknowledge(message_id)  # a replay stores nothing, yet it has arrived
        except (BankError, RequestRefused) as refusal:
            self._subscription.send(_error_frame(self._app, refusal, message_id))
        except Exception:  # a bug: the page must not wait for ever
            log.exception("socket_turn_failed")
            self._app[METRICS].faults.inc()
            refused = RequestRefused("internal_error", 500)
            self._subscription.send(_error_frame(self._app, refused, message_id))

    def greet(self) -> None:
        """Let the assistant open a conversation in which nobody has said anything."""
        self._spawn(self._app[DESK].greet(self._session))

    def _acknowledge(self, message_id: str) -> None:
        self._subscription.send({"type": "ack", "message_id": message_id})
