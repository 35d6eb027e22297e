"""Merchants: the shops and services a customer paid.

    "what did I pay at Fernweh Rail"      Fernweh Rail       "cuánto gasté en Mercadona"
    "my spotify subscription"             spotify            "un cargo de Netflix"
    "did streamly take anything"          streamly           "me cobró Amazon dos veces"

A name after "at", "with", "from", "by"; after "to", "on", "for", "in" where it has a capital or
spending is spoken of; before "payments", "subscription", "charge". Which of the customer's own
merchants is meant, the bank finds by likeness.
"""

from __future__ import annotations

from dataclasses import dataclass

from spacy.tokens import Doc, Span

from bot.components.found import Found
from bot.components.lexer import is_spanish, words_of
from bot.components.name_words import INFINITIVE, NO_SHOP, NOBODY, RELATIONS, STOP
from bot.components.names import (
    distinct,
    is_capital,
    is_contracted,
    is_own_account,
    is_owner,
    name_from,
)
from bot.components.numerals import NUMBER_WORDS

_AT = frozenset({"at", "with", "from", "by"})
_BEFORE_CAPITAL = frozenset({"to", "on", "for", "my", "the", "mi"})
_SPENDING = frozenset(
    "spend spent spending much bought buy shopped paid gaste gastado gasto gastos compre compras "
    "pague pago pagos pagado comprado compra cobraron cobrado cobro cargo cargos".split()
)
_ITS_THINGS = frozenset(
    "payments payment transactions transaction subscription subscriptions charge charges purchases "
    "purchase rides ride spending bill bills orders order membership refund".split()
)
#: Of these, what has a capital only: "council tax bill", "unpaid orders" are no shop's.
_CAPITAL_THINGS = frozenset("bill bills orders order refund charge charges spending".split())
#: Verbs a shop does: "did uber charge me", "me cobró Amazon".
_TAKES = frozenset({"take", "charge", "refund", "debit", "cost", "deduct", "bill"})
_TOOK = frozenset({"cobro", "cobra", "cobran", "cobrado", "devolvio", "devuelto"})
#: What of a shop's stands before "de", "a", "con" in Spanish.
_SPANISH_THINGS = frozenset(
    "cargo cargos recibo recibos pago pagos devolucion reembolso compra compras suscripcion "
    "factura facturas cobro cobros transaccion movimientos pague pagado".split()
)
_PAYING = frozenset({"paying", "pay", "cancelled", "canceled", "give", "gave"})
_ASKS = frozenset({"stop", "cancel", "do", "did", "when"})
_OF = frozenset({"de", "del", "a", "con"})
_MARKERS = _AT | _BEFORE_CAPITAL | _PAYING | _OF | _TOOK | {"in", "2", "en"}
_PLACES = frozenset("station shop store place company chain market".split())
_VENUES = frozenset("bar kiosk studio club cafe hotel store gym hall pier".split())


@dataclass(frozen=True)
class _Talk:
    """What the whole message tells: its language, whether it is of spending, or asks about it."""

    spanish: bool
    spends: bool
    asks: bool


def find_merchants(doc: Doc, *, taken: set[int], sums: list[Span], listed: set[int]) -> list[Found]:
    """Return the shops named.

    `taken` are tokens that are something else, `sums` the amounts (one may end a name: "Bar 25"),
    `listed` tokens of categories: "the hotel" is no name, "the petrol station" and "Hotel Aurora"
    are.
    """
    spans: list[Span] = []
    words = words_of(doc)
    spends = bool(words & _SPENDING)
    asks = spends or doc[:1].text.lower() in _ASKS or bool(words & {"still", "cancelled"})
    talk = _Talk(spanish=is_spanish(doc), spends=spends, asks=asks)
    for token in doc:
        span = _after(doc, token.i, taken, talk)
        if span is not None and (span.start not in listed or _is_named(span)):
            spans += _with_number(doc, span, sums), *_others(doc, span, taken)
        before = _before(doc, token.i, taken)
        if before is not None:
            spans.append(before)
    return distinct(_merchant(span) for span in spans if not is_own_account(span))


def _merchant(span: Span) -> Found:
    """Return the shop; "Streamly's bill" is Streamly's, but McDonald's is a name."""
    after = span.doc[span.end].norm_ if span.end < len(span.doc) else ""
    text = span.text[:-2] if span.text.endswith("'s") and after in _ITS_THINGS else span.text
    return Found("merchant", span.start_char, span.start_char + len(text), text, text)


