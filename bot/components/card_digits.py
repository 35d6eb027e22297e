"""The last four digits by which a customer names a card or an account.

    "the card ending in 4242"    "•••• 4242"    "visa 4242"    "the 4242 one"    "acabada en 1234"

Four digits alone are none of these: they may be a sum, a year or a code. A word of money after
them, or another owner before them ("order number 1234"), makes them something else.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from re import Match, Pattern

from spacy.tokens import Doc, Span

from bot.components.currencies import currency_spans
from bot.components.found import Found
from bot.components.lexer import text_of
from bot.components.lines import Line, pattern

#: 4242, and as some write it "42 42", "4 2 4 2".
_FOUR = r"(?P<four>\d{4}|\d{2} \d{2}|\d \d \d \d)"
_HIDDEN = r"(?:(?:•|\*|\.|x+|…|-|#|:|,|\() )*"
_KIND = r"(?:card|cards|visa|mastercard|amex|maestro|tarjetas|debito|credito)"
_DIGITS = r"(?: (?:digits|numbers?|numeros))?(?: (?:is|are|son|de|:))*"
_ENDING = r"(?:ending|ends|end|finishing|finishes|finish)"
_DONE = r"(?:freeze|block|cancel|activate|unfreeze|unblock|lock|unlock|bloquea|congela|desbloquea)"
_PATTERNS = (
    # The end of the number is spoken of.
    rf"{_ENDING}(?: (?:in|with|on|en|con|by|w /))?(?: the digits)? {_HIDDEN}{_FOUR}",
    rf"(?:last|final)(?: (?:four|4|cuatro))?(?: last)?{_DIGITS} {_HIDDEN}{_FOUR}",
    rf"(?:the|los|las) (?:four|4|cuatro) last{_DIGITS} {_HIDDEN}{_FOUR}",
    # A card is named by it; a bare year is when it was got.
    rf"{_KIND}(?: (?:no|nr|number|nº|num|de debito|de credito|w /|with))?(?: \.)? {_HIDDEN}{_FOUR}",
    rf"{_KIND} {_FOUR} (?:and|y) (?P<other>\d{{4}})",
    rf"(?:the|la|my|mi) {_FOUR}(?= (?:one|card|visa|mastercard|debit|credit|$))",
    r"(?:la) (?:de|del) (?P<four>\d{4})",
    rf"(?!(?:19|20)\d\d ){_FOUR} (?:card|visa|mastercard|amex)",
    rf"(?:pin|limit) (?:for|on|of) {_FOUR}",
    rf"(?:card|one) with(?: the)?(?: number)? {_FOUR}",
    # Something is done to it that is done to cards only.
    rf"{_DONE}(?: (?:the|la|my|mi))? {_FOUR}",
    # The hidden part is written out.
    rf"(?:(?:•|\*|…|\.) )+{_FOUR}",
    rf"(?:x|xx|xxx|xxxx)(?: -)? {_FOUR}",
    rf"not {_FOUR} but (?P<other>\d{{4}})",
)
#: What may not follow: then it is a sum or a date.
_MONEY_AFTER = frozenset({"k", "euro", "euros", "a", "thousand", "mil", "/", "%"})
#: Verbs before: "pay my card 5000".
_MONEY_BEFORE = frozenset({"pay", "put", "charge", "charged", "paga"})


@lru_cache(maxsize=1)
def _patterns() -> tuple[Pattern[str], ...]:
    return tuple(pattern(words) for words in _PATTERNS)


def find_card_digits(doc: Doc) -> list[Found]:
    """Return the last four digits by which a customer names a card or an account."""
    if sum(c.isdecimal() for c in text_of(doc)) < 4:
        return []
    line = Line(doc)
    sums = {span.start for span in currency_spans(doc)}
    found: dict[int, Found] = {}
    for wanted in _patterns():
        for span, match in line.find(wanted):
            after = doc[span.end].norm_ if span.end < len(doc) else ""
            if span.end in sums or after in _MONEY_AFTER or _is_paid(doc, span.start):
                continue
            for digits, place in _fours(span, match):
                found.setdefault(place.start, Found.of("card_digits", place, digits))
    return [found[start] for start in sorted(found)]


def _fours(span: Span, match: Match[str]) -> Iterator[tuple[str, Span]]:
    """Yield the digits a pattern names and where they stand; the last group stands last."""
    four, other = match["four"].replace(" ", ""), match.groupdict().get("other")
    end = span.end
    while not span.doc[end - 1].text[0].isdecimal():
        end -= 1
    if other is not None:
        yield other, span.doc[end - 1 : end]
        end -= 2  # "4242 and 1881", "not 4242 but 1881"
        if "but" in match.group():
            return
    start, length = end, 0
    while length < len(four) and start > span.start:
        start -= 1
        length += sum(c.isdecimal() for c in span.doc[start].text)
    yield four, span.doc[start:end]


def _is_paid(doc: Doc, index: int) -> bool:
    return any(token.norm_ in _MONEY_BEFORE for token in doc[max(0, index - 3) : index + 1])
