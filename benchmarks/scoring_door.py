"""Scores through the door beside a bare random forest behind the same door, in the same run.

    python -m benchmarks.scoring_door [--seconds 4] [--json FILE]

A server of its own process, the real application over SQLite, the real key check, over loopback.
Our side is a version in the registry (recipe `lightgbm`, reasons on or off); the other is what
one reaches for first: scikit-learn's RandomForestClassifier(150) on the same rows, put behind the
very same door, without reasons, since it has none of its own. One score a call by 1 and by 8
clients, then arrays of 1,000 rows by one. CPU is the server's, from /proc, so a busy machine
stretches the milliseconds and not the CPU.

The table is invented: 40 columns of a payment and its customer, 12,000 rows, 3 % positives.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
import aiohttp.web
import numpy as np
import pandas as pd

from benchmarks.running import ROOT, free_port
from benchmarks.turn_latency import cpu_s

COLUMNS, ROWS, SEED = 40, 12_000, 7
ARRAY_ROWS = 1_000
SIDES = (
    ("lightgbm, 3 reasons", "ours", 3),
    ("lightgbm, no reasons", "ours", 0),
    ("RF150", "rf", 0),
)


@dataclass(frozen=True)
class Found:
    """One side under one load. `cpu_ms`: of the server, for one call."""

    side: str
    load: str
    calls: int
    p50_ms: float
    p99_ms: float
    cpu_ms: float
    rows_per_s: float
    rows_per_cpu_s: float


def a_table() -> tuple[pd.DataFrame, np.ndarray]:
    """Return the invented rows and what became of them."""
    rng = np.random.default_rng(SEED)
    cells = rng.normal(size=(ROWS, COLUMNS))
    odds = cells[:, :8] @ rng.normal(size=8) + 0.8 * cells[:, 8] * cells[:, 9] - 5.0
    labels = (rng.random(ROWS) < 1 / (1 + np.exp(-odds))).astype(np.int8)
    return pd.DataFrame(cells, columns=[f"feature_{n:02}" for n in range(COLUMNS)]), labels


# --- the server, in a process of its own ---


class BareForest:
    """scikit-learn's forest as one would pick it, behind our Model protocol."""

    def __init__(self, table: pd.DataFrame, labels: np.ndarray, schema) -> None:
        from sklearn.ensemble import RandomForestClassifier

        self.schema = schema
        self._forest = RandomForestClassifier(n_estimators=150, random_state=SEED)
        self._forest.fit(table, labels)

    def probability(self, table: pd.DataFrame) -> np.ndarray:
        return self._forest.predict_proba(table)[:, 1]

    def contributions(self, table: pd.DataFrame):
        raise NotImplementedError("a forest has no reasons of its own")

    def save(self, folder: Path) -> None:
        (folder / "forest.txt").write_text("held in memory: a forest has no native text format\n")


def serve(home: Path, port: int) -> None:
    """Train both, put them into a registry, serve until killed."""
    from analytics import learners
    from analytics.registry import Card, Registry, Window
    from analytics.tables.columns import Column, Kind, Schema
    from bank.bootstrap import open_bank
    from bank.domain.actors import SYSTEM
    from bank.settings import Settings
    from web.app import make_app
    from web.assistant import RasaAssistant
    from web.keys import SCORES

    settings = Settings(_env_file=None, home_dir=home, port=port, models_dir=home / "models")
    bank = open_bank(settings)
    table, labels = a_table()
    schema = Schema(tuple(Column(name, Kind.NUMBER) for name in table.columns))
    forest = BareForest(table, labels, schema)

    def load(folder: Path):
        return forest if (folder / "forest.txt").exists() else learners.load(folder)

    registry = Registry(settings.registry_dir, load=load)
    fitted = learners.recipe("lightgbm").fit(table, labels, schema, seed=SEED)
    for name, model in (("ours", fitted), ("rf", forest)):
        window = Window(len(labels), int(labels.sum()))
        card = Card(name=name, recipe=name, schema=model.schema, window=window, seed=SEED)
        registry.add(name, model, card)
    text, _ = bank.api_keys.make(SYSTEM, name="benchmark", scopes=("score:*",))

    async def run() -> None:
        assistant = RasaAssistant("http://127.0.0.1:1", actions_url="http://127.0.0.1:1")
        app = make_app(bank, settings, assistant=assistant)
        app[SCORES].open_registry = lambda _folder: registry
        runner = aiohttp.web.AppRunner(app, access_log=None)
        await runner.setup()
        await aiohttp.web.TCPSite(runner, "127.0.0.1", port).start()
        (home / "key").write_text(text)
        await asyncio.Event().wait()

    asyncio.run(run())


