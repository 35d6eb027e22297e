"""A small world whose effects are known: persuadables, sure things, lost causes, sleeping dogs.

    chance without = 0.15 + 0.25·lonely + 0.10·is_new                 (of leaving)
    effect         = −0.18 if fees else +0.03, ×2 for the new         (treatment a)
                     −0.10 if lonely else 0                           (treatment b)

`noise_1 … noise_3` say nothing. Columns carry their names, so a failing test can be read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.tables.columns import Column, Kind, Schema

SCHEMA = Schema(
    (
        Column("fees", Kind.FLAG),
        Column("lonely", Kind.NUMBER),
        Column("is_new", Kind.FLAG),
        Column("channel", Kind.CATEGORY, levels=("app", "branch", "web")),
        Column("noise_1", Kind.NUMBER),
        Column("noise_2", Kind.NUMBER),
    )
)
ARMS = ("none", "a", "b")


@dataclass(frozen=True)
class World:
    table: pd.DataFrame
    arm: np.ndarray
    outcome: np.ndarray
    #: P(leaves) without, shape (n,), and the true effects of a and b, shape (n, 2).
    without: np.ndarray
    effect: np.ndarray
    #: P(arm), shape (n, 3).
    propensity: np.ndarray


def a_world(n=2_000, *, seed=1, arms=2, chosen=False, scale=1.0) -> World:
    """Return n people. chosen: staff treat those with fees more often, so lots were not equal."""
    rng = np.random.default_rng(seed)
    fees, is_new = rng.random(n) < 0.5, rng.random(n) < 0.4
    lonely = rng.random(n)
    table = pd.DataFrame(
        {
            "fees": fees.astype(float),
            "lonely": lonely,
            "is_new": is_new.astype(float),
            "channel": rng.choice(["app", "branch", "web"], n),
            "noise_1": rng.normal(size=n),
            "noise_2": rng.exponential(size=n),
        }
    )
    without = 0.15 + 0.25 * lonely + 0.10 * is_new
    first = np.where(fees, -0.18, 0.03) * np.where(is_new, 1.3, 0.9)
    effect = scale * np.column_stack([first, np.where(lonely > 0.5, -0.10, 0.0)])
    share = np.where(fees, 0.7, 0.3) if chosen else np.full(n, 0.5)
    propensity = np.column_stack([1 - share, share, np.zeros(n)])
    if arms == 3:
        propensity = np.full((n, 3), 1 / 3)
    edges = np.cumsum(propensity, axis=1)
    arm = (rng.random(n)[:, None] > edges[:, :2]).sum(axis=1)
    arm = np.minimum(arm, arms - 1)
    moved = np.where(arm == 0, 0.0, effect[np.arange(n), np.maximum(arm - 1, 0)])
    outcome = (rng.random(n) < np.clip(without + moved, 0.01, 0.99)).astype(int)
    return World(table, arm, outcome, without, effect, propensity[:, :arms])
