"""Screening: from a name, a birth date and a country to the hits a person has to judge.

    name ─▶ index ─▶ candidates ─▶ features ─▶ score ≥ threshold ─▶ hits, the best first
                                      └─ birth date, country, rarity

    hit:  in_review ──▶ confirmed_hit
              └───────▶ no_hit        (remembered until the entry changes: rescreening.py)

Pure but for the lists it is given. A hit is a question, never a verdict.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from identity.screening import context
from identity.screening.entries import Entry, NameQuality
from identity.screening.features import Reason, features_digest
from identity.screening.index import RARITY_RANGE, Index
from identity.screening.lists import ScreeningLists
from identity.screening.names import Name, NameKind, TokenKind, parse_name
from identity.screening.scoring import score_names

HITS_MAX = 25


class HitState(StrEnum):
    """A person's word on a hit; every hit starts in review."""

    IN_REVIEW = "in_review"
    CONFIRMED_HIT = "confirmed_hit"
    NO_HIT = "no_hit"


class FeatureMismatch(Exception):
    """The threshold was measured with other features than these."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The score from which a candidate is a hit, with what was measured there.

    precision, recall and cases_count are of our own cases of the strong tier (threshold.json).
    """

    score: float
    precision: float
    recall: float
    cases_count: int
    features: str

    def is_hit(self, score: float) -> bool:
        return score >= self.score


@dataclass(frozen=True, slots=True)
class Hit:
    """A listed name that may be the one asked for.

    `name` is the listed name that came nearest, `primary_name` the entry's first. `reasons` add up
    to the score (from 1). `entry_digest` changes when the list changes the entry.
    """

    name: str
    list_name: str
    entry_id: str
    score: float
    reasons: tuple[Reason, ...]
    born_dates: tuple[str, ...]
    programs: tuple[str, ...]
    primary_name: str
    kind: NameKind
    countries: tuple[str, ...]
    entry_digest: str
    state: HitState = HitState.IN_REVIEW

    def to_json(self) -> dict[str, Any]:
        """Return the hit as commands and cases print it."""
        return {
            "name": self.name,
            "source": self.list_name,
            "score": round(self.score, 4),
            "reasons": [one.to_json() for one in self.reasons],
            "entry_id": self.entry_id,
            "primary_name": self.primary_name,
            "kind": self.kind.value,
            "born_dates": list(self.born_dates),
            "countries": list(self.countries),
            "programs": list(self.programs),
            "entry_digest": self.entry_digest,
            "state": self.state.value,
        }


@lru_cache(maxsize=1)
def default_threshold() -> Threshold:
    """Return the threshold that was measured with these features. Raises FeatureMismatch."""
    text = (files(__package__) / "threshold.json").read_text(encoding="utf-8")
    threshold = Threshold(**json.loads(text))
    if threshold.features != features_digest():
        raise FeatureMismatch(threshold.features)
    return threshold


def screen(
    lists: ScreeningLists,
    name: str,
    *,
    born: date | None = None,
    country: str | None = None,
    kind: NameKind | None = None,
    threshold: Threshold | None = None,
) -> list[Hit]:
    """Return the hits for a name, the best first, one an entry, at most HITS_MAX.

    `country` is ISO 3166-1 alpha-2 (of residence or nationality). `kind` None looks among
    persons, organisations, vessels and aircraft. An empty name has no hits.
    """
    threshold = threshold or default_threshold()
    best: dict[int, Hit] = {}
    readings = [kind] if kind else [NameKind.PERSON, NameKind.ORGANISATION]
    for reading in readings:
        asked = parse_name(name, reading)
        for number in _candidates(lists.index, asked):
            entry_number, _ = lists.index.owners[number]
            hit = _score(lists, asked, number, born=born, country=country)
            if threshold.is_hit(hit.score) and (
                entry_number not in best or hit.score > best[entry_number].score
            ):
                best[entry_number] = hit
    return sorted(best.values(), key=lambda hit: (-hit.score, hit.entry_id))[:HITS_MAX]


def _candidates(index: Index, asked: Name) -> Iterable[int]:
    if asked.is_empty:
        return ()
    return index.candidates(asked)


def _score(
    lists: ScreeningLists, asked: Name, number: int, *, born: date | None, country: str | None
) -> Hit:
    entry_number, name_number = lists.index.owners[number]
    entry, listed = lists.entries[entry_number], lists.index.names[number]
    if asked.kind is not NameKind.PERSON and asked.kind is not listed.kind:
        asked = parse_name(asked.original, listed.kind)
    score, reasons = score_names(asked, listed, lists.index.rarity)
    reasons = [*reasons, *_context(lists.index, asked, entry, name_number, born, country)]
    added = sum(one.score for one in reasons)
    return _hit(entry, name_number, max(0.0, min(1.0, 1.0 + added)) if score else 0.0, reasons)


def _context(
    index: Index,
    asked: Name,
    entry: Entry,
    name_number: int,
    born: date | None,
    country: str | None,
) -> list[Reason]:
    listed = entry.names[name_number]
    found: list[Reason | None] = [context.judge_quality(listed.text, listed.quality)]
    if asked.kind is NameKind.PERSON:
        common = _common_share(index, asked)
        if common > 0.25:
            found.append(context.common_words(asked.original, common))
        if born is not None:
            found.append(context.judge_birth(born, entry.born))
    if country:
        found.append(context.judge_country(country, entry))
    return [one for one in found if one is not None]


def _common_share(index: Index, asked: Name) -> float:
    """Return how common the rarest word of a name is: 0 rare or unknown, 1 the commonest."""
    low, high = RARITY_RANGE
    found = [index.rarity(token.text) for token in asked.tokens if token.kind is TokenKind.WORD]
    return (high - max(found)) / (high - low) if found else 0.0


def _hit(entry: Entry, name_number: int, score: float, reasons: list[Reason]) -> Hit:
    return Hit(
        name=entry.names[name_number].text,
        list_name=entry.list_name,
        entry_id=entry.entry_id,
        score=score,
        reasons=tuple(reasons),
        born_dates=tuple(one.text for one in entry.born),
        programs=entry.programs,
        primary_name=next(
            (one.text for one in entry.names if one.quality is NameQuality.PRIMARY),
            entry.names[0].text,
        ),
        kind=entry.kind,
        countries=tuple(sorted(entry.countries)),
        entry_digest=entry.digest,
    )
