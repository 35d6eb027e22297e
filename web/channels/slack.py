"""Slack: Events API and interactivity in, Web API out. https://docs.slack.dev

    in    POST /channels/slack, JSON events or a form with `payload`; headers
          X-Slack-Request-Timestamp (≤ 5 min old) and X-Slack-Signature:
          v0=HMAC-SHA256(signing secret, "v0:timestamp:body")
    out   chat.postMessage with blocks; files.getUploadURLExternal and its two next steps

Direct messages only: in a channel, others would read along. Texts go out with `&<>` escaped,
so that nothing in them becomes a mention or a link.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bank.domain.errors import NotAuthenticated
from bank.settings import Settings
from web.api.errors import RequestRefused
from web.channels.calls import Calls
from web.channels.parts import (
    Call,
    Delivery,
    Incoming,
    Outgoing,
    Photo,
    SendFailed,
    SendRefused,
    split_text,
)
from web.channels.slack_wire import Event, Interaction, Outer
from web.guard import check_body, parse_json

TIMESTAMP_HEADER = "X-Slack-Request-Timestamp"
SIGNATURE_HEADER = "X-Slack-Signature"
AGE_MOST_S = 300
TEXT_MOST_CHARS = 2900  # a section block takes 3,000
BUTTON_MOST_CHARS = 75
BUTTONS_MOST = 25

#: What Slack says with status 200 when it is out or busy.
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable",
     "request_timeout"}
)  # fmt: skip


class Slack:
    """One app in its workspaces."""

    name = "slack"
    has_buttons = True

    def __init__(
        self, settings: Settings, calls: Calls, *, now_s: Callable[[], float] = time.time
    ) -> None:
        self._secret = settings.slack_signing_secret.get_secret_value()
        self._token = settings.slack_token.get_secret_value()
        self._base = settings.slack_api_url.rstrip("/")
        self._calls = calls
        self._now_s = now_s

    def read(self, call: Call) -> Delivery:
        self._verify(call)
        kind = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind == "application/x-www-form-urlencoded":
            return _read_press(call.body)
        outer = check_body(Outer, parse_json(call.body))
        if outer.type == "url_verification":
            return Delivery(answer=outer.challenge[:200])
        incoming = _said(outer.team_id, outer.event)
        return Delivery((incoming,) if incoming else ())

    async def send(self, address: str, outgoing: Outgoing) -> None:
        if outgoing.picture is not None:
            await self._send_picture(address, outgoing.picture.png, outgoing.picture.words)
        pieces = split_text(outgoing.text, TEXT_MOST_CHARS)
        for place, piece in enumerate(pieces, start=1):
            body: dict[str, Any] = {
                "channel": address, "text": escape(piece), "mrkdwn": False, "parse": "none",
                "unfurl_links": False, "unfurl_media": False,
            }  # fmt: skip
            if outgoing.choices and place == len(pieces):
                body["blocks"] = _blocks(piece, outgoing)
            await self._call("chat.postMessage", body=body)

    async def fetch_photo(self, photo: Photo, *, limit_bytes: int) -> bytes:
        return await self._calls.fetch(
            photo.ref,
            hosts=(".slack.com", urlsplit(self._base).netloc),
            limit_bytes=limit_bytes,
            headers={"Authorization": f"Bearer {self._token}"},
        )

    async def acknowledge(self, incoming: Incoming) -> None:
        """Nothing to do: the 200 of the webhook is Slack's acknowledgement."""

    async def close(self) -> None:
        await self._calls.close()

    def _verify(self, call: Call) -> None:
        stamp = call.headers.get(TIMESTAMP_HEADER, "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
            raise NotAuthenticated
        given = call.headers.get(SIGNATURE_HEADER, "")
        good = sign(self._secret, stamp, call.body)
        if not hmac.compare_digest(good.encode(), given.encode()):
            raise NotAuthenticated
        if abs(self._now_s() - int(stamp)) > AGE_MOST_S:
            raise NotAuthenticated

    async def _send_picture(self, address: str, png: bytes, words: str) -> None:
        """Slack's three steps: ask for an address, send the bytes, put the file in the chat."""
        asked = {"filename": "picture.png", "length": str(len(png))}
        place = await self._call("files.getUploadURLExternal", form=lambda: asked)
        await self._calls.upload(str(place.get("upload_url", "")), png)
        file = {"id": str(place.get("file_id", "")), "title": words[:200] or "picture.png"}
        await self._call(
            "files.completeUploadExternal", body={"files": [file], "channel_id": address}
        )

    async def _call(self, method: str, **sent: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        return await self._calls.post(
            f"{self._base}/{method}", headers=headers, check=_check, **sent
        )


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return Slack's `v0` signature."""
    mac = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256)
    return f"v0={mac.hexdigest()}"


def escape(text: str) -> str:
    """Return the text with Slack's three control characters made plain.

    >>> escape("<!channel> & co")
    '&lt;!channel&gt; &amp; co'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    """Return what a person typed, from Slack's writing of it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _said(team_id: str, event: Event | None) -> Incoming | None:
    if event is None or event.type != "message" or event.channel_type != "im":
        return None
    if event.bot_id is not None or not event.user or event.subtype not in (None, "file_share"):
        return None
    account, message_id = f"{team_id}:{event.user}", f"slack-{event.ts}"
    picture = next((file for file in event.files if file.mimetype.startswith("image/")), None)
    if picture is not None:
        photo = Photo(picture.url_private_download or picture.url_private, event.text)
        return Incoming(account, event.channel, message_id, photo=photo)
    text = None if event.files else unescape(event.text)
    return Incoming(account, event.channel, message_id, text=text or None)


def _read_press(body: bytes) -> Delivery:
    try:
        payloads = parse_qs(body.decode("utf-8"), max_num_fields=8).get("payload", [])
    except ValueError as fault:
        raise RequestRefused("invalid_input", 400) from fault
    if len(payloads) != 1:
        raise RequestRefused("invalid_input", 400)
    press = check_body(Interaction, parse_json(payloads[0]))
    is_direct = press.channel is not None and press.channel.id.startswith("D")
    if press.type != "block_actions" or not press.actions or not is_direct:
        return Delivery()
    assert press.channel is not None
    action = press.actions[0]
    return Delivery(
        (
            Incoming(
                f"{press.team.id}:{press.user.id}",
                press.channel.id,
                f"slack-press-{action.action_ts}",
                button=action.value,
            ),
        )
    )


def _blocks(text: str, outgoing: Outgoing) -> list[dict[str, Any]]:
    buttons = [
        {
            "type": "button",
            "action_id": f"choice_{place}",
            "text": {"type": "plain_text", "text": choice.title[:BUTTON_MOST_CHARS]},
            "value": choice.token,
        }
        for place, choice in enumerate(outgoing.choices[:BUTTONS_MOST])
    ]
    return [
        {"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}},
        {"type": "actions", "elements": buttons},
    ]


def _check(answer: dict[str, Any]) -> None:
    """Raise for `ok: false`, which Slack says with status 200."""
    if answer.get("ok") is True:
        return
    error = str(answer.get("error", "unknown"))[:40]
    if error in _PASSING:
        raise SendFailed(f"slack_{error}")
    raise SendRefused(f"slack_{error}")
