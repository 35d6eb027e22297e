"""Network threats: NSL-KDD, requests that carry attacks, and what one event costs.

    python -m benchmarks.threats [--quick] [--only flows|requests|speed] [--foreign FOLDER]

    KDDTrain+ ──▶ members, references, threshold (training normals only) ──▶ KDDTest+, KDDTest-21
    grammars that teach ──▶ model of requests ──▶ families kept aside
                                             └──▶ --foreign: badqueries.txt against access.log

A foreign corpus is no part of the project: `--foreign` names a folder with `badqueries.txt` (one
attack a line) and `access.log` (an honest site's log), such as github.com/faizann24/Fwaf-… and
github.com/elastic/examples hold; and, for random lines, `Modified_SQL_Dataset.csv` and
`XSS_dataset.csv` of github.com/rd1073/RL-based-WAF.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.learners.encoding import Encoder
from analytics.learners.forests import Forest
from analytics.tables.columns import Column, Kind, Schema
from analytics.threats.events import Flow, Login, Request
from analytics.threats.flows.learning import learn_flows
from analytics.threats.flows.model import FlowModel
from analytics.threats.logins import LoginWatch
from analytics.threats.measuring import figures_of, recall_at, request_figures, scores_of
from analytics.threats.reading.access_log import parse_access_line
from analytics.threats.requests.detecting import RequestWatch
from analytics.threats.requests.learning import learn_requests, linear, matrix_of
from analytics.threats.requests.making import make_attacks, make_ordinary
from analytics.threats.requests.model import RequestModel
from analytics.threats.requests.normalising import normalise, normalise_part
from analytics.threats.requests.signatures import find_hits
from analytics.threats.scans import ScanWatch
from analytics.threats.thresholds import load_thresholds

CATEGORIES = ("protocol_type", "service", "flag")
NORMAL = "normal"
_BLOCK = 200


def nsl(folder: Path, name: str) -> pd.DataFrame:
    head = (folder / "Field Names.csv").read_text(encoding="utf-8").splitlines()
    names = [line.split(",")[0] for line in head if line]
    return pd.read_csv(folder / f"{name}.txt.gz", header=None, names=[*names, "attack", "level"])


def nsl_schema(table: pd.DataFrame) -> Schema:
    names = [name for name in table.columns if name not in {"attack", "level"}]
    return Schema(
        tuple(Column(n, Kind.CATEGORY if n in CATEGORIES else Kind.NUMBER) for n in names)
    )


def seeds_forest(
    train: pd.DataFrame, tests: dict[str, pd.DataFrame], known: frozenset[str]
) -> None:
    """The recipe one meets everywhere: 150 trees, alarm at 0.5."""
    began = time.process_time()
    schema = nsl_schema(train)
    encoder = Encoder.fit(train, schema)
    labels = np.asarray(train["attack"] != NORMAL, dtype=np.int8)
    grove = Forest(150, 1).fit(encoder.matrix(train), labels, encoder.schema, seed=7)
    for name, table in tests.items():
        scores = grove.log_odds(encoder.matrix(table))
        kinds = table["attack"].to_numpy()
        found = figures_of(scores > 0, scores, kinds, normal=NORMAL, known=known)
        flow_row("seeds: RF150 at 0.5", name, found, time.process_time() - began)


def flow_row(model: str, test: str, found: dict[str, float], cpu_s: float) -> None:
    print(
        f"| {model} | {test} | {found['roc_auc']:.4f} | {found['accuracy']:.4f} "
        f"| {found['fpr']:.4f} | {found['recall']:.4f} | {found['recall_new_kinds']:.4f} "
        f"| {cpu_s:.0f} |", flush=True,
    )  # fmt: skip


def flows(data: Path, *, quick: bool) -> FlowModel:
    folder = data / "nsl-kdd"
    train = nsl(folder, "KDDTrain+")
    tests = {name: nsl(folder, name) for name in ("KDDTest+", "KDDTest-21")}
    if quick:
        train = train.sample(8_000, random_state=7).reset_index(drop=True)
    known = frozenset(train["attack"])
    print("\n### NSL-KDD\n")
    print("| model | test | AUC | accuracy | FPR | recall | recall, new kinds | learning, CPU s |")
    print("|---|---|---|---|---|---|---|---|")
    seeds_forest(train, tests, known)
    began = time.process_time()
    kinds = train["attack"].to_numpy()
    model = learn_flows(train, kinds, nsl_schema(train), normal=NORMAL)
    cpu_s = time.process_time() - began
    for name, table in tests.items():
        matrix = model.encoder.matrix(table)
        tested = table["attack"].to_numpy()
        for part in model.parts:
            ranks = part.reference.ranks(part.member.log_odds(matrix))
            found = figures_of(ranks > 0.95, ranks, tested, normal=NORMAL, known=known)
            flow_row(part.name, name, found, float("nan"))
        scores = model.scores_of(matrix)
        found = figures_of(scores > model.threshold, scores, tested, normal=NORMAL, known=known)
        flow_row("**fused**", name, found, cpu_s)
    print("| target | KDDTest+ | ≥ 0.975 | ≥ 0.93 | ≤ 0.065 | | ≥ 0.92 | |")
    return model


def speed(model: FlowModel, table: pd.DataFrame, requests: RequestModel) -> None:
    print("\n### What an event costs, CPU time, one core\n")
    print("| work | p50 µs | p99 µs | a CPU second |\n|---|---|---|---|")
    table = table.drop(columns=["attack", "level"])
    matrix = model.encoder.matrix(table)
    rate = min(_all_threads(lambda: model.scores_of(matrix)) for _ in range(3))
    print(f"| flows in a batch, fused score | | | {len(table) / rate:,.0f} |")
    rows = table.head(1_000).to_dict("records")
    _row("one flow, fused score", [
        _cpu(lambda row=row: model.scores_of(model.encoder.row(row))) for row in rows
    ])  # fmt: skip
    at = load_thresholds()
    scans, logins = ScanWatch(at), LoginWatch(at)
    draw = np.random.default_rng(7)
    places = draw.integers(0, 5_000, 60_000).tolist()
    made = [
        Flow(n / 100, f"10.0.{p // 250}.{p % 250}", "192.0.2.1", p % 50, "tcp")
        for n, p in enumerate(places)
    ]
    _blocks("window features of a flow", [lambda e=e: scans.take(e) for e in made])
    tried = [
        Login(n / 10, f"cu_{p}", f"10.0.{p // 250}.{p % 250}", p % 7 > 0, f"d{p}")
        for n, p in enumerate(places)
    ]
    _blocks("window features of a login", [lambda e=e: logins.take(e) for e in tried])
    targets = [one.target for one in make_ordinary(2_000, seed=5) + make_attacks(200, seed=5)]
    for name, learnt in (("signatures", None), ("signatures and model", requests)):
        watch = RequestWatch(at, learnt)
        sent = [Request(n / 10, "203.0.113.7", "GET", one, 200) for n, one in enumerate(targets)]
        _row(f"a request, {name}", [_cpu(lambda e=e, w=watch: w.take(e)) for e in sent])


def _all_threads(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _cpu(work) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def _row(name: str, times_s: list[float]) -> None:
    p50, p99 = np.quantile(times_s, [0.5, 0.99]) * 1e6
    print(f"| {name} | {p50:.1f} | {p99:.1f} | {len(times_s) / sum(times_s):,.0f} |", flush=True)


def _blocks(name: str, works: list) -> None:
    """An event is shorter than the clock's step: blocks of them, per event."""
    times = []
    for start in range(0, len(works), _BLOCK):
        block = works[start : start + _BLOCK]
        began = time.thread_time()
        for work in block:
            work()
        times.append((time.thread_time() - began) / len(block))
    _row(name, times)


