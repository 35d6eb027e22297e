"""The tenants of the house: what each model learns from in the bank's own data, and how.

    tenant("churn").table(bank, as_of_utc=…) ──▶ table, labels, schema
                                                    └ and columns that are no features: whom a row
                                                      is about, when, and slices of an evaluation

churn   a row a customer and moment (30 days apart): did they close their last account within the
        90 days that followed? Measured forward in time.
fraud   a row a payment whose report would have come in by now: did staff find it was fraud?

A table is made as of a moment: `as_of_utc` is the end of what it may know. Columns that say who
somebody is (age, country) stand in `slices` only; the schema never names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import ceilings, dataset
from analytics.churn.rows import LEFT_LATER, MONTHS_SEEN, rows_of_bank
from analytics.churn.training import check_unprotected, hazards_of
from analytics.errors import CannotLearn, NoSuchModel
from analytics.evaluation.thresholds import Threshold, by_capacity, by_desk
from analytics.features.customers import SCHEMA
from analytics.features.payments import SETTLED_DAYS, payments
from analytics.fraud.desk import Desk, threshold_of, together
from analytics.fraud.events import DAY_S
from analytics.fraud.features import ALL
from analytics.fraud.models import FraudRecipe
from analytics.fraud.replay import replay
from analytics.learners import recipe as recipe_of
from analytics.models import Floats, Labels, Recipe
from analytics.tables.columns import Schema
from bank.bootstrap import Bank

CUSTOMER, MOMENT, PAYMENT = "customer_id", "as_of_utc", "payment_id"
#: What the desks of a branch of this size can look at.
CHURN_CALLS_A_MONTH, FRAUD_CASES_A_DAY = 60, 2
#: Expected right; more prove so, since what happens later in a case is not yet in its probability.
FRAUD_DESK = Desk(cases_week_most=7 * FRAUD_CASES_A_DAY, right_least=0.55)
#: Windows of payments are half empty before.
_WARM_UP = timedelta(days=30)
_AGES = (0, 30, 45, 60, 200)
_TENURES = (0, 1, 3, 8, 200)
_YEAR_DAYS = 365.25

#: What says how long somebody has been known, or how much is known of them, grows with the bank.
_AGEING = (
    *(one.name for one in ALL.columns if one.unit == "d"),
    "c_lifetime", "c_payees", "c_pair_count", "d_pair_count", "d_customers", "p_ratio_usual",
    "hour", "weekday",
)  # fmt: skip

Table = tuple[pd.DataFrame, Labels, Schema]
Choose = Callable[[pd.DataFrame, Labels, Floats], Threshold]
Best = Callable[[Path, pd.DataFrame, Labels], Mapping[str, float]]


class Make(Protocol):
    """Makes the table of a tenant. Raises CannotLearn: too little history."""

    def __call__(self, bank: Bank, *, as_of_utc: datetime) -> Table: ...


@dataclass(frozen=True, slots=True)
class Tenant:
    """One model of the house.

    recipe: the best guess; quick: learnt in seconds, for a branch's first run. choose: the
    threshold, from a table's rows, their labels and what was said of them; capacity_per_day: of
    the desk, or of the table where its rows have one moment. gap_days: how long
    a label takes, so how far apart rows learnt from and rows measured on must lie. ceiling: the
    best possible figures on some rows of a demo town (home, rows of the table, labels); empty
    without truth. calendar: columns that move with the date one looks at, never an alarm of drift:
    how long ago pay-day was says what day it is, and payees grow older.
    """

    name: str
    recipe: Recipe
    quick: Recipe
    table: Make
    choose: Choose
    capacity_per_day: int
    gap_days: int
    slices: tuple[str, ...]
    ceiling: Best
    permitted_use: str
    calendar: tuple[str, ...] = ()
    #: The figure by which a challenger must be better: of rare labels, average precision.
    judged_by: str = "roc_auc"
    #: What else goes onto the card: the survival view of churn. From the rows learnt from and the
    #: moment from which rows are measured on.
    notes: Callable[[pd.DataFrame, pd.Timestamp], dict[str, Any]] = lambda *_: {}


def tenant(name: str) -> Tenant:
    """Return the tenant of this name. Raises NoSuchModel: says which there are."""
    makers = {"churn": _churn, "fraud": _fraud}
    if name not in makers:
        raise NoSuchModel(f"The bank has no model {name} of its own; it has {', '.join(makers)}.")
    return makers[name]()


def names() -> tuple[str, ...]:
    """Return the names of all tenants."""
    return ("churn", "fraud")


def calendar_of(name: str, named: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the columns of the calendar: those named, or those of the bank's own model."""
    if named is not None:
        return tuple(named)
    return tenant(name).calendar if name in names() else ()


def _churn() -> Tenant:
    return Tenant(
        name="churn",
        recipe=recipe_of("blend"),
        quick=recipe_of("lightgbm"),
        table=churn_table,
        choose=lambda _, labels, said: by_capacity(labels, said, per_day=CHURN_CALLS_A_MONTH),
        capacity_per_day=CHURN_CALLS_A_MONTH,
        gap_days=90,
        slices=("age_band", "tenure_band", "country"),
        ceiling=_churn_ceiling,
        permitted_use="Retention by staff: an allowed offer or a better tone. Never said aloud, "
        "never a reason to treat anybody worse.",
        calendar=("salary_age_days", "login_age_days", "complaint_age_days", "tenure_days"),
        notes=lambda learnt, until: {"hazards": hazards_of(learnt, until).as_json()},
    )


