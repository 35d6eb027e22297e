"""Reading a table that somebody brings: CSV (plain or .gz) or Parquet, whole or in pieces.

    file ──▶ csv_files.py ──▶ cells as text ──▶ cells.py ──▶ numbers, flags, text ──▶ DataFrame
       └───▶ Parquet ──────────────────────────────┘

The form is told from the first bytes, not from the file's name. What cannot be read is refused
with its row; nothing is skipped.

What the columns *mean* is guessing.py's, whether they may be used checking.py's business.
"""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.tables.cells import typed
from analytics.tables.csv_files import bad_table, csv_pieces, form_of, refuse_names

_BATCH_ROWS = 1 << 16


def read_table(
    path: Path, *, columns: Sequence[str] | None = None, text: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the whole table.

    columns: only these. text: columns that stay text even if every cell is a number.
    Raises BadTable: no file, empty, header only, unreadable bytes, a column named twice, ragged
    rows, a wanted column that is not there.
    """
    return next(read_chunks(path, sys.maxsize, columns=columns, text=text))


def read_chunks(
    path: Path, rows: int, *, columns: Sequence[str] | None = None, text: Sequence[str] = ()
) -> Iterator[pd.DataFrame]:
    """Yield the table in pieces of `rows` rows, in order, in memory bounded by one piece.

    The index goes on counting over the pieces. A column's type is told piece by piece: name in
    `text` what must never become a number (the categories of a model's schema).
    Raises BadTable: as read_table, when the bad part is reached.
    """
    assert rows > 0, rows
    pieces, decimal_comma = _opened(path, columns)
    held: list[pa.Table] = []
    held_count = start = 0
    for piece in pieces:
        held.append(piece)
        held_count += piece.num_rows
        if held_count < rows:
            continue
        whole = pa.concat_tables(held, promote_options="permissive")
        while held_count >= rows:
            yield _frame(whole.slice(0, rows), text, start, decimal_comma=decimal_comma)
            whole, held_count, start = whole.slice(rows), held_count - rows, start + rows
        held = [whole]
    if held_count:
        whole = pa.concat_tables(held, promote_options="permissive")
        yield _frame(whole, text, start, decimal_comma=decimal_comma)
    elif start == 0:
        raise bad_table("empty", f"{path.name} has a header and no rows.")


def rows_about(path: Path) -> int:
    """Return how many rows a file has, for a progress bar: line breaks in a text are counted too.

    0: not to be told, such as where there is no file.
    """
    try:
        with path.open("rb") as file:
            first = file.read(4)
        if first == b"PAR1":
            return int(pq.ParquetFile(path).metadata.num_rows)
        with gzip.open(path) if first[:2] == b"\x1f\x8b" else path.open("rb") as lines:
            count = sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))
            return max(0, count - 1)
    except (OSError, EOFError, zlib.error, pa.ArrowException):
        return 0


def _opened(path: Path, columns: Sequence[str] | None) -> tuple[Iterator[pa.Table], bool]:
    """Return non-empty arrow tables, and whether a comma in a number is its decimal point."""
    if not path.is_file():
        raise bad_table("unreadable", f"There is no file {path.name}.")
    with path.open("rb") as file:
        first = file.read(4)
    if not first:
        raise bad_table("empty", f"{path.name} is empty.")
    if first == b"PAR1":
        return _parquet_pieces(path, columns), False
    if first == b"PK\x03\x04":
        raise bad_table("unreadable", f"{path.name} is a spreadsheet or archive; save it as CSV.")
    form = form_of(path, gzipped=first[:2] == b"\x1f\x8b")
    return csv_pieces(path, columns, form), form.decimal_comma


def _parquet_pieces(path: Path, columns: Sequence[str] | None) -> Iterator[pa.Table]:
    try:
        file = pq.ParquetFile(path)
        refuse_names(list(file.schema_arrow.names), columns)
        for field in file.schema_arrow:
            if pa.types.is_nested(field.type):
                raise bad_table(
                    "wrong_type", f"Column {field.name} holds lists; one cell is one value.",
                    column=field.name,
                )  # fmt: skip
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=columns and list(columns)):
            if batch.num_rows:
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError) as fault:
        raise bad_table("unreadable", f"{path.name} is not a whole Parquet file.") from fault


def _frame(
    table: pa.Table, text: Sequence[str], start: int, *, decimal_comma: bool
) -> pd.DataFrame:
    columns = {
        name: typed(
            table.column(name), keep_text=name in text, decimal_comma=decimal_comma
        ).to_pandas()
        for name in table.column_names
    }
    return pd.DataFrame(columns).set_axis(pd.RangeIndex(start, start + table.num_rows))
