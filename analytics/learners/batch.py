"""Scoring a file into a file, a piece at a time, whole or not at all.

    --in ──read_chunks──▶ check ──▶ probability, reasons ──▶ draft beside ──rename──▶ --out

However long the file, one piece is in memory. A run that ends early, by a bad row in the last
piece or by a lost machine, leaves the old answer as it was and no half of a new one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from analytics.errors import BadTable, TableProblem
from analytics.learners.reasons import reasons_of
from analytics.models import Model, Progress, quietly
from analytics.tables.checking import check, noted
from analytics.tables.columns import Kind
from analytics.tables.reading import read_chunks, rows_about
from bank.whole_files import sync

PIECE_ROWS = 100_000
SUFFIXES = (".csv", ".csv.gz", ".parquet")


@dataclass(frozen=True, slots=True)
class Scored:
    """What came of it. `notes`: how something was read, one sentence per column and kind."""

    rows_count: int
    mean_probability: float
    notes: tuple[str, ...]


def score_file(
    model: Model,
    source: Path,
    goal: Path,
    *,
    version: str,
    ids: tuple[str, ...] = (),
    reasons: int = 3,
    piece_rows: int = PIECE_ROWS,
    progress: Progress = quietly,
) -> Scored:
    """Write row (counted from 1), ids, probability, reason_1 …, model_version for every row.

    ids: columns carried over as text. reasons: how many per row; 0 spares their cost.
    Raises BadTable: with the rows as the file counts them; nothing is written then.
    """
    assert goal.name.endswith(SUFFIXES), goal.name
    total, done, summed = rows_about(source), 0, 0.0
    found: dict[tuple[str, str], int] = {}
    goal.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=goal.parent, prefix=".scoring-") as folder:
        draft = Path(folder) / goal.name
        with _Writing(draft) as file:
            for piece, notes in _pieces(model, source, ids, piece_rows):
                answer = _answer(model, piece, ids, reasons, version)
                file.write(answer)
                done += len(answer)
                summed += float(answer["probability"].sum())
                for note in notes:
                    key = (note.code, note.column)
                    found[key] = found.get(key, 0) + note.rows_count
                progress(min(1.0, done / max(total, 1)))
        sync(draft)  # so that the rename does not come before its content
        draft.replace(goal)
        sync(goal.parent)
    told = tuple(noted(code, column, count) for (code, column), count in found.items())
    return Scored(done, summed / done, told)


def _pieces(
    model: Model, source: Path, ids: tuple[str, ...], rows: int
) -> Iterator[tuple[pd.DataFrame, tuple[TableProblem, ...]]]:
    text = tuple(column.name for column in model.schema.of_kind(Kind.CATEGORY)) + ids
    for piece in read_chunks(source, rows, text=text):
        absent = [name for name in ids if name not in piece.columns]
        if absent:
            raise BadTable(
                tuple(
                    TableProblem("missing_column", name, f"There is no column {name}.")
                    for name in absent
                )
            )
        wanted = [name for name in piece.columns if name in {*model.schema.names, *ids}]
        piece = piece[wanted]  # noqa: PLW2901  # what nobody needs is let go at once
        yield piece, check(piece, model.schema, strict=False, others=ids)


def _answer(
    model: Model, piece: pd.DataFrame, ids: tuple[str, ...], reasons: int, version: str
) -> pd.DataFrame:
    answer = pd.DataFrame({"row": piece.index + 1, **{name: piece[name].array for name in ids}})
    answer["probability"] = model.probability(piece)
    if reasons:
        why = reasons_of(model, piece, count=reasons)
        for place in range(reasons):
            answer[f"reason_{place + 1}"] = [
                one[place].sentence if place < len(one) else "" for one in why
            ]
    answer["model_version"] = version
    return answer


class _Writing:
    """A file that tables are appended to, in the form its name says."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: Any = None
        self._closing: list[Callable[[], Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for close in reversed(self._closing):
            close()

    def write(self, table: pd.DataFrame) -> None:
        arrow = pa.Table.from_pandas(table, preserve_index=False)
        if self._writer is None:
            self._writer = self._open(arrow.schema)
        self._writer.write_table(arrow.cast(self._writer.schema) if self._is_parquet else arrow)

    @property
    def _is_parquet(self) -> bool:
        return self._path.suffix == ".parquet"

    def _open(self, schema: Any) -> Any:
        if self._is_parquet:
            writer = pq.ParquetWriter(self._path, schema)
            self._closing.append(writer.close)
            return writer
        compression = "gzip" if self._path.suffix == ".gz" else None
        stream = pa.output_stream(str(self._path), compression=compression)
        writer = pa_csv.CSVWriter(stream, schema)
        self._closing += [stream.close, writer.close]
        return writer
