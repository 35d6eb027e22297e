"""Campaigns: how fast an audience is planned, and whether a rule is ever broken.

    python -m benchmarks.campaigns [--quick]

Plans an audience over SQLite; asks the rule about random schedules beside a second, plainer reading
of the same table; lets four workers send while people withdraw and agree; and has withdrawals race
sends for the same letter. Any violation makes the run fail.
"""

from __future__ import annotations

import argparse
import random
import resource
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.campaigns import Campaign, CampaignState, CampaignWish, MessageClass, SendState
from bank.domain.consents import Channel, Consent, ConsentSource, Purpose, consent_id
from bank.domain.customers import Customer
from bank.domain.ids import CustomerId
from bank.policies import contacting as policy
from bank.policies.contacting import Asked
from bank.policies.tables import load_table
from bank.ports import Store
from bank.storage.database import open_store
from bank.storage.memory import MemoryStore

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CHIEF = Actor(ActorKind.STAFF, "st_chief", LoginLevel.STRONG, frozenset({"supervisor"}))
PLAN_MAX_S, MEMORY_MAX_MB = 60, 1024
RACES_AT_ONCE, PEOPLE, CAMPAIGNS = 250, 40, 12


class TurnedClock:
    """Stands until it is turned."""

    def __init__(self) -> None:
        self.now_utc = NOON

    def __call__(self) -> datetime:
        return self.now_utc


def a_town(store: Store, count: int, *, agree: bool) -> tuple[Bank, TurnedClock]:
    """Return a bank with so many customers."""
    clock = TurnedClock()
    for start in range(0, count, 5_000):
        people = [_person(number) for number in range(start, min(count, start + 5_000))]
        consents = [_agreed(one.id) for one in people] if agree else []

        def work(uow, people=people, consents=consents):  # type: ignore[no-untyped-def]
            uow.customers.add_many(people)
            uow.consents.add_many(consents)

        store.write(work)
    return make_bank(store, clock=clock), clock


def a_campaign(bank: Bank, clock: TurnedClock, name: str, *, channels: int = 1) -> Campaign:
    """Return an approved campaign for everybody."""
    tried = ("mail", "sms")[:channels]
    texts = dict.fromkeys(tried, "campaign_savings")
    halves = [{"code": code, "share_bp": 5_000, "texts": texts} for code in ("a", "b")]
    rule = {"feature": "tenure_days", "op": "gte", "value": 0}
    wish = CampaignWish(
        name=name, message_class=MessageClass.MARKETING, purpose=Purpose.OFFERS, channels=tried,
        variants=halves, starts_at_utc=clock() - timedelta(hours=1),
        ends_at_utc=clock() + timedelta(days=30), budget_minor=10**9, audience={"rules": [rule]},
    )  # fmt: skip
    return bank.campaigns.approve(CHIEF, bank.campaigns.make(SYSTEM, wish).id)


def plan(folder: Path, count: int) -> tuple[int, float, float, float]:
    """Return sends made, seconds, seconds of CPU, and the process's most memory in MB."""
    store = open_store(f"sqlite:///{folder / 'plan.db'}", create=True)
    bank, clock = a_town(store, count, agree=False)
    campaign = a_campaign(bank, clock, "everybody")
    begun_s, begun_cpu_s = time.perf_counter(), time.process_time()
    made = bank.campaign_sends.plan(SYSTEM, campaign.id)
    took_s, cpu_s = time.perf_counter() - begun_s, time.process_time() - begun_cpu_s
    store.close()
    return made, took_s, cpu_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def schedules(count: int, seed: int) -> Counter[str]:
    """Ask the rule about random moments and people; count what went and what should not have."""
    rng, told = random.Random(seed), Counter[str]()
    table = load_table("contacting")
    countries = [*table["time_zones"], "ZZ"]
    for _ in range(count):
        start = NOON + timedelta(minutes=rng.randrange(-400_000, 400_000))
        one = Asked(
            message_class=rng.choice(list(MessageClass)),
            state=rng.choice([CampaignState.RUNNING] * 5 + [CampaignState.STOPPED]),
            starts_at_utc=start, ends_at_utc=start + timedelta(days=rng.randrange(1, 60)),
            now_utc=start + timedelta(minutes=rng.randrange(-600, 60_000)),
            country=rng.choice(countries), has_consent=rng.random() < 0.8,
            is_suppressed=rng.random() < 0.1, is_held_out=rng.random() < 0.05,
            cap_count=rng.choice([None, 0, 1, 3, 3, 3]), sent_lately_count=rng.randrange(5),
            cost_minor=rng.choice([0, 1, 8]), budget_left_minor=rng.randrange(-2, 40),
        )  # fmt: skip
        may = policy.may_send(one).may
        told["went"] += may
        told["violations"] += may and not _plainly_may(one)
        told["held back wrongly"] += _plainly_may(one) and not may
    return told


