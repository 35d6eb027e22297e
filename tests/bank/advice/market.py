"""A small market and an adviser one can tell what to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bank.domain.advice import AdviceLine, AdviceWish, Proposal
from bank.domain.instruments import Complexity, Instrument, InstrumentId, InstrumentKind
from tests.bank.builders import NOON

#: Answers of somebody who may and would take some risk.
STEADY = {
    "goal": "growth", "horizon": "over_10", "reserve": "over_6", "share": "under_half",
    "income": "steady", "fall": "wait", "worst_year": "some", "manner": "weighing",
    "knowledge": "shares", "wishes": ["nothing"],
}  # fmt: skip


def answers(**changes: Any) -> dict[str, Any]:
    return {**STEADY, **changes}


def instrument(name: str, kind: InstrumentKind, risk_class: int, **more: Any) -> Instrument:
    made = Instrument(
        InstrumentId(f"in_{name}"), name.title(), name.upper(), kind, risk_class,
        Complexity.SIMPLE, 0 if risk_class < 3 else 5, 20, "EUR", "world", "all", 50,
        close_minor=10_000, close_on_utc=NOON,
    )  # fmt: skip
    return replace(made, **more)


CASH = instrument("cash", InstrumentKind.MONEY_MARKET, 1)
BONDS = instrument("bonds", InstrumentKind.BOND_FUND, 2)
WORLD = instrument("world", InstrumentKind.EQUITY_FUND, 4)
MINES = instrument("mines", InstrumentKind.EQUITY_FUND, 4, tags=("fossil",))
SHARE = instrument("share", InstrumentKind.SHARE, 6, complexity=Complexity.MODERATE)
MARKET = (CASH, BONDS, WORLD, MINES, SHARE)


class SpokenFor:
    """An adviser that proposes what a test says, and remembers what it was asked."""

    def __init__(self, weigh: Callable[[AdviceWish], Mapping[Instrument, int]]) -> None:
        self._weigh = weigh
        self.asked: list[AdviceWish] = []

    def propose(self, wish: AdviceWish) -> Proposal:
        self.asked.append(wish)
        lines = tuple(
            AdviceLine(one.id, amount, amount * 10_000 // wish.amount_minor, 0.5, ())
            for one, amount in self._weigh(wish).items()
        )
        return Proposal(lines, {}, "told", first_otherwise=(SHARE.id, MINES.id))


def all_in(one: Instrument) -> SpokenFor:
    return SpokenFor(lambda wish: {one: wish.amount_minor})


def filling(order: Sequence[Instrument]) -> SpokenFor:
    """An adviser that fills what has room, in this order."""

    def weigh(wish: AdviceWish) -> dict[Instrument, int]:
        left, found = wish.amount_minor, {}
        for one in order:
            taken = min(left, wish.room_minor.get(one.id, 0))
            if taken:
                found[one] = taken
            left -= taken
        return found

    return SpokenFor(weigh)