def _fraud() -> Tenant:
    return Tenant(
        name="fraud",
        recipe=FraudRecipe("fraud_blend", ("lightgbm", "catboost"), honest_share=0.25),
        quick=FraudRecipe("fraud_lightgbm", ("lightgbm",)),
        table=fraud_table,
        choose=_desk_threshold,
        capacity_per_day=FRAUD_CASES_A_DAY,
        gap_days=SETTLED_DAYS,
        slices=("channel",),
        ceiling=_fraud_ceiling,
        permitted_use="Ranking payments for a person's look, and holding the most suspect ones.",
        calendar=_AGEING,
        judged_by="average_precision",
    )


def churn_table(bank: Bank, *, as_of_utc: datetime) -> Table:
    """Return a row a customer and moment. Raises CannotLearn: too short a history.

    What became of the customer later stands beside, for the survival view; it is no feature.
    """
    check_unprotected(list(SCHEMA.names))
    rows = rows_of_bank(bank.store, as_of_utc)
    table = rows.table.reset_index()
    table[MOMENT] = rows.times
    table[MONTHS_SEEN], table[LEFT_LATER] = rows.months_seen, rows.left_later
    return table.join(_slices(bank, table)), rows.labels, SCHEMA


def fraud_table(bank: Bank, *, as_of_utc: datetime) -> Table:
    """Return a row a payment that is settled by now, in order of time. Raises CannotLearn.

    Payments that were stopped and found fraud have their rows too; those that only a word beyond
    its giver's bound speaks of have none.
    """
    ends = dataset.first_and_last_utc(bank.store)
    if ends is None:
        raise CannotLearn("The bank has no payments to learn from.")
    log = payments(bank.store, ends[0], as_of_utc)
    asked = sorted([*log.payments, *log.stopped], key=lambda one: (one.at_s, one.payment_id))
    stopped = {one.payment_id for one in log.stopped}
    made = replay(asked, log.labels, stopped=stopped, count=len(asked))
    at_s = np.array([one.at_s for one in asked], np.int64)
    settled_s = (as_of_utc - timedelta(days=SETTLED_DAYS)).timestamp()
    keep = (at_s <= settled_s) & (at_s >= (ends[0] + _WARM_UP).timestamp())
    keep &= np.array([one.payment_id not in log.unknown for one in asked], bool)
    kept = [one for one, is_kept in zip(asked, keep, strict=True) if is_kept]
    labels = np.array([one.payment_id in log.frauds for one in kept], np.int8)
    table = pd.DataFrame(made[keep], columns=list(ALL.names))
    about = pd.DataFrame(
        {
            PAYMENT: pd.Series([one.payment_id for one in kept], dtype="str"),
            CUSTOMER: pd.Series([one.customer for one in kept], dtype="str"),
            "channel": pd.Series([one.channel for one in kept], dtype="str"),
            MOMENT: pd.to_datetime(at_s[keep], unit="s", utc=True),
        }
    )
    return pd.concat([table, about], axis=1), labels, ALL


def seconds_of(moments: pd.Series) -> NDArray[np.int64]:
    """Return moments as Unix seconds, UTC."""
    return np.asarray(moments.dt.tz_convert(None).to_numpy("datetime64[s]").astype(np.int64))


def suspicions(table: pd.DataFrame, said: Floats) -> Floats:
    """Return P(a payment of the customer's last day is fraud) at each payment of the table."""
    return together(table[CUSTOMER].tolist(), seconds_of(table[MOMENT]), said)


def _desk_threshold(table: pd.DataFrame, labels: Labels, said: Floats) -> Threshold:
    at_s = seconds_of(table[MOMENT])
    value = threshold_of(
        table[CUSTOMER].tolist(), at_s, suspicions(table, said), desk=FRAUD_DESK
    )  # fmt: skip
    return by_desk(labels, said, value=value, days=at_s // DAY_S)


def _slices(bank: Bank, table: pd.DataFrame) -> pd.DataFrame:
    """Return who the customers are, in bands, for evaluations only."""
    people = {one.id: one for one in bank.store.read(lambda uow: uow.customers.list())}
    today = pd.to_datetime(table[MOMENT])
    who = [people[one] for one in table[CUSTOMER]]
    born = pd.to_datetime(pd.Series([one.birth_date for one in who]), errors="coerce", utc=True)
    age_years = (today - born).dt.days / _YEAR_DAYS
    tenure_years = table["tenure_days"] / _YEAR_DAYS
    return pd.DataFrame(
        {
            "age_band": _bands(age_years, _AGES),
            "tenure_band": _bands(tenure_years, _TENURES),
            "country": pd.Series([one.country for one in who], dtype="str"),
        }
    )


def _bands(years: pd.Series, edges: tuple[int, ...]) -> pd.Series:
    names = [f"{low} to {high} years" for low, high in pairwise(edges)]
    names[-1] = f"{edges[-2]} years and more"
    return pd.cut(years, list(edges), right=False, labels=names).astype("str")


def _churn_ceiling(home_dir: Path, table: pd.DataFrame, labels: Labels) -> Mapping[str, float]:
    found = np.full(len(table), np.nan)
    for moment in table[MOMENT].unique():
        rows = np.flatnonzero(table[MOMENT] == moment)
        chances = ceilings.churn_chances(
            home_dir,
            table[CUSTOMER].iloc[rows].tolist(),
            as_of_utc=moment.to_pydatetime().astimezone(UTC),
        )
        if chances is None:
            return {}
        found[rows] = chances
    return ceilings.ceiling_of(labels, found).as_figures()


def _fraud_ceiling(home_dir: Path, table: pd.DataFrame, labels: Labels) -> Mapping[str, float]:
    best = ceilings.fraud_ceiling(home_dir, table[PAYMENT].tolist(), labels)
    return best.as_figures() if best else {}