def requests(*, quick: bool, foreign: Path | None) -> RequestModel:
    print("\n### Requests that carry an attack\n")
    print(
        "| set | requests / attacks | recall at 0.1 % FPR | at 1 % | at its own threshold | FPR there | signatures alone: recall / FPR |"
    )
    print("|---|---|---|---|---|---|---|")
    began = time.process_time()
    model = learn_requests(ordinary_count=4_000, attacks_count=4_000) if quick else learn_requests()
    cpu_s = time.process_time() - began
    measured = 2_000 if quick else 20_000
    found = request_figures(model, count=measured)
    for name, aside in (("same_families", False), ("kept_aside", True)):
        honest = [one.target for one in make_ordinary(measured, seed=1_000, aside=aside)]
        hostile = [one.target for one in make_attacks(measured, seed=1_000, aside=aside)]
        told = "families kept aside" if aside else "random lines kept aside, families that teach"
        print(
            f"| {told} | {measured:,} / {measured:,} "
            f"| {found[f'{name}_recall_at_fpr_01pct']:.4f} | {found[f'{name}_recall_at_fpr_1pct']:.4f} "
            f"| {found[f'{name}_recall_at_threshold']:.4f} | {found[f'{name}_fpr_at_threshold']:.4f} "
            f"| {_hit(hostile):.3f} / {_hit(honest):.4f} |", flush=True,
        )  # fmt: skip
    if foreign is not None:
        foreign_row(model, foreign)
        random_lines_row(foreign)
    print("| target | | ≥ 0.995 (kept aside) | ≥ 0.93 (foreign) | | | |")
    print(
        f"\n> {model.facts['parts_count']:,} different parts of made-up requests, {cpu_s:.0f} CPU s."
    )
    return model


