"""A challenger: a model trained with what staff have labelled, against the one that serves.

    labelled sentences ─┬ a fixed fifth ─▶ the bank's own hold-out: never trained on
                        └ the rest      ─▶ learnt ─▶ challenger
    champion, challenger ─▶ own hold-out: more right  and  shipped tables: hardly fewer ─▶ promoted

A sentence always falls on the same side, so no model is ever judged by what it was shown.
Pure. The numbers are in bank/policies/readings.toml.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb

from bank.domain.readings import plain

HOLDOUT_ONE_OF = 5


class Judgement(StrEnum):
    """Whether the challenger takes the champion's place, and if not, why."""

    BETTER = "better"
    TOO_FEW_HELD_OUT = "too_few_held_out"
    NOT_BETTER = "not_better"
    WORSE_ON_SHIPPED = "worse_on_shipped"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model took a sentence for; `confidence` in [0, 1]."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Duel:
    """One table of sentences, answered by both models, in the table's order."""

    name: str
    intents: tuple[str, ...]
    champion: tuple[Answer, ...]
    challenger: tuple[Answer, ...]

    def __post_init__(self) -> None:
        assert len(self.intents) == len(self.champion) == len(self.challenger), self.name

    @property
    def champion_right(self) -> int:
        return len(self._right(self.champion))

    @property
    def challenger_right(self) -> int:
        return len(self._right(self.challenger))

    @property
    def gained(self) -> int:
        """How many the challenger alone has right."""
        return len(self._right(self.challenger) - self._right(self.champion))

    @property
    def lost(self) -> int:
        """How many the champion alone has right."""
        return len(self._right(self.champion) - self._right(self.challenger))

    def _right(self, answers: tuple[Answer, ...]) -> set[int]:
        pairs = enumerate(zip(self.intents, answers, strict=True))
        return {place for place, (intent, answer) in pairs if answer.intent == intent}


def is_held_out(text: str) -> bool:
    """Whether a sentence is kept for judging. Depends on its plain words only.

    >>> is_held_out("What is my balance?") == is_held_out("what is my  BALANCE")
    True
    """
    digest = hashlib.sha256(plain(text).encode()).digest()
    return int.from_bytes(digest[:8], "big") % HOLDOUT_ONE_OF == 0


def joined(duels: Sequence[Duel], name: str) -> Duel:
    """Return several tables as one."""
    return Duel(
        name,
        tuple(intent for duel in duels for intent in duel.intents),
        tuple(answer for duel in duels for answer in duel.champion),
        tuple(answer for duel in duels for answer in duel.challenger),
    )


def judge(own: Duel, shipped: Duel, *, own_min: int, loss_max_permille: int) -> Judgement:
    """Return whether the challenger is better.

    It must have more right of the bank's own held-out sentences (at least `own_min` of them), and
    may lose at most `loss_max_permille` thousandths of the shipped ones.
    """
    if len(own.intents) < own_min:
        return Judgement.TOO_FEW_HELD_OUT
    if own.challenger_right <= own.champion_right:
        return Judgement.NOT_BETTER
    lost_count = shipped.champion_right - shipped.challenger_right
    if lost_count * 1000 > loss_max_permille * len(shipped.intents):
        return Judgement.WORSE_ON_SHIPPED
    return Judgement.BETTER


def mcnemar_p(*, gained: int, lost: int) -> float:
    """Return the exact two-sided p-value of McNemar's test: information, not the decision.

    >>> mcnemar_p(gained=0, lost=0), mcnemar_p(gained=6, lost=0)
    (1.0, 0.03125)

    McNemar 1947, with the binomial distribution instead of its chi-squared approximation.
    """
    count = gained + lost
    tail = sum(comb(count, k) for k in range(min(gained, lost) + 1))
    return min(1.0, float(2 * tail / 2**count))
