"""Past campaigns: what was offered to whom, who left, and what a model of effects learns from it.

    campaigns/past.parquet   customer_id, as_of_utc, offer ("" for none), left_within_90d
          │                  (campaign, is_held_out and more columns may stand beside)
          ├─ the bank, as of each campaign's moment ──▶ features nobody could only know later
          └──▶ rows, arm, outcome ──▶ Uplift

Rows whose 90 days are not over have no outcome yet and are left out. A customer of two campaigns
has two rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.dataset import read_books
from analytics.errors import BadTable, CannotLearn, TableProblem
from analytics.features.books import us_of
from analytics.features.customers import SCHEMA, customer_features
from analytics.models import Labels, Progress, quietly
from analytics.retention.choosing import Avoided, avoided_of
from analytics.retention.strategies import StrategyBook
from analytics.retention.trials import RARER_LEAST, ROWS_LEAST
from analytics.retention.uplift import Uplift
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


def learn_effects(past: PastTrial, *, seed: int = 7, progress: Progress = quietly) -> Uplift:
    """Return the effects of offers on leaving. Raises CannotLearn: no offer with enough rows."""
    arms = past.arms()
    if len(arms) < 2:
        raise CannotLearn(
            f"No offer of past campaigns has {ROWS_LEAST} rows with {RARER_LEAST} of each outcome."
        )
    rows = np.isin(past.arm.astype(str), arms)
    return Uplift.fit(
        past.table[rows], past.arm[rows], past.left[rows], SCHEMA, arms=arms, seed=seed,
        progress=progress,
    )  # fmt: skip


def informed(book: StrategyBook, model: Uplift) -> StrategyBook:
    """Return the book with priors that know the average of each campaign's offer.

    An average is measured far better than anybody's own effect: as a share of the untreated who
    left, it is weighed against the guess. How much people differ around it stays the guess.
    """
    measured = {
        name: (-one.average / model.control_rate, one.average_error / model.control_rate)
        for name, one in zip(model.arms[1:], model.calibrations, strict=True)
    }
    strategies = []
    for one in book.strategies:
        if one.name in measured:
            share, error = measured[one.name]
            trust = one.prior_sd**2 / (one.prior_sd**2 + error**2) if one.prior_sd else 1.0
            share = trust * share + (1 - trust) * one.prior_share
            strategies.append(replace(one, prior_share=min(max(share, -1.0), 1.0)))
        else:
            strategies.append(one)
    return replace(book, strategies=tuple(strategies))


def avoided_by(
    model: Uplift, table: pd.DataFrame, book: StrategyBook, *, source: str
) -> Mapping[str, Avoided]:
    """Return what each strategy of the book avoids that the model knows, for the table's rows."""
    effects = model.effect(table)
    known: Sequence[str] = [one.name for one in book.strategies]
    return {
        name: avoided_of(effects, arm, source=source)
        for arm, name in enumerate(model.arms)
        if arm > 0 and name in known
    }
