"""The words of the messengers: what came in, what goes out, and how a service can fail.

    SendFailed    the service is out or busy: the same line goes out later
    SendRefused   the service will never take it (account gone, window over): given up, logged
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class SendFailed(Exception):
    """A passing fault. Holds a reason for the log: never an address, a text or a URL."""

    def __init__(self, reason: str, *, retry_after_s: float = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after_s = retry_after_s


class SendRefused(Exception):
    """A final refusal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo the service holds for us: what to ask for it with, and the words beside it."""

    ref: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One thing an account did, after its delivery was verified.

    `external_id` says which account; whose it is, only the link says. `message_id` is made of
    the service's own id, so a second delivery is the same message. At most one of text, button
    and photo is set; none of them: something we cannot read (a sticker, a voice message).
    """

    external_id: str
    address: str
    message_id: str
    text: str | None = None
    button: str | None = None
    photo: Photo | None = None
    press_id: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """A verified webhook call: what came in, or the text the service wants back."""

    incoming: tuple[Incoming, ...] = ()
    answer: str = ""
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook call as it came, unread."""

    headers: Mapping[str, str]
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what is read, and the one-time token that stands for it."""

    title: str
    token: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and a signed link to it that ends, for services that fetch pictures themselves."""

    png: bytes
    link: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One line of the bank's, ready to be shown."""

    text: str
    choices: tuple[Choice, ...] = ()
    picture: Picture | None = None


class Messenger(Protocol):
    """One service. Raises NotAuthenticated, RequestRefused; SendFailed, SendRefused."""

    name: str
    has_buttons: bool  # else choices are numbered, and a number is an answer

    def read(self, call: Call) -> Delivery:
        """Verify a webhook call, then say what is in it."""

    async def send(self, address: str, outgoing: Outgoing) -> None: ...

    async def fetch_photo(self, photo: Photo, *, limit_bytes: int) -> bytes: ...

    async def acknowledge(self, incoming: Incoming) -> None:
        """Show that a press has arrived, where the service wants that."""

    async def close(self) -> None: ...


def split_text(text: str, most_chars: int) -> list[str]:
    r"""Return the text in pieces a service takes, cut between lines where it can be.

    >>> split_text("one two\nthree", 8), split_text("abcdef", 4), split_text("", 9)
    (['one two', 'three'], ['abcd', 'ef'], [])
    """
    pieces: list[str] = []
    rest = text.strip()
    while len(rest) > most_chars:
        cut = rest.rfind("\n", 1, most_chars + 1)
        cut = cut if cut > 0 else most_chars
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip("\n")
    return [*pieces, rest] if rest else pieces
