"""Linking: the customer asks for a code on the web page and sends it in the messenger.

    page, logged in ─POST /api/links/code─▶ 7K3M-Q2ZT ─▶ messenger: "link 7K3M-Q2ZT" ─▶ linked
    messenger: "unlink", page: DELETE /api/links/{channel} ─▶ everybody's again

The code shows that one person holds both; it never reaches the transcript or Rasa. A linked
account counts as logged in with a password: it may read, and every risky act still asks for a
one-time code, which goes to the phone by SMS, never to the messenger.
"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from urllib.parse import quote

from bank.domain.links import LINK_CODE_TTL_S, clean_link_code
from bank.domain.redaction import normalise
from bank.settings import Settings
from web.api.errors import RequestRefused
from web.guard import Answer, Caller, Door, Knock
from web.keys import LIMITS, SETTINGS

#: With the word: any eight. Without: only what can hardly be anything else.
_WITH_WORD = re.compile(
    r"(?:start|link|connect)[\s:]+([0-9a-z]{4})[-\s]?([0-9a-z]{4})", re.IGNORECASE
)
_ALONE = re.compile(r"(?=.*\d)(?=.*[A-Z])([0-9A-Z]{4})-([0-9A-Z]{4})")
_UNLINK = re.compile("unlink", re.IGNORECASE)


def find_code(text: str) -> str | None:
    """Return the link code a message consists of, in its normal form, or None.

    >>> find_code("link 7k3m q2zt"), find_code("/start 7K3M-Q2ZT"), find_code("7K3M-Q2ZT")
    ('7K3M-Q2ZT', '7K3M-Q2ZT', '7K3M-Q2ZT')
    >>> find_code("transfer"), find_code("2026-1999"), find_code("link my account please")
    (None, None, None)
    """
    line = normalise(text[:100])
    match = _WITH_WORD.fullmatch(line) or _ALONE.fullmatch(line)
    return clean_link_code("".join(match.groups())) if match else None


def is_unlink(text: str) -> bool:
    """Whether the message asks to unlink this account.

    >>> is_unlink("/unlink"), is_unlink("Unlink"), is_unlink("unlink my card")
    (True, True, False)
    """
    return _UNLINK.fullmatch(normalise(text[:100])) is not None


class LinkCodeMade(Answer):
    """`open_url` opens the messenger with the code filled in, where the service can do that."""

    code: str
    expires_s: int
    channels: list[str]
    open_url: str | None = None


class Link(Answer):
    channel: str
    linked_at: datetime


class Links(Answer):
    links: list[Link]
    channels: list[str]


class Unlinked(Answer):
    removed: int


def make_link_doors(names: list[str]) -> list[Door]:
    """Return the doors of the page. `names`: the messengers that are on."""

    async def make_code(knock: Knock) -> LinkCodeMade:
        """Make a code for this customer; it replaces an earlier one."""
        knock.request.app[LIMITS].check("step_up", knock.require_session().id)
        code = await asyncio.to_thread(knock.bank.links.make_code, knock.actor)
        return LinkCodeMade(
            code=code,
            expires_s=LINK_CODE_TTL_S,
            channels=names,
            open_url=_open_url(knock.request.app[SETTINGS], names, code),
        )

    async def list_links(knock: Knock) -> Links:
        found = await asyncio.to_thread(knock.bank.links.list, knock.actor)
        links = [Link(channel=link.channel, linked_at=link.linked_at_utc) for link in found]
        return Links(links=links, channels=names)

    async def unlink(knock: Knock) -> Unlinked:
        """Unlink every account of a channel; at once, also for what waits to be sent."""
        channel = knock.request.match_info["channel"]
        if channel not in names:
            raise RequestRefused("not_found", 404)
        count = await asyncio.to_thread(knock.bank.links.remove, knock.actor, channel)
        return Unlinked(removed=count)

    return [
        Door("POST", "/api/links/code", Caller.CUSTOMER, make_code,
             "A code that links a messenger account", answer=LinkCodeMade),
        Door("GET", "/api/links", Caller.CUSTOMER, list_links,
             "The customer's linked messenger accounts", answer=Links),
        Door("DELETE", "/api/links/{channel}", Caller.CUSTOMER, unlink,
             "Unlink the accounts of a messenger", answer=Unlinked),
    ]  # fmt: skip


def _open_url(settings: Settings, names: list[str], code: str) -> str | None:
    if "telegram" not in names or not settings.telegram_bot_name:
        return None
    return f"https://t.me/{quote(settings.telegram_bot_name)}?start={quote(code)}"
