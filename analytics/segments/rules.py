"""Rule segments: conditions a person builds, over the same features the learnt ones are of.

    {"name": "Savers", "all": [{"feature": "savings_share", "is": "at_least", "value": 0.5},
                               {"segment": ["sg_1", "sg_3"]}]}

Every condition must hold. Small on purpose: what cannot be said so is two segments, or a new
feature that features.py answers for. A rule cannot name what the wall keeps away, since it can
only name FEATURES. Pure: JSON in, a list of who is in it out; nothing is evaluated as code.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.errors import AnalyticsError, FeatureMismatch
from analytics.segments.features import NAMES

_MOST = 20
_NAME_CHARS_MOST = 80
Flags = NDArray[np.bool_]
_COMPARE: dict[str, Callable[[Any, float], Any]] = {
    "at_least": lambda column, value: column >= value,
    "at_most": lambda column, value: column <= value,
    "more_than": lambda column, value: column > value,
    "less_than": lambda column, value: column < value,
}
COMPARISONS = tuple(_COMPARE)


class BadRule(AnalyticsError):
    """A rule that says nothing we can check; the sentence says where and what is allowed."""

    code: ClassVar[str] = "bad_rule"


@dataclass(frozen=True, slots=True)
class Condition:
    """A feature beside a number. comparison: one of COMPARISONS."""

    feature: str
    comparison: str
    value: float

    def __post_init__(self) -> None:
        if self.feature not in NAMES:
            raise BadRule(f"No feature is called {self.feature!r:.60}: {', '.join(NAMES)}.")
        if self.comparison not in _COMPARE:
            raise BadRule(f"{self.comparison!r:.60} is none of {', '.join(COMPARISONS)}.")
        is_number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if not is_number or not math.isfinite(self.value):
            raise BadRule(f"The value of {self.feature} must be a finite number.")


@dataclass(frozen=True, slots=True)
class InSegments:
    """Any of some learnt segments, by id."""

    ids: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.ids or not all(isinstance(one, str) and one for one in self.ids):
            raise BadRule("A condition on segments needs ids such as sg_1.")


@dataclass(frozen=True, slots=True)
class Rule:
    """A named segment: everybody for whom all conditions hold."""

    name: str
    conditions: tuple[Condition | InSegments, ...]

    def __post_init__(self) -> None:
        is_text = isinstance(self.name, str) and 0 < len(self.name.strip()) <= _NAME_CHARS_MOST
        if not is_text:
            raise BadRule(f"A segment needs a name of at most {_NAME_CHARS_MOST} characters.")
        if not 1 <= len(self.conditions) <= _MOST:
            raise BadRule(f"A segment has one to {_MOST} conditions, not {len(self.conditions)}.")

    def members(self, table: pd.DataFrame, segments: pd.Series | None = None) -> Flags:
        """Return for each row of a table whether it is in, shape (n,).

        segments: ids of learnt segments, indexed as the table; needed where a condition names one.
        Raises FeatureMismatch.
        """
        inside = np.ones(len(table), np.bool_)
        for one in self.conditions:
            inside &= _holds(one, table, segments)
        return inside

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` reads."""
        return {"name": self.name, "all": [_told(one) for one in self.conditions]}

    @classmethod
    def from_json(cls, told: object) -> Rule:
        """Return a rule. Raises BadRule: another shape, an unknown feature, no finite number."""
        if not isinstance(told, dict) or set(told) != {"name", "all"}:
            raise BadRule('A rule is {"name": …, "all": [conditions]} and nothing else.')
        if not isinstance(told["all"], list):
            raise BadRule("`all` is a list of conditions.")
        return cls(told["name"], tuple(_condition(one) for one in told["all"]))


def _condition(told: object) -> Condition | InSegments:
    if isinstance(told, dict) and set(told) == {"segment"} and isinstance(told["segment"], list):
        return InSegments(tuple(told["segment"]))
    if not isinstance(told, dict) or set(told) != {"feature", "is", "value"}:
        raise BadRule('A condition is {"feature", "is", "value"} or {"segment": [ids]}.')
    if not isinstance(told["feature"], str) or not isinstance(told["is"], str):
        raise BadRule("`feature` and `is` are words.")
    return Condition(told["feature"], told["is"], told["value"])


def _told(one: Condition | InSegments) -> dict[str, Any]:
    if isinstance(one, InSegments):
        return {"segment": list(one.ids)}
    return {"feature": one.feature, "is": one.comparison, "value": one.value}


def _holds(one: Condition | InSegments, table: pd.DataFrame, segments: pd.Series | None) -> Flags:
    if isinstance(one, InSegments):
        if segments is None:
            raise FeatureMismatch("The rule names segments, and none were learnt.")
        held: Flags = segments.reindex(table.index).isin(one.ids).to_numpy(np.bool_)
        return held
    if one.feature not in table.columns:
        raise FeatureMismatch(f"The table lacks {one.feature}.")
    return np.asarray(_COMPARE[one.comparison](table[one.feature].to_numpy(), one.value), np.bool_)
