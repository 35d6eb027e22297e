"""Alignment: which word of one name is which word of the other.

    abdulrahman  k.  hassan           1  joined words are found   abdul+rahman = abdulrahman
         ╱   ╲    │      │            2  equal words are paired   hassan = hassan
    abdul  rahman khaled hasan        3  the rest: the best sum   k = khaled

What is left over on one side is missing; what is left on both sides contradicts. The result does
not depend on the order of words nor on which name came first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import permutations

from identity.screening.assignment import assign
from identity.screening.edits import edits_cost
from identity.screening.folding import abd_fold, skeleton, vowel_fold
from identity.screening.names import Name, NameKind, Token, TokenKind
from identity.screening.spelling import SAME_WORD_MIN, How, compare_tokens, is_shortened

#: How rare a word is: 1 is usual, less is common, more is rare. Multiplies a token's weight.
Rarity = Callable[[str], float]

_JOINED_CHARS_MIN = 5


@dataclass(frozen=True, slots=True)
class Pair:
    """Words held for one word. One side has two tokens where words were joined."""

    ours: tuple[Token, ...]
    theirs: tuple[Token, ...]
    score: float
    how: How
    weight: float

    @property
    def text(self) -> str:
        """Return both spellings: `sasha = aleksandr`, or one word when they are equal."""
        ours = " ".join(token.text for token in self.ours)
        theirs = " ".join(token.text for token in self.theirs)
        return ours if ours == theirs else f"{ours} = {theirs}"


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two names laid side by side. `base` is the weight of the lighter name, at least 1."""

    ours: Name
    theirs: Name
    pairs: tuple[Pair, ...]
    joined: tuple[Pair, ...]
    only_ours: tuple[tuple[Token, float], ...]  # with weights, heaviest first
    only_theirs: tuple[tuple[Token, float], ...]
    base: float


def usual(_word: str) -> float:
    """Return the rarity of every word where no list tells."""
    return 1.0


def align(ours: Name, theirs: Name, rarity: Rarity = usual) -> Alignment:
    """Lay two names side by side."""
    left, right = list(ours.tokens), list(theirs.tokens)
    joined = [
        *_take_joined(left, right, rarity),
        *(_turned(pair) for pair in _take_joined(right, left, rarity)),
    ]
    if ours.kind is not NameKind.PERSON:
        joined += _take_acronyms(ours, left, right, rarity)
        joined += [_turned(pair) for pair in _take_acronyms(theirs, right, left, rarity)]
    pairs = _take_equal(left, right, rarity)
    compare = compare_tokens if ours.kind is NameKind.PERSON else _compare_firm_words
    pairs += _take_best(left, right, rarity, compare)
    weights = [sum(_weight(token, rarity) for token in name.tokens) for name in (ours, theirs)]
    return Alignment(
        ours=ours,
        theirs=theirs,
        pairs=tuple(pairs),
        joined=tuple(joined),
        only_ours=_left_over(left, pairs, rarity),
        only_theirs=_left_over(right, pairs, rarity),
        base=max(1.0, min(weights)),
    )


def _weight(token: Token, rarity: Rarity) -> float:
    if token.kind is TokenKind.WORD:
        return token.weight * rarity(token.text)
    return token.weight


def _pair(a: Token, b: Token, score: float, how: How, rarity: Rarity) -> Pair:
    weight = (_weight(a, rarity) + _weight(b, rarity)) / 2
    if how is How.INITIAL:
        weight = min(_weight(a, rarity), _weight(b, rarity))
    return Pair((a,), (b,), score, how, weight)


def _turned(pair: Pair) -> Pair:
    return Pair(pair.theirs, pair.ours, pair.score, pair.how, pair.weight)


def _take_joined(split: list[Token], whole: list[Token], rarity: Rarity) -> list[Pair]:
    """Take out two or three words of one side that are one word of the other."""
    taken: list[Pair] = []
    texts = {token.text for token in split}
    for one in list(whole):
        if len(one.text) < _JOINED_CHARS_MIN or one.text in texts:
            continue
        parts = _find_parts(split, one)
        if parts is None:
            continue
        whole.remove(one)
        for part in parts:
            split.remove(part)
        weight = sum(_weight(part, rarity) for part in parts)
        taken.append(Pair(parts, (one,), 0.97, How.SAME, (weight + _weight(one, rarity)) / 2))
    return taken


