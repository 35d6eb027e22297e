"""Exchange rates of the day and the bank's margin. The table is `fx.toml`."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from bank.domain.fx import RateTable, value_at_mid
from bank.domain.money import Money
from bank.policies.tables import load_table


@cache
def rate_table() -> RateTable:
    """Return the rates as exact fractions."""
    table = load_table("fx")
    return RateTable(
        as_of=table["as_of"],
        margin=Fraction(table["margin_percent"]) / 100,
        per_eur={currency: Fraction(rate) for currency, rate in table["per_eur"].items()},
    )


def in_eur_minor(money: Money) -> int:
    """Return what an amount counts for against limits stated in euros, in cents.

    Never rounded to nothing: a positive amount counts for one cent at least.
    """
    cents = value_at_mid(money, "EUR", table=rate_table()).amount_minor
    return max(1, cents) if money.amount_minor > 0 else cents
