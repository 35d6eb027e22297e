"""Where lines of text stand in a picture, whatever their direction.

    picture ─▶ DB text detector (PP-OCRv4, its ONNX model rides in rapidocr_onnxruntime)
            ─▶ probability map ─▶ turned rectangles ─▶ pieces of one line joined ─▶ TextLine

Only places: nothing is read here. A line's angle is known modulo 180 degrees.

DB: Liao et al., "Real-time scene text detection with differentiable binarization", 2020.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import onnxruntime
import rapidocr_onnxruntime
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from identity.document.reading import Picture

#: Longest side of the picture given to the detector, in pixels: first look, second look.
LOOK_PX = 960
CLOSE_LOOK_PX = 1600
_INK = 0.3
_SURE = 0.5
#: The detector marks the core of a line; a capital is this many times as high as the mark.
_CAP_PER_CORE = 1.75
_STRIDE = 32

Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TextLine:
    """A straight line of text: from `start` to `end` (x, y in px) along its middle.

    `height` is about that of a capital letter, in px. Start and end are left and right of a
    reader who sees the text at most 90 degrees turned.
    """

    start: tuple[float, float]
    end: tuple[float, float]
    height: float

    @property
    def length(self) -> float:
        """Length in px."""
        return float(np.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1]))

    @property
    def direction(self) -> Points:
        """Unit vector from start to end, shape (2,)."""
        return np.subtract(self.end, self.start) / max(self.length, 1e-6)

    @property
    def middle(self) -> Points:
        """The point half way, shape (2,)."""
        return np.add(self.start, self.end) / 2


def find_text(picture: Picture, *, look_px: int = LOOK_PX, joined: bool = True) -> list[TextLine]:
    """Return the lines of text of a picture, the longest first.

    `joined=False` leaves pieces with a gap between them apart: columns, a label and its value.
    """
    scale = look_px / max(picture.shape[:2])
    if scale < 1 or max(picture.shape[:2]) < look_px:
        scale = min(scale, 4.0)
    height, width = (
        max(_STRIDE, round(side * scale / _STRIDE) * _STRIDE) for side in picture.shape[:2]
    )
    small = cv2.resize(
        picture, (width, height),
        interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC,
    )  # fmt: skip
    ink = _ink_map(small)
    back = np.array([picture.shape[1] / width, picture.shape[0] / height])
    pieces = [_scaled(piece, back) for piece in _pieces(ink)]
    return join_pieces(pieces) if joined else sorted(pieces, key=lambda line: -line.length)


def _ink_map(picture: Picture) -> NDArray[np.float32]:
    """Return P(core of a text line) for each pixel. Colours are BGR for the model."""
    values = (picture[..., ::-1].astype(np.float32) / 255 - 0.5) / 0.5
    session = _session()
    (found,) = session.run(None, {session.get_inputs()[0].name: values.transpose(2, 0, 1)[None]})
    ink: NDArray[np.float32] = found[0, 0]
    return ink


@cache
def _session() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = Path(rapidocr_onnxruntime.__file__).parent / "models" / "ch_PP-OCRv4_det_infer.onnx"
    return onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _pieces(ink: NDArray[np.float32]) -> list[TextLine]:
    mask = (ink > _INK).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours:
        (x, y), (side_a, side_b), angle = cv2.minAreaRect(contour)
        if min(side_a, side_b) < 2 or len(contour) < 4:
            continue
        left, top, width, height = cv2.boundingRect(contour)
        inside = np.zeros((height, width), np.uint8)
        cv2.fillPoly(inside, [contour - [left, top]], 1)
        if cv2.mean(ink[top : top + height, left : left + width], inside)[0] < _SURE:
            continue
        if side_a < side_b:
            side_a, side_b, angle = side_b, side_a, angle + 90
        turn = np.deg2rad(angle)
        along = np.array([np.cos(turn), np.sin(turn)])
        if along[0] < -1e-6 or (abs(along[0]) <= 1e-6 and along[1] < 0):
            along = -along
        # The core is shorter than the text at both ends by about as much as it is thinner.
        half = along * (side_a / 2 + 0.35 * side_b)
        found.append(
            TextLine((x - half[0], y - half[1]), (x + half[0], y + half[1]), side_b * _CAP_PER_CORE)
        )
    return found


def _scaled(line: TextLine, by: Points) -> TextLine:
    start, end = np.multiply(line.start, by), np.multiply(line.end, by)
    return TextLine(
        (float(start[0]), float(start[1])), (float(end[0]), float(end[1])),
        line.height * float(by.mean()),
    )  # fmt: skip


def join_pieces(pieces: Sequence[TextLine]) -> list[TextLine]:
    """Return lines of which pieces that continue one another are joined, the longest first."""
    lines = sorted(pieces, key=lambda line: -line.length)
    joined = True
    while joined:
        joined = False
        for at, line in enumerate(lines):
            for other_at in range(at + 1, len(lines)):
                whole = _joined(line, lines[other_at])
                if whole is not None:
                    lines[at] = whole
                    del lines[other_at]
                    joined = True
                    break
            if joined:
                break
    return sorted(lines, key=lambda line: -line.length)


def _joined(line: TextLine, other: TextLine) -> TextLine | None:
    """Return both as one line if they lie on one axis, are alike in height, and nearly touch."""
    height = max(line.height, other.height)
    if min(line.height, other.height) < 0.6 * height or line.length < 3 * height:
        return None
    along = line.direction
    across = np.array([-along[1], along[0]])
    ends = [np.subtract(point, line.start) for point in (other.start, other.end)]
    if max(abs(float(end @ across)) for end in ends) > 0.55 * height:
        return None
    first, last = sorted(float(end @ along) for end in ends)
    if first > line.length + 2.5 * height or last < -2.5 * height:
        return None
    points = [line.start, line.end, other.start, other.end]
    places = [float(np.subtract(point, line.start) @ along) for point in points]
    weight = line.length / (line.length + other.length)
    return TextLine(
        points[int(np.argmin(places))],
        points[int(np.argmax(places))],
        weight * line.height + (1 - weight) * other.height,
    )