def _find_parts(split: Sequence[Token], one: Token) -> tuple[Token, ...] | None:
    """Return the two or three words that, written together, are this one."""
    length = len(one.text)
    shorter = [token for token in split if len(token.text) < length]
    for first in shorter:
        if first.text[:2] != one.text[: min(2, len(first.text))]:
            continue
        rest = [token for token in shorter if token is not first]
        for count in (1, 2):
            for others in permutations(rest, count):
                parts = (first, *others)
                if not -4 <= sum(len(part.text) for part in parts) - length <= 2:
                    continue
                if _are_one(parts, one):
                    return parts
    return None


def _are_one(parts: tuple[Token, ...], one: Token) -> bool:
    joined = "".join(part.text for part in parts)
    if _is_one(joined, one.text):
        return True
    is_bare = one.is_bare or any(part.is_bare for part in parts)
    return is_bare and skeleton(abd_fold(joined)) == skeleton(abd_fold(one.text))


def _is_one(joined: str, one: str) -> bool:
    if joined == one:
        return True
    if len(joined) <= _JOINED_CHARS_MIN:
        return False
    if any(letter.isdigit() for letter in joined + one) and not one.isdigit():
        return edits_cost(joined, one) <= 0.5  # kestre 1: a digit in the place of a letter
    return abd_fold(joined) == abd_fold(one) or vowel_fold(joined) == vowel_fold(one)


def _take_acronyms(name: Name, long: list[Token], short: list[Token], rarity: Rarity) -> list[Pair]:
    """Take out three or more words in a row whose first letters are a word of the other side."""
    taken: list[Pair] = []
    for one in list(short):
        count = len(one.text)
        if not 3 <= count <= 6 or one.kind is not TokenKind.WORD:
            continue
        for at in range(len(name.spoken) - count + 1):
            run = name.spoken[at : at + count]
            if "".join(token.text[0] for token in run) != one.text:
                continue
            if not all(long.count(token) >= run.count(token) for token in run):
                continue
            for token in run:
                long.remove(token)
            short.remove(one)
            taken.append(Pair(tuple(run), (one,), 0.85, How.SHORTENED, _weight(one, rarity)))
            break
    return taken


def _take_equal(left: list[Token], right: list[Token], rarity: Rarity) -> list[Pair]:
    found = []
    for token in list(left):
        twin = next((one for one in right if one.text == token.text), None)
        if twin is not None:
            found.append(_pair(token, twin, 1.0, How.SAME, rarity))
            left.remove(token)
            right.remove(twin)
    return found


def _compare_firm_words(a: Token, b: Token) -> tuple[float, How]:
    score, how = compare_tokens(a, b)
    if score < SAME_WORD_MIN and (is_shortened(a.text, b.text) or is_shortened(b.text, a.text)):
        return 0.85, How.SHORTENED
    return score, how


def _take_best(
    left: list[Token],
    right: list[Token],
    rarity: Rarity,
    compare: Callable[[Token, Token], tuple[float, How]],
) -> list[Pair]:
    """Pair the rest so that the sum of weighed scores is highest."""
    if not left or not right:
        return []
    found = [[compare(a, b) for b in right] for a in left]
    gains = [
        [
            score * min(a.weight, b.weight) if score >= SAME_WORD_MIN else 0.0
            for (score, _), b in zip(row, right, strict=True)
        ]
        for row, a in zip(found, left, strict=True)
    ]
    pairs, taken_left, taken_right = [], set(), set()
    for i, j in assign(gains):
        pairs.append(_pair(left[i], right[j], *found[i][j], rarity))
        taken_left.add(i)
        taken_right.add(j)
    left[:] = [token for i, token in enumerate(left) if i not in taken_left]
    right[:] = [token for j, token in enumerate(right) if j not in taken_right]
    return pairs


def _left_over(
    rest: list[Token], pairs: list[Pair], rarity: Rarity
) -> tuple[tuple[Token, float], ...]:
    """Return what has no partner, heaviest first; a word said twice is no loss."""
    paired = {token.text for pair in pairs for token in (*pair.ours, *pair.theirs)}
    return tuple(
        sorted(
            ((token, _weight(token, rarity)) for token in rest if token.text not in paired),
            key=lambda one: (-one[1], one[0]),
        )
    )
