"""What is held together: from what somebody holds to what goes with it.

    holdings (people × instruments, 0 or 1) ──▶ gram ──┬── EASE ────▶ weights, each to each
                                                       └── item-kNN ─▶ the same, by cosine
    held · weights (+ told · weights) = scores

EASE (Steck 2019, "Embarrassingly shallow autoencoders for sparse data"): the linear model that
tells each holding from the others, in closed form: B = I − P / diag(P), P = (G + λI)⁻¹. What people
told stands beside their holdings in G, which makes one model of both. With a few
hundred instruments it takes a tenth of a second. Implicit ALS was measured beside it and is not
kept: docs/cards/advice.md.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

Weights: TypeAlias = NDArray[np.float32]
#: People × instruments, 1 where held, in CSR.
Holdings: TypeAlias = Any


def ease(
    holdings: Holdings,
    told: Weights | None = None,
    *,
    strength: float,
    told_strength: float = 30.0,
) -> tuple[Weights, Weights]:
    """Return EASE's weights: of holdings, shape (n, n), zero on the diagonal, and of `told`.

    told: what else is known of each person, shape (people, columns); it helps to tell holdings and
    is not told itself, so who holds nothing has scores too. strength, told_strength: λ, in people.
    The second weights are of shape (columns, n), with no row where nothing is told.
    """
    assert strength > 0, strength
    assert told_strength > 0, told_strength
    count = holdings.shape[1]
    gram = _gram(holdings)
    gram[np.diag_indices_from(gram)] += strength
    if told is not None:
        side = told.astype(np.float64)
        met = np.asarray(holdings.T @ side, np.float64)
        gram = np.block(
            [[gram, met], [met.T, side.T @ side + told_strength * np.eye(side.shape[1])]]
        )
    inverse = linalg.cho_solve(linalg.cho_factor(gram, lower=True), np.eye(len(gram)))
    weights = -inverse[:, :count] / np.diag(inverse)[None, :count]
    weights[np.diag_indices(count)] = 0.0
    return weights[:count].astype(np.float32), weights[count:].astype(np.float32)


def item_knn(holdings: Holdings, *, shrink: float, count: int) -> Weights:
    """Return cosine weights, shape (n, n): of each instrument the `count` most alike are kept,
    and those as much alike as the last of them.

    shrink: a pair that few people hold counts for less, as if so many more held one of the two.
    """
    gram = _gram(holdings)
    popular = np.diag(gram).copy()
    cosine = gram / (np.sqrt(np.outer(popular, popular)) + shrink)
    np.fill_diagonal(cosine, 0.0)
    if count < len(cosine):
        least = -np.partition(-cosine, count - 1, axis=0)[count - 1]
        cosine[cosine < least[None, :]] = 0.0
    return cosine.astype(np.float32)


def scores(held: Holdings, weights: Weights) -> Weights:
    """Return the score of each instrument for each person, shape (people, n)."""
    return np.asarray(held @ weights, np.float32)


def _gram(holdings: Holdings) -> NDArray[np.float64]:
    """Return how many people hold both of two instruments, shape (n, n)."""
    as_floats = sparse.csr_array(holdings, dtype=np.float64)
    return np.asarray((as_floats.T @ as_floats).todense(), np.float64)
