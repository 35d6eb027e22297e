"""The town changes on a known day: from the alarm to a challenger, two people's word, and back.

    python -m benchmarks.town_drift [--home DIR] [--out docs/pictures/town-drift.png]

    ┄ champion learns ┄┊ measured ┊ looks every week, at four settled weeks … ┊ planted day ┊ …
                                        verdict "act" for a cause that stays ─▶ alarm
      six weeks of labels later: challenger ─▶ compared ─▶ two people ─▶ serves ─▶ two people ─▶ back

The planted day (new shops, and card thieves who use them slowly) is read from the truth to draw
and to count with; nothing that decides sees it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import matplotlib as mpl
import numpy as np
import pandas as pd

from analytics import ceilings, firstrun, tenants
from analytics.drift import Reference, watch
from analytics.evaluation.metrics import average_precision
from analytics.fraud.features import ALL
from analytics.models import Labels, Model
from analytics.registry import Registry
from analytics.retraining import Retrained, Rows, retrain
from analytics.retraining_rules import Rules
from bank.bootstrap import open_bank
from bank.demo.town import SEED, seed_town
from bank.settings import Settings
from benchmarks.drift_picture import two_people

WEEK = timedelta(days=7)
LOOK, WEEKS_BEFORE = timedelta(days=28), 8
#: A cause must be there in the looks of this many weeks on end: a single terminal is no drift.
STAYS_WEEKS = 3
#: Labels of this long are waited for before a challenger is learnt.
WAIT = timedelta(days=84)
NAME = "fraud"


@dataclass
class Looks:
    """One a week. at: the moment of the newest row looked at; ap: NaN with too little fraud."""

    at: list[pd.Timestamp] = field(default_factory=list)
    causes: list[frozenset[str]] = field(default_factory=list)
    ap: list[float] = field(default_factory=list)

    def alarms(self) -> list[pd.Timestamp]:
        """Return the moments at which a cause had stayed for STAYS_WEEKS."""
        return [
            at for place, at in enumerate(self.at)
            if place + 1 >= STAYS_WEEKS
            and frozenset.intersection(*self.causes[place + 1 - STAYS_WEEKS : place + 1])
        ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="a home with a town, instead of a new one")
    parser.add_argument("--out", type=Path, default=Path("docs/pictures/town-drift.png"))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = asked.home or Path(folder)
        bank = open_bank(Settings(home_dir=home))
        if asked.home is None:
            seed_town(bank, seed=SEED, home_dir=home)
        table, labels, _ = tenants.tenant(NAME).table(bank, as_of_utc=datetime.now(UTC))
        bank.store.close()
        planted_utc = ceilings.drift_at_utc(home)
    assert planted_utc is not None, "the town has no truth"
    tell(table, labels, pd.Timestamp(planted_utc), asked.out)


def tell(table: pd.DataFrame, labels: Labels, planted: pd.Timestamp, out: Path) -> None:
    """Live through the months, print what came of them, draw it."""
    one = tenants.tenant(NAME)
    swaps, people = two_people()
    registry, moments = swaps.registry, table[tenants.MOMENT]
    begins = planted - WEEK * WEEKS_BEFORE
    old = np.asarray(moments < begins - LOOK)
    found = firstrun.learn_from(one, (table[old].reset_index(drop=True), labels[old], ALL))
    first = firstrun.keep(registry, one, found)
    looks = looked(registry, registry.load(NAME), table, labels, begins)
    alarms = looks.alarms()
    early = [at for at in alarms if at <= planted]
    late = [at for at in alarms if at > planted]
    print(f"### The town changes on {planted:%Y-%m-%d}: fraud, seen week by week\n")
    print("| what | day | after the planted day |\n|---|---|---|")
    weeks = sum(at <= planted for at in looks.at)
    print(f"| false alarms in {weeks} weeks before | {len(early)} | |")
    if not late:
        print("| alarm | none | |")
        return
    print(f"| alarm: {', '.join(sorted(cause_of(looks, late[0])))} | {late[0]:%Y-%m-%d} "
          f"| {(late[0] - planted).days} days |")  # fmt: skip
    ready = late[0] + WAIT
    print(f"| challenger learnt and compared | {ready:%Y-%m-%d} | {(ready - planted).days} days |")
    done = challenged(registry, one, table, labels, first_learnt=found.learnt.to_utc, until=ready)
    tell_comparison(done)
    if done.version is None or done.comparison is None or done.comparison.refusals:
        return
    proposal = swaps.propose_promotion(people[0], NAME, done.version, reason="better since then")
    swaps.approve(people[1], proposal)
    promoted = registry.champion(NAME)
    later = np.asarray(moments > ready)
    compared = {}
    for name, version in (("first", first), ("challenger", done.version)):
        said = registry.load(NAME, version).probability(table[later])
        compared[name] = average_precision(labels[later], said)
    proposal = swaps.propose_rollback(people[1], NAME, reason="shown: the way back")
    swaps.approve(people[0], proposal)
    back = registry.champion(NAME)
    assert promoted is not None
    assert back is not None
    tell_served(looks, planted, ready, labels[later], compared)
    print(f"\n> Served: {first}, then {promoted.version} by two people, then {back.version} again "
          "by two people.")  # fmt: skip
    draw(looks, planted, late[0], ready, out)


def looked(
    registry: Registry, model: Model, table: pd.DataFrame, labels: Labels, begins: pd.Timestamp
) -> Looks:
    """Look once a week at the newest four weeks, with the card's reference."""
    champion = registry.champion(NAME)
    assert champion is not None
    reference = Reference.from_json(champion.card.reference)
    moments, looks = table[tenants.MOMENT], Looks()
    at = begins
    while at <= moments.max():
        rows = np.asarray((moments > at - LOOK) & (moments <= at))
        said = model.probability(table[rows])
        seen = watch(reference, table[rows], said, calendar=tenants.calendar_of(NAME))
        looks.at.append(at)
        looks.causes.append(
            frozenset(x.about for x in seen.findings if x.alarms and x.level == "act")
        )
        looks.ap.append(average_precision(labels[rows], said))
        at += WEEK
    return looks


