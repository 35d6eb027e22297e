"""The index: from a name to the few listed names that could be it.

    mokhammed zelenkov
        │ each word: keys (sound, consonants, variants) and shared letter pairs
        ▼
    {mohammed .93, muhammad .93, …}  {zelenkov 1, zelenkow .96, …}     words of the lists
        │ each word's names, the weight of what they share
        ▼
    names that share enough of the lighter name ─▶ scored one by one in matching.py

Arrays and dictionaries of strings only; built in seconds, kept as JSON beside the lists.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.screening.entries import Entry
from identity.screening.folding import abd_fold, fold, heard, skeleton, vowel_fold
from identity.screening.names import Name, NameKind, Token, TokenKind, parse_name, parts_of
from identity.screening.spelling import compare_tokens
from identity.screening.words import words

#: A listed name is looked at when it shares this much of the lighter name's weight.
COVERAGE_MIN = 0.62
#: The most names that are scored for one question.
CANDIDATES_MAX = 100
#: Words of the lists that share this much of their letter pairs are compared (Dice).
PAIRS_MIN = 0.42
SIMILAR_WORDS_MAX = 80
#: Rarity of the commonest and of the rarest word.
RARITY_RANGE = (0.8, 1.15)


@dataclass(slots=True)
class Index:
    """`names[i]` is the i-th listed name, `owners[i]` the number of its entry and name.

    Word numbers follow `vocabulary`; `postings[w]` are the names that hold word w.
    """

    owners: list[tuple[int, int]]
    names: list[Name]
    vocabulary: list[Token]
    postings: list[NDArray[np.int32]]
    keys: dict[str, list[int]]
    pairs: dict[str, NDArray[np.int32]]
    pairs_count: NDArray[np.float32]
    weights: NDArray[np.float32]
    sizes: NDArray[np.int32]
    is_person: NDArray[np.bool_]
    joined: dict[str, list[int]]
    rarities: dict[str, float]

    def rarity(self, word: str) -> float:
        """Return how rare a word is in the lists; words they do not have are rare."""
        return self.rarities.get(word, RARITY_RANGE[1])

    def candidates(self, asked: Name) -> list[int]:
        """Return the numbers of listed names worth scoring, the likeliest first.

        Only names read as `asked` was: a person's among persons, a firm's among the others.
        """
        if not self.names:
            return []
        shared = np.zeros(len(self.names), dtype=np.float32)
        for token in asked.tokens:
            if token.weight >= 0.4 and token.kind is not TokenKind.INITIAL:
                shared += self._shared_by(token)
        for number in self._joined_with(asked):
            shared[number] += 2.0
        asked_weight = _searchable_weight(asked)
        coverage = shared / np.maximum(1.0, np.minimum(self.weights, asked_weight))
        is_person = asked.kind is NameKind.PERSON
        found = np.flatnonzero((coverage >= COVERAGE_MIN) & (self.is_person == is_person))
        # Of equals the name of nearest length first: fewest missing words.
        distance = np.abs(self.sizes[found] - len(asked.tokens))
        order = np.lexsort((distance, -np.round(coverage[found], 2)))
        return [int(number) for number in found[order[:CANDIDATES_MAX]]]

    def _shared_by(self, token: Token) -> NDArray[np.float32]:
        shared = np.zeros(len(self.names), dtype=np.float32)
        for number, score in self.similar_words(token):
            weight = np.float32(score * min(token.weight, self.vocabulary[number].weight))
            at = self.postings[number]
            shared[at] = np.maximum(shared[at], weight)
        return shared

    def similar_words(self, token: Token) -> list[tuple[int, float]]:
        """Return the words of the lists that may be this word, with their likelihood."""
        numbers = set[int]()
        for key in keys_of(token):
            numbers.update(self.keys.get(key, ()))
        if not token.is_bare and token.kind is not TokenKind.NUMBER and len(token.text) > 2:
            numbers.update(self._by_pairs(token))
        found = []
        for number in numbers:
            score, _ = compare_tokens(token, self.vocabulary[number])
            if score > 0.0:
                found.append((number, score))
        return found

    def _by_pairs(self, token: Token) -> list[int]:
        asked = letter_pairs(token.text)
        found = [self.pairs[pair] for pair in asked if pair in self.pairs]
        if not found:
            return []
        counts = np.bincount(np.concatenate(found), minlength=len(self.vocabulary))
        at = np.flatnonzero(counts >= PAIRS_MIN * len(asked) * 0.8)
        dice = 2.0 * counts[at] / (self.pairs_count[at] + len(asked))
        at = at[dice >= PAIRS_MIN]
        if len(at) > SIMILAR_WORDS_MAX:
            dice = 2.0 * counts[at] / (self.pairs_count[at] + len(asked))
            at = at[np.argpartition(-dice, SIMILAR_WORDS_MAX)[:SIMILAR_WORDS_MAX]]
        return [int(number) for number in at]

    def _joined_with(self, asked: Name) -> set[int]:
        found = set[int]()
        for token in asked.tokens:
            found.update(self.joined.get(joined_key(token.text), ()))
        for first in asked.tokens:
            for second in asked.tokens:
                if first is second:
                    continue
                text = first.text + second.text
                numbers = list(self.keys.get(f"j:{joined_key(text)}", ()))
                if first.is_bare and second.is_bare:
                    numbers += self.keys.get(f"s:{skeleton(abd_fold(text))}", ())
                for number in numbers:
                    found.update(int(one) for one in self.postings[number])
        return found


def build_index(entries: Sequence[Entry]) -> Index:
    """Return the index over all names of the entries."""
    owners, names = [], []
    for entry_number, entry in enumerate(entries):
        for name_number, listed in enumerate(entry.names):
            name = parse_name(listed.text, entry.kind)
            if not name.is_empty:
                owners.append((entry_number, name_number))
                names.append(name)
    return index_names(owners, names)


def index_names(owners: list[tuple[int, int]], names: list[Name]) -> Index:
    """Return the index over parsed names."""
    numbers: dict[Token, int] = {}
    postings: list[list[int]] = []
    joined: dict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        for token in set(name.tokens):
            number = numbers.setdefault(token, len(numbers))
            if number == len(postings):
                postings.append([])
            postings[number].append(at)
        for first, second in zip(name.spoken, name.spoken[1:], strict=False):
            joined[joined_key(first.text + second.text)].append(at)
    vocabulary = list(numbers)
    keys, pairs = _keys_and_pairs(vocabulary)
    return Index(
        owners=owners,
        names=names,
        vocabulary=vocabulary,
        postings=[np.asarray(found, dtype=np.int32) for found in postings],
        keys=keys,
        pairs={pair: np.asarray(found, dtype=np.int32) for pair, found in pairs.items()},
        pairs_count=np.asarray(
            [len(letter_pairs(token.text)) for token in vocabulary], dtype=np.float32
        ),
        weights=np.asarray([_searchable_weight(name) for name in names], dtype=np.float32),
        sizes=np.asarray([len(name.tokens) for name in names], dtype=np.int32),
        is_person=np.asarray([name.kind is NameKind.PERSON for name in names], dtype=np.bool_),
        joined=dict(joined),
        rarities=_rarities(vocabulary, postings, len(names)),
    )


def _keys_and_pairs(
    vocabulary: list[Token],
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    keys: dict[str, list[int]] = defaultdict(list)
    pairs: dict[str, list[int]] = defaultdict(list)
    for number, token in enumerate(vocabulary):
        for key in keys_of(token):
            keys[key].append(number)
        if len(token.text) > 5:
            keys[f"j:{joined_key(token.text)}"].append(number)
        for pair in letter_pairs(token.text):
            pairs[pair].append(number)
    return dict(keys), dict(pairs)


def _searchable_weight(name: Name) -> float:
    """Return the weight of what can be looked up; initials match half the alphabet."""
    return sum(token.weight for token in name.tokens if token.kind is not TokenKind.INITIAL)


def _rarities(
    vocabulary: list[Token], postings: list[list[int]], names_count: int
) -> dict[str, float]:
    """Return a factor for each word: inverse document frequency, squeezed into RARITY_RANGE."""
    low, high = RARITY_RANGE
    counts: dict[str, int] = defaultdict(int)
    for token, found in zip(vocabulary, postings, strict=True):
        counts[token.text] += len(found)
    top = math.log(1 + max(1, names_count))
    return {
        word: low + (high - low) * min(1.0, math.log((1 + names_count) / count) / (0.9 * top))
        for word, count in counts.items()
    }


def keys_of(token: Token) -> list[str]:
    """Return the keys under which a word is found whatever its letters are."""
    text = token.text
    if token.kind is TokenKind.NUMBER or len(text) < 2:
        return [f"t:{text}"]
    found = [f"t:{text}", f"s:{skeleton(text)}"]
    if heard(text) != skeleton(text):
        found.append(f"s:{heard(text)}")
    if token.is_bare:
        return found
    found += [f"f:{fold(text)}", f"v:{vowel_fold(text)}"]
    if text[0] == "j":
        found.append(f"f:{fold('y' + text[1:])}")
    if text.startswith("abd"):
        found += [f"a:{abd_fold(text)}", f"s:{skeleton(abd_fold(text))}"]
    if token.glued:
        found.append(f"t:{token.glued}{text}")
    found += [f"g:{group}" for group in words().groups.get(text, ())]
    return found


def joined_key(text: str) -> str:
    """Return the key of two words written as one."""
    return fold(abd_fold(text))


def letter_pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring letters of the folded word, ends marked."""
    marked = f"^{fold(text)}$"
    return {marked[at : at + 2] for at in range(len(marked) - 1)}


