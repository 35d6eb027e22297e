"""The lines of one machine-readable zone, found from any of them.

    lines of text ─▶ seeds: 12 characters of OCR-B in a row, in either direction
    seed ─▶ its whole grid (30, 36 or 44 characters; the axis may run past what was detected)
         ─▶ rows above and below on which the same columns read well ─▶ Block

A detector often misses a line of fillers, or half of one. The lines of a zone are parallel, have
one pitch and begin together, so one good line is enough to find the others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document import grids, strips
from identity.document.grids import NONE
from identity.document.ocrb import GAP, PITCH, Floats, load_ocrb
from identity.document.rows import (
    COUNTS,
    FIT_GOOD,
    Cut,
    Row,
    cut_places,
    pitch_px,
    read_places,
    read_row,
)
from identity.document.text import TextLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_SEED_RUN = 12
#: Mean log P per character from which a run of characters may be OCR-B, and a line surely is.
_SEED_LEAST = -0.9
_LINE_LEAST = -1.0
#: Distance of neighbouring lines in heights of a capital.
_LEAD_LEAST, _LEAD_MOST = 1.25, 3.6
_ASIDE = (0.0, -0.2, 0.2, -0.4, 0.4)
_LINES_TRIED = 14
_SEEDS_GROWN = 8
_SLANT_LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Block:
    """Two or three rows of one width, top to bottom."""

    rows: tuple[Row, ...]

    @property
    def score(self) -> float:
        """Mean log P of the best characters."""
        return float(np.mean([row.score for row in self.rows]))


@dataclass(frozen=True, slots=True)
class _Seed:
    line: TextLine
    backwards: bool
    pitch: float
    score: float


def find_blocks(grey: NDArray[np.uint8], lines: Sequence[TextLine]) -> Iterator[Block]:
    """Yield what may be machine-readable zones, the likeliest first, each when it is asked for."""
    found: list[Block] = []
    alone: list[Row] = []
    for seed in sorted(_seeds(grey, lines), key=lambda seed: -seed.score)[:_SEEDS_GROWN]:
        if any(_lies_in(seed, block) for block in found):
            continue
        row = _whole_row(grey, seed)
        if row is None or row.score < _LINE_LEAST:
            continue
        alone.append(row)
        block = _grow(grey, row) or _paired(alone)
        if block is not None:
            block = _upright(grey, block)
            found.append(block)
            yield block


def _upright(grey: NDArray[np.uint8], block: Block) -> Block:
    """Return the block read along its own slant, where that reads better.

    Lines of a zone begin together; where they do not, the view is slanted, and so are letters.
    """
    first, last = block.rows[0], block.rows[-1]
    down = (last.places - first.places).mean(axis=0)
    rows = []
    for row in block.rows:
        along = row.along / np.hypot(*row.along)
        slant = float(down @ along) / max(abs(float(along[0] * down[1] - along[1] * down[0])), 1e-9)
        if abs(slant) < _SLANT_LEAST:
            rows.append(row)
            continue
        log_p = read_places(grey, row.places, row.cap_px, slant=slant)
        score = float(log_p.max(axis=1).mean())
        rows.append(replace(row, log_p=log_p, score=score) if score > row.score else row)
    return Block(tuple(rows))


def _paired(rows: Sequence[Row]) -> Block | None:
    """Return the last row with those of the others that lie beside it, if they are enough.

    In a slanted view the lines of a zone are not parallel, and neither is found from the other.
    """
    last = rows[-1]
    step = last.along / (len(last.places) - 1)
    down = np.array([-step[1], step[0]]) / max(float(np.hypot(*step)), 1e-9)
    near = [(0.0, last)]
    for row in rows[:-1]:
        away = row.places.mean(axis=0) - last.places.mean(axis=0)
        lead = float(away @ down) / last.cap_px
        cosine = float(row.along @ last.along) / float(np.hypot(*row.along) * np.hypot(*last.along))
        begins = float((row.places[0] - last.places[0]) @ step / (step @ step))
        if (
            len(row.places) == len(last.places)
            and cosine > 0.97
            and 1.0 < abs(lead) < 2 * _LEAD_MOST
            and abs(begins) < 1 + 0.6 * abs(lead)
        ):
            near.append((lead, row))
    near.sort(key=lambda one: one[0])
    ordered = [row for _, row in near]
    wanted = 3 if len(last.places) == COUNTS[0] else 2
    at = next(place for place, row in enumerate(ordered) if row is last)
    starts = range(max(0, at - wanted + 1), min(at, len(ordered) - wanted) + 1)
    options = [Block(tuple(ordered[start : start + wanted])) for start in starts]
    return max(options, key=lambda block: block.score, default=None)


def _seeds(grey: NDArray[np.uint8], lines: Sequence[TextLine]) -> Iterable[_Seed]:
    tried = 0
    for line in lines:
        if line.length < 8 * line.height or tried >= _LINES_TRIED:
            continue
        tried += 1
        for backwards in (False, True):
            best: _Seed | None = None
            strip = strips.cut_strip(grey, line, backwards=backwards)
            if strip is None:
                continue
            for pitch in strips.guess_pitches(strip):
                shape = grids.profile(strip, pitch)
                score = _run_score(shape.best)
                if best is None or score > best.score:
                    best = _Seed(line, backwards, pitch_px(strip, pitch), score)
            if best is not None and best.score > _SEED_LEAST:
                yield best


def _run_score(best: Floats) -> float:
    """Return the best mean of _SEED_RUN values one pitch apart."""
    if len(best) <= PITCH * _SEED_RUN:
        return float(NONE)
    total = sum(
        best[at * PITCH : len(best) - PITCH * (_SEED_RUN - 1 - at)] for at in range(_SEED_RUN)
    )
    return float(np.max(total)) / _SEED_RUN


def _lies_in(seed: _Seed, block: Block) -> bool:
    """Whether the seed is a line of the block, read in the block's direction."""
    line = seed.line
    if (float(line.direction @ block.rows[0].along) < 0) is not seed.backwards:
        return False
    points = np.concatenate([row.places for row in block.rows]).astype(np.float32)
    hull = cv2.convexHull(points)
    x, y = line.middle
    return cv2.pointPolygonTest(hull, (float(x), float(y)), True) > -line.height


