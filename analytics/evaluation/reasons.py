"""What the model looks at most: the mean size of each feature's contribution, and its direction.

From Model.contributions on tested rows, so of the very model whose figures are shown. A large
contribution is no cause: it says what the model uses, not what would change the outcome.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.models import Floats, Model
from analytics.tables.columns import Column, Kind
from analytics.tables.values import numbers_of, texts_of

FEATURES_MOST = 10
ROWS_MOST = 400
#: Below this rank correlation, neither high nor low values point one way.
_ONE_WAY = 0.3
_LEVEL_ROWS_LEAST = 10


@dataclass(frozen=True, slots=True)
class Influence:
    """One feature. `share` of all features' mean absolute contributions, 0-1."""

    feature: str
    share: float
    sentence: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def influences(model: Model, table: pd.DataFrame) -> tuple[Influence, ...]:
    """Return the features the model uses most on these rows, the strongest first."""
    some = table.iloc[:ROWS_MOST]
    added, _ = model.contributions(some)
    sizes = np.abs(added).mean(axis=0)
    total = float(sizes.sum())
    if total == 0:
        return ()
    columns = model.schema.columns
    found = []
    for place in np.argsort(-sizes, kind="stable")[:FEATURES_MOST]:
        column = columns[int(place)]
        sentence = _sentence(column, some[column.name], added[:, place])
        found.append(Influence(column.name, float(sizes[place]) / total, sentence))
    return tuple(found)


def _sentence(column: Column, cells: pd.Series, added: Floats) -> str:
    if column.kind is Kind.CATEGORY:
        texts = texts_of(cells).astype(str)
        levels, counts = np.unique(texts, return_counts=True)
        means = {
            str(level): float(added[texts == level].mean())
            for level, count in zip(levels, counts, strict=True)
            if count >= _LEVEL_ROWS_LEAST
        }
        if len(means) < 2:
            return "differs by level"
        most, least = max(means, key=means.__getitem__), min(means, key=means.__getitem__)
        return f"most likely at {most or 'unknown'}, least at {least or 'unknown'}"
    numbers = numbers_of(cells)
    known = np.isfinite(numbers)
    if known.sum() < _LEVEL_ROWS_LEAST or not numbers[known].std() or not added[known].std():
        return "goes both ways"
    ranks = [pd.Series(one[known]).rank().to_numpy() for one in (numbers, added)]
    together = float(np.corrcoef(ranks[0], ranks[1])[0, 1])
    if abs(together) < _ONE_WAY:
        return "goes both ways"
    if column.kind is Kind.FLAG:
        return "more likely where it is so" if together > 0 else "less likely where it is so"
    return "more likely at high values" if together > 0 else "more likely at low values"