def foreign_row(model: RequestModel, folder: Path) -> None:
    lines = (folder / "badqueries.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    hostile = list(dict.fromkeys(line for line in lines if line.strip()))
    log = (folder / "access.log").read_text(encoding="utf-8", errors="replace").splitlines()
    counted = Counter(parse_access_line(line).target for line in log)
    honest = np.repeat(scores_of(model, list(counted)), list(counted.values()))
    bad = scores_of(model, hostile)
    at = [recall_at(honest, bad, fpr=share) for share in (0.001, 0.01)]
    print(
        f"| foreign: Fwaf's badqueries beside a site's log | {len(honest):,} / {len(hostile):,} "
        f"| {at[0]:.4f} | {at[1]:.4f} | {(bad > model.threshold).mean():.4f} "
        f"| {(honest > model.threshold).mean():.4f} "
        f"| {_hit(hostile):.3f} / {_hit(list(counted.elements())):.4f} |", flush=True,
    )  # fmt: skip


def random_lines_row(folder: Path) -> None:
    """Public queries, five folds of random lines: our features and learner, taught by those lines.

    Near copies of a line stand in both halves, so this says how well forms are remembered that
    were seen, as published figures do; families kept aside say how well new ones are.
    """
    names = ("Modified_SQL_Dataset.csv", "XSS_dataset.csv")
    files = [folder / name for name in names if (folder / name).is_file()]
    if not files:
        return
    read = [pd.read_csv(file, encoding="utf-8-sig", encoding_errors="replace") for file in files]
    table = pd.concat([one[["query", "label"]] for one in read]).dropna()
    table["text"] = [normalise_part(str(text)) for text in table["query"]]
    table = table.drop_duplicates("text")
    labels, parts = table["label"].to_numpy(np.int8), table["text"].tolist()
    matrix = matrix_of(parts)
    folds = np.random.default_rng(7).integers(0, 5, len(parts))
    scores = np.zeros(len(parts))
    for fold in range(5):
        learner = linear(matrix[folds != fold], labels[folds != fold])
        scores[folds == fold] = learner.decision_function(matrix[folds == fold])
    honest, bad = scores[labels == 0], scores[labels == 1]
    at = [recall_at(honest, bad, fpr=share) for share in (0.001, 0.01)]
    print(
        f"| random lines kept aside, public SQL and script queries (taught by the others) "
        f"| {len(honest):,} / {len(bad):,} | {at[0]:.4f} | {at[1]:.4f} | | | |", flush=True,
    )  # fmt: skip


def _hit(targets: list[str]) -> float:
    return sum(bool(find_hits(normalise(one))) for one in targets) / len(targets)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, for a look")
    parser.add_argument("--only", choices=("flows", "requests"), help="one part")
    parser.add_argument("--foreign", type=Path, help="badqueries.txt and access.log")
    options = parser.parse_args()
    data = os.environ.get("FLORIN_DATA_DIR")
    judged = None
    if options.only != "flows":
        judged = requests(quick=options.quick, foreign=options.foreign)
    if options.only == "requests":
        return
    if data is None or not (Path(data) / "nsl-kdd").is_dir():
        sys.exit("Set FLORIN_DATA_DIR to a folder that has nsl-kdd.")
    model = flows(Path(data), quick=options.quick)
    if judged is not None:
        speed(model, nsl(Path(data) / "nsl-kdd", "KDDTest+"), judged)


if __name__ == "__main__":
    main()
