"""Which way is up, on a page without a machine-readable zone: text lies, and a face stands.

lines of text ─▶ turned so that most lie ─▶ upright or upside down? a small classifier of
text lines (PP-OCR, its ONNX model rides in rapidocr_onnxruntime) votes over the longest
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import onnxruntime
import rapidocr_onnxruntime
from numpy.typing import NDArray

from identity.document.page import quarter_turns
from identity.document.text import find_text

if TYPE_CHECKING:
    from identity.document.reading import Picture
    from identity.document.text import TextLine

_LOOK_PX = 736
_LINES_ASKED = 8
_LINE_SHAPE = (192, 48)


def upright(page: Picture) -> Picture:
    """Return the page turned by 0, 90, 180 or 270 degrees so that its text can be read."""
    lines = find_text(page, look_px=_LOOK_PX)
    if quarter_turns(lines):
        page = np.ascontiguousarray(np.rot90(page))
        lines = find_text(page, look_px=_LOOK_PX)
    if is_upside_down(page, lines):
        page = np.ascontiguousarray(page[::-1, ::-1])
    return page


def is_upside_down(page: Picture, lines: list[TextLine]) -> bool:
    """Whether most of the longest lines read better turned by 180 degrees."""
    asked = [line for line in lines if 2 * line.height < line.length][:_LINES_ASKED]
    if not asked:
        return False
    batch = np.stack([_cut(page, line) for line in asked])
    session = _session()
    (found,) = session.run(None, {session.get_inputs()[0].name: batch})
    return float(np.mean(found[:, 1] - found[:, 0])) > 0


def _cut(page: Picture, line: TextLine) -> NDArray[np.float32]:
    """Return one line as the classifier wants it: shape (3, 48, 192), BGR, in [-1, 1]."""
    along = line.direction
    across = np.array([-along[1], along[0]]) * line.height * 0.9
    start, end = np.array(line.start), np.array(line.end)
    width, height = _LINE_SHAPE
    # Longer lines are cut, not squeezed: the classifier looks at shapes of letters.
    end = start + along * min(line.length, line.height * 1.8 * width / height)
    corners = np.array([start - across, end - across, start + across], np.float32)
    filled = min(
        width, max(16, round(float(np.hypot(*(end - start))) / (1.8 * line.height) * height))
    )
    target = np.array([[0, 0], [filled, 0], [0, height]], np.float32)
    matrix = cv2.getAffineTransform(corners, target)
    part = cv2.warpAffine(page, matrix, (width, height), flags=cv2.INTER_LINEAR)
    part[:, filled:] = 127
    values = (part[..., ::-1].astype(np.float32) / 255 - 0.5) / 0.5
    return np.asarray(values.transpose(2, 0, 1), np.float32)


@cache
def _session() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    model = (
        Path(rapidocr_onnxruntime.__file__).parent
        / "models"
        / "ch_ppocr_mobile_v2.0_cls_infer.onnx"
    )
    return onnxruntime.InferenceSession(
        str(model), sess_options=options, providers=["CPUExecutionProvider"]
    )
