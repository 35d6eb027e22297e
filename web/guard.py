"""Who may knock at which door, and how a door is opened.

    request ─▶ closed? ─▶ caller rule ─▶ body by its model ─▶ handler(knock) ─▶ reply model ─▶ JSON

Every route of the application is one `Door` in a table (`web/app.py`), so the access rule, the
OpenAPI document and the router cannot disagree; a test enumerates the router against it.

    PUBLIC    anybody                     CUSTOMER  a chat session somebody logged in to
    VISITOR   any chat session            STAFF     the console's cookie (+ CSRF header to write)
    MACHINE   another system's API key as bearer, or staff with the door's permission
    HELLO     a WebSocket whose first frame carries the chat session's token
    SIGNED    the owner's session, a signed link that ends, or a messenger's signed call; the
              handler checks which
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from bank.domain.actors import Actor, ActorKind
from bank.domain.api_keys import KEY_MARK, ApiKey
from bank.domain.errors import NotAuthenticated, NotPermitted
from bank.domain.sessions import Session
from bank.policies import access
from web.addresses import client_address
from web.api.errors import RequestRefused, refused_fields
from web.keys import BANK, CLOSED, SETTINGS

if TYPE_CHECKING:
    from bank.bootstrap import Bank

JSON_LIMIT_BYTES = 64 * 1024  # a message is at most 1,000 characters
TOKEN_LIMIT_CHARS = 200
STAFF_COOKIE = "florin_staff"
CSRF_HEADER = "X-Florin-CSRF"

M = TypeVar("M", bound=BaseModel)


class Body(BaseModel):
    """Base of request bodies: no unknown fields, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Answer(BaseModel):
    """Base of reply bodies."""

    model_config = ConfigDict(frozen=True)


class Caller(StrEnum):
    PUBLIC = "public"
    VISITOR = "visitor"
    CUSTOMER = "customer"
    SIGNED = "signed"
    HELLO = "hello"
    STAFF = "staff"
    MACHINE = "machine"


#: SIGNED and HELLO doors find out themselves, in the handler.
_CHECKED_BY_HANDLER = (Caller.PUBLIC, Caller.SIGNED, Caller.HELLO)


@dataclass(frozen=True, slots=True)
class Knock:
    """One request after the guard: who it is, and the checked body."""

    request: web.Request
    bank: Bank
    session: Session | None
    token: str
    body: Any = None
    key: ApiKey | None = None

    @property
    def actor(self) -> Actor:
        return self.require_session().actor()

    def require_session(self) -> Session:
        if self.session is None:
            raise NotAuthenticated
        return self.session


Handler = Callable[[Knock], Awaitable[web.StreamResponse | BaseModel]]


@dataclass(frozen=True, slots=True)
class Door:
    """One route: its address, who may call it, what goes in and out."""

    method: str
    path: str
    caller: Caller
    handler: Handler
    summary: str = ""
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    query: tuple[str, ...] = ()
    page: bool = False  # HTML for people: left out of the OpenAPI document
    body_optional: bool = False
    headers: tuple[str, ...] = field(default=())
    scope: str = ""  # MACHINE: what a key must allow, with {names} of the path
    permission: str = ""  # MACHINE: what staff must be allowed
    raw_limit_bytes: int | None = None  # the handler decodes the body itself, up to this size
    never_closed: bool = False  # tells nothing of anybody, so blocks do not count
    is_messenger: bool = False  # called by a service for all its customers, by its own signature

    @property
    def is_staff(self) -> bool:
        """Whether staff come in here, or are on their way in."""
        return self.caller is Caller.STAFF or self.path.startswith("/api/staff/")


def add_doors(app: web.Application, doors: list[Door]) -> None:
    """Register each door behind its guard."""
    for door in doors:
        app.router.add_route(door.method, door.path, _guarded(door))


def _guarded(door: Door) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        key: ApiKey | None = None
        if door.is_messenger or not (door.page or door.never_closed):
            await request.app[CLOSED].check(
                client_address(request), spare_automatic=door.is_staff or door.is_messenger
            )
        if door.caller is Caller.MACHINE:
            session, token, key = await _identify_machine(request, door)
        else:
            session, token = await identify(request, door.caller)
        body = await _read_body(request, door) if door.body is not None else None
        answer = await door.handler(
            Knock(request, request.app[BANK], session, token, body, key)
        )
        if isinstance(answer, BaseModel):
            return web.json_response(
                text=answer.model_dump_json(by_alias=True), status=door.status
            )
        return answer

    return handle


