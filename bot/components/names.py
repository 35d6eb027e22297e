"""Where a name begins and where it ends; whose it is, `payees.py` and `merchants.py` say.

    name_from(doc, after "to")    "to my friend | José Luis | for lunch"  →  "José Luis"

A name is up to four name-like words from a place on: letters, no small word of the language, no
number, no month. A capital makes an exception of words that are names too, and a small word inside
a name ("Maria de la Cruz") belongs to it when a capital follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from spacy.tokens import Doc, Span, Token

from bot.components.currencies import currencies
from bot.components.days import MONTHS, WEEKDAYS
from bot.components.found import Found
from bot.components.lexer import is_shouted, is_spanish
from bot.components.lexicon import meaning
from bot.components.name_words import (
    GIVEN,
    NOBODY,
    PARTICLES,
    RELATIONS,
    SPANISH_STOP,
    STOP,
    TITLES,
)
from bot.components.numerals import NUMBER_WORDS, SCALES
from bot.components.vocabulary import LANGUAGES, load_vocabulary

MAX_WORDS = 4
_CONTRACTED = re.compile(r"(?:n['’]t|['’](?:ve|re|ll|d|m))$")
_ENDINGS = frozenset("com de es net org co io tv eu uk".split())
_OWN = frozenset(
    word
    for language in LANGUAGES
    for words in load_vocabulary("account_kinds", language).values()
    for word in words
)


def name_from(doc: Doc, start: int, taken: set[int]) -> Span | None:
    """Return the name that begins at token `start`, or None where none does.

    Titles, "my" and a relation before the name are passed over ("my friend", "al señor"); a
    relation alone is the name ("mum", "mi madre").
    """
    start = _begin(doc, start, taken)
    end, words = start, 0
    while end < len(doc) and words < MAX_WORDS and _may_be_name(doc, start, end, taken):
        words += not doc[end].is_punct
        end += 1
    while end > start and not doc[end - 1].text[-1].isalnum():
        end -= 1
    name = doc[start:end]
    if end == start or not any(t.text[0].isalpha() for t in name):
        return None
    return None if name[0].norm_ in NOBODY else name


def _begin(doc: Doc, start: int, taken: set[int]) -> int:
    while start < len(doc) and (
        doc[start].is_space
        or (doc[start].norm_ in TITLES and not _is_capital_article(doc, start))
        or (doc[start].text == "." and start and doc[start - 1].norm_ in TITLES)
    ):
        start += 1
    after = start + 1
    if (
        after < len(doc)
        and doc[start].norm_ in RELATIONS
        and is_capital(doc[after])
        and _may_be_name(doc, after, after, taken)
    ):
        return after
    return start


def _is_capital_article(doc: Doc, index: int) -> bool:
    """Say whether an article is part of a name: "El Corte Inglés", "La Taverna"."""
    return (
        doc[index].norm_ in ("el", "la", "los", "las")
        and doc[index].text[0].isupper()
        and index + 1 < len(doc)
        and doc[index + 1].text[0].isupper()
        and not is_shouted(doc)
    )


def is_capital(token: Token) -> bool:
    """Say whether the word has a capital that says something (not in a shouted message)."""
    return token.text[0].isupper() and not is_shouted(token.doc)


def is_contracted(token: Token) -> bool:
    """Say whether a verb hangs on the word: "you're", "isn't", "I've"; O'Brien has none."""
    return bool(_CONTRACTED.search(token.norm_))


def _may_be_name(doc: Doc, start: int, index: int, taken: set[int]) -> bool:
    """Say whether the token continues a name that began at `start`."""
    token = doc[index]
    if index in taken:
        return False
    if token.text in ("-", "&", "'", "’", "."):
        return index > start and _joins(doc, index)
    return token.text[0].isalpha() and not is_contracted(token) and _is_name_word(doc, start, index)


def _is_name_word(doc: Doc, start: int, index: int) -> bool:
    token = doc[index]
    word = token.norm_.removesuffix("'s").removesuffix("’s")
    if word in PARTICLES and (is_capital(token) or _capital_follows(doc, index)):
        return index > start or is_capital(token) or not is_spanish(doc)
    if word in GIVEN and is_capital(token) and index > 0:
        return True
    small = word in STOP or (word in SPANISH_STOP and is_spanish(doc))
    number = word in NUMBER_WORDS or (word in SCALES and token.text[0].islower())
    dated = meaning(word) in MONTHS or meaning(word) in WEEKDAYS
    return not (small or number or dated or word in currencies())


def _joins(doc: Doc, index: int) -> bool:
    """Say whether a mark joins a name: "Anne-Marie", "J. Berg", "apple.com"; a stop ends it."""
    if doc[index].text != ".":
        return True
    after = doc[index + 1] if index + 1 < len(doc) else None
    site = after is not None and after.norm_ in _ENDINGS and after.idx == doc[index].idx + 1
    return len(doc[index - 1]) == 1 or site


def _capital_follows(doc: Doc, index: int) -> bool:
    for token in doc[index + 1 : index + 3]:
        if token.norm_ not in PARTICLES or is_capital(token):
            return is_capital(token)
    return False


def is_own_account(span: Span) -> bool:
    """Say whether the name is one of the customer's own accounts ("savings")."""
    words = " ".join(token.norm_ for token in span)
    return words.removesuffix("account").strip() in _OWN or words in _OWN


def is_owner(span: Span) -> bool:
    """Say whether the name only owns what follows it: "the vet's bill", "last week's payments"."""
    if span.text[-2:] not in ("'s", "’s") or span.end >= len(span.doc):
        return False
    after = span.doc[span.end]
    return after.is_alpha and after.norm_ not in STOP | {"account", "iban"}


def distinct(found: Iterable[Found]) -> list[Found]:
    """Return each place once, and of places inside each other the longer, in text order."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start - f.end, f.start)):
        if not any(other.start <= one.start and one.end <= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda f: f.start)
