"""A plan: which customer gets which offer, by what it is expected to bring, under a budget. Pure.

    worth = P(leaving is avoided by this offer) × value of the customer − cost of the offer

The chance starts as the list's prior, a share of the churn probability, give or take; what a
trial found is weighed against it by how sure each is. So a large effect that a small trial seems
to show counts little, and a large trial counts alone. Choosing the largest of many noisy effects
would otherwise choose the noise.

An offer that more likely harms than helps is never made, however large the budget ("sleeping
dogs" wake when they are called). Who is in the hold-out is planned for like anybody, so that both
sides can be compared later, and gets nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from analytics.models import Floats
from analytics.retention.knapsack import NOTHING, Ints, Packing, pack
from analytics.retention.strategies import (
    Customer,
    Refusal,
    Strategy,
    StrategyBook,
    load_strategies,
    refuse,
    refuse_for_all,
)
from analytics.retention.uplift import Effects
from bank.domain.money import Money

#: What stands in a plan where no offer is made.
NO_STRATEGY = "nothing"
_LEVEL = 0.9


@dataclass(frozen=True, slots=True)
class Avoided:
    """P(leaving is avoided by the offer) per customer, with its standard error; shape (n,) each.

    `source` is told to staff: where the numbers come from. `holds_prior`: the list's guess has been
    weighed already, so it is not weighed again.
    """

    value: Floats
    error: Floats
    source: str
    holds_prior: bool = False


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One customer. Money is in minor units of the plan's currency.

    strategy: a name or "nothing". planned: what they would get, were they not held out; the same
    as strategy for everybody else.
    """

    customer_id: str
    strategy: str
    planned: str
    is_held_out: bool
    code: str
    sentence: str
    churn_probability: float
    avoided: float
    avoided_low: float
    avoided_high: float
    worth_minor: int
    cost_minor: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All customers in the order given; `bound_minor`: no plan is expected to bring more."""

    rows: tuple[PlanRow, ...]
    currency: str
    budget_minor: int
    cost_minor: int
    worth_minor: int
    bound_minor: int

    @property
    def offers_count(self) -> int:
        return sum(row.strategy != NO_STRATEGY for row in self.rows)


def avoided_of(effects: Effects, arm: int, *, source: str) -> Avoided:
    """Return what treatment `arm` (1 …) avoids, from effects on leaving."""
    return Avoided(-effects.value[:, arm - 1], effects.error[:, arm - 1], source)


def choose(
    customers: Sequence[Customer],
    effects: Mapping[str, Avoided],
    *,
    budget_minor: int,
    is_held_out: Callable[[str], bool],
    capacity: Mapping[str, int] | None = None,
    book: StrategyBook | None = None,
) -> Plan:
    """Return the plan with the highest expected worth.

    effects: per strategy, for all customers in their order; a strategy without uses its prior.
    capacity: offers at most per strategy, instead of the book's.
    """
    book = book or load_strategies()
    limits = dict(capacity or {})
    most = np.array(
        [limits.get(one.name, _or_all(one.capacity, len(customers))) for one in book.strategies],
        np.int64,
    )
    held = np.array([is_held_out(one.customer_id) for one in customers], np.bool_)
    table = _Table.of(customers, effects, book)
    offered = pack(
        np.where(held[:, None], 0, table.worth), table.cost, budget=budget_minor, capacity=most
    )
    planned = np.where(held, _as_priced(table, offered), offered.choice)
    rows = tuple(
        _row(table, customers[i], i, int(planned[i]), is_held_out=bool(held[i]))
        for i in range(len(customers))
    )
    return Plan(
        rows, book.currency, budget_minor, offered.cost, offered.value, int(offered.bound)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Table:
    """Customers by strategies. worth is 0 where an offer may not be made."""

    book: StrategyBook
    avoided: Floats
    error: Floats
    worth: Ints
    cost: Ints
    sources: tuple[str, ...]
    #: Per customer: why nothing may be offered; then per strategy why not this one.
    barred: tuple[Refusal | None, ...]
    refused: tuple[tuple[Refusal | None, ...], ...]

    @classmethod
    def of(
        cls, customers: Sequence[Customer], effects: Mapping[str, Avoided], book: StrategyBook
    ) -> _Table:
        chance = np.array([one.churn_probability for one in customers])
        value = np.array([one.value_minor for one in customers], np.float64)
        columns = [_believed(one, effects.get(one.name), chance) for one in book.strategies]
        # No offer keeps more people than would have left.
        avoided = np.column_stack([np.minimum(one.value, chance) for one in columns])
        error = np.column_stack([one.error for one in columns])
        cost = np.array(
            [[s.cost_for(one.margin_year_minor) for s in book.strategies] for one in customers],
            np.int64,
        ).reshape(avoided.shape)
        barred = tuple(refuse_for_all(one, book, held_out=False) for one in customers)
        refused = tuple(
            tuple(
                refuse(strategy, one) or _doubt(avoided[i, j], error[i, j], book)
                for j, strategy in enumerate(book.strategies)
            )
            for i, one in enumerate(customers)
        )
        allowed = np.array(
            [[b is None and r is None for r in row] for b, row in zip(barred, refused, strict=True)]
        ).reshape(avoided.shape)
        worth = np.where(allowed, np.floor(avoided * value[:, None]) - cost, 0).astype(np.int64)
        sources = tuple(one.source for one in columns)
        return cls(book, avoided, error, worth, cost, sources, barred, refused)


def _believed(strategy: Strategy, found: Avoided | None, chance: Floats) -> Avoided:
    """Return the prior and what was found as one, each weighing by its precision.

    A strategy whose prior_sd is 0 has no opinion once something was found.
    """
    prior, prior_error = strategy.prior_share * chance, strategy.prior_sd * chance
    if found is None:
        return Avoided(prior, prior_error, "not yet measured")
    if found.holds_prior:
        return found
    total = np.square(found.error) + np.square(prior_error)
    trust = np.divide(np.square(prior_error), total, out=np.ones_like(total), where=total > 0)
    if strategy.prior_sd == 0:
        trust = np.ones_like(total)
    return Avoided(
        trust * found.value + (1 - trust) * prior, np.sqrt(trust) * found.error, found.source
    )


def _doubt(avoided: float, error: float, book: StrategyBook) -> Refusal | None:
    """Return why the effect forbids the offer: a sleeping dog, or too little known."""
    if avoided <= 0:
        return Refusal("would_harm", "Leaving would become more likely, not less.")
    if error > 0 and norm.cdf(avoided / error) < book.helps_chance_least:
        return Refusal("unsure", "Whether it helps is too unsure.")
    return None


def _as_priced(table: _Table, offered: Packing) -> Ints:
    """Return what each customer would take at the plan's prices, NOTHING where that is best."""
    net = table.worth - offered.prices.budget * table.cost - offered.prices.capacity[None, :]
    net = np.where(table.worth > 0, net, -1.0)
    best = net.argmax(axis=1)
    return np.where(net.max(axis=1) > 0, best, NOTHING)


