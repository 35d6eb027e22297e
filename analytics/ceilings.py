"""How good could anybody be? Measured against the demo town's truth; for evaluation only.

    <home>/truth/churn.parquet    the exact chance to leave, from mood and taste nobody sees
                 frauds.parquet   which postings were fraud, reported or not

The ceiling of churn is the exact chance itself as a score: it knows each customer's mood, which a
model has to guess from what shows of it. So nobody reaches it, and a model close to it would be a
leak. Offers that a campaign makes within the 90 days are drawn by lot after the moment, so even
this ceiling does not know them. The ceiling of fraud is a detector that knows every planted fraud,
judged by the findings a bank has: what customers never report counts against it, as it does
against a model.

No product code imports this module's truth; a bank without a demo town has none, and None is told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from analytics.evaluation.metrics import average_precision, roc_auc
from analytics.models import Floats, Labels

TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The figures of whoever knew everything, on the very rows a model is measured on."""

    roc_auc: float
    average_precision: float
    rows: int

    def as_figures(self) -> dict[str, float]:
        """Return the figures by the names that evaluation.evaluate takes."""
        return {"roc_auc": self.roc_auc, "average_precision": self.average_precision}


def churn_chances(
    home_dir: Path, customers: Sequence[str], *, as_of_utc: datetime
) -> Floats | None:
    """Return each customer's exact chance to leave within 90 days; NaN for those without a fate.

    It is that of the last step that began by the moment. None: this home has no truth.
    """
    path = home_dir / TRUTH / "churn.parquet"
    if not path.exists():
        return None
    told = pd.read_parquet(path, columns=["customer_id", "as_of_utc", "churn_probability"])
    told = told[told["as_of_utc"] <= pd.Timestamp(as_of_utc) + pd.Timedelta(seconds=1)]
    newest = told[told["as_of_utc"] == told["as_of_utc"].max()].set_index("customer_id")
    found = newest["churn_probability"].reindex(list(customers))
    return np.asarray(found.to_numpy(np.float64))


def churn_ceiling(
    home_dir: Path, customers: Sequence[str], labels: Labels, *, as_of_utc: datetime
) -> Ceiling | None:
    """Return the figures of the exact chances on these rows; None without truth."""
    chances = churn_chances(home_dir, customers, as_of_utc=as_of_utc)
    if chances is None:
        return None
    return ceiling_of(labels, chances)


def ceiling_of(labels: Labels, chances: Floats) -> Ceiling:
    """Return the figures of chances on the rows where they are known."""
    known = ~np.isnan(chances)
    return Ceiling(
        roc_auc(labels[known], chances[known]),
        average_precision(labels[known], chances[known]),
        int(known.sum()),
    )


def fraud_truth(home_dir: Path) -> pd.DataFrame | None:
    """Return posting_id, customer_id, episode, kind, at_utc of every planted fraud, or None."""
    path = home_dir / TRUTH / "frauds.parquet"
    return pd.read_parquet(path) if path.exists() else None


def fraud_ceiling(home_dir: Path, payment_ids: Sequence[str], labels: Labels) -> Ceiling | None:
    """Return the figures of a detector that knows every planted fraud, judged by the findings."""
    told = fraud_truth(home_dir)
    if told is None:
        return None
    is_planted = np.isin(np.asarray(payment_ids, object), told["posting_id"].to_numpy(object))
    return ceiling_of(labels, is_planted.astype(np.float64))


def drift_at_utc(home_dir: Path) -> datetime | None:
    """Return the day the town changed, or None."""
    path = home_dir / TRUTH / "town.json"
    if not path.exists():
        return None
    told = json.loads(path.read_text(encoding="utf-8"))["drift_at_utc"]
    return datetime.fromisoformat(told) if told else None
