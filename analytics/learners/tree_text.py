"""Forests of scikit-learn, written down as LightGBM text: no pickle, and fast native scoring.

A tree is a tree: splits "x <= threshold", and a number at each leaf. Here the leaves hold a
forest's share of the answer, so that the booster's sum *is* the forest's mean. scikit-learn
compares float32 with float64; whoever scores rounds the matrix to float32 first.

Format: LightGBM's model text, v4; https://github.com/microsoft/LightGBM, src/io/tree.cpp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analytics.models import Floats


@dataclass(frozen=True)
class Tree:
    """One tree. Children below 0 are leaves: ~leaf. A tree without splits has one leaf."""

    features: NDArray[np.int64]
    thresholds: Floats
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    node_values: Floats
    leaf_values: Floats
    node_counts: NDArray[np.int64]
    leaf_counts: NDArray[np.int64]


def tree_of(fitted: Any, values: Floats) -> Tree:
    """Return scikit-learn's `tree_` with `values`, one per node, as what the node says."""
    leaf = fitted.children_left < 0
    # Splits and leaves are counted apart, each in scikit-learn's order; its root comes first.
    place = np.where(leaf, ~(np.cumsum(leaf) - 1), np.cumsum(~leaf) - 1)
    inner = ~leaf
    return Tree(
        features=fitted.feature[inner].astype(np.int64),
        thresholds=fitted.threshold[inner],
        left=place[fitted.children_left[inner]],
        right=place[fitted.children_right[inner]],
        node_values=values[inner],
        leaf_values=values[leaf],
        node_counts=fitted.n_node_samples[inner].astype(np.int64),
        leaf_counts=fitted.n_node_samples[leaf].astype(np.int64),
    )


def written(trees: Sequence[Tree], columns_count: int) -> str:
    """Return the model text."""
    head = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={columns_count - 1}", "objective=regression",
        "feature_names=" + " ".join(f"x{place}" for place in range(columns_count)),
        "feature_infos=" + " ".join(["[-1e308:1e308]"] * columns_count), "",
    ]  # fmt: skip
    parts = [*head, *(_written(number, tree) for number, tree in enumerate(trees))]
    return "\n".join([*parts, "end of trees", "", "parameters:", "end of parameters", ""])


def _written(number: int, tree: Tree) -> str:
    def line(name: str, values: Any) -> str:
        return f"{name}=" + " ".join(repr(value) for value in np.asarray(values).tolist())

    splits = [
        line("split_feature", tree.features),
        line("split_gain", np.zeros(len(tree.features))),
        line("threshold", tree.thresholds),
        # Neither a category nor unknown: gaps are filled before a forest sees them.
        line("decision_type", np.zeros(len(tree.features), dtype=int)),
        line("left_child", tree.left),
        line("right_child", tree.right),
    ]
    nodes = [
        line("internal_value", tree.node_values),
        line("internal_weight", tree.node_counts),
        line("internal_count", tree.node_counts),
    ]
    leaves = [
        line("leaf_value", tree.leaf_values),
        line("leaf_weight", tree.leaf_counts),
        line("leaf_count", tree.leaf_counts),
    ]
    if len(tree.leaf_values) == 1:
        splits, nodes, leaves = [], [], leaves[:1]
    first = [f"Tree={number}", f"num_leaves={len(tree.leaf_values)}", "num_cat=0"]
    return "\n".join([*first, *splits, *leaves, *nodes, "is_linear=0", "shrinkage=1", "", ""])


def paths_of(text: str, columns_count: int) -> tuple[Any, list[int], float]:
    """Return what each leaf's path adds per column, where each tree's leaves begin, and the base.

    A split adds, for its column, the value of the node it leads to minus the node's own; so base
    plus a path's additions is the leaf's value (Saabas 2014). First is a sparse matrix, shape
    (leaves of all trees, columns).
    """
    rows: list[int] = []
    columns: list[int] = []
    added: list[float] = []
    starts, start, base = [], 0, 0.0
    for block in text[: text.index("end of trees")].split("Tree=")[1:]:
        fields = dict(line.partition("=")[::2] for line in block.splitlines() if "=" in line)
        leaf_values = [float(one) for one in fields["leaf_value"].split()]
        starts.append(start)
        if len(leaf_values) == 1:
            base += leaf_values[0]
        else:
            base += _walk(fields, leaf_values, start, (rows, columns, added))
        start += len(leaf_values)
    shape = (start, columns_count)
    return sparse.csr_matrix((added, (rows, columns)), shape=shape), starts, base


def _walk(
    fields: dict[str, str],
    leaf_values: list[float],
    start: int,
    out: tuple[list[int], list[int], list[float]],
) -> float:
    """Note what each path of one tree adds; return the root's value."""
    features = [int(one) for one in fields["split_feature"].split()]
    left = [int(one) for one in fields["left_child"].split()]
    right = [int(one) for one in fields["right_child"].split()]
    values = [float(one) for one in fields["internal_value"].split()]
    waiting: list[tuple[int, dict[int, float]]] = [(0, {})]
    while waiting:
        node, path = waiting.pop()
        if node < 0:
            out[0].extend([start + ~node] * len(path))
            out[1].extend(path)
            out[2].extend(path.values())
            continue
        for child in (left[node], right[node]):
            value = values[child] if child >= 0 else leaf_values[~child]
            feature = features[node]
            step = path.get(feature, 0.0) + value - values[node]
            waiting.append((child, {**path, feature: step}))
    return values[0]