def cause_of(looks: Looks, at: pd.Timestamp) -> frozenset[str]:
    place = looks.at.index(at)
    return frozenset.intersection(*looks.causes[place + 1 - STAYS_WEEKS : place + 1])


def challenged(
    registry: Registry, one: tenants.Tenant, table: pd.DataFrame, labels: Labels, *,
    first_learnt: str, until: pd.Timestamp,
) -> Retrained:  # fmt: skip
    """Learn a challenger from all rows there are by then, compared on the newest of them."""
    moments = table[tenants.MOMENT].dt.tz_convert(None).to_numpy("datetime64[s]")
    rows = Rows(table, labels, moments)
    cut, end = (
        int(moments.searchsorted(np.datetime64(pd.Timestamp(at).tz_convert(None)), side="right"))
        for at in (first_learnt, until)
    )
    # Four weeks: more would leave a challenger nothing of the changed town to learn from.
    held = float((moments[cut:end] > moments[end - 1] - np.timedelta64(LOOK)).mean())
    return retrain(
        registry, NAME, rows.part(cut, end), recipe=one.quick,
        older=rows.part(0, cut), rules=Rules(by=one.judged_by, holdout_share=held),
        slices=one.slices, anyway=True,
        calendar=one.calendar,
    )  # fmt: skip


def tell_comparison(done: Retrained) -> None:
    found = done.comparison
    assert found is not None
    gain = found.gain
    print(f"\n> On the newest {found.rows_count:,} rows neither had seen ({found.positives_count} "
          f"frauds): {found.by} {gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}); "
          f"{'; '.join(found.refusals) or 'better, so it is proposed.'}")  # fmt: skip


def tell_served(
    looks: Looks, planted: pd.Timestamp, ready: pd.Timestamp, labels: Labels,
    compared: dict[str, float],
) -> None:  # fmt: skip
    before = [ap for at, ap in zip(looks.at, looks.ap, strict=True) if at <= planted]
    after = [ap for at, ap in zip(looks.at, looks.ap, strict=True) if planted + LOOK <= at <= ready]
    print("\n| average precision | first champion | challenger |\n|---|---|---|")
    print(f"| four-week looks before the change, mean | {np.mean(before):.3f} | |")
    print(f"| four-week looks after it, until the challenger, mean | {np.mean(after):.3f} | |")
    print(f"| all {len(labels):,} rows after the challenger ({int(labels.sum())} frauds) "
          f"| {compared['first']:.3f} | {compared['challenger']:.3f} |")  # fmt: skip


def draw(
    looks: Looks, planted: pd.Timestamp, alarm: pd.Timestamp, ready: pd.Timestamp, path: Path
) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(10, 4), layout="constrained")
    axes.plot(looks.at, looks.ap, color="#1f5fa8", lw=2, label="the first champion, four weeks")
    shaken = [bool(one) for one in looks.causes]
    axes.scatter(
        [at for at, act in zip(looks.at, shaken, strict=True) if act],
        [ap for ap, act in zip(looks.ap, shaken, strict=True) if act],
        color="#c2410c", zorder=3, label="this look alone says: act",
    )  # fmt: skip
    top = max(looks.ap)
    marks = ((planted, "planted change"), (alarm, "alarm"), (ready, "challenger, promotion"))
    for place, (at, word) in enumerate(marks):
        axes.axvline(at, color="#c2410c", lw=0.9, ls=":")
        axes.annotate(word, (at, top * (1.02 + 0.07 * place)), xytext=(4, 0),
                      textcoords="offset points", color="#c2410c", fontsize=9)  # fmt: skip
    axes.set_ylim(0, top * 1.3)
    axes.set_ylabel("average precision")
    axes.legend(loc="lower left", frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()
