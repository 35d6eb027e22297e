"""Amounts of money in a sentence: "fifty quid", "1.250,00 €", "two grand", "cinco euros con diez".

    find_amounts("send £5k to Ana") → [Found("amount", {"amount": "5000", "currency": "GBP", ...})]

Each token gets a letter for what it may be in an amount, and an amount is a pattern of letters:

    £  5  k  to  Ana        five pounds  fifty       half  a  million  yen
    C  N  S  .   .          W    C       W           h     a  S        C

A number without a currency is still an amount (`"bare": true`) unless it is something else: a
date, a count, a code, a telephone (`counts.py`). What is negated ("40, not 14") is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Optional

from spacy.tokens import Doc, Span, Token
from spacy.util import filter_spans

from bot.components.counts import COUNTED, is_count
from bot.components.currencies import currency_spans
from bot.components.found import Found
from bot.components.lexer import is_shouted, is_spanish, text_of
from bot.components.numerals import (
    GLUE,
    NUMBER_WORDS,
    SCALES,
    SPANISH_ONLY,
    parse_number,
    parse_words,
)

#: Slang that is a whole amount: value in major units and currency.
NICKNAMES = {"tenner": ("10", "GBP"), "fiver": ("5", "GBP"), "monkey": ("500", "GBP")}
CENTS = frozenset({"cent", "cents", "ct", "pence", "penny", "p", "øre", "centimo", "centimos"})
PENCE = frozenset({"pence", "penny", "p"})
_PARTS = {"half": 2, "medio": 2, "media": 2, "quarter": 4}
_LETTERS = {"and": "&", "y": "&", "-": "-", "–": "-", ",": ",", "con": "n", "of": "o", "de": "o",
            "a": "a", "an": "a", "couple": "p", "par": "p", ".": ".", "ish": "i", "odd": "i",
            **dict.fromkeys(CENTS, "c"),
            **dict.fromkeys(NICKNAMES, "k"), **dict.fromkeys(_PARTS, "h")}  # fmt: skip
_NUMBER = re.compile(r"\d[\d.,'’\s]*")
_NEGATES = (["not"], ["instead", "of"], ["rather", "than"], ["changed", "from"],
            ["en", "vez", "de"], ["en", "lugar", "de"])  # fmt: skip
_THREE_DIGITS = frozenset({"KWD", "BHD", "OMR", "JOD", "TND"})

#: Letters: C currency, + its further words, c cents, N digits, W number word, S scale, U a code
#: nobody listed, k nickname, h half, i "ish", & "and". The longest wins, of equals the upper.
_CURRENCY = r"C\+*"
_SMALL = r"(?:N|W(?:[&-]?W)?)"  # 50, fifty, fifty five
_SHAPES = (
    ("CODE", re.compile(r"NU")),
    ("SPLIT", re.compile(
        rf"(?:N|a|[WS][WS&-]{{0,5}}){_CURRENCY}[&n]?{_SMALL}c?(?![CSWN])"
        rf"|CNCNc|CN&?Nc|(?:N|W[W&-]{{0,5}})n{_SMALL}(?:{_CURRENCY})?(?![SWN])")),
    ("HALF", re.compile(
        rf"h[ao]{{0,2}}So?(?:{_CURRENCY})?|[NW]&ah(?:So?(?:{_CURRENCY})?|{_CURRENCY})")),
    ("COUPLE", re.compile(rf"a?po?a?So?(?:{_CURRENCY})?")),
    ("DIGITS", re.compile(rf"(?:{_CURRENCY})?N(?:-?i)?S*(?:,-)?o?(?:{_CURRENCY})?")),
    ("POINT", re.compile(rf"{_CURRENCY}\.N|\.N{_CURRENCY}")),
    ("WORDS", re.compile(rf"(?:W|a?S)[WS&-]*i?o?(?:{_CURRENCY})?")),
    ("CENTS", re.compile(r"(?:N|W(?:[&-]?W)?)c")),
    ("NICKNAME", re.compile(r"k")),
)  # fmt: skip


def find_amounts(doc: Doc, *, taken: set[int]) -> list[Found]:
    """Return the amounts of `doc`, outside the tokens that are `taken`."""
    letters = _letters(doc, taken)
    if not re.search("[NWSkhp]", letters):
        return []
    found = []
    for span in filter_spans(list(_spans(doc, letters))):
        value = _value_of(span)
        if value is None or _is_negated(span) or (value["bare"] and is_count(span)):
            continue
        if _is_negative(span):
            value["amount"] = f"-{value['amount']}"
        found.append(Found.of("amount", span, value))
    return found


def _spans(doc: Doc, letters: str) -> Iterator[Span]:
    """Yield every place of every shape, without glue left over at its end ("fifty and")."""
    for label, shape in _SHAPES:
        for match in shape.finditer(letters):
            end = match.start() + len(match.group().rstrip("&-o"))
            span = Span(doc, match.start(), end, label=label)
            if label == "POINT" and not _is_touching(span):
                continue
            if label == "SPLIT" and _split(span) is None:
                continue
            yield span


def _letters(doc: Doc, taken: set[int]) -> str:
    """Return one letter a token (see _SHAPES); "x" is no part of any amount."""
    shouted = is_shouted(doc) and sum(token.is_alpha for token in doc) > 2
    letters = [_letter(doc, token, shouted=shouted) for token in doc]
    for span in currency_spans(doc):
        letters[span.start : span.end] = "C" + "+" * (len(span) - 1)
    for index in taken:
        letters[index] = "x"
    return "".join(letters)


def _letter(doc: Doc, token: Token, *, shouted: bool) -> str:
    word = token.norm_
    if word[0].isdecimal():
        return "N" if _NUMBER.fullmatch(word) else "x"
    if word in NUMBER_WORDS:
        return "W" if word not in SPANISH_ONLY or _counts(doc, token.i) else "x"
    if word in SCALES and (len(word) > 1 or _follows_number(doc, token.i)):
        return "S"
    if len(word) == 3 and token.text.isupper() and token.is_alpha and not shouted:
        return "U"
    return _LETTERS.get(word, "x")


def _counts(doc: Doc, index: int) -> bool:
    """Say whether "once" is eleven, and "un" one of money: "un millón", "treinta y un euros"."""
    if doc[index].norm_ == "once":
        return is_spanish(doc)
    after = doc[index + 1].norm_ if index + 1 < len(doc) else ""
    before = doc[index - 1].norm_ if index else ""
    starts = any(span.start == index + 1 for span in currency_spans(doc))
    return after in SCALES or starts or before == "y"


def _follows_number(doc: Doc, index: int) -> bool:
    before = doc[index - 1].norm_ if index else ""
    return before[:1].isdecimal() or before in NUMBER_WORDS or (before == "a" and index > 1)


def _value_of(span: Span) -> Optional[dict[str, Any]]:
    label = span.label_
    words = [t.norm_ for t in span if not t.is_space]
    if label == "NICKNAME":
        amount, code = NICKNAMES[words[0]]
        return {"amount": amount, "currency": code, "bare": False}
    inside = [c for c in currency_spans(span.doc) if span.start <= c.start < span.end]
    code = inside[0].label_ if inside else None
    if label == "CODE":
        code = span[-1].text
    number = _number_of(span, inside, digits=3 if code in _THREE_DIGITS else 2)
    if number is None or (code is None and _is_nobodys(span, words)):
        return None
    if label == "CENTS" and words[-1] in PENCE:
        code = "GBP"
    return {
        "amount": f"{number:f}", "currency": code, "bare": code is None and label != "CENTS",
    }  # fmt: skip


def _is_nobodys(span: Span, words: list[str]) -> bool:
    """Say whether it is no number without a currency: "a", "hundred", "un"."""
    alone = words[0] in SCALES and words[0] != "mil"
    return span.label_ == "WORDS" and (alone or words in (["un"], ["una"]))


def _number_of(span: Span, inside: list[Span], *, digits: int) -> Optional[Decimal]:
    places = {token.i for one in inside for token in one}
    words = [t.norm_ for t in span if not t.is_space and t.i not in places]
    special = {
        "CENTS": lambda: _cents(words), "SPLIT": lambda: _split(span), "HALF": lambda: _half(words),
        "COUPLE": lambda: Decimal(2 * next(SCALES[w] for w in words if w in SCALES)),
        "POINT": lambda: Decimal(f"0.{words[-1]}") if words[-1].isdecimal() else None,
    }  # fmt: skip
    if span.label_ in special:
        return special[span.label_]()
    words = [w for w in words if w not in (",", "of", "de", "ish", "odd")]
    figures = [w for w in words if w[0].isdecimal()]
    if not figures:
        if not any(w in NUMBER_WORDS or w in SCALES for w in words):
            return None
        return parse_words(words)
    number = parse_number(figures[0], digits=digits)
    for scale in (SCALES[w] for w in words if w in SCALES):
        number = (number * scale).normalize() if number * scale % 1 == 0 else number * scale
    return number


def _cents(words: list[str]) -> Optional[Decimal]:
    """Return "99p" in major units."""
    number = _plain(words[:-1])
    return None if number is None else number / 100


def _half(words: list[str]) -> Optional[Decimal]:
    """Return "half a million", "a quarter of a million", "two and a half grand"."""
    scale = next((SCALES[w] for w in words if w in SCALES), 1)
    if words[0] in _PARTS:
        return Decimal(scale) / _PARTS[words[0]]
    whole = _plain(words[:1])
    return None if whole is None else (whole + Decimal("0.5")) * scale


def _split(span: Span) -> Optional[Decimal]:
    """Return whole and cents said apart, or None where the second number is no cents.

    "five pounds 50", "12 euro and 30 cents", "£12 50p", "cincuenta con veinte"
    """
    signs = [one for one in currency_spans(span.doc) if span.start <= one.start < span.end]
    tokens = [t for t in span if not t.is_space and not any(t in one for one in signs)]
    words = [t.norm_ for t in tokens]
    cents_named = words[-1] in CENTS
    if "con" in words:
        joint = words.index("con")
    elif signs and signs[0].start > span.start:
        joint = sum(t.i < signs[0].start for t in tokens)
    else:  # the sign stands first: £12 50p
        joint = 1
    tail = [w for w in words[joint:] if w not in CENTS and w != "con"]
    joined = tail[:1] in (["and"], ["y"])
    whole, cents = _plain(words[:joint]), _plain([w for w in tail if w not in GLUE])
    if whole is None or cents is None or not 0 < cents < 100 or cents % 1:
        return None
    after = span.doc[span.end].norm_ if span.end < len(span.doc) else ""
    if not cents_named and (after in COUNTED or (tail[-1].isdecimal() and len(tail[-1]) != 2)):
        return None
    if joined and not cents_named and tail[-1].isdecimal():  # "100 euros and 20 to Bruno"
        return None
    return whole + cents / 100


def _plain(words: list[str]) -> Optional[Decimal]:
    """Return the number of a few words, in digits or letters."""
    if len(words) == 1 and words[0][:1].isdecimal():
        return parse_number(words[0])
    return parse_words(words)


def _is_touching(span: Span) -> bool:
    return (span[-2].text == "." and span[-2].idx + 1 == span[-1].idx) or span[0].text == "."


def _is_negated(span: Span) -> bool:
    before = [t.norm_ for t in span.doc[max(0, span.start - 3) : span.start]]
    if any(before[-len(words) :] == words for words in _NEGATES):
        return True
    after = [t.norm_ for t in span.doc[span.end : span.end + 2]]
    if is_spanish(span.doc) and after[:1] == ["no"] and after[1:] in ([], [","]):  # "veinte no, 30"
        return True
    # "no 40 sino 50"; "50, no 40" – but "no, 40" answers.
    return before[-1:] == ["no"] and (is_spanish(span.doc) or "sino" in after)


def _is_negative(span: Span) -> bool:
    first = span.start
    if first == 0:
        return False
    sign = span.doc[first - 1]
    if sign.norm_ in ("minus", "menos"):
        return True
    touches = sign.idx + len(sign) == span.start_char
    before = text_of(span.doc)[sign.idx - 1] if sign.idx else " "
    return sign.text in ("-", "−") and touches and not before.isalnum()
