"""CSV files: how this one is written (encoding, delimiter, header), and its cells as text.

    bytes ──▶ encoding ──▶ delimiter, header ──▶ cells, all text
              UTF-8, UTF-16   , ; tab |             a ragged row is refused with its number
              Windows-1252

Told from the content, never from the file's name.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.csv as pa_csv

from analytics.errors import BadTable, TableProblem

DELIMITERS = (",", ";", "\t", "|")
#: Cells that say "unknown". "?" is how UCI's tables write it.
UNKNOWN_CELLS = ("", " ", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?", "#N/A")
_BLOCK_BYTES = 1 << 22
_HEAD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Form:
    """How a CSV file is written."""

    encoding: str
    delimiter: str
    names: list[str]
    gzipped: bool

    @property
    def decimal_comma(self) -> bool:
        """Whether "1,234" is a little more than one: so it is where a comma cannot separate."""
        return self.delimiter != ","


def csv_pieces(path: Path, columns: Sequence[str] | None, form: Form) -> Iterator[pa.Table]:
    refuse_names(form.names, columns)
    ragged: list[tuple[int, int]] = []

    def note(row: Any) -> str:
        # Lines count from 1 and the header is one of them; our rows do not count it.
        ragged.append(((row.number or 0) - 1, row.actual_columns))
        return "skip"

    wanted = list(columns) if columns is not None else form.names
    try:
        reader = pa_csv.open_csv(
            pa.input_stream(str(path), compression="gzip" if form.gzipped else None),
            read_options=pa_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, encoding=form.encoding,
                column_names=form.names, skip_rows=1,
            ),
            parse_options=pa_csv.ParseOptions(
                delimiter=form.delimiter, newlines_in_values=True, invalid_row_handler=note
            ),
            convert_options=pa_csv.ConvertOptions(
                column_types=dict.fromkeys(form.names, pa.string()), include_columns=wanted,
                null_values=list(UNKNOWN_CELLS), strings_can_be_null=True,
            ),
        )  # fmt: skip
        for batch in reader:
            if ragged:
                break
            if batch.num_rows:
                yield pa.Table.from_batches([batch])
    except (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeError) as fault:
        _refuse_ragged(ragged, form)
        if "Empty CSV" in str(fault):
            return
        raise bad_table("unreadable", f"{path.name} stops being readable as CSV.") from fault
    _refuse_ragged(ragged, form)


def _refuse_ragged(ragged: list[tuple[int, int]], form: Form) -> None:
    if not ragged:
        return
    rows = tuple(row for row, _ in ragged)
    raise bad_table(
        "ragged_row",
        f"The header has {len(form.names)} columns; row {rows[0]} has {ragged[0][1]} cells"
        + (f", and {len(rows) - 1} more rows are wrong." if len(rows) > 1 else "."),
        rows=rows,
    )


def form_of(path: Path, *, gzipped: bool) -> Form:
    try:
        with gzip.open(path) if gzipped else path.open("rb") as file:
            encoding = _encoding_of(path, file)
            file.seek(0)
            head = file.read(_HEAD_BYTES)
    except (OSError, EOFError, zlib.error) as fault:
        raise bad_table("unreadable", f"{path.name} is not a whole gzip file.") from fault
    written = codecs.getincrementaldecoder(encoding)("strict").decode(head)
    lines = written.strip().splitlines()
    if len(lines) < 2:
        told = "has a header and no rows" if lines else "is empty"
        raise bad_table("empty", f"{path.name} {told}.")
    delimiter = _delimiter_of(lines)
    names = [name.strip() for name in next(csv.reader(lines, delimiter=delimiter))]
    # A frame written with its index leaves the first name empty.
    names = [name or f"column_{number}" for number, name in enumerate(names, start=1)]
    return Form(encoding, delimiter, names, gzipped)


def _encoding_of(path: Path, file: IO[bytes] | gzip.GzipFile) -> str:
    """Return the encoding in which *all* bytes can be read; the whole file is looked at."""
    head = file.read(4)
    if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        file.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        lines = 1
        try:
            while block := file.read(_BLOCK_BYTES):
                if b"\0" in block:
                    raise bad_table("unreadable", f"{path.name} is not text: it holds zero bytes.")
                lines += block.count(b"\n")
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as fault:
            line = lines - block[fault.start :].count(b"\n") if block else lines
            continue
        return encoding
    raise bad_table(
        "unreadable",
        f"{path.name} is neither UTF-8, UTF-16 nor Windows-1252: near line {line} there are "
        "bytes that mean nothing. Save it as UTF-8.",
        rows=(max(1, line - 1),),
    )


def _delimiter_of(lines: Sequence[str]) -> str:
    """Return the delimiter that cuts the first lines into the same number of cells, most cells."""

    def agreement(delimiter: str) -> tuple[int, int]:
        cells = [len(row) for row in csv.reader(lines[:50], delimiter=delimiter) if row]
        width, agreeing = Counter(cells).most_common(1)[0] if cells else (1, 0)
        return (agreeing if width > 1 else 0, width)

    return max(DELIMITERS, key=agreement)


def refuse_names(names: list[str], columns: Sequence[str] | None) -> None:
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise BadTable(
            tuple(
                TableProblem("duplicate_column", name, f"Two columns are named {name}.")
                for name in twice
            )
        )
    missing = [name for name in columns or () if name not in names]
    if missing:
        raise BadTable(
            tuple(
                TableProblem("missing_column", name, f"There is no column {name}.")
                for name in missing
            )
        )


def bad_table(
    code: str, sentence: str, *, column: str = "", rows: tuple[int, ...] = ()
) -> BadTable:
    return BadTable((TableProblem(code, column, sentence, rows[:10], len(rows)),))
