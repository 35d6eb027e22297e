"""Numbers as people write them: 1,250.00 · 1.250,00 · 1'250 · two hundred and fifty · ٤٠.

    parse_number("1.250,00") → 1250.00        parse_words(["two", "hundred"]) → 200

The one true ambiguity is a single separator before exactly three digits: "1.250" and "1,250" are
taken as thousands (a customer who types cents types two digits), except after a leading zero
("0.500") and where the currency itself has three digits ("1.250 KWD").
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Optional

UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13,
    "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
SCALES = {
    "hundred": 100, "k": 1_000, "grand": 1_000, "thousand": 1_000, "lakh": 100_000,
    "lac": 100_000, "m": 1_000_000, "mil": 1_000_000, "mio": 1_000_000, "million": 1_000_000,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "last": -1,
}  # fmt: skip
NUMBER_WORDS = frozenset(UNITS) | frozenset(TENS)

_SEPARATED = re.compile(r"[.,'’\s]")


def western(text: str) -> str:
    """Return `text` with every decimal digit of any script as 0-9 (٤٠ → 40)."""
    return "".join(str(int(c)) if c.isdecimal() else c for c in text)


def parse_number(text: str, *, digits: int = 2) -> Decimal:
    """Return the value of a number in digits, in either continental or English writing.

    `digits` is how many minor digits the currency has (2 when it is not known).
    Raises ValueError when `text` is not one number.

    >>> [str(parse_number(t)) for t in ("1.250,00", "1,250.00", "12,5", "1.250", "0.500", "1'250")]
    ['1250.00', '1250.00', '12.5', '1250', '0.500', '1250']
    >>> str(parse_number("1.250", digits=3))
    '1.250'
    """
    text = western(text).strip()
    if not re.fullmatch(r"\d+(?:[.,'’\s]\d+)*", text):
        raise ValueError(f"not a number: {text[:20]!r}")
    separators = _SEPARATED.findall(text)
    if not separators:
        return Decimal(text)
    last = separators[-1]
    whole, tail = text.rsplit(last, 1)
    grouped = (
        len(set(separators)) == 1
        and last in ".,"
        and len(tail) == 3
        and not text.startswith("0")
        and (digits != 3 or len(separators) > 1)
    )
    if last not in ".," or grouped or (separators.count(last) > 1):
        return Decimal(_SEPARATED.sub("", text))
    return Decimal(f"{_SEPARATED.sub('', whole)}.{tail}")


def parse_words(words: list[str]) -> Optional[Decimal]:
    """Return the value of number words ("two hundred and fifty"), or None.

    "twenty five fifty" reads as a price, 25.50.

    >>> str(parse_words("one thousand two hundred and five".split()))
    '1205'
    >>> str(parse_words(["a", "hundred"]))
    '100'
    >>> str(parse_words("twenty five fifty".split()))
    '25.50'
    """
    words = [word for word in words if word not in ("and", "-")]
    if words and words[0] in ("a", "an"):
        words = ["one", *words[1:]]
    if not words or not any(w in NUMBER_WORDS for w in words):
        return None
    total, group, previous = 0, 0, ""
    for position, word in enumerate(words):
        if word in UNITS or word in TENS:
            value = UNITS.get(word, TENS.get(word, 0))
            if _starts_a_new_number(previous, word):
                tail = parse_words(words[position:])
                fits = tail is not None and 0 < tail < 100 and total == 0
                return Decimal(f"{group}.{int(tail):02d}") if fits and tail else None
            group += value
        elif word == "hundred":
            group = max(group, 1) * 100
        elif word in SCALES:
            total += max(group, 1) * SCALES[word]
            group = 0
        else:
            return None
        previous = word
    return Decimal(total + group)


def _starts_a_new_number(previous: str, word: str) -> bool:
    """Say whether `word` cannot continue the number before it (five fifty; twenty thirty)."""
    if previous in UNITS:
        return True
    if previous in TENS:
        return not (word in UNITS and 1 <= UNITS[word] <= 9)
    return False
