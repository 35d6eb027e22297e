"""Habits of logging in: on which days somebody came, and from which places for the first time.

    LoginDay     one a customer and day: how often they logged in
    LoginPlace   one a customer and place: when it was first seen

A place is the keyed digest of an address, never the address. So little is kept that it tells
whether somebody still comes and whether a login is from somewhere new, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from bank.domain.ids import CustomerId


@dataclass(frozen=True, slots=True)
class LoginDay:
    """Logins of one customer on one UTC day. The id is customer and day."""

    id: str
    customer_id: CustomerId
    day: date
    logins_count: int


@dataclass(frozen=True, slots=True)
class LoginPlace:
    """A place a customer has logged in from. The id is customer and place."""

    id: str
    customer_id: CustomerId
    first_seen_at_utc: datetime


def login_day(customer_id: str, day: date, *, logins_count: int = 0) -> LoginDay:
    """Return the record of a customer's day."""
    return LoginDay(f"{customer_id}:{day}", CustomerId(customer_id), day, logins_count)


def place_id(customer_id: str, place: str) -> str:
    """Return the id of a customer's place."""
    return f"{customer_id}:{place}"


def login_place(customer_id: str, place: str, *, first_seen_at_utc: datetime) -> LoginPlace:
    """Return the record of a customer's place."""
    return LoginPlace(place_id(customer_id, place), CustomerId(customer_id), first_seen_at_utc)
