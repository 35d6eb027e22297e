"""One owner of a messenger account each: what they do arrives as the service would post it.

The signatures are made here on their own, not by the code under test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

from tests.web.channels.fakes import slack, telegram, twilio
from tests.web.channels.fakes.service import FakeService

PUBLIC_URL = "https://branch.example"
TELEGRAM_SECRET = "telegram-webhook-secret"


class Driver:
    """Somebody with an account. `last_id` is the service's id of the last delivery."""

    name: str
    external_id: str

    def __init__(self, client: TestClient, service: FakeService) -> None:
        self.client = client
        self.service = service
        self.last_id = ""
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        self.last_id = str(next(self._numbers))
        return self.last_id

    async def say(self, text: str, message_id: str | None = None) -> ClientResponse:
        raise NotImplementedError

    async def press(self, title: str) -> ClientResponse:
        """Press the newest button of this title, or type its number where there are none."""
        for shown in reversed(self.service.shown):
            for label, data in shown.choices:
                if label == title:
                    return await self.press_data(data)
        raise AssertionError(f"no button {title}: {self.service.shown}")

    async def press_data(self, data: str) -> ClientResponse:
        raise NotImplementedError

    async def send_photo(
        self, name: str, caption: str, message_id: str | None = None
    ) -> ClientResponse:
        raise NotImplementedError


class TelegramDriver(Driver):
    name, external_id, external_int = "telegram", "7001", 7001

    async def say(self, text: str, message_id: str | None = None) -> ClientResponse:
        return await self.message(message_id, text=text)

    async def send_photo(
        self, name: str, caption: str, message_id: str | None = None
    ) -> ClientResponse:
        small = {"file_id": "small", "file_size": 10, "width": 9, "height": 9}
        large = {"file_id": name, "file_size": 90, "width": 90, "height": 90}
        return await self.message(message_id, photo=[small, large], caption=caption)

    async def press_data(self, data: str) -> ClientResponse:
        press = {
            "id": f"cb{self.new_id()}", "from": self._who(), "data": data,
            "message": {"message_id": 1, "chat": self._chat(), "text": "…"},
        }  # fmt: skip
        return await self.post({"update_id": 1, "callback_query": press})

    async def message(self, message_id: str | None = None, **content: Any) -> ClientResponse:
        message = {
            "message_id": int(message_id or self.new_id()), "from": self._who(),
            "chat": self._chat(), "date": 1, **content,
        }  # fmt: skip
        return await self.post({"update_id": 1, "message": message})

    async def post(self, update: Any, secret: str | None = TELEGRAM_SECRET) -> ClientResponse:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret is not None else {}
        return await self.client.post("/channels/telegram", json=update, headers=headers)

    def _who(self) -> dict[str, Any]:
        return {"id": self.external_int, "is_bot": False, "first_name": "A"}

    def _chat(self) -> dict[str, Any]:
        return {"id": self.external_int, "type": "private"}


class WhatsAppDriver(Driver):
    name, external_id = "whatsapp", "whatsapp:+4915199999999"

    async def say(self, text: str, message_id: str | None = None) -> ClientResponse:
        return await self.message(message_id, Body=text, NumMedia="0")

    async def press(self, title: str) -> ClientResponse:
        for shown in reversed(self.service.shown):
            for line in shown.text.splitlines():
                number, _, label = line.partition(". ")
                if label == title and number.isdigit():
                    return await self.say(number)
        raise AssertionError(f"no choice {title}: {self.service.texts}")

    async def send_photo(
        self, name: str, caption: str, message_id: str | None = None
    ) -> ClientResponse:
        return await self.message(
            message_id, Body=caption, NumMedia="1", MediaContentType0="image/jpeg",
            MediaUrl0=f"{self.service.url}/media/{name}",
        )  # fmt: skip

    async def message(self, message_id: str | None = None, **fields: str) -> ClientResponse:
        sid = f"SM{message_id or self.new_id()}"
        return await self.post(
            {"MessageSid": sid, "AccountSid": twilio.SID, "From": self.external_id,
             "To": twilio.NUMBER, **fields}
        )  # fmt: skip

    async def post(self, fields: dict[str, str], signature: str | None = None) -> ClientResponse:
        text = f"{PUBLIC_URL}/channels/whatsapp" + "".join(
            name + fields[name] for name in sorted(fields)
        )
        mac = hmac.new(twilio.TOKEN.encode(), text.encode(), hashlib.sha1).digest()
        made = base64.b64encode(mac).decode()
        return await self.client.post(
            "/channels/whatsapp", data=fields,
            headers={"X-Twilio-Signature": made if signature is None else signature},
        )  # fmt: skip


class SlackDriver(Driver):
    name, external_id = "slack", "T1:U1"

    async def say(self, text: str, message_id: str | None = None) -> ClientResponse:
        return await self.event(message_id, text=text)

    async def send_photo(
        self, name: str, caption: str, message_id: str | None = None
    ) -> ClientResponse:
        file = {"mimetype": "image/jpeg", "url_private_download": f"{self.service.url}/files/{name}"}
        return await self.event(message_id, text=caption, subtype="file_share", files=[file])

    async def press_data(self, data: str) -> ClientResponse:
        press = {
            "type": "block_actions", "team": {"id": "T1"}, "user": {"id": "U1"},
            "channel": {"id": "D1"}, "actions": [{"action_ts": self.new_id(), "value": data}],
        }  # fmt: skip
        return await self.post(
            urlencode({"payload": json.dumps(press)}).encode(),
            kind="application/x-www-form-urlencoded",
        )

    async def event(self, message_id: str | None = None, **content: Any) -> ClientResponse:
        event = {
            "type": "message", "channel_type": "im", "channel": "D1", "user": "U1",
            "ts": message_id or self.new_id(), **content,
        }  # fmt: skip
        outer = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": event}
        return await self.post(json.dumps(outer).encode())

    async def post(
        self, body: bytes, *, kind: str = "application/json", age_s: int = 0,
        signature: str | None = None,
    ) -> ClientResponse:  # fmt: skip
        stamp = str(int(time.time()) - age_s)
        mac = hmac.new(slack.SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
        return await self.client.post(
            "/channels/slack", data=body,
            headers={
                "Content-Type": kind, "X-Slack-Request-Timestamp": stamp,
                "X-Slack-Signature": f"v0={mac.hexdigest()}" if signature is None else signature,
            },
        )  # fmt: skip


DRIVERS = {"telegram": TelegramDriver, "whatsapp": WhatsAppDriver, "slack": SlackDriver}
FAKES = {
    "telegram": telegram.FakeTelegram, "whatsapp": twilio.FakeTwilio, "slack": slack.FakeSlack,
}  # fmt: skip
