"""A line of the transcript as a messenger can show it: plain text, choices, a picture.

    words · a table as short lines · what to do where the page has a form · numbered choices

A messenger has no form for a password and no field for a code, so a reply of kind `login` is
replaced by the way to link the account, and `step_up` gets a sentence about where the code goes.
The onboarding's steps that need a page (a ceremony before the camera, a password) say so.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bank.domain.actors import a_customer
from bank.domain.conversations import MessageView, Sender
from bank.domain.errors import NotFound
from web.api.pictures import PATH_PREFIX, PictureSigner
from web.channels.parts import Choice, Outgoing, Picture
from web.utterances import Utterances

if TYPE_CHECKING:
    from bank.bootstrap import Bank

ROWS_MOST = 12
TITLE_MOST_CHARS = 60

#: Columns of a table that say nothing to people, or say what another column says.
_HIDDEN = re.compile(r"(^id|_id|_minor|^currency|^kind|^posted|_at_utc)$")


class Showing:
    """Makes lines ready for one messenger or another."""

    def __init__(
        self, bank: Bank, utterances: Utterances, signer: PictureSigner, *, public_url: str
    ) -> None:
        self._bank = bank
        self._utterances = utterances
        self._signer = signer
        self._public_url = public_url.rstrip("/")

    async def show(
        self, line: MessageView, *, customer_id: str | None, has_buttons: bool
    ) -> Outgoing:
        """Return the line for a messenger; its text may be empty when there is nothing to say."""
        spoken = self._utterances.spoken(str(line.data.get("language") or ""))
        parts = [self._words(line, spoken), *table_lines(line.data.get("data"))]
        note = self._note(str(line.data.get("kind") or "text"), spoken)
        choices = choices_of(line)
        if choices and not has_buttons:
            parts += [f"{place}. {choice.title}" for place, choice in enumerate(choices, start=1)]
            parts.append(spoken.say("utter_web_messenger_choose"))
        text = "\n".join(part for part in [*parts, note] if part)
        if choices and not text:
            text = " · ".join(choice.title for choice in choices)
        picture = await self._picture(line, customer_id)
        return Outgoing(text, choices if has_buttons else (), picture)

    def _words(self, line: MessageView, spoken: Utterances) -> str:
        if line.data.get("kind") == "login":
            return spoken.say("utter_web_messenger_login", url=self._public_url)
        if line.sender is Sender.STAFF and line.name:
            return f"{line.name}: {line.text}"
        return line.text

    def _note(self, kind: str, spoken: Utterances) -> str:
        if kind == "step_up":
            return spoken.say("utter_web_messenger_step_up")
        if kind in ("liveness", "credentials"):
            return spoken.say("utter_web_messenger_page", url=self._public_url)
        return spoken.say("utter_web_messenger_unlink_how") if kind == "logout" else ""

    async def _picture(self, line: MessageView, customer_id: str | None) -> Picture | None:
        path = str(line.data.get("image") or "")
        if customer_id is None or not path.startswith(PATH_PREFIX):
            return None
        picture_id = path.removeprefix(PATH_PREFIX).partition("?")[0]
        owner = a_customer(customer_id)
        try:
            png = await asyncio.to_thread(self._bank.pictures.get, owner, picture_id)
        except NotFound:  # only the newest pictures are kept
            return None
        link = self._public_url + self._signer.sign(path, customer_id)
        data = line.data.get("data")
        words = str(data.get("alt") or "") if isinstance(data, Mapping) else ""
        return Picture(png, link, words)


def choices_of(line: MessageView) -> tuple[Choice, ...]:
    """Return the buttons of a line."""
    return tuple(
        Choice(str(button["title"])[:TITLE_MOST_CHARS], str(button["token"]))
        for button in line.data.get("buttons") or ()
        if button.get("token")
    )


def table_lines(data: Any) -> list[str]:
    """Return the rows of a reply's data, a line each.

    >>> table_lines({"rows": [{"posting_id": "po_1", "date": "2026-03-01", "amount": "-4.00 EUR"}]})
    ['• 2026-03-01 · -4.00 EUR']
    >>> table_lines({"alt": "no rows"})
    []
    """
    rows = data if isinstance(data, list) else data.get("rows") if isinstance(data, dict) else None
    if not isinstance(rows, list):
        return []
    shown = [_row(row) for row in rows[:ROWS_MOST] if isinstance(row, Mapping)]
    return [*(f"• {row}" for row in shown if row), *(["…"] if len(rows) > ROWS_MOST else [])]


def _row(row: Mapping[str, Any]) -> str:
    cells = [
        str(value)
        for name, value in row.items()
        if not _HIDDEN.search(name)
        and isinstance(value, str | int)
        and value not in ("", "active")
    ]
    return " · ".join(cells)
