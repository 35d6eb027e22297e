"""Money: an integer count of minor units in one currency. Never a float.

    Money(1250, "EUR") = 12.50 EUR     Money(1250, "JPY") = 1,250 JPY     Money(1250, "KWD") = 1.250

Digits per currency: ISO 4217, list one. Converting between currencies is in `fx.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from bank.domain.errors import CurrencyMismatch, UnknownCurrency

#: ISO 4217 minor-unit digits of the currencies the bank keeps accounts in or quotes.
CURRENCY_DIGITS: dict[str, int] = {
    "EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "NOK": 2, "DKK": 2, "PLN": 2, "CZK": 2,
    "HUF": 2, "RON": 2, "BGN": 2, "TRY": 2, "AED": 2, "SAR": 2, "ILS": 2, "ZAR": 2, "INR": 2,
    "CNY": 2, "HKD": 2, "SGD": 2, "AUD": 2, "NZD": 2, "CAD": 2, "MXN": 2, "BRL": 2, "THB": 2,
    "JPY": 0, "KRW": 0, "ISK": 0, "CLP": 0, "VND": 0,
    "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3,
}  # fmt: skip


def digits_of(currency: str) -> int:
    """Return the number of minor-unit digits of an ISO 4217 code.

    >>> digits_of("JPY"), digits_of("EUR"), digits_of("KWD")
    (0, 2, 3)

    Raises UnknownCurrency.
    """
    try:
        return CURRENCY_DIGITS[currency]
    except KeyError:
        raise UnknownCurrency(currency=currency) from None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency; may be negative (a debit)."""

    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        assert isinstance(self.amount_minor, int), self.amount_minor
        digits_of(self.currency)

    def __str__(self) -> str:
        """Return `1,234.50 EUR`: grouped, every minor digit shown.

        >>> str(Money(123450, "EUR")), str(Money(-1250, "JPY")), str(Money(1250, "KWD"))
        ('1,234.50 EUR', '-1,250 JPY', '1.250 KWD')
        """
        return f"{self.as_decimal():,} {self.currency}"

    def __add__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same_currency(other)
        return Money(self.amount_minor - other.amount_minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def as_decimal(self) -> Decimal:
        """Return the amount in major units, with exactly the currency's digits."""
        return Decimal(self.amount_minor).scaleb(-digits_of(self.currency))

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(expected=self.currency, got=other.currency)


def money_from_major(major: str | Decimal | int, currency: str) -> Money:
    """Return `major` units as Money; digits beyond the currency's are refused, not rounded.

    >>> money_from_major("12.5", "EUR")
    Money(amount_minor=1250, currency='EUR')

    Raises UnknownCurrency, ValueError (not a number, or too many digits).
    """
    try:
        minor = Decimal(major).scaleb(digits_of(currency))
    except InvalidOperation:
        raise ValueError(f"not an amount: {major!r}") from None
    if not minor.is_finite() or minor != minor.to_integral_value():
        raise ValueError(f"{major!r} has more digits than {currency} has")
    return Money(int(minor), currency)
