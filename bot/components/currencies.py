"""Which currency a sentence names: signs, words, codes, alone or beside a sum.

    "swap 30 US dollars for €"    USD, EUR
    "let me try again, Ron"       none: TRY and RON are words here

A code that is also a word or a name counts only in capitals or straight after a number. The
currency is whatever stands there, also one the bank does not know: refusing is the bank's.
"""

from __future__ import annotations

from functools import lru_cache

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.components.found import Found
from bot.components.lexer import blank_english, is_shouted, read, text_of
from bot.components.numerals import NUMBER_WORDS, SCALES
from bot.components.vocabulary import LANGUAGES, load_vocabulary

#: Words that are a currency only straight after a number ("20 rand") …
_WORDS_TOO = frozenset({"rand", "lei", "eu", "peso", "rs", "zl", "rs .", "sterling"})
_MONEY_IN = frozenset({"sterling", "rand", "lei"})  # or after "in": "the price in sterling"
#: … and codes that are words or names, unless written in capitals.
_CODES_TOO = frozenset({"try", "ron", "rub", "sar", "cad", "ars", "cop", "pen", "ils"})


@lru_cache(maxsize=1)
def currencies() -> dict[str, str]:
    """Return folded sign, word, phrase or ISO code → ISO code."""
    return {
        word: code
        for language in LANGUAGES
        for code, words in load_vocabulary("currencies", language).items()
        for word in [code.lower(), *words]
    }


@lru_cache(maxsize=1)
def codes() -> frozenset[str]:
    """Return the codes of the vocabulary."""
    return frozenset(currencies().values())


@lru_cache(maxsize=1)
def _matcher() -> PhraseMatcher:
    matcher = PhraseMatcher(blank_english().vocab, attr="NORM")
    for word, code in currencies().items():
        matcher.add(code, [read(word)])
    return matcher


def currency_spans(doc: Doc) -> list[Span]:
    """Return the currencies of a doc in order, longest phrase first; the label is the code."""
    known = doc.user_data.get("currencies")
    if known is None:
        spans = [Span(doc, start, end, label=code) for code, start, end in _matcher()(doc)]
        known = [span for span in filter_spans(spans) if _is_meant(span)]
        doc.user_data["currencies"] = known
    return list(known)


def find_currencies(doc: Doc, *, taken: set[int]) -> list[Found]:
    """Return currencies named outside the tokens that are `taken` ("how many dollars is that")."""
    found = [
        Found.of("currency", span, span.label_)
        for span in currency_spans(doc)
        if span.start not in taken
    ]
    for token in doc:  # "eurusd", as traders write a pair
        if len(token) == 6 and {token.text[:3].upper(), token.text[3:].upper()} <= codes():
            found += [
                Found("currency", start, start + 3, text_of(doc)[start : start + 3],
                      text_of(doc)[start : start + 3].upper())
                for start in (token.idx, token.idx + 3)
            ]  # fmt: skip
    return found


def _is_meant(span: Span) -> bool:
    word = " ".join(token.norm_ for token in span)
    after = span.doc[span.end].norm_ if span.end < len(span.doc) else ""
    if word not in _WORDS_TOO and word not in _CODES_TOO:
        return (word, after) != ("quid", "pro")
    before = span.doc[span.start - 1].norm_ if span.start else ""
    if before[:1].isdecimal() or before in NUMBER_WORDS or before in SCALES:
        return True
    if word in _MONEY_IN and before in ("in", "to", "into", "from"):
        return True
    if word in ("rs", "rs ."):
        return after[:1].isdecimal()
    return word in _CODES_TOO and span.text.isupper() and not is_shouted(span.doc)
