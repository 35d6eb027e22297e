"""Sureness: signs of whether the best passage truly answers, and of two articles that disagree.

The best of bad passages is still bad: what tells is how much of the question is covered, whether
the library knows the question's words at all, and how far the best article leads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.index import Part
from knowledge.ranking import SIGNS, Asked, Ranked
from knowledge.words import specifics

#: Order matters: it is the order of the weights.
SURE_SIGNS = (*SIGNS, "fit", "lead", "unknown_share", "unknown_rarity", "terms_count", "unnamed")
#: Sentences that share so many of their words, with other figures, are about the same thing.
ALIKE = 0.6
_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


def sure_signs(ranked: Sequence[Ranked], part: Part, asked: Asked) -> tuple[float, ...]:
    """Return the signs of the best passage and of the question, in the order of SURE_SIGNS."""
    best = ranked[0]
    other = next(
        (one.fit for one in ranked if one.passage.article.id != best.passage.article.id), 0.0
    )
    unknown = [term for term in asked.terms if not part.words.knows(term)]
    named = part.article_terms[best.passage.article.id, best.passage.article.version]
    unnamed = specifics(part.language).intersection(asked.terms) - named
    together = sum(part.words.rarity(term) for term in asked.terms) or 1.0
    return (
        *best.signs,
        best.fit,
        best.fit - other,
        len(unknown) / max(1, len(asked.terms)),
        sum(part.words.rarity(term) for term in unknown) / together,
        min(len(asked.terms), 10) / 10,
        float(bool(unnamed)),
    )


def contradicts(one: str, two: str) -> bool:
    """Whether two sentences say the same thing with other figures.

    >>> contradicts("Cash abroad costs 4 EUR.", "Cash abroad costs 6 EUR.")
    True
    >>> contradicts("Cash abroad costs 4 EUR.", "A card costs 6 EUR.")
    False
    """
    ours, theirs = set(_FIGURE.findall(one)), set(_FIGURE.findall(two))
    if not ours or not theirs or ours == theirs:
        return False
    left, right = (set(re.findall(r"[^\W\d_]+", text.lower())) for text in (one, two))
    return len(left & right) >= ALIKE * max(1, len(left | right))
