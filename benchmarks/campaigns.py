"""Campaigns: how fast an audience is planned, and whether a rule is ever broken.

    python -m benchmarks.campaigns [--quick | --tenth]

Plans an audience over SQLite, by one rule and by four that ask four tables; asks the rule of
contacting about random schedules beside a second, plainer reading of the same table; runs random
schedules through the service with four workers (campaign_schedules.py); and has withdrawals race
sends for the same letter. Any violation makes the run fail.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bank.bootstrap import Bank
from bank.domain.actors import SYSTEM
from bank.domain.campaigns import CampaignState, MessageClass
from bank.domain.consents import Channel, ConsentSource, Purpose
from bank.policies import contacting as policy
from bank.policies.contacting import Asked
from bank.policies.tables import load_table
from bank.storage.database import open_store
from benchmarks.campaign_planning import NOON, RULES, TurnedClock, a_campaign, a_town, plan
from benchmarks.campaign_schedules import scheduled, violations_of

PLAN_MAX_S, MEMORY_MAX_MB = 60, 1024
RACES_AT_ONCE, RACES_A_BANK = 250, 10_000


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


def races(folder: Path, count: int) -> Counter[str]:
    """Have a withdrawal and a send meet over each of so many letters; count those that stay."""
    told, done = Counter[str](), 0
    while done < count:
        some = min(RACES_A_BANK, count - done)
        store = open_store(f"sqlite:///{folder / f'race{done}.db'}", create=True)
        bank, clock = a_town(store, some, agree=True)
        for first in range(0, some, RACES_AT_ONCE):
            told.update(_race(bank, clock, range(first, min(first + RACES_AT_ONCE, some))))
        told["letters left"] += store.read(lambda uow: uow.outbox.count())
        store.close()
        for file in folder.glob(f"race{done}.db*"):
            file.unlink()
        done += some
    return told


def _race(bank: Bank, clock: TurnedClock, people: range) -> Counter[str]:
    """Let two withdraw these people's consents while one sends to them; return states of sends."""
    named = {"customer_ids": [f"cu_{number:08d}" for number in people]}
    campaign = a_campaign(bank, clock, f"race {people.start}", audience=named)
    bank.campaign_sends.plan(SYSTEM, campaign.id)
    together = threading.Barrier(3)
    order = random.Random(people.start).sample(people, len(people))
    with ThreadPoolExecutor(3) as pool:
        at_once = 1 + people.start // RACES_AT_ONCE % 4  # letters of one write
        jobs = [pool.submit(_after, together, _send_all, bank, at_once)]
        jobs += [pool.submit(_after, together, _withdraw, bank, order[half::2]) for half in (0, 1)]
        for job in jobs:
            job.result()
    sends = bank.store.read(lambda uow: uow.campaign_sends.list(campaign_id=campaign.id))
    return Counter(str(one.state) for one in sends)


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


def main() -> int:
    """Print the tables; 1 where a rule was broken or a target missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fiftieth")
    parser.add_argument("--tenth", action="store_true")
    asked = parser.parse_args()
    part = 50 if asked.quick else 10 if asked.tenth else 1
    many, raced = 1_000_000 // part, 100_000 // part
    with tempfile.TemporaryDirectory() as folder:
        print("| audience | sends planned | s | s of CPU | most memory, MB |\n|---|---|---|---|---|")
        planned = [plan(Path(folder), many, rules) for rules in (RULES[:1], RULES)]
        print("\n".join(map(str, planned)), flush=True)
        alone, alone_s = _timed(lambda: schedules(many, 1))
        served, served_s = _timed(lambda: scheduled(Path(folder), many, 2))
        three, raced_s = _timed(lambda: races(Path(folder), raced))
    broken = violations_of(served)
    print("\n| what | tried | of them went | violations | CPU s |\n|---|---|---|---|---|")
    print(
        f"| random schedules, the rule alone | {many:,} | {alone['went']:,} "
        f"| {alone['violations']} | {alone_s:.0f} |"
    )
    print(
        f"| random schedules through the service, four workers beside withdrawals and stops "
        f"| {served['looked at']:,} | {served['went']:,} | {broken.total()} | {served_s:.0f} |"
    )
    print(
        f"| a withdrawal races a send | {raced:,} | {three['sent']:,} "
        f"| {three['letters left']} | {raced_s:.0f} |"
    )
    print(
        f"\n> Of the races {three['recalled']:,} letters were recalled from the outbox and "
        f"{three['refused']:,} never written, the rest held out; {served['withdrawals']:,} "
        f"consents went while workers sent, {served['recalled']:,} letters with them or with a "
        f"stop; held back without a reason: {alone['held back wrongly']}."
    )
    for name, count in broken.items():
        print(f"{name}: {count}")
    is_fast = all(
        one.took_s <= PLAN_MAX_S and one.memory_mb <= MEMORY_MAX_MB for one in planned
    )
    wrong = alone["violations"] + alone["held back wrongly"] + broken.total()
    return 0 if is_fast and not wrong and not three["letters left"] else 1


def _timed(work: Callable[[], Counter[str]]) -> tuple[Counter[str], float]:
    begun_s = time.process_time()
    return work(), time.process_time() - begun_s


if __name__ == "__main__":
    raise SystemExit(main())
