"""Aftermath: what fates leave in the bank besides postings.

    log_in     the days they came, and from where      complain   a case, worked and resolved
    leave      every account closed, for good

Each act happens at its own past moment: `Pasts` lends a bank whose clock stands there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from bank.bootstrap import Bank, make_bank
from bank.demo.households import Household
from bank.demo.movements import Movement
from bank.demo.people import rng_of
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.cases import CaseKind
from bank.domain.habits import LoginDay, LoginPlace, login_day, login_place
from bank.domain.staff import StaffMember
from bank.policies.escalation import queue_of

#: Acts of many small units of work go side by side, so that they share commits.
THREADS = 32
_ANSWER_DAYS = (1, 6)
#: Of a step: somebody logs in from somewhere they never were.
_NEW_PLACE_CHANCE = 0.06
_COMPLAINTS = ("long_wait", "fee_disputed", "app_trouble", "card_declined", "wrong_information")

T = TypeVar("T")


@dataclass
class TownClock:
    """Tells the time of the story."""

    now_utc: datetime

    def __call__(self) -> datetime:
        return self.now_utc


class Pasts:
    """Banks over one store, one a thread, whose clocks stand where the story is."""

    def __init__(self, bank: Bank, *, began_utc: datetime) -> None:
        self._bank = bank
        self._began_utc = began_utc
        self._own = threading.local()

    def at(self, moment: datetime) -> Bank:
        """Return this thread's bank, its clock set to a moment of the past."""
        held: tuple[Bank, TownClock] | None = getattr(self._own, "held", None)
        if held is None:
            clock = TownClock(self._began_utc)
            held = make_bank(self._bank.store, clock=clock, keyring=self._bank.keyring), clock
            self._own.held = held
        held[1].now_utc = moment
        return held[0]


def side_by_side(act: Callable[[T], Any], on: Iterable[T]) -> None:
    """Run an act on each of many; the first failure is raised."""
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in threads.map(act, on):
            pass


def leave(pasts: Pasts, households: Sequence[Household]) -> None:
    """Close every account of those who have left."""

    def close(household: Household) -> None:
        fate = household.fate
        assert fate is not None
        assert fate.closed_at_utc is not None
        past = pasts.at(fate.closed_at_utc)
        for account in household.accounts:
            past.accounts.close(SYSTEM, account.id)

    gone = [one for one in households if one.fate is not None and one.fate.closed_at_utc]
    side_by_side(close, gone)


def complain(
    pasts: Pasts, households: Sequence[Household], member: StaffMember, *, seed: int, now: datetime
) -> None:
    """Open the complaints people voiced, and have them answered after some days."""
    agent = Actor(ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset(member.roles))

    def voice(told: tuple[Household, datetime]) -> None:
        household, at = told
        rng = rng_of(seed, f"complaint:{household.person.number}:{at:%Y%m%d}")
        case = pasts.at(at).cases.open(
            SYSTEM,
            kind=CaseKind.COMPLAINT,
            queue=queue_of(CaseKind.COMPLAINT),
            subject="Complaint",
            reason_code=rng.choice(_COMPLAINTS),
            why="Told at the counter of Larkmouth",
            customer_id=household.customer_id,
        )
        answered = min(at + timedelta(days=rng.randint(*_ANSWER_DAYS)), now)
        past = pasts.at(answered)
        past.cases.claim(agent, case.id)
        past.cases.resolve(agent, case.id, rng.choice(("apologised", "explained", "refunded")))

    side_by_side(
        voice,
        [(one, at) for one in households if one.fate for at in one.fate.complaints if at < now],
    )


def habits_of(
    household: Household, movements: Sequence[Movement], *, seed: int
) -> tuple[list[LoginDay], list[LoginPlace]]:
    """Return on which days a person logged in and from where; a takeover shows in both."""
    fate, who = household.fate, household.customer_id
    if fate is None:
        return [], []
    rng = rng_of(seed, f"habits:{household.person.number}")
    last = (fate.closed_at_utc or fate.ends_at_utc).date()
    counts: dict[date, int] = {
        day: rng.choice((1, 1, 1, 2, 3)) for step in fate.steps for day in step.login_days
        if fate.joined_at_utc.date() <= day <= last
    }  # fmt: skip
    places = [fate.joined_at_utc + timedelta(hours=1)]
    places += [
        step.at_utc + timedelta(days=rng.randint(0, 29), hours=rng.randint(7, 23))
        for step in fate.steps if rng.random() < _NEW_PLACE_CHANCE
    ]  # fmt: skip
    begun: dict[str, datetime] = {}
    for each in movements:
        if each.episode is not None and each.episode.startswith("takeover"):
            begun.setdefault(each.episode, each.at_utc)
    for at in begun.values():
        places.append(at - timedelta(minutes=rng.randint(4, 40)))
        counts[places[-1].date()] = counts.get(places[-1].date(), 0) + rng.randint(2, 5)
    ends = fate.closed_at_utc or fate.ends_at_utc
    return (
        [login_day(who, day, logins_count=count) for day, count in counts.items()],
        [
            login_place(who, f"town-{place}", first_seen_at_utc=at)
            for place, at in enumerate(places)
            if fate.joined_at_utc <= at <= ends
        ],
    )
