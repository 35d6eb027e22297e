"""Typography of the machine-readable zone: is every character OCR-B, on its line, at its pitch?

    characters cut out on their grid ─▶ compared with OCR-B drawn anew, as sharp as the picture
        odd      how much worse than such a letter usually fits     another font
        below    how far the best place is from the line             printed later, glued

A forger who changes a number must change check digits too, and prints both with what he has. A hint
only: worn, curved and embossed documents print off the grid, and some issuers have an OCR-B of
their own. How well each letter usually fits (`typography.toml`) is measured on specimens.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bank.domain.findings import Breakdown, Finding, Weight
from identity.document.blocks import Block
from identity.document.ocrb import CAP, PITCH, WINDOW_HEIGHT, WINDOW_WIDTH
from identity.document.rows import Cut, cut_places

Floats = NDArray[np.float32]
Grey = NDArray[np.uint8]

#: How far a letter may be off its place and still be found, in pixels of a window.
_SHIFT = 3
#: Blurs of the drawn letter, in pixels of a window; the one that fits the whole zone best counts.
_BLURS = (0.4, 0.8, 1.3, 2.0)


@dataclass(frozen=True, slots=True)
class Typography:
    """One value a character, in reading order, without fillers. Shape (n,) each.

    `likeness` is a correlation in [-1, 1] with the character drawn anew; `below` is how far under
    the line its best place lies, in heights of a capital.
    """

    letters: str
    likeness: Floats
    below: Floats


def findings(block: Block, grey: Grey, lines: Sequence[str]) -> Iterator[Finding]:
    """Yield a hint where characters of the zone look printed with something else.

    The score is 0.5 where the hint begins to count.
    """
    found = measure_zone(block, grey, lines)
    if len(found.letters) < 20:
        return
    table = _table()
    oddness = odd(found)
    score = oddness / table["odd_most"] / 2
    if score >= 0.5:
        text = "Some characters of the machine-readable zone do not look like the others' font."
        yield Finding(
            "zone_font", Breakdown.VISUAL_AUTHENTICITY, Weight.HINT, text,
            min(1.0, score), "document_front",
        )  # fmt: skip


def odd(found: Typography) -> float:
    """Return how much worse than usual the two oddest characters fit, in correlation."""
    usual = _table()["usual"]
    middle = float(np.median(found.likeness))
    short = [
        usual.get(letter, -0.1) - (float(like) - middle)
        for letter, like in zip(found.letters, found.likeness, strict=True)
    ]
    return float(np.mean(sorted(short)[-2:]))


def measure_zone(block: Block, grey: Grey, lines: Sequence[str]) -> Typography:
    """Return the typography of a zone that was read as `lines` from the rows of `block`."""
    letters = "".join(line.replace("<", "") for line in lines)
    windows: list[Floats] = []
    for row, line in zip(block.rows, lines, strict=True):
        along = row.along / (len(row.places) - 1)
        across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9) * row.cap_px
        (cut,) = cut_places(grey, [Cut(row.places, along, across)])
        windows += [one for one, letter in zip(cut, line, strict=True) if letter != "<"]
    best = max(
        (
            np.asarray(
                [_best_place(*pair, blur) for pair in zip(windows, letters, strict=True)],
                np.float32,
            ).reshape(-1, 2)
            for blur in _BLURS
        ),
        key=lambda found: float(np.median(found[:, 0])) if len(found) else 0.0,
    )
    return Typography(letters, best[:, 0], best[:, 1])


def _best_place(window: Floats, letter: str, blur: float) -> tuple[float, float]:
    """Return likeness and capitals below the line of the place where the letter fits best."""
    side = (WINDOW_WIDTH - PITCH) // 2
    inner = _glyph(letter, blur)[_SHIFT:-_SHIFT, side:-side]
    part = window[:, side - _SHIFT : WINDOW_WIDTH - side + _SHIFT].astype(np.float32)
    scores = cv2.matchTemplate(part, inner, cv2.TM_CCOEFF_NORMED)
    _, score, _, (_, y) = cv2.minMaxLoc(scores)
    return float(score), (y - _SHIFT) / CAP


@cache
def _glyph(letter: str, blur: float) -> Floats:
    """Return OCR-B's character drawn dark on light as a window sees it."""
    zoom = 8
    shape = (WINDOW_WIDTH * zoom, WINDOW_HEIGHT * zoom)
    page = Image.new("L", shape, 255)
    place = (shape[0] / 2, (WINDOW_HEIGHT + CAP) / 2 * zoom)
    ImageDraw.Draw(page).text(place, letter, fill=0, font=_ocr_b(CAP * zoom), anchor="ms")
    small = cv2.resize(
        np.asarray(page), (WINDOW_WIDTH, WINDOW_HEIGHT), interpolation=cv2.INTER_AREA
    )
    return np.asarray(cv2.GaussianBlur(small.astype(np.float32), (0, 0), blur), np.float32)


@cache
def _ocr_b(cap_px: int) -> ImageFont.FreeTypeFont:
    """Return OCR-B whose capitals are this high."""
    path = resources.files("identity.specimens") / "fonts" / "OCRB.otf"
    with resources.as_file(path) as file:
        size = 10
        while True:
            face = ImageFont.truetype(str(file), size)
            box = face.getbbox("H", anchor="ls")
            if box[3] - box[1] >= cap_px:
                return face
            size += 1


@cache
def _table() -> dict[str, Any]:
    text = resources.files("identity.document").joinpath("typography.toml").read_text("utf-8")
    return tomllib.loads(text)
