"""The chat over HTTP: sessions, messages, step-up, history, passkeys.

The live socket does the same turns (web/chat/socket.py); both end at the turn desk. A login
inside a chat gives a *new* token for the same conversation, and the old one ends.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from aiohttp import web

from bank.domain.actors import LoginLevel
from bank.domain.challenges import CodeProof, FaceProof, PasskeyProof, StepUpProof
from bank.domain.sessions import Session
from web.addresses import client_address
from web.api.errors import RequestRefused
from web.api.pictures import PictureSigner
from web.chat import models
from web.chat.entry import Entrance, log_in, log_in_here, start_session
from web.chat.socket import chat_socket
from web.chat.turns import TurnResult
from web.chat.views import show_line, show_replies
from web.guard import Caller, Door, Knock, query_int
from web.keys import DESK, FEED, LIMITS, SIGNER
from web.sentinel import TRIED_NAME

HISTORY_MOST = 2**53


async def sessions(knock: Knock) -> models.SessionStarted:
    """Begin a conversation: as a visitor, or logged in at once."""
    body: models.StartSession = knock.body
    address = address_of(knock)
    if body.customer is None or body.password is None:
        knock.request.app[LIMITS].check("session", address)
        return started(await start_session(knock.bank))
    knock.request[TRIED_NAME] = body.customer
    knock.request.app[LIMITS].check("login", address)
    entrance = await log_in(
        knock.bank,
        login_name=body.customer,
        password=body.password,
        ip_hash=address,
        source_ip=client_address(knock.request),
    )
    return started(entrance)


async def login(knock: Knock) -> models.SessionStarted:
    """Log the visitor of this chat in; the conversation goes on where it was."""
    body: models.LogIn = knock.body
    address = address_of(knock)
    knock.request[TRIED_NAME] = body.customer
    knock.request.app[LIMITS].check("login", address)
    entrance = await log_in_here(
        knock.bank,
        knock.token,
        knock.require_session(),
        login_name=body.customer,
        password=body.password,
        ip_hash=address,
        source_ip=client_address(knock.request),
    )
    session = entrance.session
    knock.request.app[FEED].wake(str(session.conversation_id))
    result = await knock.request.app[DESK].event(
        session.actor(),
        conversation_id=str(session.conversation_id),
        message_id=f"logged-in-{session.id}",
        name="EXTERNAL_logged_in",
        facts={},
    )
    return started(entrance, show_replies(result.replies, _signer(knock), session.actor_id))


async def logout(knock: Knock) -> models.LoggedOut:
    await asyncio.to_thread(knock.bank.sessions.end, knock.token)
    knock.request.app[FEED].wake(str(knock.require_session().conversation_id))
    return models.LoggedOut()


async def greetings(knock: Knock) -> models.Greeted:
    """Let the assistant open the conversation, for pages without a live line. Done once."""
    session = knock.require_session()
    knock.request.app[LIMITS].check("message", session.id)
    await knock.request.app[DESK].greet(session)
    return models.Greeted()


async def messages(knock: Knock) -> models.TurnAnswer:
    """Say something, or press a button. The same message_id again gets the same answer."""
    body: models.Say = knock.body
    session = knock.require_session()
    knock.request.app[LIMITS].check("message", session.id)
    result = await knock.request.app[DESK].handle(
        session, message_id=body.message_id, text=body.text, button=body.button
    )
    return _answer(knock, session, result)


async def step_up(knock: Knock) -> models.StepUpAnswer:
    """Prove it is you: the code, passkey or face for one waiting act, which is then done."""
    body: models.StepUp = knock.body
    session = knock.require_session()
    knock.request.app[LIMITS].check("step_up", session.id)
    proof = _proof(body.code, body.assertion, body.face)
    assert proof is not None, "StepUp holds one of them"
    result = await knock.request.app[DESK].step_up(
        session,
        challenge_id=body.challenge_id,
        proof=proof,
        message_id=body.message_id or f"step-up-{uuid.uuid4().hex}",
    )
    answer = _answer(knock, session, result)
    return models.StepUpAnswer(
        **answer.model_dump(), outcome=result.outcome, details=dict(result.details)
    )


async def step_up_options(knock: Knock) -> web.StreamResponse:
    """What the browser needs to ask for a passkey's assertion over this challenge."""
    challenge_id = knock.request.query.get("challenge_id", "")[:100]
    options = await asyncio.to_thread(
        knock.bank.passkeys.assert_options, knock.actor, challenge_id
    )
    return web.json_response(options)


