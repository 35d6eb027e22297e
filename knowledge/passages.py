"""Passages: articles in pieces that are found and shown. A piece is sentences of one section.

    Article ─▶ section ─▶ passage (≤ PASSAGE_CHARS) ─▶ sentences, each with its place in the section

A span that is shown is cut out of the section's text by these places, so it is literally there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from langchain_text_splitters import RecursiveCharacterTextSplitter

from bank.domain.answers import Citation
from knowledge.article import Article, Section

#: About what the encoder reads of one text (128 word pieces), with the heading.
PASSAGE_CHARS = 600

_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[¿¡]*[A-ZÁÉÍÓÚÑÜ0-9])|\n+")
#: A full stop after these ends no sentence.
_SHORT = re.compile(
    r"(?:\b(?:e\.g|i\.e|p\. ?ej|no|núm|art|approx|aprox|max|máx|min|mín|st|mr|mrs|ms|dr|sr|sra|"
    r"etc|vs|cf|incl)|\b[A-Z])\.$",
    re.IGNORECASE,
)
_SPLITTER = RecursiveCharacterTextSplitter(
    chunk_size=PASSAGE_CHARS,
    chunk_overlap=0,
    separators=["\n\n", "\n", ". ", " ", ""],
    keep_separator="end",
    add_start_index=True,
    strip_whitespace=False,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its place: `section.text[start:end] == text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Passage:
    """What is ranked. `citation` leads to its heading."""

    article: Article
    section: Section
    sentences: tuple[Sentence, ...]

    @property
    def citation(self) -> Citation:
        of = self.article
        return Citation(of.id, of.version, of.title, self.section.heading, self.section.anchor)

    @property
    def text(self) -> str:
        return self.cut(0, len(self.sentences) - 1)

    def cut(self, first: int, last: int) -> str:
        """Return the words from one sentence to another, both with, as the section has them."""
        return self.section.text[self.sentences[first].start : self.sentences[last].end]


def passages_of(articles: Iterable[Article]) -> list[Passage]:
    """Return the passages of articles, in their order."""
    return [
        Passage(article, section, piece)
        for article in articles
        for section in article.sections
        for piece in _pieces(section.text)
    ]


def heading_text(passage: Passage) -> str:
    """Return what a passage is about, in one line."""
    title, heading = passage.article.title, passage.section.heading
    return title if heading == title else f"{title}: {heading}"


def whole_text(passage: Passage) -> str:
    """Return a passage under its heading: what its vector is of."""
    return f"{heading_text(passage)}. {passage.text}"


def sentences_of(text: str) -> list[Sentence]:
    """Return the sentences of a text and where they stand.

    >>> [one.text for one in sentences_of("It costs 5.50 EUR, e.g. abroad. Pay at once.")]
    ['It costs 5.50 EUR, e.g. abroad.', 'Pay at once.']
    """
    found: list[Sentence] = []
    start = 0
    for gap in [*_END.finditer(text), None]:
        end = gap.start() if gap else len(text)
        if gap and "\n" not in gap[0] and _SHORT.search(text[start:end]):
            continue
        if gap:  # a closing quote or bracket belongs to the sentence
            end += len(gap[0]) - len(gap[0].lstrip("\"'”’)]"))
        piece = text[start:end]
        if plain := piece.strip():
            left = start + piece.index(plain[0])
            found.append(Sentence(plain, left, left + len(plain)))
        start = gap.end() if gap else end
    return found


def _pieces(text: str) -> list[tuple[Sentence, ...]]:
    """Cut a section where langchain's splitter would, moved to the sentence's end."""
    sentences = sentences_of(text)
    if len(text) <= PASSAGE_CHARS:
        return [tuple(sentences)] if sentences else []
    starts = [piece.metadata["start_index"] for piece in _SPLITTER.create_documents([text])]
    return [piece for piece in _grouped(sentences, starts) if piece]


def _grouped(sentences: Sequence[Sentence], starts: Sequence[int]) -> list[tuple[Sentence, ...]]:
    bounds = [*starts[1:], max(one.end for one in sentences) + 1]
    groups: list[tuple[Sentence, ...]] = []
    at = 0
    for bound in bounds:
        upto = at
        while upto < len(sentences) and sentences[upto].start < bound:
            upto += 1
        groups.append(tuple(sentences[at:upto]))
        at = upto
    return groups
