"""Which instruments a headline speaks of, and where: spaCy's matchers over names the bank holds.

    "Quillgate Foods costs fell"        name         any case
    "Quillgate profit beats forecasts"  short name   as written, if one issuer alone has it
    "Shares in QLGFDS slip"             ticker       in capitals

A short name that is also an ordinary word, or stands first, where every word has a capital, counts
only in a headline that speaks of money. A name that two issuers share counts only beside what tells
them apart. A longer name hides a shorter one inside it. A bond goes with its issuer.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from analytics.news.marks import Part, marks_of
from bank.domain.instruments import Instrument, InstrumentId, InstrumentKind

WORDS = Path(__file__).with_name("linking.toml")
_TICKER_LETTERS_LEAST = 2
#: What shows that a headline speaks of money.
_OF_MONEY = frozenset({
    Part.METRIC, Part.MOVE, Part.TONE, Part.BESIDE, Part.EXPECTED, Part.FIGURE,
})  # fmt: skip


class By(StrEnum):
    NAME = "name"
    TICKER = "ticker"
    SHORT_NAME = "short_name"


@dataclass(frozen=True, slots=True)
class Link:
    """An instrument named in a headline. start, end: places in its text."""

    instrument_id: InstrumentId
    start: int
    end: int
    by: By


class Linker:
    """Finds instruments in headlines. Made once of a universe; looks share nothing."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        known = list(instruments)
        self._nlp = spacy.blank("en")
        self._any_case = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._as_written = PhraseMatcher(self._nlp.vocab, attr="ORTH")
        self._means: dict[tuple[By, str], list[InstrumentId]] = defaultdict(list)
        issuers: dict[str, set[str]] = defaultdict(set)
        for one in known:
            for name in {one.name, _issuer(one)}:
                self._learn(By.NAME, name, one)
            if len(one.ticker) >= _TICKER_LETTERS_LEAST:
                self._learn(By.TICKER, one.ticker, one)
            if one.is_single:
                issuers[_short(_issuer(one))].add(_issuer(one))
        #: Words that tell the issuers of one short name apart, lower case.
        self._apart = {
            short: {name: set(name.lower().split()) - {short.lower()} for name in names}
            for short, names in issuers.items()
            if len(names) > 1
        }
        self._issuer_of = {one.id: _issuer(one) for one in known}
        for one in known:
            if one.is_single and (short := _short(_issuer(one))) != _issuer(one):
                self._learn(By.SHORT_NAME, short, one)

    def _learn(self, by: By, name: str, one: Instrument) -> None:
        key = (by, name.lower() if by is By.NAME else name)
        if key not in self._means:
            matcher = self._any_case if by is By.NAME else self._as_written
            matcher.add(f"{by}|{key[1]}", [self._nlp.make_doc(name)])
        self._means[key].append(one.id)

    def links(self, text: str) -> list[Link]:
        """Return the instruments named in a headline, in the order they are named."""
        doc = self._nlp.make_doc(text)
        spans = [
            Span(doc, first, last, label=label)
            for matcher in (self._any_case, self._as_written)
            for label, first, last in matcher(doc)
        ]
        found: list[Link] = []
        for span in filter_spans(spans):
            by, _, name = span.label_.partition("|")
            found += (
                Link(one, span.start_char, span.end_char, By(by))
                for one in self._meant(By(by), name, span, doc)
            )
        return sorted(found, key=lambda one: (one.start, one.instrument_id))

    def _meant(self, by: By, name: str, span: Span, doc: Doc) -> Sequence[InstrumentId]:
        meant = self._means[(by, name)]
        if by is By.NAME:
            return meant
        if by is By.TICKER:
            return meant if not doc.text.isupper() or _is_marked(span, doc) else ()
        if not _is_meant(span, doc):
            return ()
        if name in self._apart:
            said = {token.lower_ for token in doc}
            told = {issuer for issuer, words in self._apart[name].items() if words & said}
            return [one for one in meant if len(told) == 1 and self._issuer_of[one] in told]
        return meant


def _issuer(one: Instrument) -> str:
    """Return whom a bond is of: its name without the year it ends."""
    head, _, tail = one.name.rpartition(" ")
    return head if one.kind is InstrumentKind.BOND and head and tail.isdigit() else one.name


def _short(name: str) -> str:
    """Return a name's first word, or all but its legal form.

    >>> _short("Quillgate Foods plc"), _short("Lind Oyj")
    ('Quillgate', 'Lind')
    """
    words = [one for one in name.split() if one.lower().strip(".") not in _told()["forms"]]
    return words[0] if words else name


def _is_marked(span: Span, doc: Doc) -> bool:
    """Whether brackets, a colon or a dollar sign mark a ticker where all is in capitals."""
    before = doc[span.start - 1].text if span.start else ""
    return before in {"(", ":", "$", "["}


def _is_meant(span: Span, doc: Doc) -> bool:
    """Whether a short name is the issuer's here, and not a word that looks like it."""
    is_plain = span.text.lower() in _told()["ordinary"]
    is_first = span.start == 0 or doc[span.start - 1].is_punct
    if doc.text.isupper() or doc.text.istitle() or (is_plain and is_first):
        return _is_of_money(doc.text, span) and not is_plain
    return not is_plain or _is_of_money(doc.text, span)


def _is_of_money(text: str, span: Span) -> bool:
    return any(
        mark.part in _OF_MONEY and not span.start_char <= mark.start < span.end_char
        for mark in marks_of(text)
    )


@cache
def _told() -> dict[str, Any]:
    told = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {name: frozenset(words.split()) for name, words in told.items()}
