"""Exchange: what an amount is worth in another currency.

    amount * mid rate * (1 - margin)  →  minor units of the target, rounded half to even, once

Mid rates are against the euro: 1 EUR = rate units. A pair without the euro goes through it,
exactly, with no rounding on the way. Everything is a fraction of integers until the end.

Pure: the rates are passed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from bank.domain.errors import UnknownCurrency
from bank.domain.money import Money, digits_of

BASE = "EUR"
RATE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class RateTable:
    """Mid rates of one day; `margin` is the bank's part of a conversion (0.015 is 1.5 %)."""

    as_of: str
    margin: Fraction
    per_eur: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class FxQuote:
    """What a conversion gives. `rate` has the margin in it; `mid_rate` has not."""

    source: Money
    amount: Money
    rate: Decimal
    mid_rate: Decimal
    margin_percent: Decimal
    as_of: str


def convert(money: Money, to: str, *, table: RateTable) -> FxQuote:
    """Return the quote of `money` in currency `to`. Same currency: no margin, no change.

    Raises UnknownCurrency.
    """
    mid = _rate(table, to) / _rate(table, money.currency)
    margin = Fraction(0) if to == money.currency else table.margin
    rate = mid * (1 - margin)
    return FxQuote(
        source=money,
        amount=Money(_in_minor(money, rate, to), to),
        rate=_as_decimal(rate),
        mid_rate=_as_decimal(mid),
        margin_percent=_as_decimal(margin * 100).normalize(),
        as_of=table.as_of,
    )


def value_at_mid(money: Money, to: str, *, table: RateTable) -> Money:
    """Return the value without a margin: for limits, never for a deal."""
    rate = _rate(table, to) / _rate(table, money.currency)
    return Money(_in_minor(money, rate, to), to)


def _in_minor(money: Money, rate: Fraction, to: str) -> int:
    shift = Fraction(10) ** (digits_of(to) - digits_of(money.currency))
    return round(money.amount_minor * rate * shift)  # Fraction rounds half to even, exactly


def _rate(table: RateTable, currency: str) -> Fraction:
    digits_of(currency)
    if currency == BASE:
        return Fraction(1)
    try:
        return table.per_eur[currency]
    except KeyError:
        raise UnknownCurrency(currency=currency) from None


def _as_decimal(value: Fraction) -> Decimal:
    return round(Decimal(value.numerator) / Decimal(value.denominator), RATE_DIGITS)
