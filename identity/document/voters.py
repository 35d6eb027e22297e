"""Second opinions on a zone whose check digits do not hold: Tesseract and PP-OCR.

    rows, straightened ─▶ Tesseract (eng, letters of a zone only) ─┐
                     └──▶ PP-OCR recogniser ───────────────────────┴─▶ votes per cell, in nats

They read worse than our own net, but their mistakes are different ones. A vote cannot carry a cell
our net is sure of: it tips doubts, and it stops repairs of digits that are printed wrong, since
everybody reads what is printed. They cost more than all the rest, so nobody asks while the check
digits hold.
"""

from __future__ import annotations

import os
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytesseract
from numpy.typing import NDArray

from identity.document import words
from identity.document.mrz import ALPHABET

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identity.document.blocks import Block
    from identity.document.ocrb import Floats
    from identity.document.rows import Row

#: What one voter's word is worth, in nats.
VOTE = 1.2
_CAP_PX = 30
_TIMEOUT_S = 20
_AT = {letter: at for at, letter in enumerate(ALPHABET)}
_CONFIG = f"--oem 1 --psm 6 -c tessedit_char_whitelist={ALPHABET} -c load_system_dawg=0"


def votes_on(grey: NDArray[np.uint8], block: Block, read: Sequence[str]) -> Floats:
    """Return what the voters add to log P of each cell, shape (lines, width, 37)."""
    pictures = [straight_row(grey, row) for row in block.rows]
    votes = np.zeros((len(read), len(read[0]), len(ALPHABET)), np.float32)
    for texts in (_tesseract(pictures), _pp_ocr(pictures)):
        for line, (text, own) in enumerate(zip(texts, read, strict=False)):
            for column, letter in _aligned(text, own):
                votes[line, column, _AT[letter]] += VOTE
    return votes


def straight_row(grey: NDArray[np.uint8], row: Row) -> NDArray[np.uint8]:
    """Return the row as a picture of its own: level, capitals _CAP_PX high, a margin around."""
    count = len(row.places)
    scale = _CAP_PX / row.cap_px
    at = np.arange(-1.5, count + 0.5, 1 / max(1.0, row.pitch_px * scale))
    ends = np.concatenate([[-2.0], np.arange(count), [count + 1.0]])
    step = row.along / (count - 1)
    places = np.concatenate([[row.places[0] - 2 * step], row.places, [row.places[-1] + 2 * step]])
    axis = np.stack([np.interp(at, ends, places[:, one]) for one in (0, 1)], axis=1)
    across = np.array([-step[1], step[0]]) / max(float(np.hypot(*step)), 1e-9)
    offsets = np.arange(-_CAP_PX, _CAP_PX + 1) / scale
    points = (axis[None] + offsets[:, None, None] * across).astype(np.float32)
    picture = cv2.remap(
        grey, points[..., 0], points[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(picture, np.uint8)


def _tesseract(pictures: Sequence[NDArray[np.uint8]]) -> list[str]:
    """Return one text for each picture, or none where Tesseract is missing or fails."""
    width = max(picture.shape[1] for picture in pictures)
    page = np.concatenate(
        [
            np.pad(picture, ((8, 8), (0, width - picture.shape[1])), mode="edge")
            for picture in pictures
        ]
    )
    before = os.environ.get("OMP_THREAD_LIMIT")
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        text = pytesseract.image_to_string(page, lang="eng", config=_CONFIG, timeout=_TIMEOUT_S)
    except (pytesseract.TesseractError, pytesseract.TesseractNotFoundError, RuntimeError):
        return []
    finally:
        if before is None:
            del os.environ["OMP_THREAD_LIMIT"]
        else:
            os.environ["OMP_THREAD_LIMIT"] = before
    lines = [line for line in map(_plain, text.splitlines()) if len(line) > 15]
    return lines if len(lines) == len(pictures) else []


def _pp_ocr(pictures: Sequence[NDArray[np.uint8]]) -> list[str]:
    colours = []
    for picture in pictures:
        width = max(16, round(picture.shape[1] * words.LINE_PX / picture.shape[0]))
        small = cv2.resize(picture, (width, words.LINE_PX), interpolation=cv2.INTER_AREA)
        colours.append(np.repeat(small[..., None], 3, axis=2))
    return [_plain(text) for text, _ in words.recognise(colours)]


def _plain(text: str) -> str:
    mended = text.upper().replace("《", "<<").replace("«", "<<").replace("‹", "<")
    return "".join(letter for letter in mended if letter in _AT)


def _aligned(text: str, own: str) -> list[tuple[int, str]]:
    """Return (column, letter) where a voter's text matches our columns one to one."""
    if len(text) == len(own):
        return list(enumerate(text))
    found = []
    for kind, own_from, own_to, from_, to in SequenceMatcher(
        None, own, text, autojunk=False
    ).get_opcodes():
        if kind == "equal" or (kind == "replace" and own_to - own_from == to - from_):
            found += list(zip(range(own_from, own_to), text[from_:to], strict=True))
    return found
