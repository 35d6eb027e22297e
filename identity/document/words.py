"""Lines of print, read: what stands on a page, where, and how surely.

    page ─▶ places of text (text.py) ─▶ each cut out straight, 48 px high ─▶ recogniser ─▶ Word

The recogniser is PP-OCRv4's (its ONNX model rides in rapidocr_onnxruntime). It knows Latin letters
with few accents, so what is compared is compared folded (see fold). Cost grows with the width of
what is read; a budget of pixels bounds it.

CTC: Graves et al., "Connectionist temporal classification", 2006.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import rapidocr_onnxruntime
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.document.text import TextLine, find_text

LINE_PX = 48
#: Widths are rounded up to this, so that few lines are padded and many shapes are shared.
_STEP_PX = 32
_WIDEST_PX = 960
#: Total width in pixels that is read of one page: about 1.2 s of one core.
BUDGET_PX = 11_000
#: A letter that the detector overlooked is believed from this confidence on.
CONFIDENCE_CLOSE = 0.7
#: A cut is this many capitals high: accents above, descenders below.
_CUT_CAPITALS = 1.9


@dataclass(frozen=True, slots=True)
class Word:
    """One line or piece of a line. `box` is (left, top, right, bottom) in pixels of the page."""

    text: str
    box: tuple[float, float, float, float]
    confidence: float

    @property
    def height(self) -> float:
        """Height of its capitals in pixels."""
        return self.box[3] - self.box[1]


def read_words(page: Picture, *, look_px: int = 960) -> list[Word]:
    """Return what stands on an upright page, from top to bottom, in rows from left to right."""
    lines = [line for line in find_text(page, look_px=look_px, joined=False) if _is_level(line)]
    cuts, kept, spent = [], [], 0
    # Small print first: values and labels. Titles and zones of full width come last.
    for line in sorted(lines, key=lambda one: one.length):
        cut = _cut(page, line)
        spent += cut.shape[1]
        if spent > BUDGET_PX:
            break
        cuts.append(cut)
        kept.append(line)
    words = [
        Word(text, _box(line), confidence)
        for line, (text, confidence) in zip(kept, recognise(cuts), strict=True)
        if text
    ]
    return sorted(words, key=lambda word: (word.box[1] + word.box[3], word.box[0]))


def read_box(page: Picture, box: tuple[float, float, float, float]) -> str:
    """Return what stands first in a box of the page, "" where nothing does.

    For what the detector overlooks, a single letter: the ink in the box is found by its tone.
    """
    height, width = page.shape[:2]
    left, top, right, bottom = (round(one) for one in box)
    part = page[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    if min(part.shape[:2]) < 8:
        return ""
    grey = cv2.cvtColor(part, cv2.COLOR_RGB2GRAY)
    _, ink = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    count, _, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    letters = [
        (int(x), int(y), int(x + w), int(y + h))
        for x, y, w, h, _ in stats[1:count]
        if h >= 0.2 * part.shape[0] and w <= 2 * h and y > 0 and y + h < part.shape[0]
    ]
    if not letters:
        return ""
    first = min(letters)
    tall = first[3] - first[1]
    row = [one for one in letters if min(one[3], first[3]) - max(one[1], first[1]) > 0.6 * tall]
    middle = (first[1] + first[3]) / 2 + max(top, 0)
    start, end = (float(at + max(left, 0)) for at in (first[0], max(one[2] for one in row)))
    line = TextLine((start, middle), (end, middle), float(max(tall, 4)))
    ((text, confidence),) = recognise([_cut(page, line)])
    return text if confidence >= CONFIDENCE_CLOSE else ""


def fold(text: str) -> str:
    """Return the text in capital Latin letters without accents, as zones write them.

    >>> fold("Müller-Łoś, Ærøskøbing")
    'MULLER-LOS, AEROSKOBING'
    """
    for letter, plain in _LETTERS.items():
        text = text.replace(letter, plain)
    apart = unicodedata.normalize("NFKD", text)
    return "".join(one for one in apart if not unicodedata.combining(one)).upper()


_LETTERS = {
    "ß": "SS", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l",
    "Đ": "D", "đ": "d", "Þ": "TH", "þ": "th", "Ð": "D", "ð": "d", "ı": "i", "’": "'", "–": "-",
    "—": "-", "．": ".", "，": ",", "：": ":", "／": "/", "（": "(", "）": ")",
}  # fmt: skip


def _is_level(line: TextLine) -> bool:
    return (
        line.height >= 4
        and abs(float(line.direction[1])) < 0.3
        and line.length >= line.height * 0.4
    )


def _box(line: TextLine) -> tuple[float, float, float, float]:
    half = line.height / 2
    top, bottom = sorted((line.start[1], line.end[1]))
    return line.start[0], top - half, line.end[0], bottom + half


def _cut(page: Picture, line: TextLine) -> Picture:
    """Return the line cut out straight, LINE_PX high."""
    scale = LINE_PX / (line.height * _CUT_CAPITALS)
    width = max(16, min(_WIDEST_PX, round((line.length + line.height * 0.5) * scale)))
    along = line.direction
    across = np.array([-along[1], along[0]])
    start = np.asarray(line.start) - along * line.height * 0.25
    stretch = (line.length + line.height * 0.5) / width
    corner = start - across * line.height * _CUT_CAPITALS / 2
    matrix = np.array(
        [
            [along[0] * stretch, across[0] / scale, corner[0]],
            [along[1] * stretch, across[1] / scale, corner[1]],
        ]
    )
    return np.asarray(
        cv2.warpAffine(
            page, matrix, (width, LINE_PX), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        ),
        dtype=np.uint8,
    )  # fmt: skip


def recognise(cuts: Sequence[Picture]) -> list[tuple[str, float]]:
    """Return (text, confidence 0-1) of each cut. Lines of one width are read together."""
    found: list[tuple[str, float]] = [("", 0.0)] * len(cuts)
    by_width: dict[int, list[int]] = {}
    for at, cut in enumerate(cuts):
        by_width.setdefault(-(-cut.shape[1] // _STEP_PX) * _STEP_PX, []).append(at)
    session, letters = _recogniser()
    name = session.get_inputs()[0].name
    for width, group in by_width.items():
        for first in range(0, len(group), 6):
            part = group[first : first + 6]
            batch = np.zeros((len(part), 3, LINE_PX, width), np.float32)
            for row, at in enumerate(part):
                values = (cuts[at][..., ::-1].astype(np.float32) / 255 - 0.5) / 0.5
                batch[row, :, :, : cuts[at].shape[1]] = values.transpose(2, 0, 1)
            (chances,) = session.run(None, {name: batch})
            for row, at in enumerate(part):
                found[at] = _decode(chances[row], letters)
    return found


def _decode(chances: NDArray[np.float32], letters: Sequence[str]) -> tuple[str, float]:
    """Return the text of the likeliest path, its repeats and blanks taken out."""
    best = chances.argmax(axis=1)
    fresh = np.concatenate([[True], best[1:] != best[:-1]]) & (best != 0)
    if not fresh.any():
        return "", 0.0
    text = "".join(letters[int(one)] for one in best[fresh])
    return text.strip(), float(chances[np.arange(len(best)), best][fresh].mean())


@cache
def _recogniser() -> tuple[Any, list[str]]:
    import onnxruntime  # noqa: PLC0415 - loading it takes as long as a page

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = Path(rapidocr_onnxruntime.__file__).parent / "models" / "ch_PP-OCRv4_rec_infer.onnx"
    session = onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )
    listed = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    return session, ["", *listed, " "]
