"""From alarm to promotion to roll-back, drawn: a campaign whose customers change their minds.

    python -m benchmarks.drift_picture [--out docs/pictures/drift.png]

Synthetic and seeded: 60 weeks of 400 rows. In week 15 the odds turn round; a challenger is learnt
from the weeks since, compared, and approved by two members of staff of a bank in memory. In week
42 the old ways return at once, and the version before is let back in. What serves is always what
the registry's pointer says; each week is scored before its labels are used.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd

from analytics.drift import Reference, summarise, watch
from analytics.drift.psi import ACT
from analytics.evaluation.metrics import log_loss
from analytics.learners import recipe
from analytics.models import Floats
from analytics.registry import Card, LiveModel, Registry, Window
from analytics.registry.promotion import Swaps
from analytics.retraining import Outcome, Rows, retrain, rows_digest
from analytics.retraining_rules import Rules
from analytics.tables.columns import Column, Kind, Schema
from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.storage.memory import MemoryStore

SCHEMA = Schema(tuple(Column(name, Kind.NUMBER) for name in ("calls", "tenure", "balance")))
WEEKS, ROWS, TURNS, RETURNS = 60, 400, 15, 42
#: Weeks of labels a challenger is learnt from and compared on.
WAIT_WEEKS = 6
NAME = "campaign"


@dataclass
class Story:
    """What is drawn."""

    served: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    moved: list[float] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)


def a_week(week: int) -> Rows:
    """Return a week's rows; between the turn and the return, other people say yes."""
    rng = np.random.default_rng(1_000 + week)
    is_turned = TURNS <= week < RETURNS
    numbers = rng.normal(0.9 if is_turned else 0.0, 1, (ROWS, 3))
    weights = np.array([-1.4, 0.3, 0.6]) if is_turned else np.array([1.4, 0.6, -0.3])
    odds = numbers @ weights - 0.8
    labels = (rng.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    return Rows(pd.DataFrame(numbers, columns=list(SCHEMA.names)), labels)


def joined(weeks: list[int]) -> Rows:
    rows = a_week(weeks[0])
    for week in weeks[1:]:
        rows = rows.then(a_week(week))
    return rows


def first_version(registry: Registry) -> None:
    learnt, held = joined(list(range(-10, -2))), joined([-2, -1])
    model = recipe("logistic").fit(learnt.table, learnt.labels, SCHEMA)
    scores = model.probability(held.table)
    window = Window(
        len(learnt), int(learnt.labels.sum()), digest=rows_digest(learnt.table, learnt.labels)
    )
    reference = summarise(held.table, SCHEMA, scores, labels=held.labels).as_json()
    registry.add(
        NAME, model,
        Card(name=NAME, recipe="logistic", schema=model.schema, window=window, seed=7,
             reference=reference),
    )  # fmt: skip


def live(registry: Registry, swaps: Swaps, people: tuple[Actor, Actor]) -> Story:
    """Let the weeks pass."""
    story, server = Story(), LiveModel(registry, NAME)
    oldest = registry.load(NAME)
    seen_drift, back = None, False
    for week in range(WEEKS):
        rows = a_week(week)
        server.refresh()
        served = server.current
        scores = served.model.probability(rows.table)
        story.served.append(log_loss(rows.labels, scores))
        story.first.append(log_loss(rows.labels, oldest.probability(rows.table)))
        watched = watch(Reference.from_json(served.card.reference), rows.table, scores)
        story.moved.append(float(watched.value("score", "psi") or 0))
        if watched.verdict == "act" and seen_drift is None and not back:
            seen_drift = week
            story.marks.append((week, "alarm"))
        if seen_drift is not None and week == seen_drift + WAIT_WEEKS and not back:
            version = challenge(registry, week)
            if version is not None:
                story.marks.append((week, "challenger"))
                agreed(swaps, people, version)
                story.marks.append((week + 1, "promotion"))
        if week == RETURNS + 1:
            proposal = swaps.propose_rollback(people[1], NAME, reason="the old ways are back")
            swaps.approve(people[0], proposal)
            story.marks.append((week + 1, "roll-back"))
            back = True
    return story


def challenge(registry: Registry, week: int) -> str | None:
    newer = joined(list(range(week - WAIT_WEEKS, week + 1)))
    done = retrain(registry, NAME, newer, recipe=recipe("logistic"), rules=Rules(draws_count=400))
    return done.version if done.outcome is Outcome.CANDIDATE else None


def agreed(swaps: Swaps, people: tuple[Actor, Actor], version: str) -> None:
    proposal = swaps.propose_promotion(people[0], NAME, version, reason="better since the turn")
    swaps.approve(people[1], proposal)


def two_people() -> tuple[Swaps, tuple[Actor, Actor]]:
    bank = make_bank(MemoryStore())
    people = []
    for name in ("ines", "omar"):
        member = bank.staff.create(
            SYSTEM, login_name=name, full_name=f"{name.title()} Blum", roles=["model_owner"],
            password="correct horse battery",
        )  # fmt: skip
        roles = frozenset(member.roles)
        people.append(Actor(ActorKind.STAFF, member.id, LoginLevel.STRONG, roles))
    registry = Registry(Path(tempfile.mkdtemp()))
    return Swaps(registry, bank.promotions), (people[0], people[1])


def draw(story: Story, path: Path) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    weeks: Floats = np.arange(len(story.served)).astype(float)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(10, 5.6), sharex=True, height_ratios=[3, 1.3], layout="constrained"
    )
    above.plot(weeks, story.first, color="#9aa5b1", lw=1.6, label="the first version, left alone")
    above.plot(weeks, story.served, color="#1f5fa8", lw=2.2, label="the version that served")
    above.set_ylabel("log loss of the week")
    top = max(*story.first, *story.served)
    above.set_ylim(min(story.served) * 0.85, top * 1.22)
    for height, (week, word) in enumerate(story.marks):
        for panel in (above, below):
            panel.axvline(week, color="#c2410c", lw=0.9, ls=":")
        above.annotate(
            word, (week, top * (1.15 if height % 2 else 1.07)), xytext=(4, 0),
            textcoords="offset points", color="#c2410c", fontsize=9,
        )  # fmt: skip
    above.legend(loc="center right", frameon=False)
    below.bar(weeks, story.moved, color="#1f5fa8", width=0.8)
    below.axhline(ACT, color="#c2410c", lw=1, label=f"act from {ACT}")
    below.set_ylabel("PSI of the score")
    below.set_xlabel("week")
    below.legend(loc="upper right", frameon=False)
    for panel in (above, below):
        panel.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--out", type=Path, default=Path("docs/pictures/drift.png"))
    told = asked.parse_args()
    swaps, people = two_people()
    first_version(swaps.registry)
    story = live(swaps.registry, swaps, people)
    draw(story, told.out)
    print("### Concept drift, from alarm to roll-back\n")
    print("| what | week |")
    print("|---|---|")
    for week, word in story.marks:
        print(f"| {word} | {week} |")
    print("\n| weeks | log loss of what served | of the first version, left alone |")
    print("|---|---|---|")
    promoted = next((week for week, word in story.marks if word == "promotion"), WEEKS)
    stretches = (("before the turn", 0, TURNS), ("turned, not promoted yet", TURNS, promoted),
                 ("promoted", promoted, RETURNS), ("old ways back", RETURNS, RETURNS + 2),
                 ("rolled back", RETURNS + 2, WEEKS))  # fmt: skip
    for name, start, end in stretches:
        row = [np.mean(each[start:end]) for each in (story.served, story.first)]
        print(f"| {name} | {row[0]:.3f} | {row[1]:.3f} |")


if __name__ == "__main__":
    main()