def workers(count: int, seed: int) -> Counter[str]:
    """Let four workers send while people withdraw and agree, over and over; count violations."""
    rng, told = random.Random(seed), Counter[str]()
    while told["looked at"] < count:
        store = MemoryStore()
        bank, clock = a_town(store, PEOPLE, agree=True)
        for number in range(CAMPAIGNS):
            one = a_campaign(bank, clock, f"number {number}", channels=1 + number % 2)
            bank.campaign_sends.plan(SYSTEM, one.id)
        for _ in range(4):
            clock.now_utc += timedelta(hours=rng.randrange(-2, 60))
            gone = rng.sample(range(PEOPLE), 5)
            with ThreadPoolExecutor(5) as pool:
                jobs = [pool.submit(_send_all, bank, rng.randrange(1, 20)) for _ in range(4)]
                pool.submit(_withdraw, bank, gone).result()
                told["looked at"] += sum(job.result() for job in jobs)
            told["violations"] += _broken(store, bank, gone)
        told["went"] += store.read(lambda uow: uow.campaign_sends.count(state=SendState.SENT))
    return told


def races(folder: Path, count: int) -> Counter[str]:
    """Have a withdrawal and a send meet over each of so many letters; count those that stay."""
    told, done = Counter[str](), 0
    while done < count:
        some = min(RACES_AT_ONCE, count - done)
        store = open_store(f"sqlite:///{folder / f'race{done}.db'}", create=True)
        bank, clock = a_town(store, some, agree=True)
        bank.campaign_sends.plan(SYSTEM, a_campaign(bank, clock, "race").id)
        together = threading.Barrier(3)
        order = random.Random(done).sample(range(some), some)
        with ThreadPoolExecutor(3) as pool:
            jobs = [pool.submit(_after, together, _send_all, bank, 1)]
            jobs += [
                pool.submit(_after, together, _withdraw, bank, order[half::2]) for half in (0, 1)
            ]
            for job in jobs:
                job.result()
        told["letters left"] += store.read(lambda uow: uow.outbox.count())
        sends = store.read(lambda uow: uow.campaign_sends.list())
        told.update(str(one.state) for one in sends)
        store.close()
        for file in folder.glob(f"race{done}.db*"):
            file.unlink()
        done += some
    return told


def _person(number: int) -> Customer:
    return Customer(
        CustomerId(f"cu_{number:08d}"), f"p{number}", "Ana Silva", "Ana", f"p{number}@example.org",
        f"+49 151 {number:08d}", 1, NOON - timedelta(days=number % 3_000), "en", "DE", "1990-01-01",
    )  # fmt: skip


def _agreed(customer_id: CustomerId) -> Consent:
    key = consent_id(customer_id, Purpose.OFFERS, Channel.MAIL)
    return Consent(
        key,
        customer_id,
        Purpose.OFFERS,
        Channel.MAIL,
        True,
        NOON,
        ConsentSource.CHAT,
    )


