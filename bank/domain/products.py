"""Products: what the bank offers and what it costs. The figures live in `policies/products.toml`.

A loan is repaid in equal instalments (annuity):  payment = P * r / (1 - (1 + r)^-n)
with r the nominal monthly rate, n months. The last instalment takes up the rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from bank.domain.money import Money

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Fee:
    """One line of the price list. `percent` is in per cent of the amount, where it applies."""

    code: str
    topic: str
    amount: Money | None
    percent: Decimal | None
    per: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A yearly rate in per cent; `kind` savings, overdraft, mortgage, loan."""

    code: str
    kind: str
    percent: Decimal
    as_of: str


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """One weekday of one branch; `opens` and `closes` are local times, both None when closed."""

    weekday: str
    opens: str | None
    closes: str | None


@dataclass(frozen=True, slots=True)
class Branch:
    """One place with a door."""

    code: str
    name: str
    address: str
    phone: str
    services: tuple[str, ...]
    hours: tuple[OpeningHours, ...]


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan one may ask for, with the representative APR the law wants beside every price."""

    code: str
    purpose: str
    rate_percent: Decimal
    apr_percent: Decimal
    amount_min: Money
    amount_max: Money
    months_min: int
    months_max: int
    fee_percent: Decimal


@dataclass(frozen=True, slots=True)
class LoanQuote:
    """What a loan would cost. `total` is all that is paid back, `fee` included."""

    loan: Loan
    amount: Money
    months: int
    payment: Money
    last_payment: Money
    fee: Money
    interest: Money
    total: Money
    apr_percent: Decimal


def annuity_minor(*, principal_minor: int, rate_percent: Decimal, months: int) -> int:
    """Return the monthly instalment in minor units, rounded half-even.

    >>> annuity_minor(principal_minor=1_000_000, rate_percent=Decimal("6"), months=12)
    86066
    >>> annuity_minor(principal_minor=1_200, rate_percent=Decimal("0"), months=12)
    100
    """
    rate = rate_percent / 100 / MONTHS_A_YEAR
    with localcontext() as context:
        context.prec = 40
        principal = Decimal(principal_minor)
        exact = principal * rate / (1 - (1 + rate) ** -months) if rate else principal / months
        return int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def last_payment_minor(
    *, principal_minor: int, rate_percent: Decimal, months: int, payment_minor: int
) -> int:
    """Return the last instalment: what is still owed after all the others, with its interest.

    Interest is rounded half-even each month, as it is booked.
    """
    rate = rate_percent / 100 / MONTHS_A_YEAR
    owed = principal_minor
    for _ in range(months - 1):
        owed += round(owed * rate) - payment_minor
    return owed + round(owed * rate)


def apr_percent(*, paid_out_minor: int, payments_minor: list[int]) -> Decimal:
    """Return the annual percentage rate, two decimals: directive 2008/48/EC, annex I.

    The yearly rate at which the payments, one a month, are worth what was paid out today;
    found by halving between 0 and 1,000 %.
    """
    low, high = 0.0, 10.0
    for _ in range(80):
        middle = (low + high) / 2
        worth = sum(
            payment / (1 + middle) ** (month / MONTHS_A_YEAR)
            for month, payment in enumerate(payments_minor, start=1)
        )
        low, high = (middle, high) if worth > paid_out_minor else (low, middle)
    return Decimal(str((low + high) / 2 * 100)).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
