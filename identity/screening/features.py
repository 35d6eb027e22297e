"""Features: each is one observation about two names; its docstring is the reason a person reads.

A score starts at 1, "the same name", and every feature that applies takes away (or, for dates and
countries, gives back) what it is worth. The list of features with their effects *is* the
explanation:

    Sascha Petrov · PETROV, Aleksandr Ivanovich
        variant_words    −0.05  One name in two languages or a short form of it: sascha = aleksandr
        missing_words    −0.07  Words only one of the names has: ivanovich
        ────────────────────────
        score             0.88

After nomenklatura's logic of named features; weights are ours, chosen on cases.csv.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from identity.screening.alignment import Alignment, Pair
from identity.screening.names import KIND_WEIGHTS, NameKind, Token, TokenKind
from identity.screening.spelling import How

#: A word in two spellings: its distance from 1, times its share, times this.
SPELLING_COST = 1.25
#: The first word missing on one side, then the second…: share of its weight that is taken away.
MISSING_COSTS = (0.22, 0.14, 0.12, 0.08, 0.05)
ORGANISATION_MISSING_COSTS = (0.34, 0.1, 0.05, 0.05, 0.05)
NUMBER_MISSING_COST = 0.65
#: A long name does not dilute a contradiction beyond this many words.
CONTRADICTION_BASE_MAX = 2.5
SINGLE_WORD_COST = 0.35
#: To be one of two names that stand with a stroke between them.
ONE_OF_TWO_COST = 0.05
#: Kinds of words whose contradiction weighs like a whole word.
_DECIDING = frozenset(
    {
        TokenKind.NUMBER, TokenKind.PLACE, TokenKind.PATRONYMIC, TokenKind.INITIAL,
        TokenKind.GENERATION,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reason:
    """`score` is what was added to (or taken from) 1; 0 where it only explains."""

    code: str
    text: str
    score: float

    def to_json(self) -> dict[str, str | float]:
        return {"code": self.code, "text": self.text, "score": round(self.score, 4)}


#: Returns (effect on the score, the words it is about), or None where it does not apply.
Feature = Callable[[Alignment], tuple[float, str] | None]


def same_words(aligned: Alignment) -> tuple[float, str] | None:
    """Words both names have"""
    found = [pair.text for pair in aligned.pairs if pair.how is How.SAME]
    return (0.0, ", ".join(found)) if found else None


def other_order(aligned: Alignment) -> tuple[float, str] | None:
    """The same words in another order"""
    shared = {pair.ours[0].text for pair in aligned.pairs if pair.how is How.SAME}
    ours = [token.text for token in aligned.ours.spoken if token.text in shared]
    theirs = [token.text for token in aligned.theirs.spoken if token.text in shared]
    return (0.0, " ".join(theirs)) if len(shared) > 1 and ours != theirs else None


def joined_words(aligned: Alignment) -> tuple[float, str] | None:
    """Written in one word and in two"""
    return _spelling(aligned, _of(aligned.joined, How.SAME))


def transliterated_words(aligned: Alignment) -> tuple[float, str] | None:
    """One sound, written by the rules of two languages"""
    return _spelling(aligned, _by(aligned, How.TRANSLITERATED, How.VOWELS, How.SOUND))


def variant_words(aligned: Alignment) -> tuple[float, str] | None:
    """One name in two languages, or a short form of it"""
    return _spelling(aligned, _by(aligned, How.VARIANT))


def bare_words(aligned: Alignment) -> tuple[float, str] | None:
    """The consonants agree; one side's script writes no short vowels"""
    return _spelling(aligned, _by(aligned, How.BARE))


def initials(aligned: Alignment) -> tuple[float, str] | None:
    """Only the first letter is known"""
    return _spelling(aligned, _by(aligned, How.INITIAL))


def shortened_words(aligned: Alignment) -> tuple[float, str] | None:
    """Abbreviated: its beginning, its consonants or its first letters"""
    return _spelling(aligned, [*_by(aligned, How.SHORTENED), *_of(aligned.joined, How.SHORTENED)])


def misspelt_words(aligned: Alignment) -> tuple[float, str] | None:
    """Spelled alike, as by a slip"""
    return _spelling(aligned, _by(aligned, How.TYPO))


def missing_words(aligned: Alignment) -> tuple[float, str] | None:
    """Words only one of the names has"""
    surplus = _surplus(aligned)
    if not surplus or not (aligned.pairs or aligned.joined):
        return None
    is_person = aligned.ours.kind is NameKind.PERSON
    cost = 0.0
    for rank, (token, weight) in enumerate(surplus):
        shares = MISSING_COSTS if is_person else ORGANISATION_MISSING_COSTS
        share = shares[min(rank, len(shares) - 1)]
        if token.kind is TokenKind.NUMBER and not is_person:
            share = NUMBER_MISSING_COST
        cost += share * weight
    return -min(1.0, cost / aligned.base), " ".join(token.text for token, _ in surplus)


