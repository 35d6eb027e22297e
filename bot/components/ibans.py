"""IBANs in a sentence, however they are spaced; whether one is valid, the bank says.

    "to DE89 3704 0044 0532 0130 00 for rent"  →  DE89370400440532013000

The country's length (ISO 13616 registry) tells where the number ends and the sentence goes on.
"""

from __future__ import annotations

import re

from spacy.tokens import Doc, Span

from bank.domain.ibans import LENGTHS
from bot.components.found import Found

_START = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2})\s?(\d{2})")
_GLUE = " -\u00a0\u202f"


def find_ibans(doc: Doc) -> list[tuple[Found, Span]]:
    """Return each IBAN-like string in compact capitals, with its tokens."""
    found = []
    covered = 0
    for match in _START.finditer(doc.text):
        if match.start() < covered:
            continue
        compact, end = _consume(doc.text, match)
        if len(compact) < 12 or sum(c.isdigit() for c in compact) < 8:
            continue
        span = doc.char_span(match.start(), end, alignment_mode="expand")
        found.append(
            (Found("iban", match.start(), end, doc.text[match.start() : end], compact), span)
        )
        covered = end
    return found


def _consume(text: str, start: re.Match[str]) -> tuple[str, int]:
    """Return the compact number and where it ends; stops at the country's length, or at the
    first word without a digit when the number is too short or the country unknown.
    """
    length = LENGTHS.get(start.group(1).upper(), 34)
    compact, end = "", start.start()
    position = start.start()
    while position < len(text) and len(compact) < length:
        character = text[position]
        if character.isascii() and character.isalnum():
            compact += character.upper()
            end = position + 1
        elif character not in _GLUE or (
            position > start.end()
            and not re.match(r"[A-Za-z]*\d", text[position + 1 : position + 6])
        ):
            break
        position += 1
    # A number longer than its country allows is kept whole, so that it is refused, not cut.
    while end < len(text) and text[end].isascii() and text[end].isdigit():
        compact += text[end]
        end += 1
    return compact, end
