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

from identity.document import strips
from identity.document.ocrb import CAP, GAP, PITCH, WINDOW_HEIGHT, WINDOW_WIDTH, Floats, load_ocrb
from identity.document.strips import NONE, Strip
from identity.document.text import TextLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

COUNTS = (30, 36, 44)
_SEED_RUN = 12
#: Mean log P per character from which a run of characters may be OCR-B, and a line surely is.
_SEED_LEAST = -0.9
_LINE_LEAST = -1.0
#: Distance of neighbouring lines in heights of a capital.
_LEAD_LEAST, _LEAD_MOST = 1.25, 3.6
_ASIDE = (0.0, -0.2, 0.2, -0.4, 0.4)
_LINES_TRIED = 14
_SEEDS_GROWN = 8
#: A grid this good needs no other pitch tried, a row no longer line.
_FIT_GOOD = -0.12


@dataclass(frozen=True, slots=True)
class Row:
    """One line on its grid.

    `places`: points (x, y) in the picture, the middles of its characters, shape (n, 2).
    `log_p`: log P of each character of ALPHABET, shape (n, 37). `score`: mean log P of the best.
    `fit`: the same on the strip, less what stands before the first and behind the last.
    """

    places: NDArray[np.float64]
    cap_px: float
    log_p: Floats
    score: float
    fit: float

    @property
    def along(self) -> NDArray[np.float64]:
        """From the first to the last character, shape (2,)."""
        step: NDArray[np.float64] = self.places[-1] - self.places[0]
        return step

    @property
    def pitch_px(self) -> float:
        """Distance of neighbouring characters."""
        return float(np.hypot(*self.along)) / (len(self.places) - 1)


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
            found.append(block)
            yield block


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
                shape = strips.profile(strip, pitch)
                score = _run_score(shape.best)
                if best is None or score > best.score:
                    best = _Seed(line, backwards, pitch_px(strip, pitch), score)
            if best is not None and best.score > _SEED_LEAST:
                yield best


def pitch_px(strip: Strip, pitch: float) -> float:
    """Return a pitch in columns of the strip as pixels of the picture."""
    length = float(np.hypot(*np.diff(strip.axis, axis=0).T).sum())
    return pitch * length / strip.grey.shape[1]


def _run_score(best: Floats) -> float:
    """Return the best mean of _SEED_RUN values one pitch apart."""
    if len(best) <= PITCH * _SEED_RUN:
        return float(NONE)
    total = sum(best[at * PITCH : len(best) - PITCH * (_SEED_RUN - 1 - at)] for at in range(_SEED_RUN))
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
        if found is not None and found.fit > _FIT_GOOD:
            break
    return found


def read_row(
    grey: NDArray[np.uint8], line: TextLine, *, backwards: bool, pitch: float,
    counts: Sequence[int] = COUNTS,
) -> Row | None:  # fmt: skip
    """Return the line read on its best grid; `pitch` in px is tried with its neighbours."""
    strip = strips.cut_strip(grey, line, backwards=backwards)
    if strip is None:
        return None
    columns_per_px = pitch / pitch_px(strip, 1.0)
    found = _best_grid(strip, columns_per_px, (1.0, 0.95, 1.05), counts)
    if found is None:
        return None
    even = strips.evened(strip, found.columns)
    if even is not None:
        again = _best_grid(even, float(PITCH), (1.0, 0.97, 1.03), counts)
        if again is not None and again.fit > found.fit:
            strip, found = even, again
    return _row_at(grey, strip, found)


@dataclass(frozen=True, slots=True)
class _Grid:
    """Characters at `columns` of a strip; `fit`: mean log P of them and of nothing around them."""

    columns: NDArray[np.float64]
    fit: float


def _best_grid(
    strip: Strip, pitch: float, factors: Sequence[float], counts: Sequence[int]
) -> _Grid | None:
    """Return the best grid of `pitch` columns of the strip times one of the factors."""
    best: _Grid | None = None
    for factor in factors:
        shape = strips.profile(strip, pitch * factor)
        for count in counts:
            if len(shape.best) < PITCH * count:
                continue
            scores, steps = strips.start_scores(shape.best, shape.scores[:, GAP], count)
            start = int(scores.argmax())
            fit = float(scores[start]) / (count + 2)
            if fit > -50 and (best is None or fit > best.fit):
                columns = np.array(strips.follow(start, steps)) / shape.pitch_scale
                best = _Grid(columns, fit)
        if best is not None and best.fit > _FIT_GOOD:
            break
    return best