def contradicting_words(aligned: Alignment) -> tuple[float, str] | None:
    """Where one name has one word, the other has another"""
    count = min(len(aligned.only_ours), len(aligned.only_theirs))
    if not count:
        return None
    cost, found = 0.0, []
    for ours, theirs in zip(aligned.only_ours, aligned.only_theirs, strict=False):
        weight = (ours[1] + theirs[1]) / 2
        if ours[0].kind is theirs[0].kind and ours[0].kind in _DECIDING:
            weight = 1.0
        cost += weight
        found.append(f"{ours[0].text} ≠ {theirs[0].text}")
    return -min(1.0, cost / min(aligned.base, CONTRADICTION_BASE_MAX)), ", ".join(found)


def single_word(aligned: Alignment) -> tuple[float, str] | None:
    """One of the names is a single word, which many people share"""
    if aligned.ours.kind is not NameKind.PERSON or not (aligned.pairs or aligned.joined):
        return None
    counts = [
        sum(token.kind is not TokenKind.INITIAL for token in name.tokens)
        + _has_initials(name.tokens)
        for name in (aligned.ours, aligned.theirs)
    ]
    if min(counts) == 1 and max(counts) > 1 and not aligned.joined:
        return -SINGLE_WORD_COST, ""
    return None


def other_form(aligned: Alignment) -> tuple[float, str] | None:
    """The company forms differ"""
    ours, theirs = aligned.ours.forms, aligned.theirs.forms
    if not ours or not theirs or ours & theirs:
        return None
    return -0.04, f"{', '.join(sorted(ours))} ≠ {', '.join(sorted(theirs))}"


#: In the order a person reads them. Their names and sentences are part of every threshold.
FEATURES: tuple[Feature, ...] = (
    same_words, other_order, joined_words, transliterated_words, variant_words, bare_words,
    initials, shortened_words, misspelt_words, missing_words, contradicting_words,
    single_word, other_form,
)  # fmt: skip


def observe(aligned: Alignment) -> tuple[float, list[Reason]]:
    """Return (score in [0, 1], the reasons for it)."""
    reasons = []
    for feature in FEATURES:
        found = feature(aligned)
        if found is not None:
            reasons.append(reason_of(feature, *found))
    has_shared = bool(aligned.pairs or aligned.joined)
    score = 1.0 + sum(one.score for one in reasons) if has_shared else 0.0
    return min(1.0, max(0.0, score)), reasons


def reason_of(feature: Callable[..., object], effect: float, about: str) -> Reason:
    """Return the reason a feature gives: its docstring, and the words it is about."""
    sentence = inspect.getdoc(feature) or ""
    text = f"{sentence}: {about}." if about else f"{sentence}."
    return Reason(getattr(feature, "__name__", "feature"), text, effect)


def features_digest() -> str:
    """Return a digest of the features' names, sentences and costs.

    A threshold that was measured with others is refused.
    """
    parts = [f"{feature.__name__}: {feature.__doc__}" for feature in FEATURES]
    costs = (
        SPELLING_COST, MISSING_COSTS, ORGANISATION_MISSING_COSTS, NUMBER_MISSING_COST,
        SINGLE_WORD_COST, ONE_OF_TWO_COST, CONTRADICTION_BASE_MAX, sorted(KIND_WEIGHTS.items()),
    )  # fmt: skip
    return hashlib.sha256("\n".join([*parts, repr(costs)]).encode()).hexdigest()[:12]


def _by(aligned: Alignment, *hows: How) -> list[Pair]:
    return _of(aligned.pairs, *hows)


def _of(pairs: Sequence[Pair], *hows: How) -> list[Pair]:
    return [pair for pair in pairs if pair.how in hows]


def _spelling(aligned: Alignment, pairs: Sequence[Pair]) -> tuple[float, str] | None:
    if not pairs:
        return None
    cost = sum(pair.weight * (1.0 - pair.score) for pair in pairs)
    return -SPELLING_COST * cost / aligned.base, ", ".join(pair.text for pair in pairs)


def _surplus(aligned: Alignment) -> tuple[tuple[Token, float], ...]:
    count = min(len(aligned.only_ours), len(aligned.only_theirs))
    return aligned.only_ours[count:] or aligned.only_theirs[count:]


def _has_initials(tokens: Sequence[Token]) -> bool:
    return any(token.kind is TokenKind.INITIAL for token in tokens)
