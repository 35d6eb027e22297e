"""Feedback: how far one colleague may teach the models, and when their verdicts are looked at.

    words in order of time ──▶ at most max(least, share × all words of the window) of one person
                               are taken; what is beyond teaches nothing, until the window has moved
    genuine, genuine, genuine … ──▶ so many in a row as the others would hardly ever have: a case
                               for somebody else (services/verdict_runs.py)

An agent who closes everything as false, tired or bought, then moves labels within a bound and for
a day, not for good. Whether a word is taken depends on earlier words alone, so that what was known
on a given day can be told again later. Words of customers and files of others are not counted here.

Pure. Table: feedback.toml.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bank.policies.tables import load_table


@dataclass(frozen=True, slots=True)
class Word:
    """What one member of staff said of one payment. id: the finding's or the assessment's."""

    id: str
    by: str
    at_utc: datetime


def window() -> timedelta:
    """Return how far the bound looks back."""
    return timedelta(days=float(load_table("feedback")["bound"]["window_days"]))


def most_of_one(words_count: int) -> int:
    """Return how many of a window's words may be one person's.

    >>> most_of_one(10), most_of_one(1_000)
    (50, 600)
    """
    bound = load_table("feedback")["bound"]
    return max(int(bound["least_count"]), int(bound["share"] * words_count))


def untaken(words: Iterable[Word]) -> frozenset[str]:
    """Return the ids of words that are beyond their giver's bound when they are given."""
    lately: deque[Word] = deque()
    given: Counter[str] = Counter()
    beyond = set[str]()
    for word in sorted(words, key=lambda one: (one.at_utc, one.id)):
        while lately and lately[0].at_utc <= word.at_utc - window():
            given[lately.popleft().by] -= 1
        lately.append(word)
        given[word.by] += 1
        if given[word.by] > most_of_one(len(lately)):
            beyond.add(word.id)
    return frozenset(beyond)


def run_since(now_utc: datetime) -> datetime:
    """Return since when one person's verdicts make a run."""
    return now_utc - timedelta(hours=float(load_table("feedback")["run"]["window_h"]))


def others_since(now_utc: datetime) -> datetime:
    """Return since when the others' verdicts are its measure."""
    return now_utc - timedelta(days=float(load_table("feedback")["run"]["others_days"]))


def may_be_run(cases_count: int) -> bool:
    """Whether so many alerts found genuine in a row are enough to look at the others."""
    return cases_count >= int(load_table("feedback")["run"]["cases_least"])


def is_run(cases_count: int, *, others_genuine: int, others_count: int) -> bool:
    """Whether a run of alerts found genuine is too long to be an ordinary day's.

    others_genuine: of the others' `others_count` verdicts. Where nearly every alert is false, a
    long run is nothing; where nobody else decides, genuine and fraud are taken to be as likely.

    >>> is_run(20, others_genuine=50, others_count=100)
    True
    >>> is_run(20, others_genuine=95, others_count=100)
    False
    """
    usual = (others_genuine + 1) / (others_count + 2)
    rare = float(load_table("feedback")["run"]["chance_most"])
    return may_be_run(cases_count) and usual**cases_count <= rare
