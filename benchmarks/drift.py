"""A campaign whose customers change: bank-marketing by time, as its contacts arrive.

    python -m benchmarks.drift [--quick] [--json]

    first 40 % of the rows │ then, 500 at a time: score ▸ labels come ▸ recalibrate ▸ drifted? retrain
         the history       │  ◀── first 30 %: settings were chosen here ──▶◀──── the rest ────▶

Rows stand in order of time (May 2008 to November 2010); `duration` is dropped, since it is known
only after the call. The labels of a block are known when the next one begins. The whole stream and
its rest are both reported; nothing was chosen by the rest. The table beside was measured with the
same rows: static, every 2,000 expanding, every 2,000 sliding 8,000, LightGBM with its defaults.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.drift.arrivals import Arrivals
from analytics.drift.following import Follower, Habits, Step, follow
from analytics.drift.quick import QUICK
from analytics.evaluation.metrics import average_precision, ece, log_loss, roc_auc
from analytics.learners import recipe
from analytics.models import Floats, Labels
from analytics.tables.checking import labels_of
from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.reading import read_table

HISTORY_SHARE, CHOSEN_ON_SHARE = 0.4, 0.3
#: Columns of the calendar: features, but never an alarm, and what tells that a day is over.
CALENDAR = ("month", "day")
NUMBERS = ("age", "balance", "day", "campaign", "pdays", "previous")
TARGETS = {"roc_auc": 0.76, "ece": 0.025}
_DRAWS = 300


@dataclass(frozen=True)
class Stream:
    """The table, and where its stretches begin."""

    table: pd.DataFrame
    labels: Labels
    schema: Schema

    @property
    def start(self) -> int:
        return int(len(self.table) * HISTORY_SHARE)

    @property
    def reported(self) -> int:
        return self.start + int((len(self.table) - self.start) * CHOSEN_ON_SHARE)


@dataclass(frozen=True)
class Run:
    """One way to go with the times."""

    name: str
    scores: Floats
    trainings: int
    alarms: int | None
    cpu_s: float


def read(folder: Path, *, rows: int | None = None) -> Stream:
    table = read_table(folder / "bank-marketing" / "bank-full.csv.gz")
    table = table.drop(columns="duration").head(rows or len(table))
    labels = labels_of(table, "y")
    table = table.drop(columns="y")
    schema = Schema(
        tuple(
            Column(str(name), Kind.NUMBER if name in NUMBERS else Kind.CATEGORY)
            for name in table.columns
        )
    )
    return Stream(table, labels, schema)


def with_arrivals(stream: Stream) -> Stream:
    """Return the stream with what has been coming lately; the plan is made from the history."""
    plan = Arrivals(stream.table.iloc[: stream.start], stream.schema, calendar=CALENDAR)
    table = pd.concat([stream.table, plan.features(stream.table)], axis=1)
    return Stream(table, stream.labels, Schema(stream.schema.columns + plan.columns))


def every(stream: Stream, name: str, *, step: int, window: int | None) -> Run:
    """Retrain LightGBM's defaults every `step` rows on the last `window`, or all."""
    began, at, scores, trainings = time.process_time(), stream.start, [], 0
    how = recipe("lightgbm_defaults")
    while at < len(stream.table):
        to, first = min(at + step, len(stream.table)), 0 if window is None else at - window
        model = how.fit(stream.table.iloc[first:at], stream.labels[first:at], stream.schema)
        scores.append(model.probability(stream.table.iloc[at:to]))
        at, trainings = to, trainings + 1
    return Run(name, np.concatenate(scores), trainings, None, time.process_time() - began)


def followed(
    stream: Stream, name: str, *, step: int = 500, late: int = 0
) -> tuple[Run, Sequence[Step]]:
    began = time.process_time()
    follower = Follower(QUICK, stream.schema, Habits(step_rows=step))
    scores, steps = follow(
        stream.table, stream.labels, follower, start_rows=stream.start, late_steps=late
    )
    spent = time.process_time() - began
    retrained = sum(one.retrained for one in steps)
    return Run(name, scores, retrained, sum(one.alarmed for one in steps), spent), steps


def figures(labels: Labels, scores: Floats) -> dict[str, float]:
    found = {"roc_auc": roc_auc, "average_precision": average_precision, "ece": ece,
             "log_loss": log_loss}  # fmt: skip
    return {name: round(measure(labels, scores), 4) for name, measure in found.items()}


