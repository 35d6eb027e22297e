"""What the scoring door takes and gives, in JSON.

    {"rows": {"age": 41, "plan": "basic"}}            one row
    {"rows": [{…}, {…}], "reasons": 0}                at most ROWS_MOST, without reasons

The models here are for the OpenAPI document; bodies are read by `parse_asked`, in a thread, since
a thousand rows through a general validator would cost more than their scores.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from pydantic import Field

from web.api.errors import RequestRefused
from web.guard import Answer, Body

ROWS_MOST = 1_000
REASONS_MOST = 10
REASONS_USUAL = 3

Cell: TypeAlias = float | int | bool | str | None
RowOfCells: TypeAlias = dict[str, Cell]


class ScoreRows(Body):
    """One row or many; each has exactly the model's columns, null where a value is unknown."""

    rows: RowOfCells | Annotated[list[RowOfCells], Field(min_length=1, max_length=ROWS_MOST)]
    reasons: Annotated[int, Field(ge=0, le=REASONS_MOST)] = REASONS_USUAL


class ReasonView(Answer):
    """`code` is the column, `text` what a person reads."""

    code: str
    text: str


class ScoreView(Answer):
    """P(label = 1), calibrated."""

    score: Annotated[float, Field(ge=0, le=1)]
    reasons: list[ReasonView]


class NoteView(Answer):
    """How something unusual was read; `rows` counts from 1 and names the first ten."""

    code: str
    column: str
    rows: list[int]
    text: str


class ScoresView(Answer):
    """The scores in the order of the rows, all by one version."""

    model: str
    version: str
    scores: list[ScoreView]
    notes: list[NoteView]


@dataclass(frozen=True, slots=True)
class Asked:
    """A body that can be used."""

    rows: Sequence[Mapping[str, Any]]
    reasons: int


def parse_asked(raw: bytes) -> Asked:
    """Return what a body asks for. Raises RequestRefused: invalid_json, invalid_input.

    NaN and Infinity are no JSON, but whoever sends them meets a better sentence further on: which
    column, which row.
    """
    try:
        told = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise RequestRefused("invalid_json", HTTPStatus.BAD_REQUEST) from None
    if not isinstance(told, dict) or "rows" not in told:
        raise _refused(rows="missing")
    rows, reasons = told["rows"], told.get("reasons", REASONS_USUAL)
    if set(told) - {"rows", "reasons"}:
        raise _refused(body="extra_forbidden")
    if not isinstance(reasons, int) or isinstance(reasons, bool):
        raise _refused(reasons="int_type")
    if not 0 <= reasons <= REASONS_MOST:
        raise _refused(reasons=f"0 to {REASONS_MOST}")
    many = [rows] if isinstance(rows, dict) else rows
    if not isinstance(many, list) or not all(isinstance(row, dict) for row in many):
        raise _refused(rows="an object, or an array of objects")
    if not 1 <= len(many) <= ROWS_MOST:
        raise _refused(rows=f"1 to {ROWS_MOST}")
    return Asked(many, reasons)


def _refused(**fields: str) -> RequestRefused:
    return RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, **fields)
