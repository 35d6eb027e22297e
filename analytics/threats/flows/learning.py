"""Learning from connections: members, how rare their scores are among normal rows, a threshold.

    rows ──▶ 3 folds ──▶ each member on two, scores the third ──▶ normal rows only:
                                                                       reference, threshold
         ──▶ each member on all rows ──▶ FlowModel

    forest        random forest; each kind of attack weighs alike, however many rows it has
    wide_forest   a quarter of the columns at each split; kinds weigh the root of their rows
    autoencoder   normal rows only
    isolation     normal rows only

Why weights: in a table of attacks one kind is 70 % of all and another has three rows; without
weights the small kinds, which are like what comes next, teach nothing. Threshold and references
never see an attack, so they stay what they say: the share of honest rows that alarm. Without
labels only the last two learn.
How members and weights were chosen: docs/cards/threats.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from analytics.errors import CannotLearn
from analytics.learners.encoding import Encoder
from analytics.learners.forests import Forest, Isolation
from analytics.learners.members import Member
from analytics.models import Floats, Labels, Progress, quietly
from analytics.tables.columns import Schema
from analytics.threats.flows.autoencoder import Autoencoder
from analytics.threats.flows.deep import DeepAutoencoder, DeepClassifier
from analytics.threats.flows.expanding import quick
from analytics.threats.flows.fusion import Reference, fused
from analytics.threats.flows.model import FlowModel, FlowPart

FOLDS = 3
NORMAL_ROWS_LEAST = 200
ATTACK_ROWS_LEAST = 20
#: The share of normal rows, out of fold, that may alarm.
ALARM_SHARE = 0.05


@dataclass(frozen=True)
class Ingredient:
    """A member to be learnt, and how much its rank counts.

    balance: 0 all attacks weigh alike, 1 all kinds of attack do. on_normals: it sees no attack.
    """

    name: str
    learner: Any
    weight: float
    balance: float = 0.0
    on_normals: bool = False


SUPERVISED = (
    Ingredient("forest", Forest(trees_count=100, leaf_rows=1), 2.0, balance=1.0),
    Ingredient("wide_forest", Forest(trees_count=60, leaf_rows=2, columns=0.25), 1.0, balance=0.5),
    Ingredient("autoencoder", Autoencoder(), 1.0, on_normals=True),
)
UNSUPERVISED = (
    Ingredient("autoencoder", Autoencoder(), 1.0, on_normals=True),
    Ingredient("isolation", Isolation(), 0.5, on_normals=True),
)
#: What the extra `deep` can learn beside them, by the name `--with` takes. On NSL-KDD they change
#: little (docs/benchmarks.md), and the forests stand alone where nobody asks for them.
DEEP = {
    "autoencoder": Ingredient("deep_autoencoder", DeepAutoencoder(), 1.0, on_normals=True),
    "network": Ingredient("network", DeepClassifier(), 1.0, balance=0.5),
}


def learn_flows(
    table: pd.DataFrame,
    kinds: NDArray[Any] | None,
    schema: Schema,
    *,
    normal: str = "normal",
    ingredients: Sequence[Ingredient] | None = None,
    alarm_share: float = ALARM_SHARE,
    seed: int = 7,
    progress: Progress = quietly,
) -> FlowModel:
    """Learn a model of connections.

    kinds: what each row is, shape (n,): `normal`, or the name of an attack; None: no labels, and
    the table is taken as mostly normal. Raises CannotLearn: too few rows, FeatureMismatch.
    """
    labels = (
        np.zeros(len(table), dtype=np.int8)
        if kinds is None
        else np.asarray(kinds != normal, dtype=np.int8)
    )
    used = _usable(labels, kinds, ingredients, normal)
    encoder = Encoder.fit(table, schema)
    matrix = encoder.matrix(table)
    rows = _Rows(matrix, labels, kinds, normal, encoder.schema, seed)
    with threadpool_limits(1):
        held = _out_of_fold(used, rows, progress)
        parts = []
        for place, one in enumerate(used):
            member = _fit(one, rows, np.ones(len(labels), dtype=bool))
            parts.append(FlowPart(one.name, member, one.weight, Reference.of(held[one.name])))
            progress(0.8 + 0.2 * (place + 1) / len(used))
    ranks = [part.reference.ranks(held[part.name]) for part in parts]
    normal_scores = fused(ranks, [part.weight for part in parts])
    threshold = float(np.quantile(normal_scores, 1 - alarm_share))
    facts = {
        "rows_count": len(labels), "attacks_count": int(labels.sum()), "normal": normal,
        "alarm_share": alarm_share, "seed": seed,
        "kinds": [] if kinds is None else sorted(map(str, set(kinds.tolist()))),
        "members": {one.name: one.learner.settings() for one in used},
    }  # fmt: skip
    return FlowModel(encoder, tuple(parts), threshold, facts)


def weights_of(kinds: NDArray[Any], *, normal: str, balance: float) -> Floats:
    """Return a weight a row: 1 for normal rows; a kind of n attacks weighs n ** (1 - balance).

    All attacks together weigh as much as all normal rows.
    """
    _, places, counts = np.unique(kinds.astype(str), return_inverse=True, return_counts=True)
    weights = np.asarray(counts[places], dtype=np.float64) ** -balance
    attacks = kinds != normal
    weights[attacks] *= (~attacks).sum() / weights[attacks].sum()
    weights[~attacks] = 1.0
    return np.asarray(weights)


@dataclass(frozen=True)
class _Rows:
    matrix: Floats
    labels: Labels
    kinds: NDArray[Any] | None
    normal: str
    schema: Schema
    seed: int


def _usable(
    labels: Labels,
    kinds: NDArray[Any] | None,
    ingredients: Sequence[Ingredient] | None,
    normal: str,
) -> Sequence[Ingredient]:
    normal_count, attacks_count = int((labels == 0).sum()), int(labels.sum())
    if normal_count < NORMAL_ROWS_LEAST:
        raise CannotLearn(
            f"{normal_count} rows are {normal}; at least {NORMAL_ROWS_LEAST} say what is normal."
        )
    if kinds is not None and attacks_count < ATTACK_ROWS_LEAST:
        raise CannotLearn(
            f"{attacks_count} rows are attacks; leave the labels away or bring {ATTACK_ROWS_LEAST}."
        )
    if ingredients is not None:
        return ingredients
    return SUPERVISED if kinds is not None else UNSUPERVISED


def _fit(one: Ingredient, rows: _Rows, chosen: NDArray[np.bool_]) -> Member:
    if one.on_normals:
        chosen = chosen & (rows.labels == 0)
    extra: dict[str, Any] = {}
    if one.balance and rows.kinds is not None:
        kinds = rows.kinds[chosen]
        extra["weights"] = weights_of(kinds, normal=rows.normal, balance=one.balance)
    member: Member = one.learner.fit(
        rows.matrix[chosen], rows.labels[chosen], rows.schema, seed=rows.seed, **extra
    )
    return quick(member)


def _out_of_fold(used: Sequence[Ingredient], rows: _Rows, progress: Progress) -> dict[str, Floats]:
    """Return each member's scores of the normal rows, none of which it learnt from."""
    folds = np.random.default_rng(rows.seed).integers(0, FOLDS, len(rows.labels))
    normal = rows.labels == 0
    found = {one.name: np.zeros(len(rows.labels)) for one in used}
    done = 0
    for fold in range(FOLDS):
        held = (folds == fold) & normal
        for one in used:
            member = _fit(one, rows, folds != fold)
            found[one.name][held] = member.log_odds(rows.matrix[held])
            done += 1
            progress(0.8 * done / (FOLDS * len(used)))
    return {name: scores[normal] for name, scores in found.items()}
