"""A customer in numbers, as of one moment: how long, how much, how often, and what changed lately.

    Books.until(moment) ──▶ customer_features ──▶ one row a customer, columns SCHEMA in order

One code computes all customers of a bank or a single one, so both ways give the same numbers:
everything is a sum over rows grouped by customer. Windows end at the moment and are half open:
(moment - 30 days, moment]. A trend compares 30 days with the 90 days they are the end of:
log((3·x30 + c) / (x90 + c)), 0 when nothing changed, below zero when it fades; a change compares
the 90 days with the 90 before them in the same way.

None of the columns is who somebody is: no age, sex, country, name (churn/training.py proves it).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.features.books import DAY_US, NEVER_US, Books, Flags, Ints, check_no_later
from analytics.models import Floats
from analytics.tables.columns import Column, Kind, Schema

#: The longest window, so how far back postings are read.
WINDOW_DAYS = 180
_CASE_DAYS = 365
_SAMPLES = np.arange(13, dtype=np.int64) * 7
_COUNT_BASE, _MONEY_BASE = 1.0, 10_000.0
_PAY_EVERY_DAYS = 36

_NUMBER, _FLAG = Kind.NUMBER, Kind.FLAG
_EUR = "EUR minor units"
SCHEMA = Schema((
    Column("tenure_days", _NUMBER, "days", 0, phrase="customer for {value} days"),
    Column("accounts_count", _NUMBER, "accounts", 0, 100, phrase="{value} open accounts"),
    Column("cards_count", _NUMBER, "cards", 0, 1000, phrase="{value} cards given out"),
    Column("has_other_currency", _FLAG, phrase="an account in another currency: {value}"),
    Column("payments_30d_count", _NUMBER, "payments", 0, phrase="{value} payments in 30 days"),
    Column("payments_90d_count", _NUMBER, "payments", 0, phrase="{value} payments in 90 days"),
    Column("payments_trend", _NUMBER, "log ratio", -12, 12,
           phrase="payments of 30 days against 90: {value}"),
    Column("payments_change", _NUMBER, "log ratio", -12, 12,
           phrase="payments of 90 days against the 90 before: {value}"),
    Column("spent_minor_90d", _NUMBER, _EUR, 0, phrase="{value} spent in 90 days"),
    Column("spent_trend", _NUMBER, "log ratio", -25, 25,
           phrase="spending of 30 days against 90: {value}"),
    Column("payment_age_days", _NUMBER, "days", 0, phrase="last payment {value} days ago"),
    Column("fixed_costs_30d_count", _NUMBER, "debits", 0,
           phrase="{value} fixed costs in 30 days"),
    Column("fixed_costs_trend", _NUMBER, "log ratio", -12, 12,
           phrase="fixed costs of 30 days against 90: {value}"),
    Column("salary_minor_90d", _NUMBER, _EUR, 0, phrase="{value} of pay in 90 days"),
    Column("salary_age_days", _NUMBER, "days", 0, phrase="last pay {value} days ago"),
    Column("salary_stopped", _FLAG, phrase="pay has stopped coming: {value}"),
    Column("received_minor_90d", _NUMBER, _EUR, 0, phrase="{value} received in 90 days"),
    Column("balance_minor", _NUMBER, _EUR, phrase="{value} on all accounts"),
    Column("balance_minor_p50_90d", _NUMBER, _EUR, phrase="usually {value} on all accounts"),
    Column("balance_trend", _NUMBER, "log ratio", -40, 40,
           phrase="balance against the usual: {value}"),
    Column("savings_share", _NUMBER, "share", phrase="{value} of the money is savings"),
    Column("sent_minor_30d", _NUMBER, _EUR, 0, phrase="{value} sent elsewhere in 30 days"),
    Column("sent_minor_90d", _NUMBER, _EUR, 0, phrase="{value} sent elsewhere in 90 days"),
    Column("fees_90d_count", _NUMBER, "fees", 0, phrase="{value} fees in 90 days"),
    Column("fees_minor_180d", _NUMBER, _EUR, 0, phrase="{value} of fees in 180 days"),
    Column("complaints_180d_count", _NUMBER, "complaints", 0,
           phrase="{value} complaints in 180 days"),
    Column("complaint_age_days", _NUMBER, "days", 0, phrase="last complaint {value} days ago"),
    Column("cases_365d_count", _NUMBER, "cases", 0, phrase="{value} cases in a year"),
    Column("login_days_30d_count", _NUMBER, "days", 0, 31,
           phrase="logged in on {value} of 30 days"),
    Column("login_days_90d_count", _NUMBER, "days", 0, 91,
           phrase="logged in on {value} of 90 days"),
    Column("login_trend", _NUMBER, "log ratio", -12, 12,
           phrase="logins of 30 days against 90: {value}"),
    Column("login_change", _NUMBER, "log ratio", -12, 12,
           phrase="logins of 90 days against the 90 before: {value}"),
    Column("login_age_days", _NUMBER, "days", 0, phrase="last login {value} days ago"),
))  # fmt: skip


def customer_features(books: Books, *, as_of_us: int) -> pd.DataFrame:
    """Return the features of everybody with an open account, indexed by customer id.

    books: as they stood at the moment (`Books.until`), with the postings of WINDOW_DAYS before it
    and each account's last posting before those. Raises LooksAhead.
    """
    check_no_later(books, as_of_us)
    count = len(books.customers)
    columns = {
        **_holdings(books, count, as_of_us),
        **_money(books, count, as_of_us),
        **_balances(books, count, as_of_us),
        **_contacts(books, count, as_of_us),
    }
    is_here = columns["accounts_count"] > 0
    table = np.column_stack([columns[name] for name in SCHEMA.names])
    return pd.DataFrame(
        table[is_here],
        index=pd.Index(np.array(books.customers, object)[is_here], name="customer_id", dtype="str"),
        columns=list(SCHEMA.names),
    )


def _holdings(books: Books, count: int, as_of_us: int) -> dict[str, Floats]:
    accounts = books.accounts
    is_open = (accounts.opened_us <= as_of_us) & (accounts.closed_us == NEVER_US)
    first = np.full(count, NEVER_US, np.int64)
    np.minimum.at(first, accounts.customer, accounts.opened_us)
    return {
        "tenure_days": np.where(first == NEVER_US, np.nan, (as_of_us - first) / DAY_US),
        "accounts_count": _sums(accounts.customer, is_open, count),
        "cards_count": _sums(books.cards.customer, books.cards.weight, count),
        "has_other_currency": np.minimum(
            _sums(accounts.customer, is_open & ~accounts.is_euro, count), 1.0
        ),
    }


def _money(books: Books, count: int, as_of_us: int) -> dict[str, Floats]:
    lines = books.postings
    who = books.accounts.customer[lines.account]
    age = as_of_us - lines.at_us
    ours = books.accounts.is_euro[lines.account] & ~lines.is_own
    in_30, in_90, in_180 = (age < days * DAY_US for days in (30, 90, 180))
    out, size = lines.amount_minor < 0, np.abs(lines.amount_minor)
    spent = ours & out & ~lines.is_fixed & ~lines.is_fee & ~lines.is_transfer
    sent = ours & out & lines.is_transfer
    received = ours & ~out & ~lines.is_refund
    fixed, fees = ours & lines.is_fixed, ours & lines.is_fee
    pay = received & lines.is_salary

    def number(rows: Flags) -> Floats:
        return _sums(who, rows, count)

    def total(rows: Flags) -> Floats:
        return _sums(who, np.where(rows, size, 0), count)

    paid_30, paid_90 = number(spent & in_30), number(spent & in_90)
    spent_30, spent_90 = total(spent & in_30), total(spent & in_90)
    fixed_30, fixed_90 = number(fixed & in_30), number(fixed & in_90)
    pay_age = _age(who, lines.at_us, pay & in_180, count, as_of_us)
    return {
        "payments_30d_count": paid_30,
        "payments_90d_count": paid_90,
        "payments_trend": _trend(paid_30, paid_90, _COUNT_BASE),
        "payments_change": _change(paid_90, number(spent & in_180)),
        "spent_minor_90d": spent_90,
        "spent_trend": _trend(spent_30, spent_90, _MONEY_BASE),
        "payment_age_days": _age(who, lines.at_us, spent & in_180, count, as_of_us),
        "fixed_costs_30d_count": fixed_30,
        "fixed_costs_trend": _trend(fixed_30, fixed_90, _COUNT_BASE),
        "salary_minor_90d": total(pay & in_90),
        "salary_age_days": pay_age,
        "salary_stopped": (pay_age > _PAY_EVERY_DAYS).astype(np.float64),
        "received_minor_90d": total(received & in_90),
        "sent_minor_30d": total(sent & in_30),
        "sent_minor_90d": total(sent & in_90),
        "fees_90d_count": number(fees & in_90),
        "fees_minor_180d": total(fees & in_180),
    }


def _balances(books: Books, count: int, as_of_us: int) -> dict[str, Floats]:
    """Return today's balance beside thirteen Mondays of it, so to speak: one sample a week."""
    accounts, lines = books.accounts, books.postings
    at = (as_of_us - _SAMPLES * DAY_US) // 1_000_000
    # One sorted key for (account, second): an account's last line before a moment is one search.
    key = (lines.account << 32) + lines.at_us // 1_000_000
    asked = (np.arange(len(accounts.customer), dtype=np.int64) << 32)[:, None] + at[None, :]
    place = np.searchsorted(key, asked, side="right") - 1
    if len(key):
        found = (place >= 0) & (lines.account[place] == np.arange(len(place))[:, None])
        held = np.where(found, lines.balance_after_minor[place], 0)
    else:
        held = np.zeros(place.shape, np.int64)
    held = held * accounts.is_euro[:, None]
    samples = np.zeros((count, len(at)))
    np.add.at(samples, accounts.customer, held)
    savings = _sums(accounts.customer, np.where(accounts.is_savings, held[:, 0], 0), count)
    usual = np.median(samples, axis=1)
    now = samples[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(now > 0, savings / now, np.nan)
    rises = np.log(np.maximum(now, 0) + _MONEY_BASE) - np.log(np.maximum(usual, 0) + _MONEY_BASE)
    return {
        "balance_minor": now,
        "balance_minor_p50_90d": usual,
        "balance_trend": rises,
        "savings_share": share,
    }


def _contacts(books: Books, count: int, as_of_us: int) -> dict[str, Floats]:
    voiced, cases, days = books.complaints, books.cases, books.login_days

    def within(at_us: Ints, window_days: int) -> Flags:
        return as_of_us - at_us < window_days * DAY_US

    in_30 = _sums(days.customer, within(days.at_us, 30), count)
    in_90 = _sums(days.customer, within(days.at_us, 90), count)
    lately = within(voiced.at_us, WINDOW_DAYS)
    return {
        "complaints_180d_count": _sums(voiced.customer, lately, count),
        "complaint_age_days": _age(voiced.customer, voiced.at_us, lately, count, as_of_us),
        "cases_365d_count": _sums(cases.customer, within(cases.at_us, _CASE_DAYS), count),
        "login_days_30d_count": in_30,
        "login_days_90d_count": in_90,
        "login_trend": _trend(in_30, in_90, _COUNT_BASE),
        "login_change": _change(
            in_90, _sums(days.customer, within(days.at_us, WINDOW_DAYS), count)
        ),
        "login_age_days": _age(
            days.customer, days.at_us, within(days.at_us, WINDOW_DAYS), count, as_of_us
        ),
    }


def _sums(who: Ints, values: Ints | Flags, count: int) -> Floats:
    """Return the sum of values by customer. Whole numbers below 2^53: exact in any order."""
    return np.bincount(who, weights=values, minlength=count).astype(np.float64)


def _age(who: Ints, at_us: Ints, rows: Flags, count: int, as_of_us: int) -> Floats:
    """Return the days since the last of some rows by customer; NaN when there is none."""
    last = np.full(count, -1, np.int64)
    np.maximum.at(last, who[rows], at_us[rows])
    return np.where(last < 0, np.nan, (as_of_us - last) / DAY_US)


def _trend(in_30: Floats, in_90: Floats, base: float) -> Floats:
    return np.log((3 * in_30 + base) / (in_90 + base))


def _change(in_90: Floats, in_180: Floats) -> Floats:
    return np.log((in_90 + _COUNT_BASE) / (in_180 - in_90 + _COUNT_BASE))
