"""Cutting a column into a few named parts, for slices: age in bands, numbers in quarters.

age      under 25 · 25–34 · … · 65 and over
number   a few values: each; else four parts of about equal size
text     its most frequent levels, and "other"
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.tables.values import numbers_of, texts_of

LEVELS_MOST = 8
_FEW_VALUES = 6
_AGE = re.compile(r"(?:^|[_\s-])age(?:$|[_\s-])|^age", re.IGNORECASE)
_AGE_EDGES = (25, 35, 45, 55, 65)
#: What most banks must look at, by the column's name.
_WORTH_A_LOOK = re.compile(
    r"(?:^|[_\s-])(?:age|tenure|segment|gender|sex|senior\s?citizen|geography|country|region|"
    r"nationality|marital|education|contract|channel|language)(?:$|[_\s-])",
    re.IGNORECASE,
)
SLICES_MOST = 6
UNKNOWN = "unknown"


def worth_slicing(table: pd.DataFrame, *, target: str) -> tuple[str, ...]:
    """Return the columns whose names say that a slice is owed: age, tenure, segment, gender …"""
    spelt = {
        str(name): re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(name))
        for name in table.columns
        if name != target
    }
    found = [name for name, words in spelt.items() if _WORTH_A_LOOK.search(words)]
    return tuple(name for name in found if len(table[name].dropna().unique()) > 1)[:SLICES_MOST]


def bands_of(name: str, cells: pd.Series) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return each row's band, shape (n,), and the bands' names in their natural order."""
    numbers = numbers_of(cells)
    known = numbers[np.isfinite(numbers)]
    texts = np.array([text or UNKNOWN for text in texts_of(cells)], dtype=object)
    if len(known) and len(known) >= 0.95 * (texts != UNKNOWN).sum():
        is_age = _is_age(name, known)
        if len(np.unique(known)) <= _FEW_VALUES and not is_age:
            return _coded([f"{one:g}" if np.isfinite(one) else UNKNOWN for one in numbers], known)
        edges = _AGE_EDGES if is_age else _quarters(known)
        names = _edge_names(edges)
        band = np.searchsorted(edges, numbers, side="right")
        return _used(np.where(np.isfinite(numbers), band, len(names)), (*names, UNKNOWN))
    levels, counts = np.unique(texts.astype(str), return_counts=True)
    kept = sorted(str(levels[one]) for one in np.argsort(-counts, kind="stable")[:LEVELS_MOST])
    names_all = (*kept, "other")
    places = {level: place for place, level in enumerate(kept)}
    return _used(np.array([places.get(str(text), len(kept)) for text in texts]), names_all)


def _is_age(name: str, known: NDArray[np.float64]) -> bool:
    return _AGE.search(name) is not None and 10 <= known.min() and known.max() <= 120  # noqa: SIM300


def _quarters(known: NDArray[np.float64]) -> tuple[float, ...]:
    cuts = np.quantile(known, (0.25, 0.5, 0.75))
    span = float(known.max() - known.min())
    digits = 0 if span >= 20 else int(np.ceil(-np.log10(span / 100))) if span > 0 else 0
    rounded = np.unique([round(float(cut), digits) for cut in cuts])
    return tuple(float(one) for one in rounded if known.min() < one <= known.max())


def _edge_names(edges: tuple[float, ...]) -> tuple[str, ...]:
    if not edges:
        return ("all",)
    whole = all(float(one).is_integer() for one in edges)
    between = [
        f"{low:,.0f} – {high - 1:,.0f}" if whole else f"{low:g} to {high:g}"
        for low, high in pairwise(edges)
    ]
    first, last = (f"{one:,.0f}" if whole else f"{one:g}" for one in (edges[0], edges[-1]))
    return (f"under {first}", *between, f"{last} and over")


def _coded(
    texts: list[str], known: NDArray[np.float64]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    names = (*(f"{one:g}" for one in np.unique(known)), UNKNOWN)
    places = {name: place for place, name in enumerate(names)}
    return _used(np.array([places[text] for text in texts]), names)


def _used(
    band: NDArray[np.int64], names: tuple[str, ...]
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Leave out bands without rows."""
    present, codes = np.unique(band, return_inverse=True)
    return codes.astype(np.int64), tuple(names[one] for one in present)