async def passkey_options(knock: Knock) -> web.StreamResponse:
    """What the browser needs to make a passkey. First asked: 403 step_up_required and a code."""
    body: models.AskPasskey = knock.body
    knock.request.app[LIMITS].check("step_up", knock.require_session().id)
    proof = _proof(body.code, body.assertion)
    options = await asyncio.to_thread(
        lambda: knock.bank.passkeys.register_options(knock.actor, proof=proof)
    )
    return web.json_response(options)


async def passkey_register(knock: Knock) -> models.PasskeyRegistered:
    """Keep the passkey the browser made."""
    body: models.RegisterPasskey = knock.body
    passkey = await asyncio.to_thread(
        lambda: knock.bank.passkeys.register(
            knock.actor, json.dumps(body.credential), label=body.label
        )
    )
    return models.PasskeyRegistered(id=passkey.id, label=passkey.label)


async def history(knock: Knock) -> models.History:
    """Every line of this conversation after `after`, in order."""
    session = knock.require_session()
    after = query_int(knock.request, "after", default=0, most=HISTORY_MOST)
    conversation_id = session.conversation_id
    if conversation_id is None:
        raise RequestRefused("not_found", 404)
    lines = await asyncio.to_thread(
        lambda: knock.bank.conversations.transcript(
            session.actor(), conversation_id, after_seq=after
        )
    )
    speaker = await asyncio.to_thread(knock.bank.conversations.speaker, conversation_id)
    owner = _customer_id(session)
    shown = [show_line(line, _signer(knock), owner) for line in lines]
    return models.History(messages=shown, speaker=speaker.value)


def _proof(
    code: str | None, assertion: dict[str, Any] | None, face: str | None = None
) -> StepUpProof | None:
    if code is not None:
        return CodeProof(code)
    if face is not None:
        return FaceProof(face)
    return PasskeyProof(json.dumps(assertion)) if assertion is not None else None


def _answer(knock: Knock, session: Session, result: TurnResult) -> models.TurnAnswer:
    return models.TurnAnswer(
        message_id=result.message_id,
        replies=show_replies(result.replies, _signer(knock), _customer_id(session)),
        speaker=result.speaker.value,
        seq=result.seq,
        replayed=result.replayed,
    )


def started(
    entrance: Entrance, replies: list[models.Reply] | None = None
) -> models.SessionStarted:
    name = entrance.customer_name
    return models.SessionStarted(
        token=entrance.token,
        conversation_id=str(entrance.session.conversation_id),
        login_level=entrance.session.login_level.value,
        customer=models.CustomerName(name=name) if name else None,
        replies=replies or [],
    )


def _customer_id(session: Session) -> str | None:
    return session.actor_id if session.login_level is not LoginLevel.NONE else None


def _signer(knock: Knock) -> PictureSigner:
    return knock.request.app[SIGNER]


def address_of(knock: Knock) -> str:
    return knock.request.app[LIMITS].hash_address(client_address(knock.request))


_V, _C = Caller.VISITOR, Caller.CUSTOMER
DOORS = [
    Door(
        "POST", "/api/chat/sessions", Caller.PUBLIC, sessions, "Begin a conversation",
        body=models.StartSession, answer=models.SessionStarted, body_optional=True,
    ),
    Door(
        "POST", "/api/chat/login", _V, login, "Log in inside a conversation",
        body=models.LogIn, answer=models.SessionStarted,
    ),
    Door("POST", "/api/chat/logout", _V, logout, "End the session", answer=models.LoggedOut),
    Door(
        "POST", "/api/chat/greetings", _V, greetings, "Let the assistant say hello",
        answer=models.Greeted,
    ),
    Door(
        "POST", "/api/chat/messages", _V, messages, "Say something, or press a button",
        body=models.Say, answer=models.TurnAnswer,
    ),
    Door(
        "POST", "/api/chat/step-up", _C, step_up, "Prove it is you for a waiting act",
        body=models.StepUp, answer=models.StepUpAnswer,
    ),
    Door(
        "GET", "/api/chat/step-up/options", _C, step_up_options,
        "Options for a passkey assertion", query=("challenge_id",),
    ),
    Door(
        "POST", "/api/passkeys/register/options", _C, passkey_options,
        "Options for making a passkey", body=models.AskPasskey, body_optional=True,
    ),
    Door(
        "POST", "/api/passkeys/register", _C, passkey_register, "Keep a new passkey",
        body=models.RegisterPasskey, answer=models.PasskeyRegistered, status=201,
    ),
    Door(
        "GET", "/api/chat/history", _V, history, "The lines of this conversation",
        answer=models.History, query=("after",),
    ),
    # The token comes in the first frame: a browser cannot add headers to a WebSocket.
    Door("GET", "/api/chat/ws", Caller.HELLO, chat_socket, "The same, live (WebSocket)"),
]  # fmt: skip
