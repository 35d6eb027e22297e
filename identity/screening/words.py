"""Words that mean something special in a name: `words.toml`, ready to look up."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Words:
    """`groups` are of given names and surnames that are one name; a word may be in several."""

    titles: frozenset[str]
    soft_titles: frozenset[str]
    generations: frozenset[str]
    particles: frozenset[str]
    groups: Mapping[str, frozenset[int]]
    forms: Mapping[tuple[str, ...], str]
    generic: frozenset[str]
    small: frozenset[str]
    short: Mapping[str, str]
    numbers: Mapping[str, str]


@lru_cache(maxsize=1)
def words() -> Words:
    """Return the tables of special words."""
    text = (files(__package__) / "words.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    groups: dict[str, set[int]] = {}
    for number, group in enumerate(data["variants"]):
        for word in group.split():
            groups.setdefault(word, set()).add(number)
    forms: dict[tuple[str, ...], str] = {}
    for group, spellings in data["forms"].items():
        for spelling in spellings.split():
            parts = tuple(part for part in spelling.split("%") if part)
            forms[parts] = group if group != "phrases" else "limited"
    return Words(
        titles=frozenset(data["titles"].split()),
        soft_titles=frozenset(data["soft_titles"].split()),
        generations=frozenset(data["generations"].split()),
        particles=frozenset(data["particles"].split()),
        groups={word: frozenset(numbers) for word, numbers in groups.items()},
        forms=forms,
        generic=frozenset(data["generic"]["words"].split()),
        small=frozenset(data["generic"]["small"].split()),
        short=data["short"],
        numbers={word: str(number) for word, number in data["numbers"].items()},
    )
