"""Churn tables of the public: our blend beside the recipe one meets everywhere, in one run.

    python -m benchmarks.churn_tables [--quick] [--only telco] [--repeats 5]
    python -m benchmarks.churn_tables --table own.csv --target left --positive yes --ignore id

Every row is scored by a model that has not seen it: stratified folds, everything (levels, filled
gaps, scaling, weights, calibration) fitted on the training rows of the fold alone. ROC-AUC and
average precision are means over folds, as the published figures are; the calibration error is
of all rows of a repeat, each scored out of its fold, in ten bins of equal mass, mean of repeats.

Repeats draw other folds of the same rows, so they do not narrow what the rows leave open: the
intervals draw the rows again (stratified), every fold keeping its model, and a comparison draws
the same rows for both.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, train_test_split

from analytics.evaluation.bootstrap import Interval, draws, interval_of
from analytics.evaluation.metrics import average_precision, ece, roc_auc
from analytics.evaluation.ranking import Ranking, area_of, average_precision_of
from analytics.learners import recipe
from analytics.learners.encoding import Encoder
from analytics.learners.expanding import Expansion
from analytics.models import Floats, Labels
from analytics.tables.checking import labels_of
from analytics.tables.columns import Schema
from analytics.tables.guessing import schema_of
from analytics.tables.reading import read_table

RECIPES = ("forest150", "logistic", "lightgbm_defaults", "catboost_defaults", "blend")
#: What any table's blend is held against, in the same folds.
OTHER, OURS = "catboost_defaults", "blend"
_DRAWS = 400


@dataclass(frozen=True)
class Public:
    """A public table and how it is usually measured."""

    name: str
    file: str
    target: str
    repeats: int
    ignore: tuple[str, ...] = ()
    goal: str = "–"
    positive: str | None = None


TABLES = (
    Public("telco", "telco-churn/Telco-Customer-Churn.csv.gz", "Churn", 5, (), "0.850 / 0.675"),
    Public("churn-modelling", "churn-modelling/Churn_Modelling.csv.gz", "Exited", 1, (),
           "0.872 / 0.718"),
    Public("bank-marketing", "bank-marketing/bank-full.csv.gz", "y", 1, ("duration",)),
)  # fmt: skip


@dataclass
class Measured:
    """One recipe on one table; `parts` are the rows of each fold with their scores."""

    labels: Labels
    parts: list[tuple[NDArray[np.intp], Floats]] = field(default_factory=list)
    eces: list[float] = field(default_factory=list)
    cpu_s: float = 0.0

    def aucs(self) -> Floats:
        return np.array([roc_auc(self.labels[rows], scores) for rows, scores in self.parts])

    def precisions(self) -> Floats:
        return np.array(
            [average_precision(self.labels[rows], scores) for rows, scores in self.parts]
        )

    def line(self, name: str) -> str:
        aucs, precisions = self.aucs(), self.precisions()
        return (
            f"| {name} | {aucs.mean():.4f} ± {aucs.std():.4f} "
            f"| {precisions.mean():.4f} ± {precisions.std():.4f} "
            f"| {np.mean(self.eces):.4f} | {self.cpu_s / len(self.parts):.1f} |"
        )

    def drawn(self) -> tuple[Floats, Floats]:
        """Return ROC-AUC and average precision of each draw of the rows, means over folds."""
        rankings = [(rows, Ranking(self.labels[rows], scores)) for rows, scores in self.parts]
        found: tuple[list[Floats], list[Floats]] = ([], [])
        for weights in draws(self.labels, count=_DRAWS):
            counts = [ranking.counts(weights[:, rows]) for rows, ranking in rankings]
            found[0].append(np.mean([area_of(one) for one in counts], axis=0))
            found[1].append(np.mean([average_precision_of(one) for one in counts], axis=0))
        return np.concatenate(found[0]), np.concatenate(found[1])


def measure(
    table: pd.DataFrame, labels: Labels, schema: Schema, names: Sequence[str], repeats: int
) -> Iterator[tuple[str, Measured]]:
    """Yield each recipe with its figures over repeats of five folds; all see the same folds."""
    for name in names:
        found = Measured(labels)
        for repeat in range(repeats):
            scores = np.zeros(len(labels))
            folds = StratifiedKFold(5, shuffle=True, random_state=repeat).split(table, labels)
            for learn, look in folds:
                begun = time.process_time()
                model = recipe(name).fit(table.iloc[learn], labels[learn], schema)
                found.cpu_s += time.process_time() - begun
                scores[look] = model.probability(table.iloc[look])
                found.parts.append((look, scores[look]))
            found.eces.append(ece(labels, scores))
        yield name, found


def compared(ours: Measured, other: Measured) -> str:
    """Return, in words, how far the rows tell the two apart: the same folds, the same draws."""
    told = [f"> {OURS}, 95 % of draws of the rows: "]
    spans = []
    for name, mine, theirs, one, two in zip(
        ("ROC-AUC", "average precision"), (ours.aucs(), ours.precisions()),
        (other.aucs(), other.precisions()), ours.drawn(), other.drawn(),
    ):  # fmt: skip
        alone = interval_of(float(mine.mean()), one)
        apart = interval_of(float((mine - theirs).mean()), one - two)
        told.append(f"{name} {alone.low:.4f} to {alone.high:.4f}; ")
        spans.append(f"{name} {_signed(apart)}, ahead in {np.sum(mine > theirs)} of {len(mine)}")
    return "".join(told) + f"over {OTHER}: " + "; ".join(spans) + "."


def _signed(one: Interval) -> str:
    return f"{one.value:+.4f} ({one.low:+.4f} to {one.high:+.4f})"


def leak(table: pd.DataFrame, labels: Labels, schema: Schema) -> tuple[float, float]:
    """Return RF150's ROC-AUC when rows are doubled before the split, and after it.

    Before: the same customer sits in the training and in the test rows. One split of a fifth.
    """
    matrix = Encoder.fit(table, schema).matrix(table)
    columns = Expansion.fit(matrix, schema).expand(matrix)

    def doubled(rows: Floats, marks: Labels) -> tuple[Floats, Labels]:
        random = np.random.default_rng(7)
        rare = np.flatnonzero(marks == 1)
        more = random.choice(rare, size=int(np.sum(marks == 0)) - len(rare))
        return np.vstack([rows, rows[more]]), np.concatenate([marks, marks[more]])

    def trained(rows: Floats, marks: Labels, held: Floats, truth: Labels) -> float:
        forest = RandomForestClassifier(150, random_state=7).fit(rows, marks)
        return roc_auc(truth, forest.predict_proba(held)[:, 1])

    more, marks = doubled(columns, labels)
    learn, look, told, truth = train_test_split(
        more, marks, test_size=0.2, stratify=marks, random_state=7
    )
    before = trained(learn, told, look, truth)
    learn, look, told, truth = train_test_split(
        columns, labels, test_size=0.2, stratify=labels, random_state=7
    )
    return before, trained(*doubled(learn, told), look, truth)


def report(one: Public, folder: Path, *, names: Sequence[str], repeats: int, quick: bool) -> None:
    """Print a table's results as they come."""
    table = read_table(folder / one.file)
    if quick:
        table = table.sample(frac=0.2, random_state=7).reset_index(drop=True)
    labels = labels_of(table, one.target, one.positive)
    schema = schema_of(table, target=one.target, ignore=one.ignore)
    print(f"### {one.name}\n")
    print(f"> {len(table):,} rows, {repeats} × 5 folds; target {one.goal} (ROC-AUC / AP).\n")
    print("| recipe | ROC-AUC ± sd of folds | average precision ± sd | ECE | CPU s a fit |")
    print("|---|---|---|---|---|")
    found = {}
    for name, measured in measure(table, labels, schema, names, repeats):
        found[name] = measured
        print(measured.line(name), flush=True)
    if OURS in found and OTHER in found:
        print("\n" + compared(found[OURS], found[OTHER]))
    if one.name == "telco":
        before, after = leak(table, labels, schema)
        print(
            f"\n> The leak to know: RF150 with the rarer class doubled *before* the split shows "
            f"{before:.3f}; doubled after it, in the training rows alone, {after:.3f}."
        )
    print(flush=True)