#: Small misplacements over which the reading is averaged: x in pitches, y and height in capitals.
_WOBBLE_X = (-0.05, 0.05)
_WOBBLE = ((0.0, 1.0), (0.05, 1.0), (-0.05, 1.0), (0.0, 0.93), (0.0, 1.07))


def _row_at(grey: NDArray[np.uint8], strip: Strip, grid: _Grid) -> Row:
    """Return the row whose characters stand on this grid of the strip."""
    columns = grid.columns
    at = np.arange(len(strip.axis))
    places = np.stack([np.interp(columns, at, strip.axis[:, axis]) for axis in (0, 1)], axis=1)
    log_p = read_places(grey, places, strip.cap_px)
    return Row(places, strip.cap_px, log_p, float(log_p.max(axis=1).mean()), grid.fit)


def read_places(grey: NDArray[np.uint8], places: NDArray[np.float64], cap_px: float) -> Floats:
    """Return log P of the characters at these places, averaged over small misplacements."""
    along = (places[-1] - places[0]) / (len(places) - 1)
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9) * cap_px
    several = [
        cut_places(grey, places + x * along + y * across, along, across * height)
        for x in _WOBBLE_X
        for y, height in _WOBBLE
    ]
    log_p = load_ocrb().log_probabilities(np.concatenate(several))
    log_p = log_p.reshape(len(several), len(places), -1)
    quality = log_p[:, :, :GAP].max(axis=2).mean(axis=1)
    weights = np.exp(4 * (quality - quality.max()))
    mean = np.tensordot(weights / weights.sum(), log_p, axes=1)[:, :GAP]
    norm = np.log(np.exp(mean).sum(axis=1, keepdims=True))
    found: Floats = (mean - norm).astype(np.float32)
    # What is lost to GAP counts against the row, not against its letters.
    return found + np.minimum(0.0, norm).astype(np.float32) * 0.5


def cut_places(
    grey: NDArray[np.uint8], places: NDArray[np.float64], along: NDArray[np.float64],
    across: NDArray[np.float64],
) -> Floats:  # fmt: skip
    """Return windows centred on places; `along` is one pitch, `across` one capital, in px."""
    columns = (np.arange(WINDOW_WIDTH) - (WINDOW_WIDTH - 1) / 2) / PITCH
    rows = (np.arange(WINDOW_HEIGHT) - (WINDOW_HEIGHT - 1) / 2) / CAP
    inside = columns[None, :, None] * along + rows[:, None, None] * across
    points = places[:, None, None, :] + inside[None]
    flat = points.reshape(len(places) * WINDOW_HEIGHT, WINDOW_WIDTH, 2)
    shrink = min(float(np.hypot(*along)) / PITCH, float(np.hypot(*across)) / CAP)
    low = np.maximum(np.floor(flat.min(axis=(0, 1))) - 4, 0).astype(int)
    high = np.ceil(flat.max(axis=(0, 1))).astype(int) + 5
    part = grey[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)]
    if part.size == 0:
        return np.zeros((len(places), WINDOW_HEIGHT, WINDOW_WIDTH), np.float32)
    fx = fy = 1.0
    if shrink > 1.3:
        size = tuple(max(1, round(side * 1.3 / shrink)) for side in part.shape[::-1])
        fx, fy = size[0] / part.shape[1], size[1] / part.shape[0]
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    map_x = ((flat[..., 0] - low[0] + 0.5) * fx - 0.5).astype(np.float32)
    map_y = ((flat[..., 1] - low[1] + 0.5) * fy - 0.5).astype(np.float32)
    found = cv2.remap(
        part.astype(np.float32), map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return found.reshape(len(places), WINDOW_HEIGHT, WINDOW_WIDTH)


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
    windows = np.concatenate([cut_places(grey, row.places[shown] + move, along, across) for move in moves])
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
    found = read_row(
        grey, line, backwards=False, pitch=row.pitch_px, counts=(len(row.places),)
    )
    if found is None:
        return None
    offset = float(np.abs((found.places[0] - start) @ step) / (step @ step))
    away = found.places.mean(axis=0) - row.places.mean(axis=0)
    # The same row again, or one beyond: its strip has slipped to stronger ink.
    slipped = float(np.hypot(*(away - move))) > 0.6 * row.cap_px
    return found if offset < 1.0 and not slipped else None