def inside(labels: Labels, scores: Floats, *, rows: int = 1_000) -> float:
    """Return the mean ROC-AUC within blocks: ranking without the tracking of the base rate."""
    pieces = [slice(at, at + rows) for at in range(0, len(labels) - rows + 1, rows)]
    return float(np.nanmean([roc_auc(labels[one], scores[one]) for one in pieces]))


def gained(labels: Labels, one: Floats, other: Floats, *, block: int = 500) -> list[float]:
    """Return the 95 % interval of one's ROC-AUC minus the other's: blocks drawn, paired."""
    rng = np.random.default_rng(7)
    blocks = np.array_split(np.arange(len(labels)), len(labels) // block)
    drawn = []
    for _ in range(_DRAWS):
        rows = np.concatenate([blocks[at] for at in rng.integers(0, len(blocks), len(blocks))])
        drawn.append(roc_auc(labels[rows], one[rows]) - roc_auc(labels[rows], other[rows]))
    return [round(float(end), 4) for end in np.quantile(drawn, [0.025, 0.975])]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true", help="the first 24,000 rows")
    asked.add_argument("--json", action="store_true")
    told = asked.parse_args()
    folder = os.environ.get("FLORIN_DATA_DIR")
    if not folder:
        print("FLORIN_DATA_DIR is not set: no public data here, nothing measured.")
        return
    stream = read(Path(folder), rows=24_000 if told.quick else None)
    runs = [
        every(stream, "static", step=len(stream.table), window=None),
        every(stream, "every 2,000, expanding", step=2_000, window=None),
        every(stream, "every 2,000, sliding 8,000", step=2_000, window=8_000),
        followed(stream, "followed, the row alone, every 2,000", step=2_000)[0],
        followed(stream, "followed, the row alone")[0],
    ]
    wide = with_arrivals(stream)
    runs.append(followed(wide, "followed, with arrivals, labels 500 rows later", late=1)[0])
    ours, steps = followed(wide, "followed, with arrivals")
    runs.append(ours)
    report(stream, runs, steps, as_json=told.json)


def report(stream: Stream, runs: list[Run], steps: Sequence[Step], *, as_json: bool) -> None:
    whole, rest = stream.labels[stream.start :], stream.labels[stream.reported :]
    skip = stream.reported - stream.start
    sliding, ours = runs[2], runs[-1]
    found = {
        run.name: {
            "whole": figures(whole, run.scores), "rest": figures(rest, run.scores[skip:]),
            "inside_blocks": round(inside(whole, run.scores), 3), "trainings": run.trainings,
            "alarms": run.alarms, "cpu_s": round(run.cpu_s, 1),
        }
        for run in runs
    }  # fmt: skip
    over = gained(rest, ours.scores[skip:], sliding.scores[skip:])
    if as_json:
        print(json.dumps({"runs": found, "gained_on_the_rest": over, "targets": TARGETS}))
        return
    print("### bank-marketing by time, without `duration`\n")
    print(
        "| | ROC-AUC | AP | ECE | rest: ROC-AUC | AP | ECE | in blocks of 1,000 | trainings, by alarm | CPU s |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, row in found.items():
        cells = [f"{row[part][key]:.4f}" for part in ("whole", "rest")
                 for key in ("roc_auc", "average_precision", "ece")]  # fmt: skip
        by = "–" if row["alarms"] is None else row["alarms"]
        print(
            f"| {name} | {' | '.join(cells)} | {row['inside_blocks']:.3f} | {row['trainings']}, {by} | {row['cpu_s']:.0f} |"
        )
    print(f"| target | ≥ {TARGETS['roc_auc']} | | ≤ {TARGETS['ece']} | | | | | | |\n")
    moved = [one.moved.psi for one in steps]
    print(
        f"> {len(whole):,} rows in {len(steps)} steps; score PSI median {np.median(moved):.2f}, "
        f"highest {max(moved):.2f}. ROC-AUC on the rest over sliding 8,000: "
        f"{over[0]:+.3f} to {over[1]:+.3f} (95 %, blocks of 500 drawn in pairs). Labels are known "
        "when the next 500 rows begin."
    )


if __name__ == "__main__":
    main()
