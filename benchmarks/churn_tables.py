"""Churn tables of the public: our blend beside the recipe one meets everywhere, in one run.

    python -m benchmarks.churn_tables [--quick] [--only telco] [--repeats 5]

Every row is scored by a model that has not seen it: stratified folds, everything (levels, filled
gaps, scaling, weights, calibration) fitted on the training rows of the fold alone. ROC-AUC and
average precision are means over folds, as the published figures are; the calibration error is
of all rows of a repeat, each scored out of its fold, in ten bins of equal mass, mean of repeats.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, train_test_split

from analytics.evaluation.metrics import average_precision, ece, roc_auc
from analytics.learners import recipe
from analytics.learners.encoding import Encoder
from analytics.learners.expanding import Expansion
from analytics.models import Floats, Labels
from analytics.tables.checking import labels_of
from analytics.tables.columns import Schema
from analytics.tables.guessing import schema_of
from analytics.tables.reading import read_table

RECIPES = ("forest150", "logistic", "lightgbm_defaults", "catboost_defaults", "blend")


@dataclass(frozen=True)
class Public:
    """A public table and how it is usually measured."""

    name: str
    file: str
    target: str
    repeats: int
    ignore: tuple[str, ...] = ()
    goal: str = "–"


TABLES = (
    Public("telco", "telco-churn/Telco-Customer-Churn.csv.gz", "Churn", 5, (), "0.850 / 0.675"),
    Public("churn-modelling", "churn-modelling/Churn_Modelling.csv.gz", "Exited", 1, (),
           "0.872 / 0.718"),
    Public("bank-marketing", "bank-marketing/bank-full.csv.gz", "y", 1, ("duration",)),
)  # fmt: skip


@dataclass
class Measured:
    """One recipe on one table."""

    aucs: list[float]
    precisions: list[float]
    eces: list[float]
    cpu_s: float = 0.0

    def line(self, name: str) -> str:
        spread = float(np.std(self.aucs))
        return (
            f"| {name} | {np.mean(self.aucs):.4f} ± {spread:.4f} | {np.mean(self.precisions):.4f} "
            f"| {np.mean(self.eces):.4f} | {self.cpu_s / len(self.aucs):.1f} |"
        )


def measure(
    table: pd.DataFrame, labels: Labels, schema: Schema, names: Sequence[str], repeats: int
) -> Iterator[tuple[str, Measured]]:
    """Yield each recipe with its figures over repeats of five folds; all see the same folds."""
    for name in names:
        found = Measured([], [], [])
        for repeat in range(repeats):
            scores = np.zeros(len(labels))
            folds = StratifiedKFold(5, shuffle=True, random_state=repeat).split(table, labels)
            for learn, look in folds:
                begun = time.process_time()
                model = recipe(name).fit(table.iloc[learn], labels[learn], schema)
                found.cpu_s += time.process_time() - begun
                scores[look] = model.probability(table.iloc[look])
                found.aucs.append(roc_auc(labels[look], scores[look]))
                found.precisions.append(average_precision(labels[look], scores[look]))
            found.eces.append(ece(labels, scores))
        yield name, found


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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one fifth of the rows, one repeat")
    parser.add_argument("--only", action="append", choices=[one.name for one in TABLES])
    parser.add_argument("--recipe", action="append", help="these recipes only")
    parser.add_argument("--repeats", type=int, help="of the five folds; default: as published")
    options = parser.parse_args()
    folder = os.environ.get("FLORIN_DATA_DIR")
    if not folder:
        raise SystemExit("Set FLORIN_DATA_DIR to the folder of public tables.")
    for one in TABLES:
        if options.only and one.name not in options.only:
            continue
        table = read_table(Path(folder) / one.file)
        if options.quick:
            table = table.sample(frac=0.2, random_state=7).reset_index(drop=True)
        labels = labels_of(table, one.target)
        schema = schema_of(table, target=one.target, ignore=one.ignore)
        repeats = options.repeats or (1 if options.quick else one.repeats)
        print(f"### {one.name}\n")
        print(f"> {len(table):,} rows, {repeats} × 5 folds; target {one.goal} (ROC-AUC / AP).\n")
        print("| recipe | ROC-AUC ± sd of folds | average precision | ECE | CPU s a fit |")
        print("|---|---|---|---|---|")
        for name, found in measure(
            table, labels, schema, tuple(options.recipe or RECIPES), repeats
        ):
            print(found.line(name), flush=True)
        if one.name == "telco":
            before, after = leak(table, labels, schema)
            print(
                f"\n> The leak to know: RF150 with the rarer class doubled *before* the split shows "
                f"{before:.3f}; doubled after it, in the training rows alone, {after:.3f}."
            )
        print(flush=True)


if __name__ == "__main__":
    main()
