"""A line as it came in, before anything is done with it: pure.

    raw text ─▶ normalise ─▶ a one-time code? ─▶ mask ─▶ empty? too long? ─▶ TypedLine

The code is looked for before masking and kept apart from the text: what is stored, signed or
sent on is `text`, where six digits alone are already dots.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bank.domain.errors import InvalidText
from bank.domain.redaction import MAX_TEXT_CHARS, mask, normalise

#: Normalising looks at every character; longer texts are refused unread.
RAW_LIMIT_CHARS = 20_000

HIDDEN_CODE = "••••••"
_SIX_DIGITS = re.compile(r"\s*(?:\d[\s-]*){6}")


@dataclass(frozen=True, slots=True)
class TypedLine:
    """`text` is safe to store. `code` is set when the whole line is six digits."""

    text: str
    code: str | None = None


def read_line(raw: str) -> TypedLine:
    """Return the line as it may be stored.

    >>> read_line("//restart"), read_line("12 34 56").code
    (TypedLine(text='restart', code=None), '123456')

    Raises InvalidText with reason `empty` or `too_long`.
    """
    if len(raw) > RAW_LIMIT_CHARS:
        raise InvalidText(reason="too_long", max_chars=MAX_TEXT_CHARS)
    text = normalise(raw)
    if not text:
        raise InvalidText(reason="empty")
    if len(text) > MAX_TEXT_CHARS:
        raise InvalidText(reason="too_long", max_chars=MAX_TEXT_CHARS)
    if _SIX_DIGITS.fullmatch(text):
        digits = "".join(str(int(char)) for char in text if char.isdecimal())
        return TypedLine(text, code=digits)
    return TypedLine(mask(text).text)
