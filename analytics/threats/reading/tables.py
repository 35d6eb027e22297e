"""Rows of a CSV with a header, JSON one object a line, and Zeek's tables.

    #fields ts uid id.orig_h …        a header of Zeek; another may follow in the same file
    1764348909.1  C1  203.0.113.7 …   a row

A row is one line: a line end inside a quoted cell, which no connection log has, is malformed.
"""

from __future__ import annotations

import csv
import json
from typing import Any

from analytics.threats.events import Event
from analytics.threats.reading.fields import Malformed, event_of, flat

_CELLS_MOST = 1_000
#: Columns of Zeek's conn.log as it is written by default.
_CONN_FIELDS = (
    "ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto service duration orig_bytes resp_bytes "
    "conn_state local_orig local_resp missed_bytes history orig_pkts orig_ip_bytes resp_pkts "
    "resp_ip_bytes tunnel_parents"
).split()


class JsonLines:
    """One JSON object a line."""

    name = "jsonl"

    def parse(self, line: str, *, now_s: float) -> Event | None:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as fault:
            raise Malformed("no JSON") from fault
        if not isinstance(value, dict):
            raise Malformed("no JSON object")
        return event_of(flat(value), now_s=now_s)


class Csv:
    """Rows below a header; the separator is the one of `, ; tab |` that the header has most of."""

    name = "csv"

    def __init__(self, header: str) -> None:
        self._separator = max(",;\t|", key=header.count)
        self._names = [one.strip() for one in self._cells(header.lstrip("\ufeff"))]
        if len(set(self._names)) < max(2, len(self._names)):
            raise Malformed("no header of different columns")

    def parse(self, line: str, *, now_s: float) -> Event | None:
        cells = self._cells(line)
        if cells == self._names:
            return None  # a header again, where files were joined
        if len(cells) != len(self._names):
            raise Malformed("another number of cells than the header")
        return event_of(dict(zip(self._names, cells, strict=True)), now_s=now_s)

    def _cells(self, line: str) -> list[str]:
        try:
            cells = next(csv.reader([line], delimiter=self._separator, strict=True))
        except (csv.Error, StopIteration) as fault:
            raise Malformed("no row") from fault
        if len(cells) > _CELLS_MOST:
            raise Malformed("too many cells")
        return cells


class Zeek:
    """Zeek's own tables: `conn.log` and the like, separated by tabs, with a header of # lines."""

    name = "zeek"

    def __init__(self) -> None:
        self._names = list(_CONN_FIELDS)
        self._unset = {"-", "(empty)"}

    def parse(self, line: str, *, now_s: float) -> Event | None:
        if line.startswith("#"):
            key, *values = line.split("\t")
            if key == "#fields":
                if not 1 < len(values) <= _CELLS_MOST:
                    raise Malformed("no fields")
                self._names = values
            return None
        cells = line.split("\t")
        if len(cells) != len(self._names):
            raise Malformed("another number of cells than #fields")
        row: dict[str, Any] = {
            name: None if cell in self._unset else cell
            for name, cell in zip(self._names, cells, strict=True)
        }
        return event_of(row, now_s=now_s)
