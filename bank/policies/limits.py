"""Limits: how much may leave, each time and each day, by how well we know the customer.

The table is `limits.toml`; amounts against it are in euro cents. Pure.
"""

from __future__ import annotations

from bank.domain.errors import InvalidAmount, LimitExceeded
from bank.domain.money import Money
from bank.policies.tables import load_table


def check_transfer(*, amount_eur_minor: int, spent_day_eur_minor: int, kyc_tier: int) -> None:
    """Refuse a transfer to a payee above the tier's limits; each transfer first, then the day.

    `spent_day_eur_minor` is all that was posted today and all that is proposed and open.
    Raises LimitExceeded with limit, headroom, period (`transfer` or `day`).
    """
    tier = load_table("limits")["transfer"][str(kyc_tier)]
    if amount_eur_minor > tier["each_minor"]:
        raise _exceeded(tier["each_minor"], tier["each_minor"], "transfer")
    headroom_minor = headroom(
        limit_day_minor=tier["day_minor"], spent_day_minor=spent_day_eur_minor
    )
    if amount_eur_minor > headroom_minor:
        raise _exceeded(tier["day_minor"], headroom_minor, "day")


def headroom(*, limit_day_minor: int, spent_day_minor: int) -> int:
    """Return how much more may leave today, in minor units.

    >>> headroom(limit_day_minor=50_000, spent_day_minor=12_500)
    37500

    Never negative: a limit may be lowered after the money has been spent.

    >>> headroom(limit_day_minor=50_000, spent_day_minor=60_000)
    0
    """
    assert limit_day_minor >= 0, limit_day_minor
    assert spent_day_minor >= 0, spent_day_minor
    return max(0, limit_day_minor - spent_day_minor)


def check_card_limit(*, limit_day_minor: int, currency: str) -> None:
    """Refuse a daily card limit outside what the bank offers. Raises InvalidAmount."""
    table = load_table("limits")["card"]
    low, high = table["day_min_minor"], table["day_max_minor"]
    if not low <= limit_day_minor <= high:
        raise InvalidAmount(min=Money(low, currency), max=Money(high, currency))


def travel_days_max() -> int:
    """Return how long a travel notice may last, in days."""
    days: int = load_table("limits")["card"]["travel_days_max"]
    return days


def _exceeded(limit_minor: int, headroom_minor: int, period: str) -> LimitExceeded:
    return LimitExceeded(
        limit=Money(limit_minor, "EUR"), headroom=Money(headroom_minor, "EUR"), period=period
    )
