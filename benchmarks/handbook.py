"""The public stream of card payments, replayed through our state once and kept under var/.

$FLORIN_DATA_DIR/fraud-handbook-sim: 1,754,155 simulated payments of 183 days (Le Borgne et al.
2022). Rows are kept as float32; they are made anew when the features change.
"""

from __future__ import annotations

import ast
import hashlib
import os
import time
from dataclasses import dataclass
from itertools import tee
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.fraud.events import DAY_S
from analytics.fraud.features import CARDS
from analytics.fraud.prequential import Stream
from analytics.fraud.replay import delayed_labels, payments_of, replay

ROOT = Path(__file__).resolve().parents[1]
DELAY_DAYS = 7
FILE = Path(os.environ.get("FLORIN_DATA_DIR", ROOT / "../shared/data")) / "fraud-handbook-sim"
#: 2018-07-25, where the book's first reported training week begins, in days of the stream.
FIRST_TRAIN_DAY = 115

#: The book's features, in its own columns.
BOOK = (
    "TX_AMOUNT", "TX_DURING_WEEKEND", "TX_DURING_NIGHT",
    *(f"CUSTOMER_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30) for what in ("NB_TX", "AVG_AMOUNT")),
    *(f"TERMINAL_ID_{what}_{days}DAY_WINDOW" for days in (1, 7, 30) for what in ("NB_TX", "RISK")),
)  # fmt: skip


@dataclass(frozen=True)
class Handbook:
    """Arrays of one row a payment: ours (CARDS), the book's, and the simulator's truth."""

    stream: Stream
    ours: np.ndarray
    book: np.ndarray
    scenario: np.ndarray
    payee: np.ndarray
    replayed_us: float


def load(*, until_day: int = 183) -> Handbook:
    """Read the stream. Raises FileNotFoundError: the data are not there."""
    table = pd.read_parquet(FILE / "transactions.parquet")
    table = table[table["TX_TIME_DAYS"] < until_day]
    rows, took_us = _rows(table, until_day)
    return Handbook(
        stream=Stream(
            table["TX_TIME_DAYS"].to_numpy(np.int64),
            table["CUSTOMER_ID"].to_numpy(np.int64),
            table["TX_FRAUD"].to_numpy(np.int8),
        ),
        ours=rows,
        book=table[list(BOOK)].to_numpy(np.float32),
        scenario=table["TX_FRAUD_SCENARIO"].to_numpy(),
        payee=table["TERMINAL_ID"].to_numpy(),
        replayed_us=took_us,
    )


def payments_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return the stream's payments in our names and units."""
    return pd.DataFrame(
        {
            "payment_id": table["TRANSACTION_ID"],
            "customer": table["CUSTOMER_ID"],
            "payee": table["TERMINAL_ID"],
            "amount_minor": (table["TX_AMOUNT"] * 100).round().astype(np.int64),
            "at_s": table["TX_DATETIME"].astype("datetime64[s]").astype(np.int64),
        }
    )


def _rows(table: pd.DataFrame, until_day: int) -> tuple[np.ndarray, float]:
    """Return rows of CARDS, and the CPU microseconds a payment took when they were made."""
    kept = ROOT / "var" / "fraud" / f"handbook-{until_day}-{_version()}.parquet"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        began = time.process_time()
        payments, again = tee(payments_of(payments_table(table)))
        frauds = table["TX_FRAUD"].to_numpy() == 1
        made = replay(
            payments, delayed_labels(again, frauds, delay_s=DELAY_DAYS * DAY_S), count=len(table),
            schema=CARDS,
        )  # fmt: skip
        took_us = (time.process_time() - began) / len(table) * 1e6
        out = pd.DataFrame(made, columns=list(CARDS.names))
        out.attrs["replayed_us"] = took_us
        out.to_parquet(kept)
    read = pd.read_parquet(kept)
    return read.to_numpy(np.float32), float(read.attrs.get("replayed_us", float("nan")))


def _version() -> str:
    """Return a name that changes with the code that makes the rows."""
    digest = hashlib.sha256()
    for name in ("confirmations", "features", "rows", "state", "tracks", "windows"):
        text = (ROOT / "analytics" / "fraud" / f"{name}.py").read_text(encoding="utf-8")
        digest.update(_without_words(text).encode())
    return digest.hexdigest()[:10]


def _without_words(code: str) -> str:
    """Return code without comments and docstrings: words do not change rows."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        words = body[0] if isinstance(body, list) and body else None
        if isinstance(words, ast.Expr) and isinstance(getattr(words.value, "value", None), str):
            del body[0]
    return ast.dump(tree)
