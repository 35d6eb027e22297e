"""Past campaigns: what was offered to whom, who left, and what a model of effects learns from it.

    campaigns/past.parquet   customer_id, as_of_utc, offer ("" for none), left_within_90d
          │                  (campaign, is_held_out and more columns may stand beside)
          ├─ the bank, as of each campaign's moment ──▶ features nobody could only know later
          └──▶ rows, arm, outcome ──▶ Shares

Rows whose 90 days are not over have no outcome yet and are left out. A customer of two campaigns
has two rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.dataset import read_books
from analytics.errors import BadTable, CannotLearn, TableProblem
from analytics.features.books import us_of
from analytics.features.customers import SCHEMA, customer_features
from analytics.models import Floats, Labels, Progress, quietly
from analytics.retention.choosing import Avoided
from analytics.retention.shares import Shares
from analytics.retention.strategies import StrategyBook
from analytics.retention.trials import RARER_LEAST, ROWS_LEAST, trial_of
from analytics.tables.reading import read_table
from analytics.tables.values import flags_of, texts_of
from bank.ports import Store

NO_OFFER = "none"
COLUMNS = ("customer_id", "as_of_utc", "offer", "left_within_90d")


@dataclass(frozen=True, slots=True)
class PastTrial:
    """table: features as of each campaign, n rows; arm: offers' names, NO_OFFER; left: 0 or 1."""

    table: pd.DataFrame
    arm: NDArray[np.object_]
    left: Labels

    def arms(self) -> tuple[str, ...]:
        """Return the offers of which enough rows, of both outcomes, are there; none first."""
        found = []
        for name in sorted(set(self.arm) - {NO_OFFER}):
            left = self.left[self.arm == name]
            rarer = min(int(left.sum()), len(left) - int(left.sum()))
            if len(left) >= ROWS_LEAST and rarer >= RARER_LEAST:
                found.append(name)
        return (NO_OFFER, *found)


def read_campaigns(path: Path) -> pd.DataFrame:
    """Return the campaigns' rows with an outcome; as_of_utc as moments, offer as text.

    Raises BadTable: no file, an absent column, a moment that is none or in the future, a customer
    twice in one campaign.
    """
    table = read_table(path, text=("customer_id", "offer"))
    absent = [name for name in COLUMNS if name not in table.columns]
    if absent:
        raise BadTable(
            tuple(
                TableProblem("missing_column", name, f"{path.name} has no column {name}.")
                for name in absent
            )
        )
    moments = pd.to_datetime(table["as_of_utc"], utc=True, errors="coerce")
    now = pd.Timestamp(datetime.now(UTC))
    again = pd.DataFrame({"who": table["customer_id"], "at": moments}).duplicated()
    for strange, code, column, what in (
        (moments.isna(), "wrong_type", "as_of_utc", "rows of as_of_utc are no moment"),
        (moments > now, "out_of_range", "as_of_utc", "rows of as_of_utc are in the future"),
        (again, "duplicate", "customer_id", "rows name a customer twice in one campaign"),
    ):
        places = np.flatnonzero(strange)
        if len(places):
            rows = tuple(int(row) + 1 for row in places[:10])
            sentence = f"{len(places)} {what}, the first is row {rows[0]}."
            raise BadTable((TableProblem(code, column, sentence, rows, len(places)),))
    left = flags_of(table["left_within_90d"])
    offers = texts_of(table["offer"])
    return pd.DataFrame(
        {
            "customer_id": texts_of(table["customer_id"]),
            "as_of_utc": moments,
            "offer": np.where(offers == "", NO_OFFER, offers),
            "left": left,
        }
    )[~np.isnan(left)].reset_index(drop=True)


def past_trial(store: Store, campaigns: pd.DataFrame) -> PastTrial:
    """Return features as of each campaign for everybody in it who was a customer then.

    Raises CannotLearn: no campaign whose outcome is known.
    """
    if campaigns.empty:
        raise CannotLearn("No campaign's outcome is known yet: 90 days must pass after it.")
    ids = sorted(set(campaigns["customer_id"]))
    newest = campaigns["as_of_utc"].max().to_pydatetime()
    books = read_books(store, customers=ids, to_utc=newest)
    tables, arms, left = [], [], []
    for moment, rows in campaigns.groupby("as_of_utc", sort=True):
        us = us_of(moment.to_pydatetime())
        table = customer_features(books.until(us), as_of_us=us)
        rows = rows.drop_duplicates("customer_id").set_index("customer_id")  # noqa: PLW2901
        here = rows.index.intersection(table.index)
        tables.append(table.loc[here])
        arms.append(rows.loc[here, "offer"].to_numpy(object))
        left.append(rows.loc[here, "left"].to_numpy(np.int8))
    return PastTrial(pd.concat(tables), np.concatenate(arms), np.concatenate(left))


def learn_effects(past: PastTrial, book: StrategyBook, *, progress: Progress = quietly) -> Shares:
    """Return the effects of offers on leaving, beginning at the book's guesses.

    Raises CannotLearn: no offer with enough rows.
    """
    arms = past.arms()
    if len(arms) < 2:
        raise CannotLearn(
            f"No offer of past campaigns has {ROWS_LEAST} rows with {RARER_LEAST} of each outcome."
        )
    rows = np.isin(past.arm.astype(str), arms)
    trial = trial_of(past.arm[rows], past.left[rows], arms=arms)
    return Shares.fit(past.table[rows], trial, SCHEMA, book=book, progress=progress)


def avoided_by(
    model: Shares, table: pd.DataFrame, risk: Floats, book: StrategyBook, *, source: str
) -> dict[str, Avoided]:
    """Return what each strategy of the book avoids that the model knows, for the table's rows.

    risk: P(leaves) of each row without an offer, shape (n,).
    """
    known = {one.name for one in book.strategies}
    found = model.avoided(table, risk, source=source)
    return {name: one for name, one in found.items() if name in known}
