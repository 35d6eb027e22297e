"""What people of a profile hold, by what the instruments are. Works for who holds nothing yet.

    profile row ──expanded──▶ p      score of instrument i = p · (V f_i + s_i d_i)
    what i is ──────────────▶ f_i        V  how profiles meet features: for a new instrument too
                                         d_i  what is peculiar to i, shrunk by how few hold it

Two ridge regressions in closed form: V on all instruments at once, then d on what V leaves.
Squares and products of a profile's columns are part of p: a risk distance is a square.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats32: TypeAlias = NDArray[np.float32]
#: Holders at which half of what is peculiar to an instrument counts.
_HOLDERS_HALF = 10.0


def expanded(rows: Floats32) -> Floats32:
    """Return 1, the columns, and the products of all pairs of them, shape (n, more)."""
    rows = np.atleast_2d(rows)
    left, right = np.triu_indices(rows.shape[1])
    ones = np.ones((len(rows), 1), np.float32)
    found: Floats32 = np.hstack([ones, rows, rows[:, left] * rows[:, right]]).astype(np.float32)
    return found


def content(rows: Floats32, holdings: Any, features: Floats32, *, strength: float) -> Floats32:
    """Return the weights, shape (expanded columns, instruments).

    rows, holdings: of the same people. features: of the instruments (Catalogue.features).
    strength: the ridge of both regressions, in people.
    """
    assert strength > 0, strength
    p = expanded(rows).astype(np.float64)
    f = features.astype(np.float64)
    gram_p = p.T @ p + strength * np.eye(p.shape[1])
    gram_f = f.T @ f + 0.5 * np.eye(f.shape[1])
    met = np.asarray(holdings.T @ p, np.float64).T
    solve_p = linalg.cho_factor(gram_p)
    v = linalg.solve(gram_f, linalg.cho_solve(solve_p, met @ f).T, assume_a="pos").T
    common = v @ f.T
    own = linalg.cho_solve(solve_p, met - p.T @ (p @ common))
    holders = np.asarray(holdings.sum(axis=0), np.float64).ravel()
    found = common + own * (holders / (holders + _HOLDERS_HALF))[None, :]
    weights: Floats32 = found.astype(np.float32)
    return weights


def scores(rows: Floats32, weights: Floats32) -> Floats32:
    """Return the score of each instrument for each person, shape (people, instruments)."""
    found: Floats32 = expanded(rows) @ weights
    return found
