"""Cells as a model takes them, whatever the table stores: numbers, flags and texts as arrays.

number    float64, NaN is unknown      "12" and " 12 " are 12, "" and "abc" unknown
flag      0.0, 1.0 or NaN              true, "yes" and "1" are 1
category  text, "" is unknown          7 and 7.0 are "7"
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics.models import Floats

_YES, _NO = ("1", "1.0", "true", "yes", "y", "t"), ("0", "0.0", "false", "no", "n", "f")


def numbers_of(cells: pd.Series) -> Floats:
    """Return float64, shape (n,); what is no number is NaN, infinities stay."""
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return np.asarray(cells.to_numpy(dtype=np.float64, na_value=np.nan))
    if not isinstance(cells.dtype, pd.CategoricalDtype) and cells.dtype.kind in "mM":
        return np.full(len(cells), np.nan)
    texts = pd.Series(texts_of(cells))
    return np.asarray(pd.to_numeric(texts, errors="coerce").to_numpy(dtype=np.float64))


def flags_of(cells: pd.Series) -> Floats:
    """Return 0.0, 1.0 or NaN, shape (n,); what is neither yes nor no is NaN."""
    if pd.api.types.is_numeric_dtype(cells.dtype):
        read = np.asarray(cells.to_numpy(dtype=np.float64, na_value=np.nan))
        return np.where((read == 0) | (read == 1), read, np.nan)
    texts = pd.Series(texts_of(cells)).str.lower()
    return np.where(texts.isin(_YES), 1.0, np.where(texts.isin(_NO), 0.0, np.nan))


def texts_of(cells: pd.Series) -> NDArray[np.object_]:
    """Return stripped texts, shape (n,), "" where the cell is unknown."""
    if pd.api.types.is_float_dtype(cells.dtype):
        # 7.0 is 7 to whoever wrote it: one unknown cell turns a column of integers into floats.
        read = cells.to_numpy(dtype=np.float64, na_value=np.nan)
        whole = np.isfinite(read) & (read == np.floor(read)) & (np.abs(read) < 2**53)
        texts = np.array([str(one) for one in read], dtype=object)
        texts[whole] = [str(int(one)) for one in read[whole]]
        texts[np.isnan(read)] = ""
        return texts
    as_text = cells.astype(object).where(cells.notna(), "").astype(str).str.strip()
    return np.asarray(as_text.to_numpy(dtype=object))
