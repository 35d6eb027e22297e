"""Learning the model of requests from made-up ones, and where its alarm is set.

    making.py ──▶ parts of requests, each once ──▶ logistic regression (averaged SGD)
              └─▶ ordinary requests, three folds ──▶ threshold: a quantile of scores out of fold

What is positive is the part that holds the attack, not its neighbours. The threshold comes from
ordinary requests only: no attack decides how many honest requests are alarms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import SGDClassifier

from analytics.models import Floats, Labels, Progress, quietly
from analytics.threats.requests import grams
from analytics.threats.requests.making import Made, make_attacks, make_ordinary
from analytics.threats.requests.model import RequestModel, parts_of
from analytics.threats.requests.normalising import PART, normalise, normalise_part
from analytics.threats.requests.signatures import find_hits, load_signatures

#: One honest request in two thousand is an alarm, on rows the model did not learn from.
ALARM_SHARE = 0.0005
_FOLDS = 3
_EPOCHS = 12
_SHRINK = 3e-6
_PARAMETER = re.compile(r"[\w.\[\]-]{1,40}=")


def learn_requests(
    *,
    ordinary_count: int = 40_000,
    attacks_count: int = 40_000,
    seed: int = 7,
    own: Sequence[str] = (),
    progress: Progress = quietly,
) -> RequestModel:
    """Learn from made-up requests, and from `own`: targets of a log that is known to be honest."""
    ordinary = [one.target for one in make_ordinary(ordinary_count, seed=seed)] + list(own)
    attacks = make_attacks(attacks_count, seed=seed)
    progress(0.1)
    texts = [normalise(target) for target in ordinary]
    fold_of = np.random.default_rng(seed).integers(0, _FOLDS, len(texts))
    honest: dict[str, int] = {}
    for text, fold in zip(texts, fold_of, strict=True):
        for part in parts_of(text):
            honest.setdefault(part, int(fold))
    hostile = list(dict.fromkeys(_attack_part(one) for one in attacks))
    parts = [*honest, *hostile]
    labels = np.array([0] * len(honest) + [1] * len(hostile), dtype=np.int8)
    matrix = matrix_of(parts)
    progress(0.4)
    # Equal parts stand in one fold; hostile ones are dealt.
    folds = np.array([*honest.values(), *(place % _FOLDS for place in range(len(hostile)))])
    found = np.zeros(len(texts))
    for fold in range(_FOLDS):
        model = _fit(matrix[folds != fold], labels[folds != fold], seed)
        held = np.flatnonzero(fold_of == fold)
        scored = dict(zip(parts, model.bias + matrix @ _column(model), strict=True))
        found[held] = [max(scored[part] for part in parts_of(texts[row])) for row in held]
        progress(0.4 + 0.15 * (fold + 1))
    whole = _fit(matrix, labels, seed)
    threshold = float(np.quantile(found, 1 - ALARM_SHARE))
    facts = {
        "ordinary_count": len(texts), "attacks_count": len(attacks), "parts_count": len(parts),
        "own_count": len(own), "seed": seed, "alarm_share": ALARM_SHARE,
    }  # fmt: skip
    progress(1.0)
    return RequestModel(whole.weights, whole.signatures, whole.bias, threshold, facts)


def matrix_of(parts: Sequence[str]) -> sparse.csr_matrix:
    """Return one row a part: each different run 1/√runs, each signature 1."""
    places = {one.name: grams.PLACES + number for number, one in enumerate(load_signatures())}
    columns: list[NDArray[np.int64]] = []
    values: list[Floats] = []
    for part in parts:
        seen = grams.seen(part)
        hits = np.array([places[hit.name] for hit in find_hits(part)], dtype=np.int64)
        columns.append(np.concatenate([seen, hits]))
        values.append(
            np.concatenate([np.full(len(seen), 1 / np.sqrt(max(1, len(seen)))), np.ones(len(hits))])
        )
    starts = np.concatenate([[0], np.cumsum([len(one) for one in columns])])
    shape = (len(parts), grams.PLACES + len(places))
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(columns), starts), shape)


def _fit(matrix: sparse.csr_matrix, labels: Labels, seed: int) -> RequestModel:
    learner = SGDClassifier(
        loss="log_loss", alpha=_SHRINK, max_iter=_EPOCHS, tol=None, average=True,
        class_weight="balanced", random_state=seed,
    ).fit(matrix, labels)  # fmt: skip
    weights = np.asarray(learner.coef_[0], dtype=np.float64)
    names = [one.name for one in load_signatures()]
    signatures = dict(zip(names, map(float, weights[grams.PLACES :]), strict=True))
    return RequestModel(weights[: grams.PLACES], signatures, float(learner.intercept_[0]), 0.0)


def _column(model: RequestModel) -> Floats:
    return np.concatenate([model.weights, np.array(list(model.signatures.values()))])


def _attack_part(made: Made) -> str:
    """Return the part that holds an attack, as the model sees it."""
    is_parameter = "?" in made.target and _PARAMETER.match(made.part) is not None
    text = normalise_part(made.part.split("&")[0] if is_parameter else made.part, plus=is_parameter)
    return parts_of(f"/{PART}{text}")[1] if is_parameter else text
