"""Learning the model of requests from made-up ones, and where its alarm is set.

    making.py ──▶ parts of requests, each once ──▶ logistic regression
              └─▶ ordinary requests, each once, three folds ──▶ threshold: a quantile out of fold

What is positive is the part that holds the attack, not its neighbours; a part that honest requests
have too is none. The threshold comes from ordinary requests only: no attack decides how many honest
requests are alarms. Each counts once, and what all ask every minute (`/robots.txt`) is never left
out of learning, nor counted: the fold that had not learnt it would decide alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from analytics.models import Floats, Labels, Progress, quietly
from analytics.threats.requests import grams
from analytics.threats.requests.making import Made, make_attacks, make_ordinary
from analytics.threats.requests.model import RequestModel, parts_of
from analytics.threats.requests.normalising import PART, normalise, normalise_part
from analytics.threats.requests.signatures import find_hits, load_signatures

#: One honest request in a thousand is an alarm, on rows the model did not learn from.
ALARM_SHARE = 0.001
_FOLDS = 3
_NEVER = -1
#: Asked so often, a request is known; no fold is without it.
_KNOWN_TIMES = 5
#: Inverse strength of the regularisation; chosen with families of attacks left out in turn.
_C = 100.0
_PARAMETER = re.compile(r"[\w.\[\]-]{1,40}=")


def learn_requests(
    *,
    ordinary_count: int = 20_000,
    attacks_count: int = 20_000,
    seed: int = 7,
    own: Sequence[str] = (),
    progress: Progress = quietly,
) -> RequestModel:
    """Learn from made-up requests, and from `own`: targets of a log that is known to be honest."""
    ordinary = [one.target for one in make_ordinary(ordinary_count, seed=seed)] + list(own)
    attacks = make_attacks(attacks_count, seed=seed)
    progress(0.1)
    times = Counter(normalise(target) for target in ordinary)
    texts = sorted(times, key=lambda text: times[text] < _KNOWN_TIMES)  # those always learnt first
    fold_of = np.random.default_rng(seed).integers(0, _FOLDS, len(texts))
    fold_of[[place for place, text in enumerate(texts) if times[text] >= _KNOWN_TIMES]] = _NEVER
    honest: dict[str, int] = {}
    for text, fold in zip(texts, fold_of, strict=True):
        for part in parts_of(text):
            honest.setdefault(part, int(fold))
    hostile = [one for one in dict.fromkeys(map(_attack_part, attacks)) if one not in honest]
    parts = [*honest, *hostile]
    labels = np.array([0] * len(honest) + [1] * len(hostile), dtype=np.int8)
    matrix = matrix_of(parts)
    progress(0.4)
    # Equal parts stand in one fold; hostile ones are dealt.
    folds = np.array([*honest.values(), *(place % _FOLDS for place in range(len(hostile)))])
    found = []
    for fold in range(_FOLDS):
        model = _fit(matrix[folds != fold], labels[folds != fold], seed)
        held = np.flatnonzero(fold_of == fold)
        scored = dict(zip(parts, model.bias + matrix @ _column(model), strict=True))
        found += [max(scored[part] for part in parts_of(texts[row])) for row in held]
        progress(0.4 + 0.15 * (fold + 1))
    whole = _fit(matrix, labels, seed)
    threshold = float(np.quantile(found, 1 - ALARM_SHARE))
    facts = {
        "ordinary_count": ordinary_count, "attacks_count": len(attacks), "parts_count": len(parts),
        "own_count": len(own), "seed": seed, "alarm_share": ALARM_SHARE,
    }  # fmt: skip
    progress(1.0)
    return RequestModel(whole.weights, whole.signatures, whole.bias, threshold, facts)


def matrix_of(parts: Sequence[str]) -> sparse.csr_matrix:
    """Return one row a part: each different run 1/√runs, each signature 1."""
    columns, counts = grams.seen_in(parts)
    values = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts)
    starts = np.concatenate([[0], np.cumsum(counts)])
    runs = sparse.csr_matrix((values, columns, starts), (len(parts), grams.PLACES))
    places = {one.name: place for place, one in enumerate(load_signatures())}
    hits = [[places[hit.name] for hit in find_hits(part)] for part in parts]
    fired = sparse.csr_matrix(
        (np.ones(sum(map(len, hits))), [place for row in hits for place in row],
         np.concatenate([[0], np.cumsum([len(row) for row in hits])])),
        (len(parts), len(places)),
    )  # fmt: skip
    return sparse.hstack([runs, fired], format="csr")


def linear(matrix: sparse.csr_matrix, labels: Labels, seed: int = 7) -> LogisticRegression:
    """Return a fitted learner. matrix: one row a part; labels: 1 is an attack."""
    return LogisticRegression(
        C=_C, solver="liblinear", class_weight="balanced", tol=0.01, max_iter=200, random_state=seed
    ).fit(matrix, labels)


def _fit(matrix: sparse.csr_matrix, labels: Labels, seed: int) -> RequestModel:
    learner = linear(matrix, labels, seed)
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
