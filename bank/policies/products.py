"""Products: the price list, rates, branches and loans, and what a loan costs.

The figures are `products.toml`. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cache
from typing import Any

from bank.domain.errors import InvalidAmount, InvalidInput
from bank.domain.money import Money
from bank.domain.products import (
    Branch,
    Fee,
    Loan,
    LoanQuote,
    OpeningHours,
    Rate,
    annuity_minor,
    apr_percent,
    last_payment_minor,
)
from bank.policies.tables import load_table


def bic() -> str:
    """Return the bank's own identifier (ISO 9362)."""
    code: str = load_table("products")["bic"]
    return code


@cache
def list_fees() -> tuple[Fee, ...]:
    """Return the price list in its order."""
    return tuple(
        Fee(
            code=row["code"],
            topic=row["topic"],
            amount=_money(row["amount_minor"]) if "amount_minor" in row else None,
            percent=Decimal(row["percent"]) if "percent" in row else None,
            per=row["per"],
        )
        for row in load_table("products")["fees"]
    )


@cache
def list_rates() -> tuple[Rate, ...]:
    """Return yearly rates: savings, overdraft, mortgages, and each loan's."""
    table = load_table("products")
    of_loans = [(loan.code, "loan", loan.rate_percent) for loan in list_loans()]
    written = [(row["code"], row["kind"], Decimal(row["percent"])) for row in table["rates"]]
    return tuple(
        Rate(code, kind, percent, table["rates_as_of"])
        for code, kind, percent in (*written, *of_loans)
    )


@cache
def list_branches() -> tuple[Branch, ...]:
    """Return the branches with their week, Monday first."""
    return tuple(
        Branch(
            code=row["code"],
            name=row["name"],
            address=row["address"],
            phone=row["phone"],
            services=tuple(row["services"]),
            hours=tuple(_hours(day, span) for day, span in row["hours"].items()),
        )
        for row in load_table("products")["branches"]
    )


@cache
def list_loans() -> tuple[Loan, ...]:
    """Return the loans one may ask for."""
    return tuple(_loan(row) for row in load_table("products")["loans"])


def quote(loan: Loan, amount: Money, months: int) -> LoanQuote:
    """Return what a loan costs: instalments, fee, total, APR.

    Raises InvalidAmount, InvalidInput (months): outside what this loan offers.
    """
    check_size(loan, amount, months)
    terms: dict[str, Any] = {
        "principal_minor": amount.amount_minor,
        "rate_percent": loan.rate_percent,
        "months": months,
    }
    payment = annuity_minor(**terms)
    last = last_payment_minor(**terms, payment_minor=payment)
    fee = int((amount.amount_minor * loan.fee_percent / 100).quantize(Decimal(1), ROUND_HALF_EVEN))
    payments = [payment] * (months - 1) + [last]
    return LoanQuote(
        loan=loan,
        amount=amount,
        months=months,
        payment=_money(payment),
        last_payment=_money(last),
        fee=_money(fee),
        interest=_money(sum(payments) - amount.amount_minor),
        total=_money(sum(payments) + fee),
        apr_percent=apr_percent(paid_out_minor=amount.amount_minor - fee, payments_minor=payments),
    )


def check_size(loan: Loan, amount: Money, months: int) -> None:
    """Raise InvalidAmount, InvalidInput outside what this loan offers."""
    low, high = loan.amount_min, loan.amount_max
    same = amount.currency == low.currency
    if not same or not low.amount_minor <= amount.amount_minor <= high.amount_minor:
        raise InvalidAmount(amount=amount, min=low, max=high)
    if not loan.months_min <= months <= loan.months_max:
        raise InvalidInput(field="months", min=loan.months_min, max=loan.months_max)


def _loan(row: dict[str, Any]) -> Loan:
    loan = Loan(
        code=row["code"],
        purpose=row["purpose"],
        rate_percent=Decimal(row["rate_percent"]),
        apr_percent=Decimal(0),
        amount_min=_money(row["amount_min_minor"]),
        amount_max=_money(row["amount_max_minor"]),
        months_min=row["months_min"],
        months_max=row["months_max"],
        fee_percent=Decimal(row["fee_percent"]),
    )
    middle = quote(loan, _money(loan.amount_max.amount_minor // 2), loan.months_max // 2)
    return replace(loan, apr_percent=middle.apr_percent)


def _hours(weekday: str, span: str) -> OpeningHours:
    opens, _, closes = span.partition("-")
    return OpeningHours(weekday, opens or None, closes or None)


def _money(amount_minor: int) -> Money:
    currency: str = load_table("products")["currency"]
    return Money(amount_minor, currency)
