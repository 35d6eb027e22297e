"""What stands in the bank's word lists, and plain numbers that pick one of a list.

    "what did I spend on groceries"    category groceries       "gastos en restaurantes"  eating_out
    "the second one"                   number 2                 "la última"               -1

A list of another language is read unless the sentence is surely English, and the English one
unless it is surely Spanish: "gas" is fuel here and a bill there.
"""

from __future__ import annotations

from functools import cache

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.components.found import Found
from bot.components.lexer import blank_english, is_spanish, read
from bot.components.numerals import ORDINALS, western
from bot.components.vocabulary import LANGUAGES, load_vocabulary

#: Phrases in which a word of a list means something else.
_NOT_MEANT = {
    "seguro": frozenset({"estoy", "que", "si", "no", "siento", "muy"}),
    "segura": frozenset({"estoy", "siento", "muy"}),
    "take out": frozenset({"i", "to", "can", "we"}),
}
#: What is added to a list's word so that a longer phrase is one thing: "car insurance".
_POINTED = frozenset(
    ["", "one", "please", ".", "!", "option", "card", "payment", "transaction", "tarjeta",
     "opcion", "pago", "por", "movimiento", "cuenta"]
)  # fmt: skip


@cache
def _phrases(name: str, language: str) -> PhraseMatcher:
    matcher = PhraseMatcher(blank_english().vocab, attr="NORM")
    for value, words in load_vocabulary(name, language).items():
        matcher.add(value, [read(word) for word in words])
    return matcher


def find_words(doc: Doc, entity: str, vocabulary: str) -> list[Found]:
    """Return what stands in a vocabulary; the value is the vocabulary's key."""
    told = doc.user_data["language"]
    spans = []
    for language in [told] if told in LANGUAGES else LANGUAGES:
        matches = _phrases(vocabulary, language)(doc)
        spans += [Span(doc, start, end, label=key) for key, start, end in matches]
    if told == "es":  # borrowed words: "internet", "streaming"
        matches = _phrases(vocabulary, "en")(doc)
        spans += [Span(doc, start, end, label=key) for key, start, end in matches]
    return [Found.of(entity, span, span.label_) for span in filter_spans(spans) if _is_meant(span)]


def _is_meant(span: Span) -> bool:
    others = _NOT_MEANT.get(span.text.lower(), frozenset())
    around = {t.norm_ for t in span.doc[max(0, span.start - 1) : span.end + 1]}
    return not others & around


def find_numbers(doc: Doc, *, taken: set[int]) -> list[Found]:
    """Return plain whole numbers and ordinals ("the second one"); -1 is the last."""
    found = []
    for token in doc:
        if token.i in taken:
            continue
        text = western(token.text)
        if text.isdecimal() and len(text) <= 9:
            found.append(Found.of("number", doc[token.i : token.i + 1], int(text)))
        elif token.norm_ in ORDINALS and _points(doc, token.i):
            found.append(Found.of("number", doc[token.i : token.i + 1], ORDINALS[token.norm_]))
    return found


def _points(doc: Doc, index: int) -> bool:
    """Say whether an ordinal picks one of a list ("the second one") or is plain language."""
    after = doc[index + 1].norm_ if index + 1 < len(doc) else ""
    before = doc[index - 1].norm_ if index else ""
    if is_spanish(doc) and before not in ("", "el", "la", "mi"):  # "primero" is "first of all"
        return False
    return after in _POINTED
