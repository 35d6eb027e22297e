r"""A headline: one line of plain text, when it was said, and by whom.

    "<b>Costs&nbsp;fell</b>\u200b at Q!" ─plain─▶ "Costs fell at Q!" ─canonical─▶ "costs fell at q"

A headline is written by strangers. It is shown and counted as text, never followed: markup and
what cannot be seen are taken out, its length is bounded, and nothing it asks for is done. The same
text told by three papers is one headline.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

CHARS_MOST = 300
#: More than this is not even looked at.
_RAW_MOST = 4_000
_TAG = re.compile(r"<!--.*?-->|</?[a-zA-Z!?][^<>]*>", re.DOTALL)
_NOT_SAID = re.compile(r"[^\w%]+")


@dataclass(frozen=True, slots=True)
class Headline:
    """text: plain, at most CHARS_MOST. source: who said it. url: http(s), or empty."""

    text: str
    published_at_utc: datetime
    source: str
    url: str = ""


def plain(text: str) -> str:
    r"""Return one line without markup, controls and invisible marks.

    >>> plain("<b>Costs&nbsp;fell</b>\u200b at Q\n")
    'Costs fell at Q'
    """
    told = html.unescape(html.unescape(text[:_RAW_MOST]))
    told = _TAG.sub(" ", told)
    told = unicodedata.normalize("NFKC", told)
    told = "".join(
        " " if one.isspace() or unicodedata.category(one) == "Cc" else one
        for one in told
        if unicodedata.category(one) not in {"Cf", "Co", "Cs", "Cn"}
    )
    told = " ".join(told.split())
    if len(told) <= CHARS_MOST:
        return told
    return told[: CHARS_MOST - 1].rstrip() + "…"


def canonical(text: str) -> str:
    """Return what makes two headlines the same: letters, figures and signs of per cent.

    >>> canonical("Q: costs fell 4 %!") == canonical("q costs fell 4 %")
    True
    """
    return _NOT_SAID.sub(" ", text.casefold()).strip()


def merged(headlines: Iterable[Headline]) -> list[Headline]:
    """Return each text once, as it was said first, oldest first."""
    found: dict[str, Headline] = {}
    for one in sorted(headlines, key=lambda one: (one.published_at_utc, one.source, one.text)):
        found.setdefault(canonical(one.text), one)
    return list(found.values())
