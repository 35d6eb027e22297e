"""Random schedules through the real service: who, what, when, and four workers at once.

A schedule is one look of the service at one person, campaign, channel and moment, and what it made
of it: sent, refused, or put off. Each batch is a new bank on SQLite with random people (country,
consents, suppressed addresses), random campaigns (class, purpose, channels, window, budget) and a
clock that jumps, backwards too. In a round four workers send, while one thread takes consents away
and another stops a campaign; then everything that went is read again, as plainly as it goes, from
what this module itself knows of the people, never from what the service says it saw.
"""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.campaigns import Campaign, CampaignWish, MessageClass, Send, SendState
from bank.domain.consents import (
    Channel,
    Consent,
    ConsentSource,
    Purpose,
    Suppression,
    SuppressionReason,
    consent_id,
    suppressed_text,
)
from bank.domain.customers import Customer
from bank.domain.errors import Conflict
from bank.domain.ids import CustomerId
from bank.policies.contacting import share_of
from bank.policies.tables import load_table
from bank.ports import Store
from bank.services.consents import PURPOSE as SUPPRESSING
from bank.storage.database import open_store

BEGIN = datetime(2026, 3, 2, 5, tzinfo=UTC)
MAKER = Actor(ActorKind.STAFF, "st_maker", LoginLevel.STRONG, frozenset({"agent"}))
CHIEF = Actor(ActorKind.STAFF, "st_chief", LoginLevel.STRONG, frozenset({"supervisor"}))
WAYS = (Channel.MAIL, Channel.SMS)
PURPOSES = (Purpose.OFFERS, Purpose.TIPS)
PEOPLE, CAMPAIGNS, ROUNDS, WORKERS = 400, 40, 16, 4
COST_MINOR = {Channel.MAIL: 1, Channel.SMS: 8}
CAP, CAP_DAYS = 3, 7

Said = tuple[str, Purpose, Channel]


@dataclass
class Batch:
    """A bank, and all that is known of its people without asking it."""

    store: Store
    rng: random.Random
    now_utc: datetime = BEGIN
    countries: dict[str, str] = field(default_factory=dict)
    agreed: set[Said] = field(default_factory=set)
    suppressed: set[tuple[str, Channel]] = field(default_factory=set)
    held_out: set[str] = field(default_factory=set)
    stopped: set[str] = field(default_factory=set)
    gone: set[Said] = field(default_factory=set)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    spent_minor: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.bank: Bank = make_bank(self.store, clock=lambda: self.now_utc)


def scheduled(folder: Path, count: int, seed: int) -> Counter[str]:
    """Run batches until so many schedules were looked at; count what went, and each violation."""
    told: Counter[str] = Counter()
    number = 0
    while told["looked at"] < count:
        path = folder / f"schedules{number}.db"
        store = open_store(f"sqlite:///{path}", create=True)
        try:
            _run(Batch(store, random.Random(seed + number)), told, until=count)
        finally:
            store.close()
        for file in folder.glob(f"{path.name}*"):
            file.unlink()
        number += 1
    return told


def violations_of(told: Counter[str]) -> Counter[str]:
    """Return only what should not have been."""
    return Counter({name: n for name, n in told.items() if name.startswith("violation") and n})


def _run(batch: Batch, told: Counter[str], *, until: int) -> None:
    _settle(batch)
    for number in range(CAMPAIGNS):
        _campaign(batch, number)
    for number in range(ROUNDS):
        # A moment of its own each round, so that what went in it is found by it.
        jump = timedelta(hours=batch.rng.randrange(-5, 40), minutes=batch.rng.randrange(60))
        batch.now_utc += jump + timedelta(microseconds=number + 1)
        _round(batch, told)
        if told["looked at"] >= until:
            return


