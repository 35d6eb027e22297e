"""Investor questions: which are asked, what answers come to, and which cannot both be meant.

    answers ──▶ next_question ──▶ a code, or None: all are answered
            ├─▶ contradiction ──▶ the question to ask again, and why
            └─▶ score ──────────▶ ability, willingness, horizon, reserve, exclusions

Ability is the mean of its questions' points, never above an answer that rules more out; the same
for willingness. Rounded down: in doubt less. The table is `investor_questions.toml`. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any

from bank.domain.errors import InvalidInput
from bank.domain.ids import CustomerId
from bank.domain.instruments import RISK_CLASS_MAX, RISK_CLASS_MIN
from bank.domain.investors import Goal, InvestorProfile, Knowledge
from bank.policies.tables import load_table

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InvestorQuestion:
    """One question. answers: code to what it brings. is_many: several may be chosen."""

    code: str
    answers: Mapping[str, Mapping[str, Any]]
    is_many: bool


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two answers that cannot both be meant; `question` is asked again."""

    code: str
    other: str
    question: str


@dataclass(frozen=True, slots=True)
class Score:
    """What whole answers come to; units as in `InvestorProfile`."""

    ability: int
    willingness: int
    horizon_years: int
    reserve_months: int
    goal: Goal
    knowledge: Knowledge
    exclusions: tuple[str, ...]
    interests: tuple[str, ...]
    wants_esg: bool


@cache
def questions() -> tuple[InvestorQuestion, ...]:
    """Return all questions in order."""
    return tuple(
        InvestorQuestion(one["code"], one["answers"], bool(one.get("is_many", False)))
        for one in load_table("investor_questions")["questions"]
    )


def question(code: str) -> InvestorQuestion:
    """Return one question. Raises InvalidInput: says which there are."""
    for one in questions():
        if one.code == code:
            return one
    raise InvalidInput(field="question", allowed=[one.code for one in questions()])


def next_question(answers: Answers) -> str | None:
    """Return the first question without an answer.

    >>> next_question({}), next_question({"goal": "growth"})
    ('goal', 'horizon')
    """
    return next((one.code for one in questions() if one.code not in answers), None)


def check(code: str, answer: Any) -> Any:
    """Return an answer as it is kept: a code, or sorted codes. Raises InvalidInput."""
    asked = question(code)
    several = list(answer) if isinstance(answer, list | tuple) else []
    chosen = [answer] if isinstance(answer, str) else several
    is_known = bool(chosen) and all(isinstance(one, str) and one in asked.answers for one in chosen)
    if not is_known or (len(chosen) > 1 and not asked.is_many):
        raise InvalidInput(field=code, allowed=list(asked.answers))
    if not asked.is_many:
        return chosen[0]
    real = sorted({one for one in chosen if one != "nothing"})
    return real or ["nothing"]


def contradiction(answers: Answers) -> Contradiction | None:
    """Return the first pair that cannot both be meant, if any.

    >>> found = contradiction({"goal": "retirement", "horizon": "under_1"})
    >>> found.code, found.question
    ('soon_and_far', 'horizon')
    """
    for one in load_table("investor_questions")["contradictions"]:
        pair = (one["first"], one["second"])
        if all(answers.get(side["question"]) in side["answers"] for side in pair):
            return Contradiction(one["code"], pair[0]["question"], pair[1]["question"])
    return None


def score(answers: Answers) -> Score:
    """Return what whole answers come to. Raises InvalidInput: missing, unknown, contradictory."""
    missing = next_question(answers)
    if missing is not None:
        raise InvalidInput(field=missing, allowed=list(question(missing).answers))
    kept = {one.code: check(one.code, answers[one.code]) for one in questions()}
    clash = contradiction(kept)
    if clash is not None:
        raise InvalidInput(field=clash.question, contradicts=clash.other, why=clash.code)
    brought = [question(code).answers[one] for code, each in kept.items() for one in _each(each)]
    return Score(
        ability=_points(brought, "ability"),
        willingness=_points(brought, "willingness"),
        horizon_years=sum(int(one.get("years", 0)) for one in brought),
        reserve_months=sum(int(one.get("months", 0)) for one in brought),
        goal=Goal(kept["goal"]),
        knowledge=Knowledge(kept["knowledge"]),
        exclusions=tuple(sorted(str(one["excludes"]) for one in brought if "excludes" in one)),
        interests=tuple(sorted(str(one["interest"]) for one in brought if "interest" in one)),
        wants_esg=any(one.get("esg", False) for one in brought),
    )


def profile_of(
    told: Score, *, profile_id: str, customer_id: CustomerId, answers: Answers,
    taken_at_utc: datetime,
) -> InvestorProfile:  # fmt: skip
    """Return the profile that answers make, with who gave them and when."""
    return InvestorProfile(
        id=profile_id,
        customer_id=customer_id,
        answers=dict(answers),
        taken_at_utc=taken_at_utc,
        **{one.name: getattr(told, one.name) for one in fields(told)},
    )


def _points(brought: Sequence[Mapping[str, Any]], kind: str) -> int:
    points = [int(one[kind]) for one in brought if kind in one]
    most = min([int(one[f"{kind}_max"]) for one in brought if f"{kind}_max" in one], default=7)
    return max(RISK_CLASS_MIN, min(sum(points) // len(points), most, RISK_CLASS_MAX))


def _each(answer: str | Sequence[str]) -> Sequence[str]:
    return [answer] if isinstance(answer, str) else answer