def _row(table: _Table, customer: Customer, i: int, planned: int, *, is_held_out: bool) -> PlanRow:
    strategies = table.book.strategies
    barred = refuse_for_all(customer, table.book, held_out=is_held_out)
    gets = planned if barred is None else NOTHING
    shown = planned if planned != NOTHING else int(table.worth[i].argmax())
    avoided, error = float(table.avoided[i, shown]), float(table.error[i, shown])
    wide = float(norm.ppf((1 + _LEVEL) / 2)) * error
    low, high = avoided - wide, min(avoided + wide, customer.churn_probability)
    code, sentence = (
        ("offer", _offer_told(table, customer, i, gets, low=low, high=high))
        if gets != NOTHING
        else _nothing_told(table, i, barred)
    )
    names = [strategies[one].name if one != NOTHING else NO_STRATEGY for one in (gets, planned)]
    made = gets != NOTHING
    return PlanRow(
        customer.customer_id, names[0], names[1], is_held_out, code, sentence,
        customer.churn_probability, avoided, low, high,
        int(table.worth[i, gets]) if made else 0, int(table.cost[i, gets]) if made else 0,
    )  # fmt: skip


def _offer_told(
    table: _Table, customer: Customer, i: int, offer: int, *, low: float, high: float
) -> str:
    strategy, avoided = table.book.strategies[offer], table.avoided[i, offer]
    cost, worth = (
        Money(int(one[i, offer]), table.book.currency) for one in (table.cost, table.worth)
    )
    return (
        f"Offer {strategy.title}: {customer.churn_probability:.0%} likely to leave, "
        f"{100 * avoided:.1f} points less with it ({100 * low:.1f} to {100 * high:.1f}, "
        f"{table.sources[offer]}). Costs {cost}, expected to bring {worth} after that."
    )


def _nothing_told(table: _Table, i: int, barred: Refusal | None) -> tuple[str, str]:
    """Return the reason that stands nearest to an offer: what would have to change first."""
    if barred is not None:
        return barred.code, barred.sentence
    refusals = [one for one in table.refused[i] if one is not None]
    fitting = len(refusals) < len(table.book.strategies)
    if (table.worth[i] > 0).any():
        return "no_budget", "No offer: the budget or the staff do more good elsewhere."
    if fitting:
        return "not_worth", "No offer: none is expected to bring more than it costs."
    for code in ("would_harm", "unsure", "no_consent"):
        found = next((one for one in refusals if one.code == code), None)
        if found is not None:
            return found.code, f"No offer: {found.sentence[0].lower()}{found.sentence[1:]}"
    return "does_not_fit", "No offer: none of the strategies is meant for this customer."


def _or_all(capacity: int | None, people: int) -> int:
    return people if capacity is None else capacity
