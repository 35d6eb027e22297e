"""Fast-forward: the days of a campaign go by in a minute, and the town answers. Only in the demo.

    each day ─┬─ some people come and talk ─▶ what waits in the chat is taken
              ├─ campaign_sends.run_due, at an hour when letters may go
              └─ who was meant, held out too, does what was hoped for, or not

How somebody answers is this town's own truth, drawn from their id and never told: a chance that
they would have done it anyway, and what a message adds, or takes away, for them. The bank's rules
are the bank's own; only its clock is another one, so rows of days to come stay in the demo's books.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any

from bank.bootstrap import Bank, make_bank
from bank.campaign_ports import Segments
from bank.demo.aftermath import TownClock
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.campaigns import Campaign, Send, SendState
from bank.domain.consents import IN_TALK, Channel
from bank.domain.ids import CustomerId
from bank.ports import UnitOfWork
from bank.services.campaign_sends import SendCounts

#: When letters go: by day in every country of the town.
_HOUR = time(11, 0, tzinfo=UTC)
_COMES_A_DAY = 0.12
_ANYWAY, _ADDED = (0.02, 0.10), (-0.02, 0.22)
_ANSWER_DAYS = 9
_PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Townsperson:
    """What is true of somebody. added: what being met changes; it may be less than nothing."""

    anyway: float
    added: float
    comes: float
    drawn: float
    answer_days: int


def townsperson(customer_id: str, campaign: Campaign) -> Townsperson:
    """Return somebody's truth about a campaign; always the same."""
    rng = Random(f"{customer_id}|{campaign.id}")  # noqa: S311  a town, not a secret
    return Townsperson(
        anyway=rng.uniform(*_ANYWAY), added=rng.uniform(*_ADDED), comes=rng.random(),
        drawn=rng.random(), answer_days=rng.randint(1, _ANSWER_DAYS),
    )  # fmt: skip


def fast_forward(
    bank: Bank, campaign_id: str, *, days: int, segments: Segments | None = None,
    progress: Callable[[float], None] | None = None,
) -> SendCounts:  # fmt: skip
    """Let days go by from the campaign's begin, or from now; return what went.

    segments: what its audience asks; none where it names no segment.
    Raises NotFound, Conflict (not approved, or ended).
    """
    campaign = bank.campaigns.get(SYSTEM, campaign_id)
    begins = max(bank.clock(), campaign.starts_at_utc)
    clock = TownClock(begins)
    ahead = make_bank(bank.store, clock=clock, keyring=bank.keyring)
    if segments is not None:
        ahead.audiences.use(segments)
    ahead.campaign_sends.plan(SYSTEM, campaign_id)
    total = SendCounts()
    for day in range(days):
        moment = datetime.combine(begins.date() + timedelta(days=day), _HOUR)
        clock.now_utc = max(moment, begins)
        if clock.now_utc >= campaign.ends_at_utc:
            break
        _talk(ahead, campaign, day)
        total += ahead.campaign_sends.run_due()
        _answer(ahead, campaign, clock.now_utc)
        if progress is not None:
            progress((day + 1) / days)
    clock.now_utc += timedelta(days=_ANSWER_DAYS + 1)
    _answer(ahead, campaign, clock.now_utc)
    return total


def _talk(bank: Bank, campaign: Campaign, day: int) -> None:
    """Some of those who have something waiting come and talk."""
    for channel in (Channel(one) for one in campaign.channels if Channel(one) in IN_TALK):
        waiting = list(_sends(bank, campaign, state=SendState.PLANNED, channel=channel))
        for send in waiting:
            rng = Random(f"{send.customer_id}|{day}")  # noqa: S311
            if rng.random() < _COMES_A_DAY:
                bank.campaign_sends.take(_as(send.customer_id), channel)


def _answer(bank: Bank, campaign: Campaign, now_utc: datetime) -> None:
    """Have those answer whose days are over, once each."""
    for send in list(_sends(bank, campaign)):
        if send.responded_at_utc is not None or send.state is SendState.PLANNED:
            continue
        person = townsperson(send.customer_id, campaign)
        met = send.sent_at_utc if send.state is SendState.SENT else None
        since = met or campaign.starts_at_utc
        if now_utc - since < timedelta(days=person.answer_days):
            continue
        chance = person.anyway + (person.added if met else 0.0)
        if person.drawn < max(0.0, chance):
            bank.campaign_sends.respond(SYSTEM, campaign.id, send.customer_id)


def _sends(bank: Bank, campaign: Campaign, **asked: Any) -> Iterator[Send]:
    after = ""
    while True:
        page = bank.store.read(lambda uow: _page(uow, campaign, after, asked))  # noqa: B023
        yield from page
        if not page:
            return
        after = page[-1].id


def _page(uow: UnitOfWork, campaign: Campaign, after: str, asked: dict[str, Any]) -> list[Send]:
    found: list[Send] = uow.campaign_sends.list(
        campaign_id=campaign.id, id__gt=after, limit=_PAGE_ROWS, **asked
    )
    return found


def _as(customer_id: CustomerId) -> Actor:
    return Actor(ActorKind.CUSTOMER, customer_id, LoginLevel.PASSWORD)
