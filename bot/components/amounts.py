"""Amounts of money in a sentence: "fifty quid", "1.250,00 €", "two grand", "£5k", "five pounds 50".

    find_amounts("send £5k to Ana") → [Found("amount", {"amount": "5000", "currency": "GBP", ...})]

A number without a currency is still an amount (`"bare": true`) unless it is something else: a date,
a count ("last 5 transactions"), a card's digits. What is negated ("40, not 14") is left out.
The currency is whatever stands there, also one the bank does not know: refusing is the bank's.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any, Optional

from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.components.found import Found
from bot.components.lexer import blank_english
from bot.components.numerals import NUMBER_WORDS, SCALES, parse_number, parse_words
from bot.components.vocabulary import load_vocabulary

#: Slang that is a whole amount: value in major units and currency.
NICKNAMES = {"tenner": ("10", "GBP"), "fiver": ("5", "GBP"), "monkey": ("500", "GBP")}
CENTS = frozenset({"cent", "cents", "ct", "pence", "penny", "p", "øre"})
PENCE = frozenset({"pence", "penny", "p"})
#: What may follow a number that is not money.
COUNTED = frozenset(
    "transaction transactions payment payments posting postings purchase purchases day days week "
    "weeks month months year years yr yrs hour hours minute minutes times time card cards "
    "account accounts thing things st nd rd th am pm % percent percentage people payee payees "
    "standing order orders dispute disputes instalments installments o'clock".split()
)
_BEFORE_COUNT = frozenset({"last", "past", "latest", "recent", "previous", "top", "next", "first"})
_NEGATES = frozenset({"not"})
_THREE_DIGITS = frozenset({"KWD", "BHD", "OMR", "JOD", "TND"})


@lru_cache(maxsize=1)
def currencies() -> dict[str, str]:
    """Return lower-cased symbol, word or ISO code → ISO code."""
    return {word: code for code, words in load_vocabulary("currencies").items()
            for word in [code.lower(), *words]}  # fmt: skip


@lru_cache(maxsize=1)
def _matcher() -> Matcher:
    currency = {"LOWER": {"IN": sorted(currencies())}}
    number = {"TEXT": {"REGEX": r"^\d[\d.,'’\s]*$"}}
    word = {"LOWER": {"IN": sorted(NUMBER_WORDS)}}
    scale = {"LOWER": {"IN": sorted(SCALES)}}
    glue = {"LOWER": {"IN": ["and", "-"]}, "OP": "?"}
    words = [
        {"LOWER": {"IN": sorted(NUMBER_WORDS | {"a"})}},
        {"LOWER": {"IN": sorted(NUMBER_WORDS | set(SCALES) | {"and", "-"})}, "OP": "*"},
    ]
    optional = {"OP": "?"}
    matcher = Matcher(blank_english().vocab)
    matcher.add("DIGITS", [[{**currency, **optional}, number, {**scale, "OP": "*"},
                            {**currency, **optional}]])  # fmt: skip
    matcher.add("BIG_WORDS", [[*words, {**currency, **optional}]])
    matcher.add("SPLIT", [
        [*start, currency, glue, *end, {"LOWER": {"IN": sorted(CENTS)}, "OP": "?"}]
        for start in ([number], [word], [word, word])
        for end in ([number], [word], [word, word])
    ])  # fmt: skip
    cents = {"LOWER": {"IN": sorted(CENTS)}}
    matcher.add("CENTS", [[number, cents], [word, cents], [word, word, cents]])
    matcher.add("NICKNAME", [[{"LOWER": {"IN": sorted(NICKNAMES)}}]])
    matcher.add("CODE", [[number, {"TEXT": {"REGEX": r"^[A-Z]{3}$"}}]])
    return matcher


def find_amounts(doc: Doc, *, taken: list[Span]) -> list[Found]:
    """Return the amounts of `doc`, outside the spans that are already something else."""
    spans = [_trimmed(Span(doc, start, end, label=label)) for label, start, end in _matcher()(doc)]
    free = [s for s in filter_spans(spans) if not any(_overlap(s, t) for t in taken)]
    found = []
    for span in free:
        value = _value_of(span)
        if value is None or _is_negated(span) or (value["bare"] and _is_count(span)):
            continue
        if _is_negative(span):
            value["amount"] = f"-{value['amount']}"
        found.append(Found.of("amount", span, value))
    return found


def _trimmed(span: Span) -> Span:
    """Return the span without a trailing "and" or "-" ("fifty and tell me")."""
    end = span.end
    while end > span.start + 1 and span.doc[end - 1].lower_ in ("and", "-"):
        end -= 1
    return Span(span.doc, span.start, end, label=span.label_)


def _value_of(span: Span) -> Optional[dict[str, Any]]:
    words = [t.lower_ for t in span if not t.is_space]
    if span.label_ == "NICKNAME":
        amount, code = NICKNAMES[words[0]]
        return {"amount": amount, "currency": code, "bare": False}
    code = next((currencies()[w] for w in words if w in currencies()), None)
    if span.label_ == "CODE" and code is None:
        code = span[-1].text
    number = _number_of(span, words, code)
    if number is None:
        return None
    if span.label_ == "CENTS" and words[-1] in PENCE:
        code = "GBP"
    return {
        "amount": str(number),
        "currency": code,
        "bare": code is None and span.label_ != "CENTS",
    }


def _number_of(span: Span, words: list[str], code: Optional[str]) -> Optional[Decimal]:
    digits = 3 if code in _THREE_DIGITS else 2
    figures = [parse_number(w, digits=digits) for w in words if w[0].isdecimal()]
    if span.label_ == "CENTS":
        cents = figures[0] if figures else parse_words(words[:-1])
        return None if cents is None else cents / 100
    if span.label_ == "SPLIT":
        cut = next(i for i, w in enumerate(words) if w in currencies())
        whole = _either(words[:cut])
        cents = _either([w for w in words[cut + 1 :] if w not in CENTS])
        return None if whole is None or cents is None or cents >= 100 else whole + cents / 100
    if not figures:
        if not any(w in NUMBER_WORDS or w in SCALES for w in words):
            return None
        return parse_words([w for w in words if w not in currencies()])
    number = figures[0]
    for scale in (SCALES[w] for w in words if w in SCALES):
        number = (number * scale).to_integral_value() if number * scale % 1 == 0 else number * scale
    return number


def _either(words: list[str]) -> Optional[Decimal]:
    """Return the number of a few words, in digits or letters."""
    figures = [w for w in words if w[0].isdecimal()]
    return parse_number(figures[0]) if figures else parse_words(words)


def _is_count(span: Span) -> bool:
    doc = span.doc
    after = doc[span.end].lower_ if span.end < len(doc) else ""
    before = doc[span.start - 1].lower_ if span.start else ""
    if span.end_char < len(doc.text) and after in ("/", "#") and doc[span.end].idx == span.end_char:
        return True
    # "one" alone is a pronoun ("the second one"), not a price.
    pronoun = [t.lower_ for t in span] in (["one"], ["a"])
    return after in COUNTED or before in _BEFORE_COUNT or before == "#" or pronoun


def _is_negated(span: Span) -> bool:
    before = [t.lower_ for t in span.doc[max(0, span.start - 3) : span.start]]
    return bool(before) and (
        before[-1] in _NEGATES
        or before[-2:] in (["instead", "of"], ["rather", "than"], ["changed", "from"])
    )


def _is_negative(span: Span) -> bool:
    first = span.start
    if first == 0:
        return False
    sign = span.doc[first - 1]
    if sign.lower_ == "minus":
        return True
    touches = sign.idx + len(sign) == span.start_char
    before = span.doc.text[sign.idx - 1] if sign.idx else " "
    return sign.text in ("-", "−") and touches and not before.isalnum()


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end
