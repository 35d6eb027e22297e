"""The only door into the dialogue: POST /webhooks/florin/turn with a turn signed by web.

    {"turn": jwt} ─▶ size ─▶ shape ─▶ signature ─▶ one at a time per conversation
        ├─ message id known ─▶ the stored replies, nothing runs            "replayed": true
        └─ new ─▶ normalise + mask again ─▶ Rasa ─▶ {replies, nlu, actions}
                      an action or the store failed ─▶ 503, nothing is kept, a retry runs anew

Everything comes from the verified token: `sender`, `metadata` and `input_channel` in a body are
refused as unknown fields. A payload (a redeemed button, an event of web) is handed over as parsed
data, so no text ever goes through Rasa's "/intent" syntax.

Messages here are for operators; what the customer reads is said by web.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any, Callable, Optional
from weakref import WeakValueDictionary

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.constants import DEFAULT_INTENTS
from rasa.shared.core.domain import Domain
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bank.domain.redaction import MAX_TEXT_CHARS, mask, normalise
from bot.action_endpoint import TurnFailed, TurnOutcome, current_outcome
from bot.channels.reports import report_turn
from bot.channels.tokens import InvalidTurn, SignedTurn, verify_turn
from bot.importer import LANGUAGE_SLOT
from bot.keys import load_key
from bot.logs import make_logs_safe
from bot.selftest import guard_or_exit
from bot.tracker_store import EncryptedTrackerStore

MAX_BODY_BYTES = 16_384
#: A payload is server-made, and small: facts, ids, one summary.
MAX_PAYLOAD_CHARS = 4_000
EXPIRE_EVERY_S = 3_600
EXPIRE_IDLE_S = 30 * 24 * 3_600

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The request cannot be used."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class SignedTurnInput(InputChannel):
    """Channel `florin`."""

    def __init__(self, turn_key: str) -> None:
        self._turn_key = turn_key
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._is_ready = False

    @classmethod
    def name(cls) -> str:
        return "florin"

    @classmethod
    def from_credentials(cls, credentials: Optional[dict[str, Any]]) -> SignedTurnInput:
        return cls(load_key("turn_key"))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("florin_turns", "florin_turns")

        @blueprint.listener("before_server_start")
        async def limit_bodies(app: Sanic, _loop: Any) -> None:
            app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES

        @blueprint.listener("after_server_start")
        async def open_the_door(app: Sanic, _loop: Any) -> None:
            make_logs_safe()
            guard_or_exit(app)
            self._is_ready = True
            app.add_task(_expire_for_ever(app))

        @blueprint.get("/")
        async def health(_request: Request) -> HTTPResponse:
            if not self._is_ready:
                return _refusal(Refused(503, "not_ready", "The model is loading."))
            return json_response({"status": "ok"})

        @blueprint.post("/turn")
        async def take_turn(request: Request) -> HTTPResponse:
            if not self._is_ready:
                return _refusal(Refused(503, "not_ready", "The model is loading."))
            try:
                turn, token = self._read(request)
                store = request.app.ctx.agent.tracker_store
                message = _message_of(turn, token, request.app.ctx.agent.domain)
                return json_response(await self._answer(store, turn, message, on_new_message))
            except Refused as refused:
                return _refusal(refused)

        return blueprint

    def _read(self, request: Request) -> tuple[SignedTurn, str]:
        """Return the verified turn and its token. Raises Refused."""
        if len(request.body) > MAX_BODY_BYTES:
            raise Refused(413, "too_large", "The body is too large.")
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            raise Refused(400, "invalid_json", "The body is not JSON.") from None
        if not isinstance(body, dict) or set(body) != {"turn"} or not isinstance(body["turn"], str):
            raise Refused(400, "invalid_body", 'The body must be exactly {"turn": "<token>"}.')
        try:
            return verify_turn(self._turn_key, body["turn"]), body["turn"]
        except InvalidTurn:
            raise Refused(401, "invalid_turn", "Not a genuine, fresh turn.") from None

    async def _answer(
        self,
        store: EncryptedTrackerStore,
        turn: SignedTurn,
        message: UserMessage,
        on_new_message: Callable[[UserMessage], Awaitable[Any]],
    ) -> dict[str, Any]:
        """Return the report of the turn, run now or stored before. Raises Refused."""
        lock = self._locks.setdefault(turn.conversation_id, asyncio.Lock())
        async with lock:
            try:
                events = store.events_of_message(turn.conversation_id, turn.message_id)
                replayed = events is not None
                if events is None:
                    await _run(on_new_message, message)
                    events = store.events_of_message(turn.conversation_id, turn.message_id)
            except TurnFailed as failed:
                store.forget(turn.conversation_id)
                raise Refused(503, failed.code, "An action did not run.") from None
            except Exception as fault:  # noqa: BLE001  whatever it was, the turn is not kept
                store.forget(turn.conversation_id)
                # Without the exception's text: it may quote the customer.
                logger.error("turn failed: %s", type(fault).__name__)  # noqa: TRY400
                raise Refused(503, "turn_failed", "The turn could not be completed.") from None
            except BaseException:  # cancelled: web hung up, or the server stops
                store.forget(turn.conversation_id)
                raise
        if events is None:
            raise Refused(503, "turn_failed", "The turn was not stored.")
        tracker = await store.retrieve(turn.conversation_id)
        language = tracker.slots.get(LANGUAGE_SLOT) if tracker is not None else None
        return report_turn(
            events, turn.message_id, replayed=replayed,
            language=language.value if language is not None else None,
        )  # fmt: skip


def _message_of(turn: SignedTurn, token: str, domain: Domain) -> UserMessage:
    """Return what Rasa is given. Raises Refused."""
    text, parsed = (
        _clean_text(turn.text), None
    ) if turn.payload is None else _parsed_payload(turn.payload, domain)  # fmt: skip
    return UserMessage(
        text,
        CollectingOutputChannel(),
        turn.conversation_id,
        parse_data=parsed,
        input_channel=SignedTurnInput.name(),
        message_id=turn.message_id,
        metadata={"turn": token},
    )


def _clean_text(text: str) -> str:
    """The second wall: web has done this already. Raises Refused."""
    if len(text) > MAX_TEXT_CHARS:
        raise Refused(413, "text_too_long", f"More than {MAX_TEXT_CHARS} characters.")
    clean = mask(normalise(text)).text
    if not clean:
        raise Refused(400, "empty_text", "Nothing is left of the text after normalisation.")
    return clean


def _parsed_payload(payload: dict[str, Any], domain: Domain) -> tuple[str, dict[str, Any]]:
    """Return text and parse data of a payload of web; its intent must be one of ours."""
    intent, entities = payload.get("intent"), payload.get("entities") or {}
    # Rasa's own /restart, /back and /session_start are in every domain: never from outside.
    if not isinstance(intent, str) or intent in DEFAULT_INTENTS or intent not in domain.intents:
        raise Refused(400, "unknown_intent", "The payload's intent is not in the domain.")
    if not isinstance(entities, dict) or len(json.dumps(entities)) > MAX_PAYLOAD_CHARS:
        raise Refused(400, "invalid_payload", "Entities must be one small object.")
    text = f"/{intent}"
    found = {"name": intent, "confidence": 1.0}
    return text, {
        "text": text,
        "intent": found,
        "intent_ranking": [found],
        "entities": [
            {"entity": name, "value": value, "start": 0, "end": len(text)}
            for name, value in entities.items()
        ],
    }


async def _run(
    on_new_message: Callable[[UserMessage], Awaitable[Any]], message: UserMessage
) -> None:
    """Let Rasa take the turn; a failed action is noted in the outcome, and raised by the store."""
    reset = current_outcome.set(TurnOutcome())
    try:
        await on_new_message(message)
    finally:
        current_outcome.reset(reset)


def _refusal(refused: Refused) -> HTTPResponse:
    body = {"error": {"code": refused.code, "message": refused.message, "details": {}}}
    return json_response(body, status=refused.status)


async def _expire_for_ever(app: Sanic) -> None:
    while True:
        with suppress(Exception):  # a busy database today is an hour's delay, no more
            app.ctx.agent.tracker_store.expire(idle_s=EXPIRE_IDLE_S)
        await asyncio.sleep(EXPIRE_EVERY_S)
