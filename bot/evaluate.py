"""Evaluates config.yml's own pipeline on any intent table: `florin nlu evaluate`.

    bot/.venv/bin/python -m bot.evaluate --train F.csv --test F.csv [--oos F.csv]
        [--shots 10 --draws 5] [--noise typos|spaces|sms] [--picture F.png]

Tables: columns text,category; `.gz` is read too. A test category that training does not know
(`oos`, say), and every row of --oos, counts as out of scope: it is left out of accuracy and
measured by how well typicality (or the top confidence, in a pipeline without it) tells it from
the rest.

    accuracy macro_f1 top3   in-scope test messages, without a threshold
    ece                      expected calibration error, 15 bins of equal width
    coverage_50 coverage_70  share of in-scope messages answered at confidence >= .5, >= .7
                             (accuracy_at_50, accuracy_at_70: how often those are right)
    oos_auroc                P(an in-scope message is more typical than an out-of-scope one)
    oos_recall_at_5pct       out-of-scope found when 5 % of in-scope may be rejected
    given_up given_up_oos    share of in-scope and out-of-scope messages the pipeline itself gave
                             up on (its fallback)
    train_s parse_p50_ms parse_p95_ms parse_cpu_ms
    confused                 the commonest confusions

With --shots only so many examples of each category are learnt, drawn anew --draws times; the
figures are means over the draws. With --noise the test sentences are spoilt first (bot/noise.py).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import logging
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Optional, TextIO

import numpy as np

from bot import confusions, noise, shots
from bot.quiet import own_output

CALIBRATION_BINS = 15
#: The category of rows of --oos; no table is expected to have it.
OUT_OF_SCOPE = "out of scope"
FALLBACK = "nlu_fallback"
REJECTED_IN_SCOPE = 0.05
Rows = list[tuple[str, str]]


def read_table(path: Path) -> Rows:
    """Return (text, category) pairs. Raises ValueError without those columns or any row."""
    with _open_table(path) as file:
        reader = csv.DictReader(file)
        if not {"text", "category"} <= set(reader.fieldnames or ()):
            raise ValueError(f"{path}: needs the columns text and category")
        rows = [(row["text"], row["category"]) for row in reader if row["text"].strip()]
    if not rows:
        raise ValueError(f"{path}: no rows")
    return rows


def _open_table(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")  # type: ignore[return-value]
    return path.open(encoding="utf-8", newline="")


def train_pipeline(rows: Rows, folder: Path, *, config: Path) -> tuple[str, float]:
    """Train an NLU model of `config` on the table; return its file and the seconds it took."""
    from rasa.model_training import train_nlu

    table = folder / "table.json"
    examples = [{"text": text, "intent": category} for text, category in rows]
    table.write_text(json.dumps({"rasa_nlu_data": {"common_examples": examples}}))
    started_s = time.monotonic()
    model = train_nlu(str(_without_importer(config, folder)), str(table), str(folder / "models"))
    if model is None:
        raise RuntimeError("training gave no model")
    return str(model), time.monotonic() - started_s


def parse_all(model: str, texts: list[str]) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Return the pipeline's reading of every text, and (n, 2) milliseconds: passed, of CPU."""
    import asyncio

    from rasa.core.agent import Agent
    from threadpoolctl import threadpool_limits

    agent = Agent.load(model)

    async def work() -> tuple[list[dict[str, Any]], np.ndarray]:
        readings, took_ms = [], []
        for text in texts:
            started_s = np.array([time.perf_counter(), time.process_time()])
            # A leading slash would be an intent to Rasa; the channel never lets one through.
            readings.append(await agent.parse_message(text.lstrip("/ ")))
            took_s = np.array([time.perf_counter(), time.process_time()]) - started_s
            took_ms.append(took_s * 1000)
        return readings, np.array(took_ms)

    with threadpool_limits(1):  # as the server runs (bot/run.py)
        return asyncio.run(work())


def score(readings: list[dict[str, Any]], categories: list[str], known: set[str]) -> dict[str, Any]:
    """Return the figures of the module's table, without the times."""
    ranked = [_ranking(reading) for reading in readings]
    confidence = np.array([names[0][1] for names in ranked])
    in_scope = np.array([category in known for category in categories])
    best = np.array([names[0][0] for names in ranked])
    truth = np.array(categories)
    right = best == truth
    in_top3 = [truth[i] in {name for name, _ in ranked[i][:3]} for i in range(len(ranked))]
    inside_right, inside_confidence = right[in_scope], confidence[in_scope]
    figures: dict[str, Any] = {
        "rows": len(categories),
        "intents": len(known),
        "accuracy": _mean(inside_right),
        "macro_f1": _macro_f1(truth[in_scope], best[in_scope]),
        "top3": _mean(np.array(in_top3)[in_scope]),
        "ece": _calibration_error(inside_confidence, inside_right),
    }
    for percent in (50, 70):
        answered = inside_confidence >= percent / 100
        figures[f"coverage_{percent}"] = _mean(answered)
        figures[f"accuracy_at_{percent}"] = _mean(inside_right[answered])
    figures |= _out_of_scope(_typicality(readings, confidence), in_scope)
    gave_up = np.array([(one.get("intent") or {}).get("name") == FALLBACK for one in readings])
    figures |= {"given_up": _mean(gave_up[in_scope]), "given_up_oos": _mean(gave_up[~in_scope])}
    return figures


