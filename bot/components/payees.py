"""Payees: whom money is to go to.

    "send 40 to ana silva for lunch"     ana silva         "envía 40 a Ana por la cena"    Ana
    "drop carla a fiver"                 carla             "para Bruno"                    Bruno
    "to Ana, not Anna"                   Ana               "no a Bruno, a Ana"             Ana

A name after "to", "pay", "send", "for" a sum, and in Spanish after "a", "al", "para". "a" and
"para" are read so in a Spanish sentence, and where nothing tells the language after a sum or
before a capital at the beginning. Whether the customer knows such a payee, only the bank can say.
"""

from __future__ import annotations

from spacy.tokens import Doc, Span

from bot.components.found import Found
from bot.components.lexer import is_spanish, words_of
from bot.components.name_words import DOING, INFINITIVE, RELATIONS
from bot.components.names import distinct, is_capital, is_own_account, is_owner, name_from

_AFTER = frozenset({"to", "pay", "send", "owe", "wire", "transfer", "bung", "ping", "give", "lend",
                    "paga", "pagale"})  # fmt: skip
#: Verbs of other things, too: a sum must follow the name ("drop carla a fiver").
_WITH_SUM = frozenset({"shoot", "drop", "slip", "hand", "venmo", "zelle", "sling", "chuck"})
#: A name with a capital must follow.
_BEFORE_CAPITAL = frozenset({"paid", "reimburse", "repay", "pague"})
_SPANISH = frozenset({"a", "al", "para", "pa"})
_TRAVELS = frozenset(
    "going go trip travelling traveling flying fly moving travel flight went off "
    "viaje viajo voy vamos vuelo mudo viajar volar ir salgo vacaciones meses semanas dias".split()
)
#: What tells that money is spoken of, so that a name in small letters is a payee.
_SENDING = frozenset(
    "envia envio envie enviar enviale manda mando mande mandar mandale mandarle paga pago pagar "
    "pagale pagarle pague pasa paso pasar pasale transfiere transfiero transferir transferirle "
    "transferencia dale dar debo devuelve devuelvele bizum giro presta prestar ingresa ingresar "
    "deposita depositar".split()
)
_PERIOD_WORDS = frozenset("day week month year head person piece dia semana mes ano hora".split())


def find_payees(doc: Doc, *, taken: set[int], sums: list[Span], places: set[int]) -> list[Found]:
    """Return the names of people money is to go to.

    `taken` are tokens that are something else, `sums` the amounts of the message, `places` tokens
    of countries: nobody pays those one is "going to".
    """
    found: list[Found] = []
    ends = {span.end for span in sums}
    starts = {span.start for span in sums}
    for token in doc:
        if not _opens(doc, token.i, ends) or _negated(doc, token.i):
            continue
        span = name_from(doc, token.i + 1 + _skipped(doc, token.i + 1), taken)
        if span is None or is_own_account(span) or is_owner(span):
            continue
        travels = token.i > 0 and doc[token.i - 1].norm_ in _TRAVELS
        if travels and (span.start in places or not (is_capital(span[0]) or sums)):
            continue
        if token.norm_ in _WITH_SUM and not {span.end, span.end + 1} & starts:
            continue
        if token.norm_ in ("for", *_BEFORE_CAPITAL) and not is_capital(span[0]):
            continue
        found += [_payee(one) for one in _parted(span)]
        found += _second(doc, span, taken)
    if not found:  # "ana, not anna": a bare correction
        found = _contrasted(doc, taken)
    return distinct(found)


def _opens(doc: Doc, index: int, ends: set[int]) -> bool:
    """Say whether a payee may stand after the token."""
    word = doc[index].norm_
    if word == "to":
        return index + 1 < len(doc) and doc[index + 1].text not in DOING
    if word == "with":
        return any(t.norm_ == "settle" for t in doc[max(0, index - 2) : index])
    if word == "for":
        return index in ends
    if word in _SPANISH:
        return _opens_in_spanish(doc, index, ends)
    return word in _AFTER or word in _WITH_SUM or word in _BEFORE_CAPITAL


def _opens_in_spanish(doc: Doc, index: int, ends: set[int]) -> bool:
    if index + 1 >= len(doc):
        return False
    after = doc[index + 1]
    if INFINITIVE.match(after.text) or after.norm_ in _PERIOD_WORDS:
        return False
    if is_spanish(doc):
        money = bool(ends) or not _SENDING.isdisjoint(words_of(doc))
        near = doc[index + 1 : index + 4]
        answers = index == 0 and len(doc) <= 4  # "to whom?" – "a ana"
        told = any(is_capital(token) or token.norm_ in RELATIONS for token in near)
        return money or answers or told
    if doc.user_data["language"] == "en":
        return False
    before = doc[index - 1].norm_ if index else ","
    return index in ends or (before in (",", "no") and is_capital(after))


def _skipped(doc: Doc, index: int) -> int:
    """Return 1 where "back" stands between verb and name ("pay back Ana")."""
    return int(index < len(doc) and doc[index].norm_ in ("back", "over"))


def _negated(doc: Doc, index: int) -> bool:
    if index == 0:
        return False
    before = doc[index - 1].norm_
    # "no to Bruno" answers no, and then whom.
    return before == "not" or (before == "no" and doc[index].norm_ in _SPANISH)


def _payee(span: Span) -> Found:
    """Return the name; "Ana's account" is Ana's."""
    doc = span.doc
    text = span.text
    after = doc[span.end].norm_ if span.end < len(doc) else ""
    if text[-2:] in ("'s", "’s") and after in ("account", "iban", "card", "number"):
        text = text[:-2]
    return Found("payee_name", span.start_char, span.start_char + len(text), text, text)


def _parted(span: Span) -> list[Span]:
    """Return the two names of "Ana & Bruno"."""
    for token in span:
        if token.text == "&" and span.start < token.i < span.end - 1:
            return [span.doc[span.start : token.i], span.doc[token.i + 1 : span.end]]
    return [span]


def _second(doc: Doc, first: Span, taken: set[int]) -> list[Found]:
    """Return the other name of "Bruno and Ana", when both have a capital."""
    index = first.end
    if index + 1 >= len(doc) or doc[index].norm_ not in ("and", "y"):
        return []
    if not (is_capital(first[0]) and is_capital(doc[index + 1])):
        return []
    span = name_from(doc, index + 1, taken)
    return [_payee(span)] if span is not None and span.start == index + 1 else []


def _contrasted(doc: Doc, taken: set[int]) -> list[Found]:
    """Return the name of a bare correction: "ana, not anna", "no, Leila"."""
    if len(doc) > 2 and doc[0].norm_ == "no" and doc[1].text == "," and is_capital(doc[2]):
        span = name_from(doc, 2, taken)
        if span is not None and span.end == len(doc):
            return [_payee(span)]
    for token in doc:
        if token.i == 0 or token.norm_ not in ("not", "no"):
            continue
        if token.norm_ == "no" and doc.user_data["language"] == "en":
            continue
        start = token.i
        while start > 0 and token.i - start < 6:
            span = name_from(doc, start - 1, taken)
            if not doc[start - 1].is_punct and (span is None or span.start != start - 1):
                break
            start -= 1
        while start < token.i and doc[start].is_punct:
            start += 1
        span = name_from(doc, start, taken) if start < token.i else None
        if span is not None and span.end <= token.i and not is_own_account(span):
            return [_payee(span)] if token.norm_ == "not" or is_capital(span[0]) else []
    return []
