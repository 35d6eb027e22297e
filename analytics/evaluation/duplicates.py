"""The same row learnt from and tested on: the way in which an honest model looks a prophet.

    oversampled before the split:   A A A B  │ fold │  A B      A was learnt, so A is "predicted"

Exact copies happen in tables of few coarse columns too, in both classes alike. Copies that sit
mostly in the rarer class were made: somebody balanced the table before it was split.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.evaluation.leakage import Warned
from analytics.evaluation.protocols import Split
from analytics.models import Labels

#: Share of tested rows with a copy among those learnt from that is worth a word.
_SHARE_MOST = 0.01
_OVERSAMPLED_LEAST = 0.2
_OVERSAMPLED_RATIO = 4.0
_ROWS_SHOWN = 10


def probe_duplicates(
    table: pd.DataFrame,
    labels: Labels,
    splits: Sequence[Split],
    *,
    features: tuple[str, ...],
    ids: tuple[str, ...] = (),
) -> tuple[Warned, ...]:
    """Return a warning if rows of a split's test side are copies of rows it was learnt from.

    A copy has the same features and label. ids: columns that name a row's owner; where they are
    the same on both sides of a split, the owner was learnt from.
    """
    codes = _codes(table.loc[:, list(features)])
    copied = np.zeros(len(table), bool)
    tested = np.zeros(len(table), bool)
    for split in splits:
        if split.repeat:
            continue
        both = 2 * codes + labels
        copied[split.test_rows] = np.isin(both[split.test_rows], both[split.train_rows])
        tested[split.test_rows] = True
    found = list(_warned(copied, tested, labels))
    for name in ids:
        found += _owners(name, table, splits)
    return tuple(found)


def _warned(copied: NDArray[np.bool_], tested: NDArray[np.bool_], labels: Labels) -> list[Warned]:
    share = float(copied[tested].mean())
    in_class = [float(copied[tested & (labels == label)].mean()) for label in (0, 1)]
    rows = tuple(int(row) + 1 for row in np.flatnonzero(copied)[:_ROWS_SHOWN])
    most, least = max(in_class), min(in_class)
    if most > _OVERSAMPLED_LEAST and most > _OVERSAMPLED_RATIO * least:
        which, other = (
            ("positives", "negatives") if in_class[1] == most else ("negatives", "positives")
        )
        return [
            Warned(
                "oversampled", "",
                f"{100 * most:.0f} % of the tested {which} are exact copies of rows learnt from, "
                f"{100 * least:.1f} % of the {other}: the table was oversampled before the split. "
                "Figures are far too high; bring the table as it was.",
                rows,
            )
        ]  # fmt: skip
    if share > _SHARE_MOST:
        return [
            Warned(
                "duplicates", "",
                f"{100 * share:.1f} % of the tested rows are exact copies of rows learnt from, "
                f"the first is row {rows[0]}. Keep one of each, or keep copies on one side: "
                "--group.",
                rows,
            )
        ]  # fmt: skip
    return []


def _owners(name: str, table: pd.DataFrame, splits: Sequence[Split]) -> list[Warned]:
    values, _ = pd.factorize(table[name])
    for split in splits:
        both = np.isin(values[split.test_rows], values[split.train_rows])
        both &= values[split.test_rows] >= 0
        if both.any():
            rows = tuple(int(row) + 1 for row in split.test_rows[both][:_ROWS_SHOWN])
            return [
                Warned(
                    "duplicates", name,
                    f"In {split.name}, {int(both.sum())} tested rows have a {name} that is learnt "
                    f"from too, the first is row {rows[0]}: --group {name} keeps them on one side.",
                    rows,
                )
            ]  # fmt: skip
    return []


def _codes(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return a number for each row, equal where all cells are equal."""
    hashed = pd.util.hash_pandas_object(table, index=False)
    return np.asarray(pd.factorize(hashed)[0], dtype=np.int64)
