"""Pictures of the customer's own figures, drawn by the assistant's actions, kept by the bank.

    <img src="/api/pictures/pi_…?sig=…">      sig = who it was shown to, until when, and a MAC

An <img> cannot send a bearer token, so links shown in a chat are signed for that customer and
that picture, for an hour; the bearer token of the owner's session works as well. Either way
the bank is asked as that customer, so nobody sees another's.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time

from aiohttp import web

from bank.domain.actors import Actor, a_customer
from bank.domain.errors import NotAuthenticated
from web.guard import Caller, Door, Knock, bearer_token, identify
from web.keys import SIGNER

LINK_TTL_S = 3600
PATH_PREFIX = "/api/pictures/"
#: Pages of articles, some of which are for customers only (web/library.py).
ARTICLES_PREFIX = "/library/"
SIGNATURE_LIMIT_CHARS = 300


class PictureSigner:
    """Signs links to pictures: (picture, customer, end) under a key of its own purpose."""

    def __init__(self, key: bytes) -> None:
        self._key = hmac.new(key, b"florin.picture-link", hashlib.sha256).digest()

    def sign(self, path: str, customer_id: str, *, now_s: float | None = None) -> str:
        """Return `path` with its signature; unchanged when it is no picture of ours."""
        if not path.startswith(PATH_PREFIX):
            return path
        path = path.partition("?")[0]
        end_s = int(time.time() if now_s is None else now_s) + LINK_TTL_S
        claim = f"{customer_id}.{end_s}"
        mac = self._mac(path.removeprefix(PATH_PREFIX), claim)
        return f"{path}?sig={_b64(claim.encode())}.{mac}"

    def sign_article(self, url: str, customer_id: str, *, now_s: float | None = None) -> str:
        """Return the address of an article's page, signed; unchanged when it is none of ours."""
        if not url.startswith(ARTICLES_PREFIX):
            return url
        path, mark, anchor = url.partition("#")
        end_s = int(time.time() if now_s is None else now_s) + LINK_TTL_S
        claim = f"{customer_id}.{end_s}"
        return f"{path}?sig={_b64(claim.encode())}.{self._mac(path, claim)}{mark}{anchor}"

    def verify(self, picture_id: str, signature: str, *, now_s: float | None = None) -> str:
        """Return the customer's id; of an article, its path is given.

        Raises NotAuthenticated: forged, of another picture, too old.
        """
        encoded, _, mac = signature.partition(".")
        try:
            claim = base64.urlsafe_b64decode(encoded + "==").decode("ascii")
            customer_id, _, end = claim.rpartition(".")
            end_s = int(end)
        except ValueError:
            raise NotAuthenticated from None
        good = hmac.compare_digest(self._mac(picture_id, claim).encode(), mac.encode())
        if not good or end_s < (time.time() if now_s is None else now_s):
            raise NotAuthenticated
        return customer_id

    def _mac(self, picture_id: str, claim: str) -> str:
        text = f"{picture_id}\x00{claim}".encode()
        return _b64(hmac.new(self._key, text, hashlib.sha256).digest())


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def show_picture(knock: Knock) -> web.StreamResponse:
    """The PNG, for its owner only."""
    picture_id = knock.request.match_info["picture_id"]
    actor = await _owner(knock, picture_id)
    png = await asyncio.to_thread(lambda: knock.bank.pictures.get(actor, picture_id))
    return web.Response(
        body=png, content_type="image/png", headers={"Cache-Control": "private, max-age=300"}
    )


async def _owner(knock: Knock, picture_id: str) -> Actor:
    signature = knock.request.query.get("sig")
    if signature and not bearer_token(knock.request):
        signer = knock.request.app[SIGNER]
        return a_customer(signer.verify(picture_id, signature[:SIGNATURE_LIMIT_CHARS]))
    session, _ = await identify(knock.request, Caller.CUSTOMER)
    assert session is not None
    return session.actor()


DOORS = [
    Door(
        "GET",
        PATH_PREFIX + "{picture_id}",
        Caller.SIGNED,
        show_picture,
        "A picture of the customer's own figures (PNG)",
        query=("sig",),
    ),
]
