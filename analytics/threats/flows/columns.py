"""What the columns of a table of connections are: as guessed for any table, and wide categories.

service   70 levels   a category here (a person's table with 70 levels would be names)
src_ip    an address  left out: who connects is not what the connection is like
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from analytics.tables.columns import Column, Kind, Schema
from analytics.tables.guessing import guess
from analytics.tables.values import texts_of

_NO_TARGET = "\x00target"
_LEVELS_MOST = 255
_ROWS_PER_LEVEL = 20
_NAMES = re.compile(
    r"(?i)(^|[._])(uid|id|ts|time|timestamp|date|ip|addr|host|mac|user)$|orig_h|resp_h"
)


def schema_of(table: pd.DataFrame, *, target: str | None, ignore: Sequence[str] = ()) -> Schema:
    """Return the columns to learn from, in the table's order.

    Raises BadTable: no column `target` or of `ignore`. CannotLearn: no column is left.
    """
    rows = table if target is not None else table.assign(**{_NO_TARGET: 0})
    names = [str(name) for name in table.columns if _NAMES.search(str(name)) and name != target]
    left_out = {*ignore, *names}
    guessed = guess(rows, target=target or _NO_TARGET, ignore=sorted(left_out))
    found = {column.name: column for column in guessed.schema.columns}
    for name in map(str, table.columns):
        if name in found or name == target or name in left_out:
            continue
        cells = table[name]
        if pd.api.types.is_numeric_dtype(cells.dtype) or cells.dropna().nunique() < 2:
            continue
        levels = sorted({text for text in texts_of(cells) if text})
        if len(levels) <= min(_LEVELS_MOST, len(table) // _ROWS_PER_LEVEL):
            found[name] = Column(name, Kind.CATEGORY, levels=tuple(levels))
    return Schema(tuple(found[str(name)] for name in table.columns if str(name) in found))
