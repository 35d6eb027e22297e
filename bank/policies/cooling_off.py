"""Cooling-off: what may go to a payee on its first day. The figures are in `cooling_off.toml`.

Pure: callers pass `now_utc` and the payee's sum so far.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bank.domain.errors import PayeeCoolingOff
from bank.domain.money import Money
from bank.policies.tables import load_table


def ends_at(added_at_utc: datetime) -> datetime:
    """Return when a payee added then is an ordinary payee."""
    return added_at_utc + timedelta(hours=load_table("cooling_off")["hours"])


def starts_at(now_utc: datetime) -> datetime:
    """Return since when transfers count against the first day's total."""
    return now_utc - timedelta(hours=load_table("cooling_off")["hours"])


def is_cooling_off(added_at_utc: datetime, *, now_utc: datetime) -> bool:
    """Whether the payee is still in its first day."""
    return now_utc < ends_at(added_at_utc)


def check(
    *, amount_eur_minor: int, sent_eur_minor: int, added_at_utc: datetime, now_utc: datetime
) -> None:
    """Refuse more than the first day's total. `sent_eur_minor` counts open proposals too.

    Raises PayeeCoolingOff with limit and until_utc.
    """
    if not is_cooling_off(added_at_utc, now_utc=now_utc):
        return
    total_minor: int = load_table("cooling_off")["total_eur_minor"]
    if sent_eur_minor + amount_eur_minor > total_minor:
        raise PayeeCoolingOff(
            limit=Money(total_minor, "EUR"),
            headroom=Money(max(0, total_minor - sent_eur_minor), "EUR"),
            until_utc=ends_at(added_at_utc).isoformat(timespec="minutes"),
        )
