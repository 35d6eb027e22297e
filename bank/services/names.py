"""Names as customers spell them: which of a customer's own names the words mean.

    "ana"      Ana Silva 96      a whole word of the name
    "anna"     Anna Berg 96, Ana Silva 84
    "amzon"    Amazon 91         an odd letter

Only ever compared with the customer's own payees and merchants, so there are few of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from bank.domain.payees import fold

#: Below this, a name is somebody else's.
MATCH_SCORE_MIN = 78.0
#: Names this close to the best one may be meant as well.
SCORE_MARGIN = 6.0
#: A part of a name, however well it fits, is a little less than the very name.
_PART = 0.96
#: The customer says more than the name: "amazon prime" for Amazon.
_INSIDE = 0.9
#: One or two letters resemble too much.
_FUZZY_CHARS_MIN = 3


def name_score(asked: str, name: str) -> float:
    """Return 0 to 100: how well the words fit the name.

    >>> name_score("josé", "Jose"), round(name_score("ana", "Ana Silva")), name_score("bob", "Ana")
    (100.0, 96, 0.0)
    """
    words, whole = fold(asked), fold(name)
    if not words:
        return 0.0
    if words == whole:
        return 100.0
    if f" {words} " in f" {whole} ":
        return 100.0 * _PART
    if f" {whole} " in f" {words} ":
        return 100.0 * _INSIDE
    if len(words) < _FUZZY_CHARS_MIN:
        return 0.0
    parts = whole.split()
    width = min(len(words.split()), len(parts))
    windows = [" ".join(parts[at : at + width]) for at in range(len(parts) - width + 1)]
    best = max(fuzz.ratio(words, whole), *(fuzz.ratio(words, part) * _PART for part in windows))
    # "silva ana", "berg, anna": the same words in another order
    swapped = fuzz.token_sort_ratio(words.replace(",", " "), whole) * _PART
    score = max(best, swapped)
    return score if score >= MATCH_SCORE_MIN / 2 else 0.0


def rank_names(asked: str, names: Iterable[str]) -> list[tuple[str, float]]:
    """Return (name, score) of the names that fit, best first."""
    scored = ((name, name_score(asked, name)) for name in names)
    found = [pair for pair in scored if pair[1] >= MATCH_SCORE_MIN]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def best_names(asked: str, names: Iterable[str]) -> list[tuple[str, float]]:
    """Return the best fit and what is so close that it may be meant as well."""
    ranked = rank_names(asked, names)
    return [pair for pair in ranked if pair[1] >= ranked[0][1] - SCORE_MARGIN]
