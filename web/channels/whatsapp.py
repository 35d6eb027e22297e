"""WhatsApp by way of Twilio. https://www.twilio.com/docs/whatsapp/api

    in    POST /channels/whatsapp as a form, header X-Twilio-Signature: base 64 of
          HMAC-SHA1(auth token, URL + each name and value, names in order)
    out   Messages.json; choices are numbered lines, a picture is a link that ends

WhatsApp has no buttons in free messages, so a number alone answers the last question.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from bank.domain.errors import NotAuthenticated
from bank.settings import Settings
from web.api.errors import RequestRefused
from web.channels.calls import Calls
from web.channels.parts import Call, Delivery, Incoming, Outgoing, Photo, split_text

SIGNATURE_HEADER = "X-Twilio-Signature"
TEXT_MOST_CHARS = 1600
FIELDS_MOST = 200
EMPTY_ANSWER = "<Response/>"
_ACCOUNT = re.compile(r"whatsapp:\+[0-9]{6,20}")


class WhatsApp:
    """One Twilio sender."""

    name = "whatsapp"
    has_buttons = False

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._sid = settings.whatsapp_account_sid
        self._token = settings.whatsapp_auth_token.get_secret_value()
        self._number = settings.whatsapp_number
        self._base = settings.whatsapp_api_url.rstrip("/")
        self._calls = calls

    def read(self, call: Call) -> Delivery:
        try:
            fields = parse_qsl(
                call.body.decode("utf-8"), keep_blank_values=True, max_num_fields=FIELDS_MOST
            )
        except ValueError as fault:
            raise RequestRefused("invalid_input", 400) from fault
        good = sign(self._token, call.url, fields)
        given = call.headers.get(SIGNATURE_HEADER, "")
        if not hmac.compare_digest(good.encode(), given.encode()):
            raise NotAuthenticated
        incoming = self._said(dict(fields))
        return Delivery((incoming,) if incoming else (), EMPTY_ANSWER, "text/xml")

    async def send(self, address: str, outgoing: Outgoing) -> None:
        if outgoing.picture is not None:
            picture = {"MediaUrl": outgoing.picture.link}
            await self._send(address, {"Body": outgoing.picture.words[:TEXT_MOST_CHARS], **picture})
        for piece in split_text(outgoing.text, TEXT_MOST_CHARS):
            await self._send(address, {"Body": piece})

    async def fetch_photo(self, photo: Photo, *, limit_bytes: int) -> bytes:
        return await self._calls.fetch(
            photo.ref,
            hosts=(urlsplit(self._base).netloc,),
            limit_bytes=limit_bytes,
            headers=self._authorisation(),
        )

    async def acknowledge(self, incoming: Incoming) -> None:
        """Nothing to do: WhatsApp has no presses."""

    async def close(self) -> None:
        await self._calls.close()

    async def _send(self, address: str, fields: dict[str, str]) -> None:
        form = {"From": self._number, "To": address, **fields}
        url = f"{self._base}/2010-04-01/Accounts/{self._sid}/Messages.json"
        await self._calls.post(url, form=lambda: form, headers=self._authorisation())

    def _authorisation(self) -> dict[str, str]:
        pair = base64.b64encode(f"{self._sid}:{self._token}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def _said(self, fields: dict[str, str]) -> Incoming | None:
        """Return the message, or None when it is not one (a status, another account's)."""
        account, message_sid = fields.get("From", ""), fields.get("MessageSid", "")
        ours = fields.get("AccountSid") == self._sid and fields.get("To") == self._number
        if not ours or not _ACCOUNT.fullmatch(account) or not message_sid.isalnum():
            return None
        if "MessageStatus" in fields:
            return None
        body, message_id = fields.get("Body", ""), f"whatsapp-{message_sid[:64]}"
        if fields.get("NumMedia", "0") == "0":
            return Incoming(account, account, message_id, text=body or None)
        if not fields.get("MediaContentType0", "").startswith("image/"):
            return Incoming(account, account, message_id)
        return Incoming(
            account, account, message_id, photo=Photo(fields.get("MediaUrl0", ""), body)
        )


def sign(token: str, url: str, fields: Sequence[tuple[str, str]]) -> str:
    """Return Twilio's signature of a form post. https://www.twilio.com/docs/usage/security

    SHA-1 is Twilio's choice; as a keyed hash it still stands.
    """
    text = url + "".join(name + value for name, value in sorted(set(fields)))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()