def _whole_row(grey: NDArray[np.uint8], seed: _Seed) -> Row | None:
    """Return the row a seed belongs to, looked for past both of its ends."""
    line = seed.line
    longest = 46 * seed.pitch
    extra = max(0.0, longest - line.length)
    options = [line]
    if extra > 2 * seed.pitch:
        move = line.direction * extra
        for before, after in ((0.0, 1.0), (1.0, 0.0)):
            options.append(
                replace(
                    line,
                    start=tuple(np.subtract(line.start, move * before)),
                    end=tuple(np.add(line.end, move * after)),
                )
            )
    found: Row | None = None
    for option in options:
        row = read_row(grey, option, backwards=seed.backwards, pitch=seed.pitch)
        if row is not None and (found is None or row.fit > found.fit):
            found = row
        if found is not None and found.fit > FIT_GOOD:
            break
    return found


def _grow(grey: NDArray[np.uint8], row: Row) -> Block | None:
    """Return the row with its neighbours, or None where it has none."""
    count = len(row.places)
    wanted = 3 if count == 30 else 2
    rows = [row]
    for direction in (-1, 1):
        last = row
        while len(rows) < 4:
            near = _neighbour(grey, last, direction)
            if near is None:
                break
            rows = [near, *rows] if direction < 0 else [*rows, near]
            last = near
    options = [
        Block(tuple(rows[at : at + wanted]))
        for at in range(len(rows) - wanted + 1)
        if any(one is row for one in rows[at : at + wanted])
    ]
    return max(options, key=lambda block: block.score, default=None)


def _neighbour(grey: NDArray[np.uint8], row: Row, direction: int) -> Row | None:
    """Return the row above (-1) or below (1) that reads best on the same columns."""
    along = row.along / (len(row.places) - 1)
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9) * row.cap_px
    # Seen aslant, the neighbour is shifted sideways as well, up to some 25 degrees.
    moves = [
        direction * lead * across + aside * lead * along
        for lead in np.arange(_LEAD_LEAST, _LEAD_MOST, 0.14)
        for aside in _ASIDE
    ]
    shown = slice(None, None, 3)
    windows = cut_places(grey, [Cut(row.places[shown] + move, along, across) for move in moves])
    windows = windows.reshape(-1, *windows.shape[2:])
    log_p = load_ocrb().log_probabilities(windows)[:, :GAP].max(axis=1)
    scores = log_p.reshape(len(moves), -1).mean(axis=1)
    found: Row | None = None
    for at in np.argsort(-scores)[:3]:
        if scores[at] < -2.2:
            break
        near = _row_near(grey, row, moves[at])
        if near is not None and (found is None or near.score > found.score):
            found = near
        if found is not None and found.score > -0.3:
            break
    return found if found is not None and found.score > _LINE_LEAST else None


def _row_near(grey: NDArray[np.uint8], row: Row, move: NDArray[np.float64]) -> Row | None:
    start, end = row.places[0] + move, row.places[-1] + move
    step = row.along / (len(row.places) - 1)
    line = TextLine(tuple(start - step / 2), tuple(end + step / 2), row.cap_px)
    found = read_row(grey, line, backwards=False, pitch=row.pitch_px, counts=(len(row.places),))
    if found is None:
        return None
    offset = float(np.abs((found.places[0] - start) @ step) / (step @ step))
    away = found.places.mean(axis=0) - row.places.mean(axis=0)
    # The same row again, or one beyond: its strip has slipped to stronger ink.
    slipped = float(np.hypot(*(away - move))) > 0.6 * row.cap_px
    return found if offset < 1.0 and not slipped else None
