"""Attempts: how often something went wrong lately, per name, address or customer.

A fixed window: the first failure opens it, the limit closes the door until it has passed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bank.domain.errors import RateLimited


@dataclass(frozen=True, slots=True)
class RateRule:
    """At most `limit` failures in `window_s`."""

    limit: int
    window_s: int


@dataclass(frozen=True, slots=True)
class Attempts:
    """Failures of one scope. The id is hashed: people type passwords into name fields."""

    id: str
    count: int
    window_started_at_utc: datetime


def check_rate(attempts: Attempts | None, rule: RateRule, *, now_utc: datetime) -> None:
    """Refuse when the window is full. Raises RateLimited with the seconds until it is not."""
    if attempts is None or attempts.count < rule.limit:
        return
    left = attempts.window_started_at_utc + timedelta(seconds=rule.window_s) - now_utc
    if left > timedelta(0):
        raise RateLimited(retry_after_s=int(left.total_seconds()) + 1)


def add_failure(
    attempts: Attempts | None, rule: RateRule, *, scope: str, now_utc: datetime
) -> Attempts:
    """Return the scope's count with one failure more; an old window starts anew."""
    if attempts is None or now_utc - attempts.window_started_at_utc >= timedelta(
        seconds=rule.window_s
    ):
        return Attempts(scope, 1, now_utc)
    return replace(attempts, count=attempts.count + 1)