def evaluate(
    train_rows: Rows, test_rows: Rows, *, config: Path = Path("config.yml"),
    picture: Optional[Path] = None,
) -> dict[str, Any]:  # fmt: skip
    """Train on one table, test on the other; draw the confusions where `picture` says."""
    with tempfile.TemporaryDirectory() as folder:
        model, train_s = train_pipeline(train_rows, Path(folder), config=config)
        readings, took_ms = parse_all(model, [text for text, _ in test_rows])
    known = {category for _, category in train_rows}
    categories = [category for _, category in test_rows]
    figures = score(readings, categories, known)
    best = [_ranking(reading)[0][0] for reading in readings]
    inside = [row for row, category in enumerate(categories) if category in known]
    meant, understood = [categories[row] for row in inside], [best[row] for row in inside]
    figures["confused"] = confusions.worst_pairs(meant, understood)
    if picture is not None:
        confusions.draw_picture(meant, understood, picture)
    figures["train_s"] = round(train_s, 1)
    figures["parse_p50_ms"], figures["parse_p95_ms"] = (
        round(float(value), 2) for value in np.percentile(took_ms[:, 0], (50, 95))
    )
    figures["parse_cpu_ms"] = round(float(took_ms[:, 1].mean()), 2)
    return {key: _rounded(value) for key, value in figures.items()}


def evaluate_shots(
    train_rows: Rows, test_rows: Rows, *, shots_count: int, draws_count: int, config: Path
) -> dict[str, Any]:
    """Return the mean figures of `draws_count` trainings on a few examples of each category."""
    return shots.averaged(
        [
            evaluate(shots.draw(train_rows, shots_count, seed=seed), test_rows, config=config)
            for seed in range(draws_count)
        ]
    )


def _without_importer(config: Path, folder: Path) -> Path:
    """Return a copy of the config that does not read our own domain and data."""
    from rasa.shared.utils.io import read_yaml_file, write_yaml

    content = dict(read_yaml_file(config))
    content.pop("importers", None)
    copy = folder / "config.yml"
    write_yaml(content, copy)
    return copy


def _ranking(reading: dict[str, Any]) -> list[tuple[str, float]]:
    ranking = [
        (one["name"], float(one["confidence"]))
        for one in reading.get("intent_ranking") or []
        if one["name"] != FALLBACK
    ]
    return ranking or [("", 0.0)]


def _mean(values: np.ndarray) -> Optional[float]:
    return float(values.mean()) if len(values) else None


def _macro_f1(truth: np.ndarray, best: np.ndarray) -> Optional[float]:
    from sklearn.metrics import f1_score

    if not len(truth):
        return None
    return float(f1_score(truth, best, average="macro", labels=np.unique(truth), zero_division=0))


def _calibration_error(confidence: np.ndarray, right: np.ndarray) -> Optional[float]:
    if not len(confidence):
        return None
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return float(
        sum(
            (bins == i).mean() * abs(confidence[bins == i].mean() - right[bins == i].mean())
            for i in np.unique(bins)
        )
    )


def _typicality(readings: list[dict[str, Any]], confidence: np.ndarray) -> np.ndarray:
    if all("typicality" in one for one in readings):
        # The confidence decides among equals: typicality comes in steps.
        return np.array([one["typicality"] for one in readings]) + confidence * 1e-6
    return confidence


def _out_of_scope(typicality: np.ndarray, in_scope: np.ndarray) -> dict[str, Optional[float]]:
    from sklearn.metrics import roc_auc_score

    if in_scope.all() or not in_scope.any():
        return {"oos_auroc": None, "oos_recall_at_5pct": None}
    threshold = np.quantile(typicality[in_scope], REJECTED_IN_SCOPE)
    return {
        "oos_auroc": float(roc_auc_score(in_scope, typicality)),
        "oos_recall_at_5pct": float((typicality[~in_scope] < threshold).mean()),
    }


def _rounded(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def main() -> int:
    """Print the figures; 2 for tables that cannot be used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--oos", type=Path, help="a table of sentences that are out of scope")
    parser.add_argument("--shots", type=int, help="learn only so many examples of each category")
    parser.add_argument("--draws", type=int, default=5, help="how often --shots draws anew")
    parser.add_argument("--noise", choices=noise.KINDS, help="spoil the test sentences first")
    parser.add_argument("--picture", type=Path, help="where to write the confusions as a PNG")
    parser.add_argument("--config", type=Path, default=Path("config.yml"))
    args = parser.parse_args()
    with own_output(logging.WARNING) as out:
        try:
            figures = _asked_for(args)
        except (ValueError, OSError) as fault:
            print(f"florin: {fault}", file=sys.stderr)
            return 2
        print(json.dumps(figures, indent=2), file=out)
    return 0


def _asked_for(args: argparse.Namespace) -> dict[str, Any]:
    train_rows, test_rows = read_table(args.train), read_table(args.test)
    if args.oos:
        test_rows += [(text, OUT_OF_SCOPE) for text, _ in read_table(args.oos)]
    if args.noise:
        test_rows = [(noise.spoil(text, args.noise), category) for text, category in test_rows]
    if args.shots:
        return evaluate_shots(
            train_rows, test_rows, shots_count=args.shots, draws_count=args.draws,
            config=args.config,
        )  # fmt: skip
    return evaluate(train_rows, test_rows, config=args.config, picture=args.picture)


if __name__ == "__main__":
    sys.exit(main())
