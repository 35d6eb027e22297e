"""Segments handed to somebody else: a CSV of who is in which, and nothing more of a person.

customer_id,segment_id,segment,version,as_of_utc
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from analytics.segments.learning import Segmentation
from bank.whole_files import write_whole

HEADS = ("customer_id", "segment_id", "segment", "version", "as_of_utc")
#: A spreadsheet runs what begins so; ids may come from another bank.
_RUNS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(
    segments: pd.Series, found: Segmentation, names: dict[str, str], *, as_of_utc: str
) -> str:
    """Return the file's text; segments: ids indexed by customer id."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(HEADS)
    for who, segment in segments.items():
        row = (str(who), str(segment), names[str(segment)], found.version, as_of_utc)
        lines.writerow([f"'{one}" if one.startswith(_RUNS) else one for one in row])
    return text.getvalue()


def hand_over(
    path: Path,
    segments: pd.Series,
    found: Segmentation,
    names: dict[str, str],
    *,
    as_of_utc: str,
) -> None:
    """Write the CSV: there whole or not at all, readable by nobody else. Raises OSError."""
    write_whole(path, csv_of(segments, found, names, as_of_utc=as_of_utc))
