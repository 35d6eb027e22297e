"""Telegram: the Bot API over HTTPS. https://core.telegram.org/bots/api

    in    POST /channels/telegram, header X-Telegram-Bot-Api-Secret-Token (setWebhook)
    out   sendMessage, sendPhoto; choices as an inline keyboard whose callback data is a token

Private chats only: in a group, others would read along. 429 carries parameters.retry_after.
"""

from __future__ import annotations

import hmac
import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import BaseModel, ConfigDict, Field

from bank.domain.errors import NotAuthenticated
from bank.settings import Settings
from web.channels.calls import Calls, seconds
from web.channels.parts import (
    Call,
    Choice,
    Delivery,
    Incoming,
    Outgoing,
    Photo,
    SendFailed,
    SendRefused,
    split_text,
)
from web.guard import check_body, parse_json

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  a header's name
TEXT_MOST_CHARS = 4096
CAPTION_MOST_CHARS = 1024


class _Wire(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _From(_Wire):
    id: int
    is_bot: bool = False


class _Chat(_Wire):
    id: int
    type: str


class _Size(_Wire):
    file_id: str
    file_size: int = 0


class _Message(_Wire):
    message_id: int
    chat: _Chat
    sender: _From | None = Field(None, alias="from")
    text: str | None = None
    caption: str | None = None
    photo: tuple[_Size, ...] = ()


class _Press(_Wire):
    id: str
    sender: _From = Field(alias="from")
    message: _Message | None = None
    data: str | None = None


class _Update(_Wire):
    update_id: int
    message: _Message | None = None
    callback_query: _Press | None = None


class Telegram:
    """One bot."""

    name = "telegram"
    has_buttons = True

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._secret = settings.telegram_secret.get_secret_value()
        self._base = settings.telegram_api_url.rstrip("/")
        self._token = settings.telegram_token.get_secret_value()
        self._calls = calls

    def read(self, call: Call) -> Delivery:
        given = call.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise NotAuthenticated
        update = check_body(_Update, parse_json(call.body))
        incoming = _pressed(update.callback_query) or _said(update.message)
        return Delivery((incoming,) if incoming else ())

    async def send(self, address: str, outgoing: Outgoing) -> None:
        keyboard = _keyboard(outgoing.choices)
        if outgoing.picture is not None:
            png, caption = outgoing.picture.png, outgoing.picture.words[:CAPTION_MOST_CHARS]

            def form() -> aiohttp.FormData:
                data = aiohttp.FormData({"chat_id": address, "caption": caption})
                data.add_field("photo", png, filename="picture.png", content_type="image/png")
                return data

            await self._call("sendPhoto", form=form)
        pieces = split_text(outgoing.text, TEXT_MOST_CHARS)
        for place, piece in enumerate(pieces, start=1):
            body: dict[str, Any] = {
                "chat_id": address, "text": piece, "link_preview_options": {"is_disabled": True},
            }  # fmt: skip
            if keyboard and place == len(pieces):
                body["reply_markup"] = keyboard
            await self._call("sendMessage", body=body)

    async def fetch_photo(self, photo: Photo, *, limit_bytes: int) -> bytes:
        answer = await self._call("getFile", body={"file_id": photo.ref})
        found = answer.get("result")
        path = str(found.get("file_path", "")) if isinstance(found, dict) else ""
        if not path or path.startswith("/") or ".." in path:
            raise SendRefused("no_file_path")
        return await self._calls.fetch(
            f"{self._base}/file/bot{self._token}/{path}",
            hosts=(urlsplit(self._base).netloc,),
            limit_bytes=limit_bytes,
        )

    async def acknowledge(self, incoming: Incoming) -> None:
        """Stop the pressed button's waiting sign."""
        if incoming.press_id is not None:
            await self._call("answerCallbackQuery", body={"callback_query_id": incoming.press_id})

    async def close(self) -> None:
        await self._calls.close()

    async def _call(self, method: str, **sent: Any) -> dict[str, Any]:
        url = f"{self._base}/bot{self._token}/{method}"
        return await self._calls.post(url, check=_check, **sent)


def _said(message: _Message | None) -> Incoming | None:
    if message is None or not _is_private(message.chat, message.sender):
        return None
    account = str(message.chat.id)
    photo = None
    if message.photo:
        largest = max(message.photo, key=lambda size: size.file_size)
        photo = Photo(largest.file_id, message.caption or "")
    return Incoming(
        account, account, f"telegram-{message.message_id}", text=message.text, photo=photo
    )


def _pressed(press: _Press | None) -> Incoming | None:
    if press is None or press.message is None or press.data is None:
        return None
    if not _is_private(press.message.chat, press.sender):
        return None
    account = str(press.message.chat.id)
    return Incoming(
        account, account, f"telegram-press-{press.id}", button=press.data, press_id=press.id
    )


def _is_private(chat: _Chat, sender: _From | None) -> bool:
    return (
        chat.type == "private" and sender is not None and not sender.is_bot and sender.id == chat.id
    )


def _keyboard(choices: tuple[Choice, ...]) -> dict[str, Any] | None:
    if not choices:
        return None
    return {
        "inline_keyboard": [
            [{"text": choice.title, "callback_data": choice.token}] for choice in choices
        ]
    }


def _check(answer: dict[str, Any]) -> None:
    """Raise for `ok: false`, which Telegram also says in the status."""
    if answer.get("ok") is True:
        return
    code = answer.get("error_code")
    parameters = answer.get("parameters")
    after = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if code == 429 or (isinstance(code, int) and code >= 500):
        raise SendFailed(f"telegram_{code}", retry_after_s=seconds(after))
    raise SendRefused(f"telegram_{json.dumps(code)[:10]}")