# --- the clients ---


class Door:
    """The running door."""

    def __init__(self, url: str, key: str, pid: int, rows: list[dict[str, float]]) -> None:
        self.url, self.pid, self.rows = url, pid, rows
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    async def measure(self, side: str, model: str, reasons: int, *, clients: int, array: int,
                      seconds: float) -> Found:  # fmt: skip
        bodies = [
            json.dumps(
                {"rows": self.rows[n] if array == 1 else self.rows[:array], "reasons": reasons}
            ).encode()
            for n in range(1 if array > 1 else 200)
        ]
        took: list[float] = []
        async with aiohttp.ClientSession(headers=self.headers) as http:
            await self._ask(http, model, bodies[0], array)  # the model is loaded by now
            began_cpu, began = cpu_s(self.pid), time.perf_counter()

            async def work(number: int) -> None:
                turn = number
                while time.perf_counter() - began < seconds:
                    at = time.perf_counter()
                    await self._ask(http, model, bodies[turn % len(bodies)], array)
                    took.append(time.perf_counter() - at)
                    turn += clients

            await asyncio.gather(*(work(number) for number in range(clients)))
            spent_s, used_s = time.perf_counter() - began, cpu_s(self.pid) - began_cpu
        ordered = np.sort(took) * 1000
        rows = len(took) * array
        load = f"{clients} client{'s' if clients > 1 else ''}, {array:,} row{'s' if array > 1 else ''} a call"
        return Found(
            side, load, len(took), round(float(np.percentile(ordered, 50)), 2),
            round(float(np.percentile(ordered, 99)), 2), round(used_s * 1000 / len(took), 2),
            round(rows / spent_s), round(rows / used_s),
        )  # fmt: skip

    async def _ask(self, http: aiohttp.ClientSession, model: str, body: bytes, rows: int) -> None:
        async with http.post(f"{self.url}/api/score/{model}", data=body) as answer:
            told = await answer.json()
            assert answer.status == 200, told
            assert len(told["scores"]) == rows


@contextlib.contextmanager
def running(home: Path):
    """Start the server; yield its address, key and process id."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "benchmarks.scoring_door", "--serve", str(home), str(port)],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(1_200):
            if (home / "key").exists():
                break
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", (home / "key").read_text(), process.pid
    finally:
        process.terminate()
        process.wait(20)


async def compare(door: Door, seconds: float) -> list[Found]:
    """All loads; the sides take turns within each, so that they feel the same machine."""
    found = []
    for clients, array in ((1, 1), (8, 1), (1, ARRAY_ROWS)):
        for side, model, reasons in SIDES:
            found.append(await door.measure(
                side, model, reasons, clients=clients, array=array, seconds=seconds
            ))  # fmt: skip
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    asked.add_argument("--seconds", type=float, default=4.0, help="for each of nine measurements")
    asked.add_argument("--json", type=Path)
    asked.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    options = asked.parse_args()
    if options.serve:
        serve(Path(options.serve[0]), int(options.serve[1]))
        return
    table, _ = a_table()
    rows = [
        {name: round(cell, 4) for name, cell in row.items()}
        for row in table[:ARRAY_ROWS].to_dict("records")
    ]
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as (url, key, pid):
        found = asyncio.run(compare(Door(url, key, pid, rows), options.seconds))
    print("| load | model | p50 / p99 ms | server CPU ms a call | rows/s | rows per CPU second |")
    print("|---|---|---|---|---|---|")
    for one in found:
        print(
            f"| {one.load} | {one.side} | {one.p50_ms} / {one.p99_ms} | {one.cpu_ms} | {one.rows_per_s:,} | {one.rows_per_cpu_s:,} |"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(one) for one in found], indent=2))


if __name__ == "__main__":
    main()
