"""Books: what the bank has written down about some customers, as columns that can be cut in time.

    bank records ──▶ Books ──until(moment)──▶ Books of that moment ──▶ features (customers.py)

`until` is the only door to the features. It drops every row later than the moment, lets an
account that closes later be open, and keeps whole days only of what is counted by day.
`check_no_later` is the guard behind it: features refuse books that hold anything later.

Times are Unix microseconds, UTC. Customers and accounts are places in their lists.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from analytics.errors import LooksAhead

Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
DAY_US = 86_400 * 1_000_000
#: The closing time of an account that is open.
NEVER_US = np.iinfo(np.int64).max
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us_of(moment: datetime) -> int:
    """Return Unix microseconds, exactly."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@dataclass(frozen=True, slots=True)
class Accounts:
    """customer: place in Books.customers. closed_us: NEVER_US while open."""

    customer: Ints
    opened_us: Ints
    closed_us: Ints
    is_euro: Flags
    is_savings: Flags


@dataclass(frozen=True, slots=True)
class Postings:
    """Sorted by account, then time. is_own: between two accounts of the same customer."""

    account: Ints
    at_us: Ints
    amount_minor: Ints
    balance_after_minor: Ints
    is_salary: Flags
    is_fixed: Flags
    is_fee: Flags
    is_transfer: Flags
    is_refund: Flags
    is_own: Flags


@dataclass(frozen=True, slots=True)
class Moments:
    """Things that happened to customers, at times: cards given out, cases, days of login.

    For days of login `at_us` is the day's end: before it the day is not over and not counted.
    """

    customer: Ints
    at_us: Ints
    weight: Ints

    def upto(self, us: int) -> Moments:
        keep = self.at_us <= us
        return Moments(self.customer[keep], self.at_us[keep], self.weight[keep])


@dataclass(frozen=True, slots=True)
class Books:
    """What is written down about these customers, in the order of `customers`."""

    customers: tuple[str, ...]
    accounts: Accounts
    postings: Postings
    cards: Moments
    complaints: Moments
    cases: Moments
    login_days: Moments

    def until(self, us: int) -> Books:
        """Return the books as they stood at a moment."""
        accounts = self.accounts
        # An account that opens later is kept in its place, so that places stay what they are.
        is_known = accounts.opened_us <= us
        held = Accounts(
            customer=accounts.customer,
            opened_us=np.where(is_known, accounts.opened_us, NEVER_US),
            closed_us=np.where(accounts.closed_us <= us, accounts.closed_us, NEVER_US),
            is_euro=accounts.is_euro & is_known,
            is_savings=accounts.is_savings & is_known,
        )
        return replace(
            self,
            accounts=held,
            postings=cut(self.postings, self.postings.at_us <= us),
            **{name: getattr(self, name).upto(us) for name in _MOMENTS},
        )


_MOMENTS = ("cards", "complaints", "cases", "login_days")


def cut(columns: Any, keep: Flags | NDArray[np.intp]) -> Any:
    """Return the rows of a set of columns to keep, or all of them in another order."""
    return type(columns)(*(getattr(columns, each.name)[keep] for each in fields(columns)))


def check_no_later(books: Books, us: int) -> None:
    """Raise LooksAhead when the books hold anything later than a moment."""
    found = {"postings": books.postings.at_us}
    found |= {name: getattr(books, name).at_us for name in _MOMENTS}
    opened, closed = books.accounts.opened_us, books.accounts.closed_us
    found["accounts"] = np.concatenate([opened[opened != NEVER_US], closed[closed != NEVER_US]])
    for name, at_us in found.items():
        later_count = int((at_us > us).sum())
        if later_count:
            moment = datetime.fromtimestamp(us / 1e6, UTC)
            raise LooksAhead(
                f"{later_count} {name} are later than {moment:%Y-%m-%d %H:%M} UTC. Features may "
                "use what was known then: cut the books with `until` first."
            )


def moments(rows: Sequence[tuple[int, int, int]]) -> Moments:
    """Return the columns of (customer's place, time, weight)."""
    table = np.array(rows, np.int64).reshape(-1, 3)
    return Moments(table[:, 0], table[:, 1], table[:, 2])


def join(parts: Sequence[Books]) -> Books:
    """Return the books of several groups of customers as one; nobody is in two of them."""
    customers_before = np.cumsum([0, *(len(one.customers) for one in parts)])
    accounts_before = np.cumsum([0, *(len(one.accounts.customer) for one in parts)])
    moved = [
        replace(
            one,
            accounts=_shift(one.accounts, "customer", int(customers)),
            postings=_shift(one.postings, "account", int(accounts)),
            **{name: _shift(getattr(one, name), "customer", int(customers)) for name in _MOMENTS},
        )
        for one, customers, accounts in zip(parts, customers_before, accounts_before, strict=False)
    ]
    return Books(
        customers=tuple(who for one in moved for who in one.customers),
        **{
            each.name: _stack([getattr(one, each.name) for one in moved])
            for each in fields(Books)
            if each.name != "customers"
        },
    )


def _shift(columns: Any, name: str, by: int) -> Any:
    return replace(columns, **{name: getattr(columns, name) + by})


def _stack(parts: Sequence[Any]) -> Any:
    return type(parts[0])(*(
        np.concatenate([getattr(one, each.name) for one in parts]) for each in fields(parts[0])
    ))  # fmt: skip
