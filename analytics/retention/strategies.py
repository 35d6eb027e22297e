"""Retention strategies: what may be offered, to whom, at what cost. Pure; the list is TOML.

    customer ──▶ held out? ──▶ open case? ──▶ consent? product? facts? ──▶ strategies that fit
                    │              │               │
                    └──────────────┴───────────────┴──▶ a refusal with its sentence

Doing nothing is always allowed and is no entry of the list. Who somebody is, by age, sex, origin,
belief, health and the like, is never a fact here: such names are refused when the list is read
and when a customer is made, so no rule can rest on them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from analytics.errors import BadTable, TableProblem

#: Words in names of facts that say who somebody is (EU Charter, Art. 21, and what stands for it).
PROTECTED = frozenset(
    "age birth born gender sex race ethnicity ethnic nationality citizenship country religion "
    "belief disability health pregnancy marital orientation union origin language name "
    "postcode zip".split()
)
#: How long ago something happened is not how old somebody is.
_SINCE_EVENT = re.compile(r"(?:account|card|case|complaint|fee|login|payment|salary)_age_days$")


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact in a range, both ends included; an unknown fact fulfils nothing."""

    fact: str
    at_least: float = float("-inf")
    at_most: float = float("inf")

    def holds(self, facts: Mapping[str, float]) -> bool:
        value = facts.get(self.fact)
        return value is not None and self.at_least <= value <= self.at_most


