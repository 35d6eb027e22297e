"""Ranking: which passages may be read, which come near a question, and how well each fits.

    question ─▶ may be read, today ─▶ 24 nearest by BM25 + four-grams + cosine ─▶ fit in [0, 1]
                (before ranking)      (sum of ranks' shares)                     (logistic)

A fit is P(this passage answers), a logistic over named signs. Its weights were learnt on questions
of our own (tests/knowledge/dev), see knowledge/learning.py; `knowledge/fit.json` holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bank.domain.answers import Audience
from knowledge.article import valid_on
from knowledge.index import Index, Part
from knowledge.passages import Passage
from knowledge.phrasings import Near
from knowledge.weights import Weights
from knowledge.words import grams_of, names_of, term_of, terms_of

CANDIDATES = 24
#: Order matters: it is the order of the weights.
SIGNS = (
    "words", "grams", "words_of_article", "covered", "covered_by_heading", "covered_by_article",
    "named", "least_named", "least_named_by_article", "meaning", "meaning_of_article",
    "for_business",
    "asked_words", "asked_grams", "asked_meaning", "asked_twice", "asked_of_article", "learnt",
    "learnt_of_article", "asked_named", "asked_least_named", "asked_covered",
    "asked_covered_by_article", "asked_anywhere",
)  # fmt: skip
_BUSINESS = {
    "en": frozenset(terms_of("business company firm employee freelancer trader shop", "en")),
    "es": frozenset(terms_of("empresa negocio autonomo sociedad empleados tienda", "es")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question made ready: its terms, and its vectors where there is an encoder.

    names: the words that say something; near_names: how near each is to each word of the part,
    shape (n_names, n_words of the part); name_shares: what each counts, together 1.
    """

    text: str
    terms: tuple[str, ...]
    grams: tuple[str, ...]
    vector: NDArray[np.float32] | None
    names: tuple[str, ...] = ()
    near_names: NDArray[np.float32] | None = None
    name_shares: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, dtype=np.float32))


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage, its row, and how well it fits. Signs in the order of SIGNS."""

    passage: Passage
    row: int
    fit: float
    signs: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """How near a question comes: words, grams, meanings to each passage, `asked` to sections.

    anywhere: the ridge's shares of all that may be read, together: low for what is for elsewhere.
    """

    words: NDArray[np.float32]
    grams: NDArray[np.float32]
    meanings: NDArray[np.float32]
    asked: Near
    anywhere: float


NAMES_MOST = 24


def ask(index: Index, text: str, language: str) -> Asked:
    """Return a question ready for ranking."""
    vectors, part = index.vectors, index.parts[language]
    names = tuple(names_of(text, language)[:NAMES_MOST])
    near, shares = None, np.zeros(0, dtype=np.float32)
    if vectors and names and len(part.name_meanings):
        near = vectors.asked_words(names) @ part.name_meanings.T
        rarities = [part.words.rarity(term_of(one, language)) for one in names]
        shares = np.array(rarities, dtype=np.float32) / sum(rarities)
    return Asked(
        text=text,
        terms=tuple(dict.fromkeys(terms_of(text, language))),
        grams=tuple(dict.fromkeys(grams_of(text, language))),
        vector=vectors.asked(text) if vectors and text.strip() else None,
        names=names,
        near_names=near,
        name_shares=shares,
    )


def allowed_rows(part: Part, *, audiences: frozenset[Audience], on: date) -> NDArray[np.int64]:
    """Return the rows that may be read: by whom, on which day, of each id the newest version."""
    today = {(one.id, one.version) for one in valid_on((p.article for p in part.passages), on)}
    return np.array(
        [
            row
            for (key, rows) in part.article_rows.items()
            if key in today and part.passages[rows[0]].article.audience in audiences
            for row in rows
        ],
        dtype=np.int64,
    )


def rank(
    part: Part, asked: Asked, rows: NDArray[np.int64], weights: Weights, *, most: int = CANDIDATES
) -> list[Ranked]:
    """Return the passages among `rows` that fit best, best first."""
    if not len(rows):
        return []
    words, grams = part.words.scores(asked.terms), part.grams.scores(asked.grams)
    meanings = np.zeros(len(words), dtype=np.float32)
    has_vectors = asked.vector is not None and len(part.meanings) > 0
    if asked.vector is not None and has_vectors:
        meanings = part.meanings @ asked.vector
    asked_so = part.phrasings.near(asked.terms, asked.grams, asked.vector)
    sections = part.sections[rows]
    anywhere = float(asked_so.learnt[np.unique(sections)].sum())
    found = Found(words, grams, meanings, asked_so, anywhere)
    near = _nearest(
        rows,
        [words[rows], grams[rows], meanings[rows], *(one[sections] for one in asked_so.lists)],
        most,
    )
    if not len(near):
        return []
    signs = [_signs(part, asked, int(row), found) for row in near]
    fits = weights.fit(np.array(signs), set_name(part, has_vectors=has_vectors))
    ranked = [
        Ranked(part.passages[row], int(row), float(fit), each)
        for row, fit, each in zip(near, fits, signs, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.fit, one.row))


def set_name(part: Part, *, has_vectors: bool) -> str:
    """Return which weights hold: SETS of knowledge/weights.py."""
    return ("meanings" if has_vectors else "words") + ("_asked" if part.is_asked else "")


def _nearest(
    rows: NDArray[np.int64], scores: Sequence[NDArray[np.float32]], most: int
) -> NDArray[np.int64]:
    """Fuse by reciprocal ranks (Cormack et al. 2009); ties go to the first row."""
    fused = np.zeros(len(rows))
    few = min(len(rows), 4 * most)
    for score in scores:
        if not score.any():
            continue
        best = np.argpartition(-score, few - 1)[:few]
        best = best[np.lexsort((best, -score[best]))]
        best = best[score[best] > 0]
        fused[best] += 1 / (20 + np.arange(len(best)))
    order = np.lexsort((np.arange(len(rows)), -fused))[:most]
    return rows[order[fused[order] > 0]]


def _signs(part: Part, asked: Asked, row: int, found: Found) -> tuple[float, ...]:
    article = part.passages[row].article
    key = (article.id, article.version)
    rarities = {term: part.words.rarity(term) for term in asked.terms}
    together = sum(rarities.values()) or 1.0

    def covered(terms: frozenset[str]) -> float:
        return sum(rarity for term, rarity in rarities.items() if term in terms) / together

    wants_business = not _BUSINESS[part.language].isdisjoint(asked.terms)
    is_business = article.audience is Audience.BUSINESS
    so, section, sections = found.asked, part.sections[row], part.article_sections[key]
    return (
        float(found.words[row]),
        float(found.grams[row]),
        float(found.words[part.article_rows[key]].max()),
        covered(part.terms[row]),
        covered(part.heading_terms[row]),
        covered(part.article_terms[key]),
        *_named(part, asked, row, part.article_names.get(key)),
        float(found.meanings[row]),
        float(found.meanings[part.article_rows[key]].mean()),
        float(is_business) * (1.0 if wants_business else -1.0),
        float(so.terms[section]),
        float(so.grams[section]),
        float(so.meanings[section]),
        float(so.twice[section]),
        float(so.twice[sections].max()),
        float(so.learnt[section]),
        float(so.learnt[sections].sum()),
        *_asked_named(part, asked, row),
        covered(part.terms[row] | part.asked_terms[row]),
        covered(part.article_asked_terms[key]),
        found.anywhere,
    )


def _named(
    part: Part, asked: Asked, row: int, within: NDArray[np.int64] | None
) -> tuple[float, float, float]:
    """Return how near the question's words come to a passage's: on the whole, and the least.

    The third is the least within the article. A rare word counts for more (ColBERT's late
    interaction, with one vector a word whatever stands beside it).
    """
    if asked.near_names is None or within is None or not len(part.passage_names[row]):
        return 0.0, 0.0, 0.0
    here = asked.near_names[:, part.passage_names[row]].max(axis=1)
    article = asked.near_names[:, within].max(axis=1)
    return float(here @ asked.name_shares), float(here.min()), float(article.min())


def _asked_named(part: Part, asked: Asked, row: int) -> tuple[float, float]:
    """Return the first two of `_named` where the words of the section's phrasings help."""
    if asked.near_names is None or not len(part.passage_names[row]):
        return 0.0, 0.0
    together = np.concatenate([part.passage_names[row], part.asked_names[row]])
    here = asked.near_names[:, together].max(axis=1)
    return float(here @ asked.name_shares), float(here.min())


def sentence_values(part: Part, asked: Asked, row: int) -> list[float]:
    """Return how near each sentence of a passage comes to a question, at least 0."""
    values = []
    for place, terms in enumerate(part.sentence_terms[row]):
        shared = sum(part.words.rarity(term) for term in asked.terms if term in terms)
        value = shared / (sum(part.words.rarity(term) for term in asked.terms) or 1.0)
        if asked.near_names is not None and len(names := part.sentence_names[row][place]):
            value += float(asked.near_names[:, names].max(axis=1) @ asked.name_shares)
        values.append(value)
    return values