async def identify(request: web.Request, caller: Caller) -> tuple[Session | None, str]:
    """Return the verified session this door asks for.

    Raises NotAuthenticated, SessionExpired, NotPermitted, RequestRefused (CSRF).
    """
    if caller in _CHECKED_BY_HANDLER:
        return None, ""
    bank = request.app[BANK]
    token = _cookie_token(request) if caller is Caller.STAFF else bearer_token(request)
    if not token or len(token) > TOKEN_LIMIT_CHARS:
        raise NotAuthenticated
    session = await asyncio.to_thread(bank.sessions.verify, token)
    if (session.actor_kind is ActorKind.STAFF) != (caller is Caller.STAFF):
        raise NotPermitted(actor=session.actor_kind)
    if caller is Caller.CUSTOMER and session.actor_kind is not ActorKind.CUSTOMER:
        raise NotAuthenticated
    return session, token


async def _identify_machine(
    request: web.Request, door: Door
) -> tuple[Session | None, str, ApiKey | None]:
    """Return the system's key, or the session of staff who may. Before the body is read.

    Raises NotAuthenticated, SessionExpired, NotPermitted, RequestRefused (CSRF).
    """
    bank, token = request.app[BANK], bearer_token(request)
    if token.startswith(KEY_MARK) and len(token) <= TOKEN_LIMIT_CHARS:
        scope = door.scope.format_map(request.match_info)
        key = await asyncio.to_thread(bank.api_keys.verify, token, scope=scope)
        return None, token, key
    if STAFF_COOKIE not in request.cookies:
        raise NotAuthenticated
    session, token = await identify(request, Caller.STAFF)
    assert session is not None
    access.require(session.actor(), door.permission)
    return session, token, None


def bearer_token(request: web.Request) -> str:
    """Return the bearer token of the request, or an empty text."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _cookie_token(request: web.Request) -> str:
    # The cookie is SameSite=Strict; the header and the origin guard old browsers and mistakes.
    if request.method not in ("GET", "HEAD"):
        check_own_page(request)
    return request.cookies.get(STAFF_COOKIE, "")


def check_own_page(request: web.Request) -> None:
    """Refuse a writing request that another site's page could have made. Raises RequestRefused."""
    if request.headers.get(CSRF_HEADER) != "1" or not is_same_origin(request):
        raise RequestRefused("csrf_required", HTTPStatus.FORBIDDEN)


def is_same_origin(request: web.Request) -> bool:
    """Whether the Origin header, when a browser sent one, is this site's or the public address."""
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    allowed = {f"http://{request.host}", f"https://{request.host}"}
    public_url = getattr(request.app[SETTINGS], "public_url", None)
    if public_url:
        allowed.add(str(public_url).rstrip("/"))
    return origin in allowed


async def read_json(request: web.Request, *, limit_bytes: int = JSON_LIMIT_BYTES) -> Any:
    """Return the decoded body. Raises RequestRefused: too_large, invalid_json, media type."""
    raw = await read_raw(request, limit_bytes=limit_bytes)
    return parse_json(raw) if raw else {}


async def read_raw(request: web.Request, *, limit_bytes: int) -> bytes:
    """Return the bytes of a JSON body. Raises RequestRefused: too_large, media type."""
    if (request.content_length or 0) > limit_bytes:
        raise RequestRefused("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise RequestRefused("unsupported_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    raw = bytearray()
    async for chunk in request.content.iter_chunked(16 * 1024):
        raw += chunk
        if len(raw) > limit_bytes:
            raise RequestRefused("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if raw and request.content_type not in ("application/json", "text/json"):
        raise RequestRefused("unsupported_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return bytes(raw)


def parse_json(raw: bytes | str) -> Any:
    """Return the decoded JSON. Raises RequestRefused("invalid_json").

    NaN and Infinity are no JSON, and a lone surrogate cannot be stored as UTF-8.
    """
    try:
        text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as fault:
        raise RequestRefused("invalid_json", HTTPStatus.BAD_REQUEST) from fault
    return value


def check_body(model: type[M], value: object) -> M:
    """Return `value` as the model. Raises RequestRefused with the fields that do not fit."""
    try:
        return model.model_validate_json(json.dumps(value))
    except ValidationError as fault:
        raise RequestRefused(
            "invalid_input", HTTPStatus.BAD_REQUEST, **refused_fields(fault)
        ) from fault


async def _read_body(request: web.Request, door: Door) -> BaseModel | bytes:
    assert door.body is not None
    if door.raw_limit_bytes is not None:
        return await read_raw(request, limit_bytes=door.raw_limit_bytes)
    return check_body(door.body, await read_json(request))


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def query_int(request: web.Request, name: str, *, default: int, most: int) -> int:
    """Return a whole number of the query, within [0, most]. Raises RequestRefused."""
    text = request.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, **{name: "int_parsing"})
    return min(int(text), most)