def dump_names(index: Index) -> dict[str, Any]:
    """Return what of an index is slow to make, for JSON."""
    kinds = list(TokenKind)
    vocabulary = {token: number for number, token in enumerate(index.vocabulary)}
    return {
        "tokens": [
            [token.text, kinds.index(token.kind), token.glued, token.is_bare]
            for token in index.vocabulary
        ],
        "names": [
            [name.kind.value, name.original, [vocabulary[token] for token in name.spoken],
             sorted(name.forms), name.compact]
            for name in index.names
        ],
        "owners": [list(owner) for owner in index.owners],
    }  # fmt: skip


def load_names(data: dict[str, Any]) -> Index:
    """Return the index of what `dump_names` made."""
    kinds = list(TokenKind)
    tokens = [Token(text, kinds[kind], glued, bare) for text, kind, glued, bare in data["tokens"]]
    names = []
    for kind, original, spoken, forms, compact in data["names"]:
        found = tuple(tokens[number] for number in spoken)
        names.append(
            Name(
                NameKind(kind),
                original,
                tuple(sorted(found)),
                found,
                frozenset(forms),
                compact,
                parts_of(original, NameKind(kind)),
            )
        )
    owners = [(entry, name) for entry, name in data["owners"]]
    return index_names(owners, names)
