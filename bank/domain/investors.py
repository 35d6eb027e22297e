"""Investors: what somebody can bear, wants to bear, wants, and knows. Each answer with its date.

    questions ──▶ answers ──investor_questions──▶ InvestorProfile ──1 year──▶ to be reviewed

Ability (what a loss would do to their life) and willingness (what it would do to their sleep) are
kept apart, each 1 to 7 on the scale of the risk classes; the lower one counts. A correction is a
new profile: old ones stay, since advice was given on them.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.ids import CustomerId


class Goal(StrEnum):
    PRESERVE = "preserve"
    PURCHASE = "purchase"
    INCOME = "income"
    GROWTH = "growth"
    RETIREMENT = "retirement"


class Knowledge(StrEnum):
    """What somebody understands and has held, each including those before it."""

    NONE = "none"
    FUNDS = "funds"
    SHARES = "shares"
    COMPLEX = "complex"


@dataclass(frozen=True, slots=True)
class InvestorProfile:
    """What somebody told of themselves as an investor, and what it comes to.

    answers: question code to answer code, as given. ability, willingness: risk classes 1 to 7.
    horizon_years: how long the money may stay. reserve_months: of spending kept aside.
    exclusions: tags of instruments they want none of. interests: regions and sectors they like.
    wants_esg: whether they look for a high ESG score.
    """

    id: str
    customer_id: CustomerId
    answers: dict[str, Any]
    ability: int
    willingness: int
    horizon_years: int
    reserve_months: int
    goal: Goal
    knowledge: Knowledge
    exclusions: tuple[str, ...]
    interests: tuple[str, ...]
    wants_esg: bool
    taken_at_utc: datetime

    @property
    def tolerance(self) -> int:
        """Return the risk class that fits: the lower of what they can and what they want."""
        return min(self.ability, self.willingness)