def _own(options: argparse.Namespace) -> Public:
    path, ignored = options.table, [name.strip() for name in options.ignore.split(",")]
    return Public(
        path.name.partition(".")[0], path.name, options.target, 1,
        tuple(name for name in ignored if name), positive=options.positive,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one fifth of the rows, one repeat")
    parser.add_argument("--only", action="append", choices=[one.name for one in TABLES])
    parser.add_argument("--recipe", action="append", help="these recipes only")
    parser.add_argument("--repeats", type=int, help="of the five folds; default: as published")
    parser.add_argument("--table", type=Path, help="a table of your own instead, with --target")
    parser.add_argument("--target", help="its column to foretell")
    parser.add_argument("--positive", help="the value that counts as 1; default: 1, true or yes")
    parser.add_argument("--ignore", default="", help="columns to leave out, with commas between")
    options = parser.parse_args()
    if options.table is not None and not options.target:
        parser.error("--table needs --target")
    chosen: tuple[Public, ...] = TABLES
    folder = os.environ.get("FLORIN_DATA_DIR")
    if options.table is not None:
        chosen, folder = (_own(options),), str(options.table.parent)
    if not folder:
        raise SystemExit("Set FLORIN_DATA_DIR to the folder of public tables.")
    for one in chosen:
        if options.only and one.name not in options.only:
            continue
        report(
            one, Path(folder), names=tuple(options.recipe or RECIPES),
            repeats=options.repeats or (1 if options.quick else one.repeats), quick=options.quick,
        )  # fmt: skip


if __name__ == "__main__":
    main()
