"""Truth: what the town's makers know, kept where no product code looks.

    <home>/truth/churn.parquet      a customer and step: mood, hazard, exact chance to leave in 90 d
                 customers.parquet  true segment, taste, held out or not, when they left
                 effects.parquet    a customer, campaign and offer: by how much it lowers the chance
                 frauds.parquet     a posting of a planted fraud: kind, episode
                 investors.parquet  risk tolerance and hidden tastes
                 town.json          the day the town changed, the seed, the last moment
    <home>/campaigns/past.parquet   no truth: the bank's own list of offers, and who left

Only tests, benchmarks and analytics/ceilings.py read truth/ (a test sees to it).

The exact chance: mood is a Markov chain of four switches, 16 moods with one matrix M for all, and
a step is survived with exp(-hazard(mood)); so P(stays 3 steps) = e_mood · D·M · D·M · D · 1.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bank.demo.fates import (
    HORIZON_STEPS,
    OFFERS,
    SWITCHES,
    WEIGHTS,
    Fate,
    Step,
    effect,
    hazard_of,
    years_between,
)
from bank.demo.frauds import drift_at, kind_of

HORIZON_DAYS = 90
_NOTHING = dict.fromkeys(SWITCHES, False)
#: Every mood, in the order of the chain's matrix.
_MOODS = [
    dict(zip(SWITCHES, bits, strict=True))
    for bits in itertools.product((False, True), repeat=len(SWITCHES))
]
Rows = list[dict[str, Any]]


@dataclass
class Truth:
    """Rows of the truth, collected while the town is made."""

    seed: int
    now_utc: datetime
    people: list[tuple[str, Fate]] = field(default_factory=list)
    frauds: Rows = field(default_factory=list)
    investors: Rows = field(default_factory=list)

    def know(self, customer_id: str, fate: Fate) -> None:
        """Remember a fate."""
        self.people.append((customer_id, fate))

    def know_fraud(
        self, *, posting_id: str, customer_id: str, episode: str, at_utc: datetime
    ) -> None:
        """Remember a planted fraud."""
        self.frauds.append(
            {"posting_id": posting_id, "customer_id": customer_id, "episode": episode,
             "kind": kind_of(episode), "at_utc": at_utc}
        )  # fmt: skip

    def know_investor(
        self, customer_id: str, *, tolerance: float, tastes: Sequence[float]
    ) -> None:
        """Remember what an investor is really like; no answer tells it."""
        self.investors.append(
            {"customer_id": customer_id, "tolerance": tolerance, "tastes": list(tastes)}
        )

    def tables(self) -> dict[str, Rows]:
        """Return the rows of each truth table."""
        return {
            "churn": churn_rows(self.people),
            "customers": [_customer_row(*one) for one in self.people],
            "effects": effect_rows(self.people),
            "frauds": self.frauds,
            "investors": self.investors,
        }

    def write(self, home_dir: Path) -> None:
        """Write the truth and the past campaigns under the branch's home."""
        folder = home_dir / "truth"
        folder.mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables().items():
            _write(folder / f"{name}.parquet", rows)
        drift = drift_at(self.people[0][1]) if self.people else None
        about = {"seed": self.seed, "now_utc": self.now_utc.isoformat(),
                 "drift_at_utc": drift.isoformat() if drift else None}  # fmt: skip
        (folder / "town.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        (home_dir / "campaigns").mkdir(exist_ok=True)
        _write(home_dir / "campaigns" / "past.parquet", campaign_rows(self.people))


def is_of_the_town(home_dir: Path) -> bool:
    """Whether a branch's home holds this invented town, and no bank's customers."""
    return (home_dir / "truth" / "town.json").is_file()


def chance_to_leave(steps: Sequence[tuple[Fate, Step, float, int]]) -> NDArray[np.float64]:
    """Return P(closes within HORIZON_STEPS), shape (n,).

    steps: fate, step, what an offer takes off the log hazard, and for how many steps from here.
    """
    moods = np.array([_place(step) for _, step, _, _ in steps], np.intp)
    base = np.array([
        hazard_of(fate.temper, _NOTHING, tenure_years=years_between(fate.opened_at_utc, at))
        for fate, at in ((fate, step.at_utc) for fate, step, _, _ in steps)
    ])  # fmt: skip
    weight = np.exp([sum(WEIGHTS[name] for name in WEIGHTS if mood[name]) for mood in _MOODS])
    moves = _matrix()
    alive = np.zeros((len(steps), len(_MOODS)))
    alive[np.arange(len(steps)), moods] = 1.0
    eased = np.array([one[2] for one in steps])
    eased_steps = np.array([one[3] for one in steps])
    for ahead in range(HORIZON_STEPS):
        now = base * np.exp(-np.where(ahead < eased_steps, eased, 0.0))
        alive = (alive * np.exp(-now[:, None] * weight[None, :])) @ moves
    stays: NDArray[np.float64] = alive.sum(axis=1)
    return 1.0 - stays


def churn_rows(people: Sequence[tuple[str, Fate]]) -> Rows:
    """Return one row a customer and step they began here."""
    lived = [(who, fate, step) for who, fate in people for step in fate.steps]
    chances = chance_to_leave([(f, s, s.eased, s.eased_steps) for _, f, s in lived])
    return [
        {"customer_id": who, "as_of_utc": step.at_utc, "hazard_month": step.hazard,
         "leaves_within_90d": _leaves(fate, step), "churn_probability": float(chance),
         **step.mood}
        for (who, fate, step), chance in zip(lived, chances, strict=True)
        if step.at_utc >= fate.joined_at_utc
    ]  # fmt: skip


def effect_rows(people: Sequence[tuple[str, Fate]]) -> Rows:
    """Return the true effect of every offer on everybody there at each campaign's begin."""
    asked = [
        (who, fate, step, offer)
        for who, fate, step in _campaigned(people)
        for offer in OFFERS
    ]  # fmt: skip
    if not asked:
        return []
    without = chance_to_leave([(fate, step, 0.0, 0) for _, fate, step, _ in asked])
    eased = chance_to_leave([
        (fate, step, effect(fate.temper, step.mood, offer), HORIZON_STEPS)
        for _, fate, step, offer in asked
    ])  # fmt: skip
    return [
        {"customer_id": who, "as_of_utc": step.at_utc, "offer": offer,
         "probability_without": float(p0), "probability_with": float(p1),
         "effect": float(p0 - p1)}
        for (who, fate, step, offer), p0, p1 in zip(asked, without, eased, strict=True)
    ]  # fmt: skip


def campaign_rows(people: Sequence[tuple[str, Fate]]) -> Rows:
    """Return what the bank knows of its past campaigns: offer ("" for none) and outcome."""
    return [
        {"customer_id": who, "campaign": f"{step.at_utc:%Y-%m}", "as_of_utc": step.at_utc,
         "offer": step.offer or "", "is_held_out": fate.temper.is_held_out,
         "left_within_90d": _leaves(fate, step)}
        for who, fate, step in _campaigned(people)
    ]  # fmt: skip


def _campaigned(people: Sequence[tuple[str, Fate]]) -> list[tuple[str, Fate, Step]]:
    return [
        (who, fate, step)
        for who, fate in people
        for step in fate.steps
        if step.is_campaign and step.at_utc >= fate.joined_at_utc
    ]


def _customer_row(who: str, fate: Fate) -> dict[str, Any]:
    temper = fate.temper
    return {"customer_id": who, "segment": temper.segment, "taste": temper.taste,
            "is_held_out": temper.is_held_out, "is_paid_here": temper.is_paid_here,
            "joined_at_utc": fate.joined_at_utc, "closed_at_utc": fate.closed_at_utc}  # fmt: skip


def _leaves(fate: Fate, step: Step) -> bool | None:
    """Whether the person left within 90 days of a step's begin; None while that is not over."""
    closed = fate.closed_at_utc
    if closed is not None and (closed - step.at_utc).days < HORIZON_DAYS:
        return True
    return None if (fate.ends_at_utc - step.at_utc).days < HORIZON_DAYS else False


def _place(step: Step) -> int:
    return sum(
        1 << (len(SWITCHES) - 1 - place) for place, name in enumerate(SWITCHES) if step.mood[name]
    )


def _matrix() -> NDArray[np.float64]:
    """Return P(mood → mood), rows sum to 1."""

    def chance(before: dict[str, bool], after: dict[str, bool]) -> float:
        parts = []
        for name, (on, on_drifting, off) in SWITCHES.items():
            turns = off if before[name] else on_drifting if before["drifting"] else on
            parts.append(turns if before[name] != after[name] else 1 - turns)
        return math.prod(parts)

    return np.array([[chance(before, after) for after in _MOODS] for before in _MOODS])


def _write(path: Path, rows: Rows) -> None:
    import pyarrow as pa  # noqa: PLC0415  slow to load, and seldom needed
    import pyarrow.parquet as pq  # noqa: PLC0415

    pq.write_table(pa.Table.from_pylist(rows), path, compression="zstd")
