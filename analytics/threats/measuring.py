"""Figures of both models: the same for the command, the tests and the benchmark.

flows      roc_auc   accuracy, fpr, recall at the model's own threshold   recall of new kinds
requests   recall at 0.1 % and 1 % of ordinary requests alarmed, and at its own threshold
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.evaluation.metrics import roc_auc
from analytics.models import Floats
from analytics.threats.flows.model import FlowModel
from analytics.threats.requests.making import make_attacks, make_ordinary
from analytics.threats.requests.model import RequestModel
from analytics.threats.requests.normalising import normalise

_ASIDE_SEED = 1_000


def flow_figures(
    model: FlowModel, table: pd.DataFrame, kinds: NDArray[Any], *, normal: str,
    known: frozenset[str] | None = None,
) -> dict[str, float]:  # fmt: skip
    """Return figures of a table with labels.

    known: kinds the model learnt from; None: what its facts say, and all where they do not.
    """
    scores = model.scores(table)
    if known is None:
        known = frozenset(model.facts.get("kinds", kinds.tolist()))
    return figures_of(scores > model.threshold, scores, kinds, normal=normal, known=known)


def figures_of(
    alarms: NDArray[np.bool_], scores: Floats, kinds: NDArray[Any], *, normal: str,
    known: frozenset[str],
) -> dict[str, float]:  # fmt: skip
    """Return figures of alarms and scores, shapes (n,)."""
    attacks = kinds != normal
    new = attacks & ~np.isin(kinds.astype(str), sorted(known))
    return {
        "roc_auc": roc_auc(attacks.astype(np.int8), scores),
        "accuracy": float((alarms == attacks).mean()),
        "fpr": _share(alarms, ~attacks),
        "recall": _share(alarms, attacks),
        "recall_new_kinds": _share(alarms, new),
        "new_kinds_rows": int(new.sum()),
    }


def request_figures(model: RequestModel, *, count: int = 20_000) -> dict[str, float]:
    """Return figures on made-up requests of grammars that teach, and of those kept aside."""
    found: dict[str, float] = {}
    for name, aside in (("same_families", False), ("kept_aside", True)):
        ordinary = make_ordinary(count, seed=_ASIDE_SEED, aside=aside)
        attacks = make_attacks(count, seed=_ASIDE_SEED, aside=aside)
        honest = scores_of(model, [one.target for one in ordinary])
        hostile = scores_of(model, [one.target for one in attacks])
        for told, share in (("fpr_01pct", 0.001), ("fpr_1pct", 0.01)):
            found[f"{name}_recall_at_{told}"] = recall_at(honest, hostile, fpr=share)
        found[f"{name}_recall_at_threshold"] = float((hostile > model.threshold).mean())
        found[f"{name}_fpr_at_threshold"] = float((honest > model.threshold).mean())
    return found


def scores_of(model: RequestModel, targets: Sequence[str]) -> Floats:
    """Return the score of each target as sent, shape (n,)."""
    return model.scores([normalise(target) for target in targets])


def recall_at(honest: Floats, hostile: Floats, *, fpr: float) -> float:
    """Return the share of hostile scores above the lowest threshold that `fpr` of honest pass."""
    # "higher": no more than the share may alarm, also where many honest scores are equal.
    threshold = np.quantile(honest, 1 - fpr, method="higher")
    return float((hostile > threshold).mean())


def _share(alarms: NDArray[np.bool_], rows: NDArray[np.bool_]) -> float:
    return float(alarms[rows].mean()) if rows.any() else float("nan")
