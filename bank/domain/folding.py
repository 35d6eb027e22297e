"""Folding: text as word lists are looked up in it, without accents, case and curly quotes. Pure."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Return a text folded.

    >>> folded("¿No ME llegó? That’s it")
    "¿no me llego? that's it"
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return "".join(one for one in plain if not unicodedata.combining(one)).casefold()
