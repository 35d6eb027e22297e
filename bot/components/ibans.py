"""IBANs in a sentence, however they are grouped; whether one is valid, the bank says.

    "to DE89 3704 0044 0532 0130 00 for rent"  →  DE89370400440532013000
    "DE89.3704/0044-0532 …", "I B A N  D E 8 9 …", full-width and hidden characters between

The country's length (ISO 13616 registry) tells where the number ends and the sentence goes on. A
number that is too long or too short is kept whole, so that it is refused, not cut or guessed; what
is shorter than any IBAN is none.
"""

from __future__ import annotations

import re
import unicodedata

from spacy.tokens import Doc

from bank.domain.errors import InvalidIban
from bank.domain.ibans import LENGTHS, validate_iban
from bot.components.found import Found
from bot.components.lexer import text_of

#: Spaces, marks and invisible characters that people and copies put between the groups.
_GLUE = frozenset(" \t\n-./_:\u00a0\u202f\u2009\u200b\u200c\u200d\u200e\u200f\u2060\ufeff")
_START = re.compile(
    r"(?<![A-Z0-9])(?:IBAN[ :]{0,2})?([A-Z])[ ]{0,2}([A-Z])[ :]{0,2}(\d)[ ]{0,2}(\d)"
)
_SHORTEST = min(LENGTHS.values())
#: The next group: digits, letters before digits, letters one by one, or a bank's four letters.
_GROUP = re.compile(r"[A-Z]{0,4}\d|O{1,4}(?![A-Z])|[A-Z] [A-Z0-9] |[A-Z]{4}(?![A-Z])")


def find_ibans(doc: Doc) -> list[Found]:
    """Return each IBAN-like string in compact capitals."""
    message = text_of(doc)
    text = _plain(message)
    found = []
    covered = 0
    for match in _START.finditer(text):
        if match.start() < covered:
            continue
        start = match.start(1)
        compact, end = _consume(text, start)
        if not _is_iban_like(compact, written=message[start:end]):
            continue
        compact = _with_zeros(compact)
        found.append(Found("iban", start, end, message[start:end], compact))
        covered = end
    return found


def _plain(text: str) -> str:
    """Return the text in capitals, full-width characters narrow, every character in its place."""
    if text.isascii():
        return text.upper()
    narrow = (unicodedata.normalize("NFKC", c).upper() for c in text)
    return "".join(new if len(new) == 1 else old for new, old in zip(narrow, text))


def _is_iban_like(compact: str, *, written: str) -> bool:
    digits = sum(c.isdigit() for c in compact)
    if len(compact) < _SHORTEST or digits < 8:
        return False
    # "me 20 you 30", "is 8937 0400": small letters apart from the digits are words.
    if written[:1].islower() and written[2:3].isspace():
        return _is_valid(compact)
    return compact[:2] in LENGTHS or written[:1].isupper()


def _is_valid(compact: str) -> bool:
    try:
        return bool(validate_iban(compact))
    except InvalidIban:
        return False


def _with_zeros(compact: str) -> str:
    """Return the number with 0 for the letter O, where that and only that makes it right."""
    read = compact[:2] + compact[2:].replace("O", "0")
    return read if read != compact and not _is_valid(compact) and _is_valid(read) else compact


def _consume(text: str, start: int) -> tuple[str, int]:
    """Return the compact number and where it ends; stops at the country's length, or where a
    word begins when the number is too short or the country unknown.
    """
    compact, end, position = "", start, start
    length = 34
    while position < len(text) and len(compact) < length:
        character = text[position]
        if character.isascii() and character.isalnum():
            compact += character
            end = position + 1
            if len(compact) == 2:
                length = LENGTHS.get(compact, 34)
        elif character not in _GLUE or (len(compact) >= 4 and not _goes_on(text, position + 1)):
            break
        position += 1
    # A number longer than its country allows is kept whole, so that it is refused, not cut.
    while end < len(text) and text[end].isascii() and text[end].isdigit():
        compact += text[end]
        end += 1
    return compact, end


def _goes_on(text: str, position: int) -> bool:
    """Say whether another group of the number follows (see _GROUP)."""
    while position < len(text) and text[position] in _GLUE:
        position += 1
    following = text[position : position + 6]
    return bool(_GROUP.match(following))
