"""Scoring: two names in, a score in [0, 1] and the reasons for it out.

    name, name ─▶ parse ─▶ align ─▶ observe ─▶ (score, reasons)

The score is not a probability. What it means is measured: see `Threshold` and `evaluate.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from identity.screening.alignment import Rarity, align, usual
from identity.screening.features import ONE_OF_TWO_COST, Reason, observe, reason_of
from identity.screening.names import (
    Name,
    NameKind,
    Token,
    TokenKind,
    looks_like_organisation,
    parse_name,
)

ACRONYM_SCORE = 0.82
OTHER_SPACES_SCORE = 0.97


def name_pair_score(a: str, b: str, kind: NameKind | str | None = None) -> float:
    """Return how likely two names are one name's spellings, in [0, 1]; symmetric, 1 for itself.

    `kind` None looks for a company form or a firm's word in either name.
    """
    return explain_pair(a, b, kind)[0]


def explain_pair(a: str, b: str, kind: NameKind | str | None = None) -> tuple[float, list[Reason]]:
    """Return the score of two names with its reasons. Empty names score 0, even with each other."""
    kind = NameKind(kind) if kind else guess_kind(a, b)
    return score_names(parse_name(a, kind), parse_name(b, kind))


def guess_kind(*names: str) -> NameKind:
    """Return whose names these look like: a firm's if any does."""
    if any(looks_like_organisation(name) for name in names):
        return NameKind.ORGANISATION
    return NameKind.PERSON


def score_names(ours: Name, theirs: Name, rarity: Rarity = usual) -> tuple[float, list[Reason]]:
    """Return the score of two parsed names with its reasons."""
    if ours.is_empty or theirs.is_empty:
        return 0.0, []
    # One order of the two, so that ties cannot make a score depend on which came first.
    is_turned = (theirs.tokens, theirs.original) < (ours.tokens, ours.original)
    first, second = (theirs, ours) if is_turned else (ours, theirs)
    if ours.compact == theirs.compact and ours.tokens != theirs.tokens:
        return OTHER_SPACES_SCORE, [
            reason_of(
                other_spaces, OTHER_SPACES_SCORE - 1.0, f"{ours.original} = {theirs.original}"
            )
        ]
    score, reasons = observe(align(first, second, rarity))
    if score < ACRONYM_SCORE and ours.kind is not NameKind.PERSON:
        for short, long in ((ours, theirs), (theirs, ours)):
            if is_acronym(short.tokens, long.spoken):
                return ACRONYM_SCORE, [_acronym_reason(short, long)]
    for one, other in _by_parts(ours, theirs):
        found, why = score_names(one, other, rarity)
        if found - ONE_OF_TWO_COST > score:
            score = found - ONE_OF_TWO_COST
            named = f"{one.original} = {other.original}"
            reasons = [*why, reason_of(one_of_two_names, -ONE_OF_TWO_COST, named)]
    return score, reasons


def _by_parts(ours: Name, theirs: Name) -> Iterator[tuple[Name, Name]]:
    """Yield the pairs of names where a side has two of them with a stroke between."""
    for one in ours.parts or (ours,):
        for other in theirs.parts or (theirs,):
            if one is not ours or other is not theirs:
                yield one, other


def is_acronym(short: Sequence[Token], long: Sequence[Token]) -> bool:
    """Whether a single word is the first letters of three or more words."""
    if len(short) != 1 or len(long) < 3 or short[0].kind is TokenKind.NUMBER:
        return False
    return short[0].text == "".join(token.text[0] for token in long)


def other_spaces(aligned: object) -> None:
    """The same letters in the same order, with other spaces or signs between"""
    del aligned


def one_of_two_names(aligned: object) -> None:
    """One side has two names with a stroke between them; this is one of them"""
    del aligned


def first_letters(aligned: object) -> None:
    """The one is the first letters of the other"""
    del aligned


def _acronym_reason(short: Name, long: Name) -> Reason:
    return reason_of(
        first_letters, ACRONYM_SCORE - 1.0, f"{short.tokens[0].text} = {long.original}"
    )
