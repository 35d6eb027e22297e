"""CatBoost's symmetric trees, quick for one row: a few gathers, and reasons from a table.

    tree     bit 0: x7 > 3.1    bit 1: x2 > 0.5   …      the same question all along a level, so
    leaf     Σ bit << level                              the bits are the leaf's number

CatBoost scores a million rows a second, but asks 170 µs for one row and 10 ms for its reasons.
In a symmetric tree reasons depend on the leaf alone: the Shapley values of a tree's splits (Shapley
1953; Lundberg, Lee 2018) are worked out once for every leaf when a model is loaded, and a row's
reasons are as many gathers as its score. Each split is a player of its own; a feature's reason is
the sum of its splits'.

Unknown (NaN) answers every question with no, as CatBoost's "Min" does. Stored in CatBoost's JSON.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from itertools import combinations
from math import factorial
from pathlib import Path
from typing import Any, ClassVar, Self

import catboost
import numpy as np
from numpy.typing import NDArray

from analytics.errors import BrokenModel
from analytics.models import Floats

_PIECE_ROWS = 32_768


class Symmetric:
    """A fitted member: CatBoost for many rows, arrays of the same trees for one."""

    kind: ClassVar[str] = "symmetric"

    def __init__(self, text: str) -> None:
        """text: CatBoost's JSON. Raises BrokenModel: not symmetric trees of numbers."""
        self._text = text
        try:
            written = json.loads(text)
            trees = written["oblivious_trees"]
            self._features_count = len(written["features_info"]["float_features"])
            scale, (bias,) = written["scale_and_bias"]
            self._depth = max(len(tree["splits"] or ()) for tree in trees)
            read = [_tree(tree, self._depth) for tree in trees]
        except (KeyError, TypeError, ValueError) as fault:
            raise BrokenModel("Not a CatBoost model of symmetric trees over numbers.") from fault
        self._asked = np.concatenate([asked for asked, *_ in read])
        self._borders = np.concatenate([borders for _, borders, *_ in read]).astype(np.float32)
        self._values = scale * np.stack([values for *_, values, _ in read])
        self._bias = float(bias)
        self._first = np.arange(len(trees)) << self._depth
        self._powers = 1 << np.arange(self._depth)
        self._flat = self._values.ravel()
        self._shapley, self._mean = _shapley(self._values, np.stack([each for *_, each in read]))
        self._model = catboost.CatBoost()
        with tempfile.TemporaryDirectory() as folder:  # a blob is read as CatBoost's binary form
            file = Path(folder) / "model.json"
            file.write_text(text, encoding="utf-8")
            self._model.load_model(str(file), format="json")

    @classmethod
    def of(cls, model: catboost.CatBoost) -> Self:
        """Take a fitted CatBoost over."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "model.json"
            model.save_model(str(file), format="json")
            return cls(file.read_text(encoding="utf-8"))

    def log_odds(self, matrix: Floats) -> Floats:
        if len(matrix) == 1:
            return np.array([self._flat[self._leaves(matrix[0])].sum() + self._bias])
        # CatBoost reads a feature of many rows after the other: laid out so, it is twice as fast.
        # Laid out otherwise, pieces are turned around while they are still in the cache.
        rows: Any = np.asarray(matrix, np.float32)
        if rows.flags.f_contiguous or not len(rows):
            return self._predicted(rows)
        starts = range(0, len(rows), _PIECE_ROWS)
        return np.concatenate(
            [self._predicted(np.asfortranarray(rows[at : at + _PIECE_ROWS])) for at in starts]
        )

    def contributions(self, matrix: Floats) -> tuple[Floats, Floats]:
        parts = np.empty((len(matrix), self._features_count))
        for place, row in enumerate(matrix):
            each = self._shapley[self._leaves(row)]
            parts[place] = np.bincount(self._asked, each.ravel(), self._features_count)
        return parts, np.full(len(matrix), self._mean + self._bias)

    def save(self, stem: Path) -> list[Path]:
        path = stem.with_suffix(".json")
        path.write_text(self._text, encoding="utf-8")
        return [path]

    @classmethod
    def load(cls, stem: Path) -> Self:
        return cls(stem.with_suffix(".json").read_text(encoding="utf-8"))

    def _predicted(self, rows: Any) -> Floats:
        found = self._model.predict(rows, prediction_type="RawFormulaVal", thread_count=1)
        return np.asarray(found, np.float64)

    def _leaves(self, row: Floats) -> NDArray[np.int64]:
        """Return the place of the row's leaf of each tree, among the leaves of all."""
        bits = np.asarray(row, np.float32)[self._asked] > self._borders
        found = bits.reshape(-1, self._depth) @ self._powers + self._first
        return np.asarray(found)


def _tree(tree: dict[str, Any], depth: int) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Return a tree's features, borders, leaf values and weights, filled up to one depth."""
    splits = tree["splits"] or []
    if any(split["split_type"] != "FloatFeature" for split in splits):
        raise ValueError(splits)
    asked = np.zeros(depth, np.int64)
    borders = np.full(depth, np.inf)
    for level, split in enumerate(splits):
        asked[level], borders[level] = split["float_feature_index"], split["border"]
    values, weights = np.zeros(1 << depth), np.zeros(1 << depth)
    values[: 1 << len(splits)] = tree["leaf_values"]
    weights[: 1 << len(splits)] = tree["leaf_weights"]
    return asked, borders, values, weights


def _shapley(values: Floats, weights: Floats) -> tuple[Floats, float]:
    """Return the splits' Shapley values of each leaf, shape (trees · leaves, depth), and the mean.

    values, weights: shape (trees, leaves). What a split adds is the change of the mean leaf value
    when its answer becomes known, averaged over the orders in which answers may become known; an
    unknown answer is averaged by the training rows that gave it.
    """
    trees, leaves = values.shape
    depth = leaves.bit_length() - 1
    shape = (trees, *(2,) * depth)
    levels = range(depth)
    shares = [_shares(weights.reshape(shape), axis + 1) for axis in levels]

    def expected(known: Sequence[int]) -> Floats:
        found = values.reshape(shape)
        for axis in reversed(levels):
            if axis not in known:
                found = (found * shares[axis]).sum(axis=axis + 1, keepdims=True)
        return found

    means = {
        known: expected(known)
        for count in range(depth + 1)
        for known in combinations(levels, count)
    }
    out = np.zeros((*shape, depth))
    for known, mean in means.items():
        for axis in set(levels) - set(known):
            size = len(known)
            weight = factorial(size) * factorial(depth - size - 1) / factorial(depth)
            more = means[tuple(sorted((*known, axis)))]
            # The first axis is the highest bit; columns are in order of levels.
            out[..., depth - 1 - axis] += weight * (more - mean)
    return out.reshape(trees * leaves, depth), float(means[()].sum())


def _shares(weights: Floats, axis: int) -> Floats:
    """Return the share of rows that answer no and yes at a level, given the levels before it."""
    later = tuple(range(axis + 1, weights.ndim))
    reached = weights.sum(axis=later, keepdims=True)
    total = reached.sum(axis=axis, keepdims=True)
    return np.where(total > 0, reached / np.where(total > 0, total, 1), 0.5)
