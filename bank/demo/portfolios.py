"""What the town's investors leave behind in the bank: their answers and what they hold.

Investor (investing.py) ──▶ profiles_of    each time they answered, and confirmed it
                        └─▶ holdings_of    units bought at the price of their day
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from bank.demo.investing import Bought, Investor
from bank.domain.ids import CustomerId
from bank.domain.instruments import MICROS_A_UNIT, Holding, InstrumentId
from bank.domain.investors import InvestorProfile
from bank.policies.investor_questions import profile_of

#: The price of one unit, in minor units, on a day; None where there was none.
PriceMinor = Callable[[InstrumentId, datetime], int | None]

_MONTH_DAYS = 30.44


def bought_at_utc(one: Bought, *, now_utc: datetime) -> datetime:
    """Return when a holding was bought."""
    return now_utc - timedelta(days=one.months_ago * _MONTH_DAYS)


def profiles_of(
    investor: Investor, customer_id: CustomerId, *, now_utc: datetime
) -> list[InvestorProfile]:
    """Return their profiles, oldest first, ids by customer and number."""
    return [
        profile_of(
            investor.score,
            profile_id=f"ip_{customer_id.removeprefix('cu_')}_{number}",
            customer_id=customer_id,
            answers=investor.answers,
            taken_at_utc=now_utc - timedelta(days=days),
        )
        for number, days in enumerate(investor.answered_days_ago)
    ]


def holdings_of(
    investor: Investor, customer_id: CustomerId, *, now_utc: datetime, price_minor: PriceMinor
) -> list[Holding]:
    """Return what they hold, oldest first; what had no price on its day was not bought.

    Shares are of what was paid: what a holding is worth today follows from the prices since.
    """
    found = []
    for number, one in enumerate(investor.bought):
        at_utc = bought_at_utc(one, now_utc=now_utc)
        price = price_minor(one.instrument_id, at_utc)
        cost_minor = investor.invested_minor * one.share_bp // 10_000
        if price is None or cost_minor <= 0:
            continue
        units_micro = cost_minor * MICROS_A_UNIT // price
        if units_micro > 0:
            found.append(
                Holding(
                    id=f"ho_{customer_id.removeprefix('cu_')}_{number}",
                    customer_id=customer_id,
                    instrument_id=one.instrument_id,
                    units_micro=units_micro,
                    cost_minor=cost_minor,
                    since_utc=at_utc,
                )
            )
    return found
