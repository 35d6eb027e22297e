"""Tables of figures that a person reads: what was measured, its target, what stands beside it.

    ### Photographs of documents: the zone
    | what              | measured                         | target | beside            |
    |-------------------|----------------------------------|--------|-------------------|
    | whole zone exact  | 0.947 (0.827 – 0.985), 36 of 38  | ≥ 0.90 | pytesseract 0.053 |
    > Photos are for measuring only.

Markdown, with cells of equal width, so that a terminal and docs/benchmarks.md show the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bank.domain.shares import wilson

HEAD = ("what", "measured", "target", "beside")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `beside` says what others, or a simpler way, reach on the same data."""

    what: str
    measured: str
    target: str = ""
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def interval(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share.

    >>> tuple(round(one, 3) for one in interval(0, 100))
    (0.0, 0.037)
    """
    if count == 0:
        return 0.0, 1.0
    return wilson(hits, count, z=1.96)


def share_of(hits: int, count: int) -> str:
    """Return a share with its interval and what it is a share of.

    >>> share_of(36, 38)
    '0.947 (0.827 – 0.985), 36 of 38'
    >>> share_of(0, 0)
    'none to measure'
    """
    if count == 0:
        return "none to measure"
    low, high = interval(hits, count)
    return f"{hits / count:.3f} ({low:.3f} – {high:.3f}), {hits} of {count}"


def seconds(median_s: float | None, p95_s: float | None) -> str:
    """Return two times of CPU.

    >>> seconds(0.7, 1.25)
    '0.70 s, 1.25 s'
    """
    return ", ".join("–" if one is None else f"{one:.2f} s" for one in (median_s, p95_s))


def each(counts: Mapping[str, Any]) -> str:
    """Return counts by name in one cell, the largest first.

    >>> each({"glare": 1, "blurred": 3})
    'blurred 3, glare 1'
    """
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{name} {count}" for name, count in ordered)


def markdown(table: Table) -> Iterator[str]:
    """Yield the lines of a table: title, head, rows, notes."""
    cells = [HEAD, *((row.what, row.measured, row.target, row.beside) for row in table.rows)]
    safe = [[cell.replace("|", "/").replace("\n", " ") for cell in row] for row in cells]
    widths = [max(len(row[at]) for row in safe) for at in range(len(HEAD))]
    yield f"### {table.title}"
    yield from _lines(safe[:1], widths)
    yield "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    yield from _lines(safe[1:], widths)
    for note in table.notes:
        yield f"> {note}"


def _lines(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"| {' | '.join(cells)} |"
