"""Instruments: what money can be put into here, and what is known of each.

    listed ──▶ delisted      nothing is bought any more; what is held stays shown
       └─────▶ sanctioned    as delisted, and a person looks at who holds it

The risk class is the summary risk indicator of the EU's key information documents (PRIIPs,
regulation 2017/653): 1 hardly moves, 7 may halve in a year. Complexity says how much somebody has
to know before it is offered (MiFID II, article 25).

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

from bank.domain.ids import CustomerId

InstrumentId = NewType("InstrumentId", str)

RISK_CLASS_MIN, RISK_CLASS_MAX = 1, 7
#: Units are counted in millionths: a savings plan buys parts of a share.
MICROS_A_UNIT = 1_000_000


class InstrumentKind(StrEnum):
    """What it is; a fund holds many things, a share and a bond are one."""

    MONEY_MARKET = "money_market"
    BOND_FUND = "bond_fund"
    MIXED_FUND = "mixed_fund"
    EQUITY_FUND = "equity_fund"
    THEME_FUND = "theme_fund"
    COMMODITY = "commodity"
    BOND = "bond"
    SHARE = "share"


class InstrumentState(StrEnum):
    LISTED = "listed"
    DELISTED = "delisted"
    SANCTIONED = "sanctioned"


class Complexity(StrEnum):
    """What one must know: nothing much, how shares move, or how things are built."""

    SIMPLE = "simple"
    MODERATE = "moderate"
    COMPLEX = "complex"


#: Kinds that are one issuer's promise, so one's fate.
SINGLE_KINDS = frozenset({InstrumentKind.SHARE, InstrumentKind.BOND})


@dataclass(frozen=True, slots=True)
class Instrument:
    """One thing to invest in.

    ticker: what headlines and screens call it. tags: what some want none of (weapons, tobacco,
    fossil, gambling, animal_testing), of what it holds. esg_score: 0 to 100, the higher the better.
    fee_bp: yearly, in hundredths of a per cent. horizon_years_min: how long money should stay.
    close_minor: the last closing price of one unit; None: there is no price. close_on_utc: its day.
    """

    id: InstrumentId
    name: str
    ticker: str
    kind: InstrumentKind
    risk_class: int
    complexity: Complexity
    horizon_years_min: int
    fee_bp: int
    currency: str
    region: str
    sector: str
    esg_score: int
    tags: tuple[str, ...] = ()
    state: InstrumentState = InstrumentState.LISTED
    close_minor: int | None = None
    close_on_utc: datetime | None = None

    @property
    def is_single(self) -> bool:
        """Whether it stands and falls with one issuer."""
        return self.kind in SINGLE_KINDS


@dataclass(frozen=True, slots=True)
class Holding:
    """What a customer has of one instrument. `cost_minor` is what was paid for it in all."""

    id: str
    customer_id: CustomerId
    instrument_id: InstrumentId
    units_micro: int
    cost_minor: int
    since_utc: datetime


def worth_minor(holding: Holding, instrument: Instrument) -> int | None:
    """Return what a holding is worth at the last close; None without a price.

    >>> from datetime import UTC, datetime
    >>> day = datetime(2026, 11, 20, tzinfo=UTC)
    >>> fund = Instrument("in_1", "World", "WRLD", InstrumentKind.EQUITY_FUND, 4,
    ...     Complexity.SIMPLE, 5, 20, "EUR", "world", "all", 60, close_minor=10_050)
    >>> worth_minor(Holding("ho_1", "cu_1", "in_1", 2_500_000, 20_000, day), fund)
    25125
    """
    if instrument.close_minor is None:
        return None
    return holding.units_micro * instrument.close_minor // MICROS_A_UNIT
