"""Understanding any bank's intents: config.yml's own pipeline beside a plain sklearn baseline.

    bot/.venv/bin/python benchmarks/understanding.py [--diet] [--draws N] [--only WORK]

Reads $FLORIN_DATA_DIR/banking77 and clinc150, official splits; trains on the training split only.
Every column is one run of what a user has (`florin nlu evaluate`), all in one process, one after
the other. --diet adds Rasa's own DIET: minutes for a few shots, an hour in full, so it is drawn
DIET_DRAWS times only and trained for the epochs its column names; else its column stays empty.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402

from bot import shots  # noqa: E402
from bot.components.blend import ranked  # noqa: E402
from bot.evaluate import OUT_OF_SCOPE, Rows, evaluate, read_table, score  # noqa: E402

DATA = Path(os.environ.get("FLORIN_DATA_DIR", str(ROOT.parent / "shared" / "data")))
DIET = """recipe: default.v1
assistant_id: diet
language: en
pipeline:
- name: WhitespaceTokenizer
- name: RegexFeaturizer
- name: LexicalSyntacticFeaturizer
- name: CountVectorsFeaturizer
- name: CountVectorsFeaturizer
  analyzer: char_wb
  min_ngram: 1
  max_ngram: 4
- name: DIETClassifier
  epochs: {epochs}
  constrain_similarities: true
policies: []
"""
FIGURES = ("accuracy", "macro_f1", "top3", "ece", "coverage_50", "coverage_70", "oos_auroc",
           "oos_recall_at_5pct", "train_s", "parse_cpu_ms", "parse_p50_ms", "parse_p95_ms")  # fmt: skip
#: DIET is drawn at most so often: each draw trains for minutes.
DIET_DRAWS = 2
TARGETS = {
    "BANKING77": {"accuracy": "≥ 0.945", "ece": "≤ 0.02", "train_s": "≤ 90", "parse_cpu_ms": "≤ 5"},
    "BANKING77, 10 shots": {"accuracy": "≥ 0.885"},
    "BANKING77, 5 shots": {"accuracy": "≥ 0.83"},
    "CLINC150": {"accuracy": "≥ 0.965", "oos_auroc": "≥ 0.97", "oos_recall_at_5pct": "≥ 0.86"},
}


def banking77() -> tuple[Rows, Rows]:
    folder = DATA / "banking77"
    return read_table(folder / "train.csv.gz"), read_table(folder / "test.csv")


def clinc150() -> tuple[Rows, Rows]:
    with gzip.open(DATA / "clinc150" / "data_full.json.gz", "rt", encoding="utf-8") as file:
        data = json.load(file)
    train = [(text, intent) for text, intent in data["train"]]
    test = [(text, intent) for text, intent in data["test"]]
    return train, test + [(text, OUT_OF_SCOPE) for text, _ in data["oos_test"]]


def plain(train: Rows, test: Rows) -> dict:
    """What a user would build in an afternoon: TF-IDF of words and characters, linear, sklearn."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    began_s = time.monotonic()
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
    )
    model = make_pipeline(features, LogisticRegression(C=30.0, solver="liblinear", dual=True, max_iter=50))
    texts, intents = zip(*train)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(texts, intents)
    train_s, took_ms, readings = time.monotonic() - began_s, [], []
    for text, _ in test:
        began_s = np.array([time.perf_counter(), time.process_time()])
        row = model.predict_proba([text])[0]
        took_s = np.array([time.perf_counter(), time.process_time()]) - began_s
        took_ms.append(took_s * 1000)
        readings.append({"intent_ranking": ranked(model.classes_, row, 3)})
    figures = score(readings, [intent for _, intent in test], set(intents))
    p50, p95 = np.percentile([one[0] for one in took_ms], (50, 95))
    times = {"train_s": train_s, "parse_p50_ms": p50, "parse_p95_ms": p95}
    return figures | times | {"parse_cpu_ms": float(np.mean([one[1] for one in took_ms]))}


def run(
    train: Rows, test: Rows, *, few: int | None, draws: int, by: str, epochs: int | None
) -> dict:
    """Return the figures of one contender, means over the draws where shots are few."""

    def once(rows: Rows) -> dict:
        if by == "plain":
            return plain(rows, test)
        if by == "florin":
            return evaluate(rows, test, config=ROOT / "config.yml")
        with tempfile.TemporaryDirectory() as folder:
            config = Path(folder) / "diet.yml"
            config.write_text(DIET.format(epochs=epochs), encoding="utf-8")
            return evaluate(rows, test, config=config)

    if few is None:
        return once(train)
    return shots.averaged([once(shots.draw(train, few, seed=seed)) for seed in range(draws)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--diet", action="store_true", help="Rasa's DIET too; an hour and more")
    parser.add_argument("--draws", type=int, default=5, help="how often shots are drawn anew")
    parser.add_argument("--only", action="append", choices=list(TARGETS))
    options = parser.parse_args()
    contenders = ["florin", "plain", *(["diet"] if options.diet else [])]
    printed = os.dup(1)
    os.dup2(2, 1)  # Rasa writes to stdout: the tables alone go there
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(30)
    out = os.fdopen(printed, "w")
    works = {
        "BANKING77": (banking77, None, 12), "BANKING77, 10 shots": (banking77, 10, 60),
        "BANKING77, 5 shots": (banking77, 5, 60), "CLINC150": (clinc150, None, 12),
    }  # fmt: skip
    for title, (read, few, epochs) in works.items():
        if options.only and title not in options.only:
            continue
        train, test = read()
        found = {
            by: run(
                train, test, few=few, by=by, epochs=epochs,
                draws=min(options.draws, DIET_DRAWS) if by == "diet" else options.draws,
            )
            for by in contenders
        }  # fmt: skip
        print(f"### {title} (n = {len(test)})\n", file=out)
        diet = f"DIET, {epochs} epochs"
        print(f"| what | Florin | plain sklearn | {diet} | target |\n|---|---|---|---|---|", file=out)
        for name in FIGURES:
            if found["florin"].get(name) is None:
                continue
            cells = [f"{found[by][name]:.4g}" if by in found else "" for by in ("florin", "plain", "diet")]
            print(f"| {name} | {' | '.join(cells)} | {TARGETS[title].get(name, '')} |", file=out)
        print(file=out, flush=True)


if __name__ == "__main__":
    main()