def _round(batch: Batch, told: Counter[str]) -> None:
    rng, before = batch.rng, set(batch.stopped)
    going = rng.sample(sorted(batch.agreed), len(batch.agreed) // 50)
    stopping = rng.sample(sorted(batch.campaigns), rng.randrange(3))
    limits = [rng.randrange(5, 200) for _ in range(WORKERS)]
    with ThreadPoolExecutor(WORKERS + 2) as pool:
        jobs = [pool.submit(_send_all, batch.bank, limit) for limit in limits]
        others = [pool.submit(_withdraw, batch, going), pool.submit(_stop, batch, stopping)]
        told["looked at"] += sum(job.result() for job in jobs)
        for job in others:
            job.result()
    told["withdrawals"] += len(going)
    batch.gone = set(going)
    told.update(_read_again(batch, stopped_before=before))
    batch.agreed -= batch.gone
    _agree(batch, rng.sample(going, len(going) // 3))


def _read_again(batch: Batch, *, stopped_before: set[str]) -> Counter[str]:
    """Count what went in this round, and what of it should not have."""

    def read(uow):  # type: ignore[no-untyped-def]
        states = (SendState.SENT, SendState.RECALLED)
        new = uow.campaign_sends.list(state=states, sent_at_utc=batch.now_utc)
        some = tuple({one.customer_id for one in new})
        sent = [
            one
            for start in range(0, len(some), 500)
            for one in uow.campaign_sends.list(
                customer_id=some[start : start + 500], state=SendState.SENT
            )
        ]
        return new, sent, uow.outbox.count(), uow.campaign_sends.count(state=SendState.SENT)

    new, sent, letters, sent_count = batch.store.read(read)
    told = Counter({"went": len(new), "recalled": sum(one.state == "recalled" for one in new)})
    for one in new:
        told.update(_broken(batch, one, stopped_before))
        batch.spent_minor[one.campaign_id] += COST_MINOR[one.channel]
    since = batch.now_utc - timedelta(days=CAP_DAYS)
    lately = Counter(
        one.customer_id
        for one in sent
        if one.sent_at_utc > since and one.message_class == "marketing"
    )
    told["violation: cap"] += sum(count > CAP for count in lately.values())
    reached = Counter((one.campaign_id, one.customer_id) for one in sent)
    told["violation: twice"] += sum(count > 1 for count in reached.values())
    told["violation: letters that are no sends"] += abs(letters - sent_count)
    for key, campaign in batch.campaigns.items():
        is_marketing = campaign.message_class is MessageClass.MARKETING
        spent_minor = batch.spent_minor[key]
        told["violation: budget"] += is_marketing and spent_minor > campaign.budget_minor
        held = batch.bank.campaigns.get(SYSTEM, key).spent_minor
        told["violation: money miscounted"] += held != spent_minor
    return told


def _broken(batch: Batch, send: Send, stopped_before: set[str]) -> Counter[str]:
    campaign, who = batch.campaigns[send.campaign_id], str(send.customer_id)
    told: Counter[str] = Counter()
    is_open = campaign.starts_at_utc <= batch.now_utc < campaign.ends_at_utc
    told["violation: outside its window"] += not is_open
    told["violation: after its stop"] += campaign.id in stopped_before
    # Who stops a campaign recalls what waits, in the same call.
    waits = send.state is SendState.SENT
    told["violation: left by its stop"] += waits and campaign.id in batch.stopped
    if campaign.message_class is not MessageClass.MARKETING:
        return told
    said = (who, campaign.purpose, send.channel)
    told["violation: no consent"] += said not in batch.agreed
    told["violation: left after a withdrawal"] += waits and said in batch.gone
    told["violation: suppressed"] += (who, send.channel) in batch.suppressed
    told["violation: held out"] += who in batch.held_out
    told["violation: quiet hours"] += not _is_day(batch.now_utc, batch.countries[who])
    return told


def _settle(batch: Batch) -> None:
    """Put random people into the bank, straight into its tables."""
    rng, keyring = batch.rng, batch.bank.keyring
    countries = [*load_table("contacting")["time_zones"], "ZZ"]
    people, consents, suppressions = [], [], []
    for number in range(PEOPLE):
        who = f"cu_{number:06d}"
        batch.countries[who] = country = rng.choice(countries)
        one = Customer(
            CustomerId(who), f"p{number}", "Ana Silva", "Ana", f"p{number}@example.org",
            f"+49 151 {number:08d}", 1, BEGIN, "en", country, "1990-01-01",
        )  # fmt: skip
        people.append(one)
        if share_of(keyring.digest("contacting/hold_out", who)) < 0.05:
            batch.held_out.add(who)
        for way in WAYS:
            if rng.random() < 0.05:
                batch.suppressed.add((who, way))
                address = one.email if way is Channel.MAIL else one.phone
                key = keyring.digest(SUPPRESSING, suppressed_text(way, address))
                suppressions.append(Suppression(key, way, SuppressionReason.BOUNCED, BEGIN))
            for purpose in PURPOSES:
                if rng.random() < 0.8:
                    batch.agreed.add((who, purpose, way))
                    consents.append(
                        Consent(
                            consent_id(who, purpose, way), CustomerId(who), purpose, way, True,
                            BEGIN, ConsentSource.STAFF,
                        )
                    )  # fmt: skip

    def work(uow):  # type: ignore[no-untyped-def]
        uow.customers.add_many(people)
        uow.consents.add_many(consents)
        uow.suppressions.add_many(suppressions)

    batch.store.write(work)


def _campaign(batch: Batch, number: int) -> None:
    rng = batch.rng
    starts = BEGIN + timedelta(hours=rng.randrange(0, 150))
    ways = rng.sample(WAYS, rng.randrange(1, 3))
    texts = {str(way): "campaign_savings" for way in ways}
    share_bp = rng.randrange(1_000, 9_000)
    wish = CampaignWish(
        name=f"number {number}", purpose=rng.choice(PURPOSES), channels=[str(one) for one in ways],
        message_class=rng.choice([MessageClass.MARKETING] * 6 + [MessageClass.SERVICE]),
        variants=[
            {"code": "a", "share_bp": share_bp, "texts": texts},
            {"code": "b", "share_bp": 10_000 - share_bp, "texts": texts},
        ],
        starts_at_utc=starts, ends_at_utc=starts + timedelta(days=rng.randrange(1, 15)),
        budget_minor=rng.choice([PEOPLE // 5, PEOPLE, 10 * PEOPLE]), audience={},
    )  # fmt: skip
    bank = batch.bank
    campaign = bank.campaigns.approve(CHIEF, bank.campaigns.make(MAKER, wish).id)
    bank.campaign_sends.plan(SYSTEM, campaign.id)
    batch.campaigns[campaign.id] = campaign


def _send_all(bank: Bank, limit: int) -> int:
    looked_at = 0
    while count := bank.campaign_sends.send_due(SYSTEM, limit=limit).looked_at:
        looked_at += count
    return looked_at


def _withdraw(batch: Batch, said: list[Said]) -> None:
    for who, purpose, way in said:
        batch.bank.consents.withdraw(
            SYSTEM, who, purpose=purpose, channel=way, source=ConsentSource.CHAT
        )


def _agree(batch: Batch, said: list[Said]) -> None:
    for who, purpose, way in said:
        batch.bank.consents.give(
            SYSTEM, who, purpose=purpose, channel=way, source=ConsentSource.STAFF
        )
        batch.agreed.add((who, purpose, way))


def _stop(batch: Batch, ids: list[str]) -> None:
    for one in ids:
        try:
            batch.bank.campaigns.stop(CHIEF, one)
        except Conflict:
            continue  # it is done
        batch.stopped.add(one)


@cache
def _is_day(now_utc: datetime, country: str) -> bool:
    """Read the table once more, as plainly as it goes."""
    zones = load_table("contacting")["time_zones"]
    local = [now_utc.astimezone(ZoneInfo(one)) for one in zones.get(country, zones["other"])]
    return all(9 <= one.hour <= 19 and one.isoweekday() != 7 for one in local)
