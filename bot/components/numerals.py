"""Numbers as people write them: 1,250.00 · 1.250,00 · 1'250 · two hundred and fifty · mil cien.

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
    "cero": 0, "uno": 1, "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5,
    "seis": 6, "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12,
    "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16, "diecisiete": 17,
    "dieciocho": 18, "diecinueve": 19, "veintiun": 21, "veintiuno": 21, "veintiuna": 21,
    "veintidos": 22, "veintitres": 23, "veinticuatro": 24, "veinticinco": 25,
    "veintiseis": 26, "veintisiete": 27, "veintiocho": 28, "veintinueve": 29,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
    "veinte": 20, "vint": 20, "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60,
    "setenta": 70, "ochenta": 80, "noventa": 90,
}  # fmt: skip
#: Spanish has words for them, and a smaller number may follow each.
HUNDREDS = {
    f"{stem}{end}": value
    for stem, value in (
        ("doscient", 200), ("trescient", 300), ("cuatrocient", 400), ("quinient", 500),
        ("seiscient", 600), ("setecient", 700), ("ochocient", 800), ("novecient", 900),
    )
    for end in ("os", "as")
} | {"cien": 100, "ciento": 100}  # fmt: skip
SCALES = {
    "hundred": 100, "k": 1_000, "grand": 1_000, "thousand": 1_000, "mil": 1_000,
    "lakh": 100_000, "lakhs": 100_000, "lac": 100_000, "m": 1_000_000, "mio": 1_000_000,
    "million": 1_000_000, "millions": 1_000_000, "millon": 1_000_000, "millones": 1_000_000,
    "crore": 10_000_000, "crores": 10_000_000, "billion": 1_000_000_000,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "last": -1,
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
    "sixteenth": 16, "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20,
    "thirtieth": 30,
    "primero": 1, "primera": 1, "segundo": 2, "segunda": 2, "tercero": 3, "tercera": 3,
    "cuarto": 4, "cuarta": 4, "quinto": 5, "quinta": 5, "ultimo": -1, "ultima": -1,
}  # fmt: skip
#: Words that are numbers in a Spanish sentence only: "once", "un", "una".
SPANISH_ONLY = frozenset({"once", "un", "una", "uno"})
#: Words that are numbers in Spanish alone; they tell which language a sentence is in.
SPANISH_NUMBERS = frozenset(HUNDREDS) | frozenset(list(UNITS)[20:]) - SPANISH_ONLY - {"uno"}
NUMBER_WORDS = frozenset(UNITS) | frozenset(TENS) | frozenset(HUNDREDS)
#: What may stand between number words.
GLUE = frozenset({"and", "-", "y"})

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
    """Return the value of folded number words, or None where they are not one number.

    "twenty five fifty" reads as a price, 25.50.

    >>> str(parse_words("one thousand two hundred and five".split()))
    '1205'
    >>> str(parse_words(["a", "hundred"]))
    '100'
    >>> str(parse_words("twenty five fifty".split()))
    '25.50'
    >>> str(parse_words("mil doscientos treinta y cinco".split()))
    '1235'
    """
    words = [word for word in words if word not in GLUE]
    if words and words[0] in ("a", "an"):
        words = ["one", *words[1:]]
    if not words or not any(w in NUMBER_WORDS or w in SCALES for w in words):
        return None
    end = _length_of_number(words)
    whole = _value(words[:end])
    if end == len(words) or whole is None:
        return whole
    tail = words[end:]
    cents = _value(tail) if _length_of_number(tail) == len(tail) else None
    fits = cents is not None and 0 < cents < 100 and whole < 1000
    return Decimal(f"{whole}.{int(cents):02d}") if fits and cents else None


def _length_of_number(words: list[str]) -> int:
    """Return how many of the words make one number; "twenty thirty" is cut after the first."""
    room = 10**12  # what follows must be smaller than this
    for index, word in enumerate(words):
        value = UNITS.get(word, TENS.get(word, HUNDREDS.get(word)))
        if value is None:  # a scale: smaller numbers may follow
            room = SCALES.get(word, 0)
        elif value >= room or (value == 0 and index):
            return index
        else:
            room = 100 if value >= 100 else 10 if word in TENS else 0
    return len(words)


def _value(words: list[str]) -> Optional[Decimal]:
    total, group = 0, 0
    for word in words:
        value = UNITS.get(word, TENS.get(word, HUNDREDS.get(word)))
        if value is not None:
            group += value
        elif word == "hundred":
            group = max(group, 1) * 100
        elif word in SCALES:
            total += max(group, 1) * SCALES[word]
            group = 0
        else:
            return None
    return Decimal(total + group)