@dataclass(frozen=True, slots=True)
class Strategy:
    """One thing that may be offered. The fields are explained in strategies.toml."""

    name: str
    title: str
    cost_minor: int
    margin_share: float = 0.0
    capacity: int | None = None
    channel: str = ""
    prior_share: float = 0.0
    prior_sd: float = 0.0
    products: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()

    def cost_for(self, margin_year_minor: int) -> int:
        """Return what one offer is expected to cost, in minor units, rounded up."""
        given_up = self.margin_share * max(0, margin_year_minor)
        return self.cost_minor + int(-(-given_up // 1))


@dataclass(frozen=True, slots=True)
class Margins:
    """What a customer brings: shares of what is held and spent, and how many years of it."""

    deposit_margin_share: float = 0.012
    spending_margin_share: float = 0.004
    years: float = 3.0

    def year_minor(
        self, *, held_minor: float, spent_year_minor: float, fees_year_minor: float
    ) -> int:
        """Return the margin of a year in minor units, at least 0; unknown (NaN) counts as 0.

        >>> Margins().year_minor(
        ...     held_minor=1_000_000, spent_year_minor=500_000, fees_year_minor=2_400
        ... )
        16400
        """
        shares = (
            (self.deposit_margin_share, held_minor),
            (self.spending_margin_share, spent_year_minor),
            (1.0, fees_year_minor),
        )
        return round(sum(share * amount for share, amount in shares if amount > 0))

    def value_minor(self, year_minor: int) -> int:
        """Return what is lost with the customer."""
        return round(self.years * year_minor)


@dataclass(frozen=True, slots=True)
class StrategyBook:
    """The list with its rules for all strategies."""

    version: str
    currency: str
    holdout_share: float
    helps_chance_least: float
    never_on_open_case: tuple[str, ...]
    strategies: tuple[Strategy, ...]
    margins: Margins = Margins()


@dataclass(frozen=True, slots=True)
class Customer:
    """What a plan may know. value_minor: what the bank loses if they leave; at least 0."""

    customer_id: str
    churn_probability: float
    value_minor: int
    margin_year_minor: int = 0
    products: frozenset[str] = frozenset()
    consents: frozenset[str] = frozenset()
    open_cases: frozenset[str] = frozenset()
    facts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert 0 <= self.churn_probability <= 1, self.churn_probability
        assert self.value_minor >= 0, self.value_minor
        refuse_protected(self.facts)

    @property
    def known(self) -> dict[str, float]:
        """Return the facts that conditions may ask for."""
        return {**self.facts, "churn_probability": self.churn_probability}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a strategy is not for a customer: a code that never changes, a sentence for staff."""

    code: str
    sentence: str


def refuse_for_all(customer: Customer, book: StrategyBook, *, held_out: bool) -> Refusal | None:
    """Return why nothing at all may be offered, or None. An open case comes before all."""
    for kind in book.never_on_open_case:
        if kind in customer.open_cases:
            return Refusal("open_case", f"No offer: a case is open ({kind}). Solve it first.")
    if held_out:
        return Refusal("held_out", "No offer: in the permanent hold-out that measures the effect.")
    return None


def refuse(strategy: Strategy, customer: Customer) -> Refusal | None:
    """Return why this strategy is not for this customer, or None. Consent comes first."""
    if strategy.channel and strategy.channel not in customer.consents:
        return Refusal("no_consent", f"No consent to {strategy.channel}.")
    missing = [one for one in strategy.products if one not in customer.products]
    if missing:
        return Refusal("no_product", f"Only for customers with {', '.join(missing)}.")
    known = customer.known
    for condition in strategy.when:
        if not condition.holds(known):
            return Refusal("does_not_fit", f"Does not fit: {_told(condition)} does not hold.")
    return None


def refuse_protected(names: Mapping[str, Any]) -> None:
    """Raise BadTable if a name says who somebody is."""
    found = [name for name in names if is_protected(name)]
    if found:
        raise BadTable(
            tuple(
                TableProblem(
                    "protected", name, f"{name} says who somebody is; no offer may rest on it."
                )
                for name in found
            )
        )


def is_protected(name: str) -> bool:
    """Say whether the name of a fact holds a protected word.

    >>> is_protected("age_years"), is_protected("account_age_days"), is_protected("language_code")
    (True, False, True)
    """
    words = re.split(r"[^a-z]+", _SINCE_EVENT.sub("", name.lower()))
    return not PROTECTED.isdisjoint(words)


@cache
def load_strategies() -> StrategyBook:
    """Return the list that came with the product."""
    return parse_strategies(
        resources.files("analytics.retention").joinpath("strategies.toml").read_text("utf-8")
    )


def parse_strategies(text: str) -> StrategyBook:
    """Return the list written in TOML.

    Raises BadTable: a condition on who somebody is, a number out of its range; what TOML or a
    missing field are raises ValueError or KeyError, since the list is the bank's own file.
    """
    read = tomllib.loads(text)
    strategies = tuple(_strategy(name, one) for name, one in read["strategies"].items())
    book = StrategyBook(
        version=str(read["version"]),
        currency=str(read["currency"]),
        holdout_share=float(read["holdout_share"]),
        helps_chance_least=float(read["helps_chance_least"]),
        never_on_open_case=tuple(read["never_on_open_case"]),
        strategies=strategies,
        margins=Margins(**read.get("value", {})),
    )
    for share in (book.holdout_share, book.helps_chance_least):
        _refuse_range("holdout_share, helps_chance_least", share, 0.0, 1.0)
    return book


def _strategy(name: str, read: Mapping[str, Any]) -> Strategy:
    when = tuple(Condition(**one) for one in read.get("when", ()))
    refuse_protected({condition.fact: None for condition in when})
    rest = {key: value for key, value in read.items() if key not in {"when", "products"}}
    strategy = Strategy(name, products=tuple(read.get("products", ())), when=when, **rest)
    _refuse_range(f"{name}.cost_minor", strategy.cost_minor, 0, float("inf"))
    _refuse_range(f"{name}.margin_share", strategy.margin_share, 0, 1)
    _refuse_range(f"{name}.prior_share", strategy.prior_share, -1, 1)
    _refuse_range(f"{name}.prior_sd", strategy.prior_sd, 0, 1)
    if strategy.capacity is not None:
        _refuse_range(f"{name}.capacity", strategy.capacity, 0, float("inf"))
    return strategy


def _refuse_range(what: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        sentence = f"{what} is {value}; allowed is {low:g} to {high:g}."
        raise BadTable((TableProblem("out_of_range", what, sentence),))


def _told(condition: Condition) -> str:
    parts = [
        f"at {word} {value:g}"
        for word, value in (("least", condition.at_least), ("most", condition.at_most))
        if abs(value) != float("inf")
    ]
    return f"{condition.fact} {' and '.join(parts)}"
