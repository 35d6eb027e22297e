"""Drawing a few examples of every category: "what if a bank had only ten sentences of each?"

    10,003 sentences, 77 intents ─▶ 10 of each, drawn by a seed ─▶ train ─▶ the whole test table

Seeds are 0, 1, 2 …; the mean and the spread over them are what the literature reports.
"""

from __future__ import annotations

from collections import defaultdict
from statistics import mean, pstdev
from typing import Any

import numpy as np

Rows = list[tuple[str, str]]


def draw(rows: Rows, shots_count: int, *, seed: int) -> Rows:
    """Return `shots_count` rows of every category, or all it has; same seed → same rows."""
    by_category: dict[str, Rows] = defaultdict(list)
    for place in np.random.default_rng(seed).permutation(len(rows)):
        text, category = rows[place]
        if len(by_category[category]) < shots_count:
            by_category[category].append((text, category))
    return [row for category in sorted(by_category) for row in by_category[category]]


def averaged(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of every number; `accuracy_spread` is its standard deviation."""
    figures = {
        name: round(mean(run[name] for run in runs), 4)
        if isinstance(value, (int, float)) else value
        for name, value in runs[0].items()
        if name != "confused"
    }  # fmt: skip
    spread = pstdev(run["accuracy"] for run in runs)
    return {"draws": len(runs), **figures, "accuracy_spread": round(spread, 4)}