def _after(doc: Doc, index: int, taken: set[int], talk: _Talk) -> Span | None:
    """Return the shop that follows the token, where one may."""
    if index + 1 >= len(doc) or doc[index].norm_ not in _MARKERS:
        return None
    span = name_from(doc, index + 1, taken)
    span = _without_thing(span) if span is not None else None
    if span is None or span.start > index + 4 or span[0].norm_ in RELATIONS or is_owner(span):
        return None
    meant = _is_english(doc, index, span, talk) or _is_spanish(doc, index, span, talk)
    return span if meant else None


def _is_english(doc: Doc, index: int, span: Span, talk: _Talk) -> bool:
    """Say whether an English marker before the name makes it a shop."""
    word, capital = doc[index].norm_, is_capital(span[0])
    before = doc[index - 1].norm_ if index else ""
    asked = word == "pay" and before == "i" and doc[0].norm_ in ("what", "how")
    if asked or word in _PAYING:
        return span.start == index + 1 and (asked or (talk.asks and (capital or talk.spends)))
    small = {  # what lets a name stand there in small letters
        "on": _is_spent_on(doc, index, span), "to": before in _ITS_THINGS - {"order", "orders"},
        "2": before in _ITS_THINGS,
    }  # fmt: skip
    if word == "in":
        return talk.spends and capital
    return word in _AT or small.get(word, False) or (word in _BEFORE_CAPITAL and capital)


def _is_spanish(doc: Doc, index: int, span: Span, talk: _Talk) -> bool:
    """Say whether a Spanish marker before the name makes it a shop."""
    word, capital = doc[index].norm_, is_capital(span[0])
    before = doc[index - 1].norm_ if index else ""
    if word == "en" and not INFINITIVE.match(span[0].text):
        short = len(doc) <= 3 and before in ("", "y") and doc.user_data["language"] != "en"
        return short or (index == 0 and capital) or (talk.spanish and talk.spends)
    if word in _OF:
        return talk.spanish and before in _SPANISH_THINGS and (capital or span.start == index + 1)
    return word in _TOOK and talk.spanish and capital


def _is_named(span: Span) -> bool:
    """Say whether a name that begins with a category is more than it."""
    return is_capital(span[0]) or (len(span) == 2 and span[-1].norm_ in _PLACES)


def _is_spent_on(doc: Doc, index: int, span: Span) -> bool:
    """Say whether a name in small letters after "on" is a shop: "spent on netflix"."""
    if span.start != index + 1 or len(span) > 2:
        return False
    before = {token.norm_ for token in doc[max(0, index - 4) : index]}
    return bool(before & {"spend", "spent", "spending"}) or doc[max(0, index - 1)].norm_ == "much"


def _without_thing(span: Span) -> Span | None:
    """Return "Netflix" of "Netflix subscription"."""
    end = span.end
    while end > span.start and span.doc[end - 1].text in _ITS_THINGS:
        end -= 1
    return span.doc[span.start : end] if end > span.start else None


def _before(doc: Doc, index: int, taken: set[int]) -> Span | None:
    """Return the shop before the token: "netflix payments", "did uber charge me"."""
    word = doc[index].norm_
    if index == 0 or word not in _ITS_THINGS | _TAKES:
        return None
    start = index
    while start > 0 and index - start < 3 and _is_part(doc, start - 1, taken):
        start -= 1
    if start == index:
        return None
    span = doc[start:index]
    if word in _CAPITAL_THINGS - _TAKES and not is_capital(span[0]) and len(span) > 1:
        return None
    if doc[:2].text.lower() == "how long":
        return None
    helps = start > 0 and doc[start - 1].norm_ in ("did", "does", "will", "would")
    return span if helps or word in _ITS_THINGS else None


def _is_part(doc: Doc, index: int, taken: set[int]) -> bool:
    token = doc[index]
    word = token.norm_
    return (
        token.text[0].isalpha()
        and word not in NO_SHOP
        and word not in STOP
        and word not in NOBODY
        and word not in NUMBER_WORDS
        and not is_contracted(token)
        and (is_capital(token) or not word.endswith(("ing", "ed", "'s")))
        and index not in taken
    )


def _with_number(doc: Doc, span: Span, sums: list[Span]) -> Span:
    """Return "Bar 25" whole, though 25 might be a sum."""
    if span[-1].norm_ in _VENUES and is_capital(span[-1]):
        numbers = [one for one in sums if one.start == span.end and len(one) == 1]
        return doc[span.start : numbers[0].end] if numbers else span
    return span


def _others(doc: Doc, first: Span, taken: set[int]) -> list[Span]:
    """Return the second shop of "Lidl and Aldi", "at shell and by aral"."""
    index = first.end
    if index + 1 >= len(doc) or doc[index].norm_ not in ("and", "or", "y", "o"):
        return []
    if not (is_capital(first[0]) and is_capital(doc[index + 1])):
        return []
    span = name_from(doc, index + 1, taken)
    return [span] if span is not None and span.start == index + 1 else []