def _plainly_may(one: Asked) -> bool:
    """Read the table once more, as plainly as it goes."""
    runs = one.state is CampaignState.RUNNING and one.starts_at_utc <= one.now_utc < one.ends_at_utc
    if one.message_class is not MessageClass.MARKETING:
        return runs
    zones = load_table("contacting")["time_zones"]
    locals_ = [
        one.now_utc.astimezone(ZoneInfo(zone)) for zone in zones.get(one.country, zones["other"])
    ]
    is_day = all(9 <= local.hour <= 19 and local.isoweekday() != 7 for local in locals_)
    is_capped = one.cap_count is not None and one.cap_count <= one.sent_lately_count
    is_paid = one.budget_left_minor >= one.cost_minor
    agrees = one.has_consent and not one.is_suppressed
    return runs and is_day and agrees and is_paid and not is_capped and not one.is_held_out


def _send_all(bank: Bank, limit: int) -> int:
    looked_at = 0
    while batch := bank.campaign_sends.send_due(SYSTEM, limit=limit).looked_at:
        looked_at += batch
    return looked_at


def _withdraw(bank: Bank, numbers: list[int]) -> int:
    for number in numbers:
        bank.consents.withdraw(
            SYSTEM, f"cu_{number:08d}", purpose=Purpose.OFFERS, channel=Channel.MAIL,
            source=ConsentSource.CHAT,
        )  # fmt: skip
    return len(numbers)


def _after(together: threading.Barrier, work, *given) -> int:  # type: ignore[no-untyped-def]
    together.wait()
    return int(work(*given))


def _broken(store: Store, bank: Bank, gone: list[int]) -> int:
    """Count letters to the withdrawn, at night, to the held out, and above the cap."""
    sends = store.read(lambda uow: uow.campaign_sends.list(state=SendState.SENT))
    by_person: dict[str, list[datetime]] = {}
    twice = Counter((one.campaign_id, one.customer_id) for one in sends)
    broken = sum(count - 1 for count in twice.values())
    for one in sends:
        by_person.setdefault(one.customer_id, []).append(one.sent_at_utc)
        local = one.sent_at_utc.astimezone(ZoneInfo("Europe/Berlin"))
        broken += not 9 <= local.hour <= 19 or local.isoweekday() == 7
        broken += policy.is_held_out(bank.keyring.digest("contacting/hold_out", one.customer_id))
    for moments in by_person.values():
        broken += any(
            sum(at - timedelta(days=7) < one <= at for one in moments) > 3 for at in moments
        )
    withdrawn = {f"p{number}@example.org" for number in gone}
    return broken + sum(one.to in withdrawn for one in store.read(lambda uow: uow.outbox.list()))


def main() -> int:
    """Print the tables; 1 where a rule was broken or a target missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    people, asked, looked, raced = (
        (20_000, 20_000, 2_000, 1_000) if quick else (1_000_000, 1_000_000, 50_000, 100_000)
    )
    with tempfile.TemporaryDirectory() as folder:
        made, took_s, cpu_s, memory_mb = plan(Path(folder), people)
        print(
            "| audience | sends planned | s | s of CPU | most memory, MB |\n|---|---|---|---|---|"
        )
        print(
            f"| {people:,} | {made:,} | {took_s:.1f} | {cpu_s:.1f} | {memory_mb:.0f} |", flush=True
        )
        one, two = schedules(asked, 1), workers(looked, 2)
        three = races(Path(folder), raced)
    print("\n| what | tried | of them went | violations |\n|---|---|---|---|")
    print(
        f"| random schedules, the rule alone | {asked:,} | {one['went']:,} | {one['violations']} |"
    )
    print(
        f"| four workers beside withdrawals | {two['looked at']:,} | {two['went']:,} "
        f"| {two['violations']} |"
    )
    print(
        f"| a withdrawal races a send (SQLite) | {raced:,} | {three['sent']:,} "
        f"| {three['letters left']} |"
    )
    print(
        f"\n> Of the races {three['recalled']:,} letters were recalled from the outbox and "
        f"{three['refused']:,} never written, the rest held out; held back without a reason: "
        f"{one['held back wrongly']}."
    )
    is_fast = took_s <= PLAN_MAX_S and memory_mb <= MEMORY_MAX_MB
    broken = one["violations"] + one["held back wrongly"] + two["violations"]
    return 0 if is_fast and not broken and not three["letters left"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
