"""What one fraud score costs: alone, with reasons, with features from the state; and in batches.

CPU time of this process, so that other work on the machine does not count; p50 and p99 of many.
The seeds' forest is measured as the seeds serve it: scikit-learn, one row.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier

from analytics.fraud.events import DAY_S
from analytics.fraud.features import ALL, CARDS, named, positions
from analytics.fraud.models import FraudModel
from analytics.fraud.prequential import Window
from analytics.fraud.replay import delayed_labels, payments_of
from analytics.fraud.rules import check, load_thresholds
from analytics.fraud.state import State
from benchmarks import handbook
from benchmarks.handbook import Handbook

BATCH_ROWS = 200_000
#: Days of payments a state is warmed with before its latency is measured.
WARM_DAYS = 20


def cpu_ms(call: Callable[[int], object], times: int) -> tuple[float, float]:
    """Return p50 and p99 of the CPU time of a call, in milliseconds."""
    taken = np.empty(times)
    for place in range(times):
        began = time.process_time_ns()
        call(place)
        taken[place] = time.process_time_ns() - began
    return float(np.median(taken)) / 1e6, float(np.quantile(taken, 0.99)) / 1e6


def rows_a_cpu_second(call: Callable[[], object], rows_count: int, *, rounds: int = 3) -> float:
    """Return the best of a few rounds."""
    best = np.inf
    for _ in range(rounds):
        began = time.process_time()
        call()
        best = min(best, time.process_time() - began)
    return rows_count / best


def latency(
    data: Handbook, champion: Callable[[Handbook, int, tuple[str, ...]], FraudModel], until: int,
    begins: tuple[str, ...] = ("",),
) -> None:  # fmt: skip
    """begins: how the lines that are wanted begin."""
    print("\n### One score and batches, CPU time\n")
    print("| model | one score p50 / p99 ms | with reasons p50 / p99 ms | rows a CPU second |")
    print("|---|---|---|---|")
    if "seeds".startswith(begins):
        _seeds_forest(data, until)
    full = _full_rows(data.ours[-2_000:])
    batch = np.ascontiguousarray(data.ours[-BATCH_ROWS:])
    served = {}
    for kinds in (("lightgbm",), ("catboost",), ("lightgbm", "catboost")):
        if not kinds[0].startswith(begins):
            continue
        model = served[kinds] = champion(data, until, kinds)
        model.score(full[0])
        one = cpu_ms(lambda place, model=model: model.score(full[place % 2_000]), 4_000)
        why = cpu_ms(
            lambda place, model=model: model.score_with_reasons(full[place % 2_000]), 1_000
        )
        speed = rows_a_cpu_second(lambda model=model: model.probabilities(batch), len(batch))
        print(
            f"| {' + '.join(kinds)} | {one[0]:.3f} / {one[1]:.3f} | {why[0]:.3f} / {why[1]:.3f}"
            f" | {speed / 1e3:,.0f}k |"
        )
    if ("catboost",) in served:
        _online(served[("catboost",)])


def _seeds_forest(data: Handbook, until: int) -> None:
    train = Window(until).train_rows(data.stream)
    rows, labels = data.book[train], data.stream.fraud[train]
    forest = RandomForestClassifier(150, random_state=7, n_jobs=1).fit(rows, labels)
    others = data.book[-20_000:]
    one = cpu_ms(lambda place: forest.predict_proba(others[place : place + 1]), 200)
    speed = rows_a_cpu_second(lambda: forest.predict_proba(others), len(others), rounds=1)
    print(f"| seeds: RF150 | {one[0]:.3f} / {one[1]:.3f} | – | {speed / 1e3:,.0f}k |")


def _full_rows(ours: np.ndarray) -> list[list[float]]:
    """Return rows of CARDS as rows of the state, which knows devices and places too."""
    full = np.full((len(ours), len(ALL.names)), np.nan)
    full[:, positions(CARDS)] = ours
    return full.tolist()


def _online(model: FraudModel) -> None:
    """A door's whole work for a payment: features, rules, score, reasons, and counting it."""
    table = pd.read_parquet(handbook.FILE / "transactions.parquet")
    table = table[table["TX_TIME_DAYS"] < WARM_DAYS]
    payments = list(payments_of(handbook.payments_table(table)))
    labels = delayed_labels(payments, table["TX_FRAUD"] == 1, delay_s=7 * DAY_S)
    state, thresholds = State(), load_thresholds()
    label = next(labels)
    for payment in payments[:-4_000]:
        while label.known_at_s <= payment.at_s:
            state.learn(label)
            label = next(labels)
        state.add(payment)
    last = payments[-4_000:]

    def decide(place: int) -> object:
        row = state.features(last[place])
        found = model.score_with_reasons(row), check(named(row), thresholds)
        state.add(last[place])
        return found

    def features(place: int) -> object:
        row = state.features(last[place])
        state.add(last[place])
        return row

    alone = cpu_ms(features, 2_000)
    whole = cpu_ms(lambda place: decide(2_000 + place), 2_000)
    print("\n| a payment online, CatBoost | p50 ms | p99 ms |\n|---|---|---|")
    print(f"| features from the state, and counting it | {alone[0]:.3f} | {alone[1]:.3f} |")
    print(f"| features, rules, score with reasons, counting it | {whole[0]:.3f} | {whole[1]:.3f} |")
