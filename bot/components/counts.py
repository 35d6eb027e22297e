"""Numbers that are no money: counts, codes, telephones, hours, years, rooms.

    "my last 5 transactions"   "option 2"   "my code is 482913"   "+49 170 1234567"   "at 17:30"

Asked only of a number that stands without a currency; "5 euros" is money wherever it stands.
"""

from __future__ import annotations

from spacy.tokens import Doc, Span, Token

from bot.components.lexer import is_shouted, is_spanish, words_of
from bot.components.numerals import NUMBER_WORDS, western

#: What may follow a number that is not money.
COUNTED = frozenset(
    "transaction transactions payment payments posting postings purchase purchases day days week "
    "weeks month months year years yr yrs hour hours minute minutes min mins second seconds times "
    "time card cards account accounts thing things st nd rd th am pm % percent percentage people "
    "person persons payee payees standing order orders dispute disputes instalments installments "
    "o'clock kids kid children child friends friend factor of shops shop digits digit thanks more "
    "degrees days' others expenses statements steps points questions question hrs pieces items "
    "movimientos movimiento pagos pago compras tarjetas tarjeta cuentas cuenta dias dia semanas "
    "semana meses mes anos ano horas hora minutos minuto veces vez personas persona cosas cosa "
    "hijos transferencias transferencia recibos recibo por ciento momento segundo segundos "
    "opciones preguntas pregunta ultimos digitos gracias numeros cobros entradas billetes tickets "
    "lados copias".split()
)
#: What may stand before one.
_LABELS = frozenset(
    "code pin pins tan otp cvv cvc phone telephone mobile tel number no nr num order ticket room "
    "step option question page chapter version section flat ref reference invoice case plate "
    "iphone postcode zip code's # born version. seat gate platform call dial turned aged age "
    "codigo telefono movil numero opcion pregunta pagina pedido factura referencia postal nº paso "
    "habitacion clave las".split()
)
#: These may stand between a label and its number: "my code is: 482913".
_BETWEEN = frozenset({"is", "are", "es", "son", ":", "=", ".", "no", "number", "was"})
_BEFORE_COUNT = frozenset(
    "last past latest recent previous top next first ultimos ultimas proximos proximas primeros "
    "anteriores siguientes otros otras".split()
)
_PLURAL_PRONOUNS = (["one"], ["a"], ["uno"], ["una"], ["un"])


def is_count(span: Span) -> bool:
    """Say whether the bare number at `span` is something else than money."""
    doc = span.doc
    after = doc[span.end].norm_ if span.end < len(doc) else ""
    before = doc[span.start - 1].norm_ if span.start else ""
    touched = span.end < len(doc) and doc[span.end].idx == span.end_char
    if touched and after in ("/", "#", ":"):
        return True
    # "one" alone is a pronoun ("the second one"), not a price.
    words = [t.norm_ for t in span]
    if words in _PLURAL_PRONOUNS or (words == ["cero"] and before == "de"):
        return True
    if before in ("los", "las") and words[0] in NUMBER_WORDS:  # "los dos": both
        return True
    if after in COUNTED or before in _BEFORE_COUNT:
        return True
    if before == "of" and span.start > 1 and doc[span.start - 2].text.isdecimal():  # 2 of 3
        return True
    return _is_labelled(doc, span) or _is_written_otherwise(doc, span)


def _is_labelled(doc: Doc, span: Span) -> bool:
    """Say whether a word before it tells what it is: a code, a room, an option."""
    index = span.start - 1
    steps = 0
    while index >= 0 and steps < 2 and doc[index].norm_ in _BETWEEN - _LABELS:
        index -= 1
        steps += 1
    if index < 0:
        return False
    word = doc[index].norm_
    if word in ("number", "no", "numero") and index + 1 == span.start:
        # "no 50": the answer no, and then the sum; "number 50" is a label.
        return word != "no"
    return word in _LABELS and (word != "las" or is_spanish(doc))


def _is_written_otherwise(doc: Doc, span: Span) -> bool:
    """Say whether its writing tells: a telephone, an hour, a year, a part of a word."""
    before = doc[span.start - 1] if span.start else None
    after = doc[span.end] if span.end < len(doc) else None
    if before is not None and _is_joined(before, doc[span.start]):
        return True
    if after is not None and after.idx == span.end_char and after.text.isupper():  # 1JX
        return not is_shouted(doc)
    return _is_time(span, before) or (len(span) == 1 and _is_in_a_row(doc, span.start))


def _is_joined(before: Token, number: Token) -> bool:
    """Say whether the number is a part of what stands before it: B12, 17:30, +49."""
    if before.text == "+":
        return True
    touches = before.idx + len(before) == number.idx
    part = before.is_alpha and before.norm_ not in ("send", "pay", "transfer")
    return touches and (part or before.text in (":", "#", "/"))


def _is_time(span: Span, before: Token | None) -> bool:
    """Say whether it is an hour, a year, or begins with the zero of a telephone."""
    text = span.text
    if not text.isdecimal():
        return False
    if len(text) >= 3 and western(text[0]) == "0":
        return True
    if before is not None and before.norm_ in ("in", "since", "year"):
        return len(text) == 4 and text[:2] in ("19", "20")
    # "at 5" is the hour, though a limit may be "at 20".
    at = before is not None and before.norm_ == "at"
    return at and int(text) <= 24 and "limit" not in words_of(span.doc)


def _is_in_a_row(doc: Doc, index: int) -> bool:
    """Say whether bare groups of digits follow each other: a telephone or another long number."""
    start, end = index, index + 1
    while start > 0 and index - start < 6 and _is_plain(doc[start - 1].text):
        start -= 1
    while end < len(doc) and end - index < 6 and _is_plain(doc[end].text):
        end += 1
    digits = sum(c.isdecimal() for c in doc[start:end].text)
    return end - start > 1 and digits >= 7


def _is_plain(text: str) -> bool:
    """Say whether it is digits, at most in groups: 170, "49 170"."""
    return text.replace(" ", "").isdecimal()
