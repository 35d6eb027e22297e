"""What an invented person does before the camera, and what the camera makes of it.

    steps ─▶ bows: wait, rise, stay, fall   the page's own clock: 1.2 s straight, 3.4 s a step
          └▶ poses, one every 200 to 280 ms, with sway, unasked blinks and steps held too long
    picture ─▶ lens, light, grain, JPEG ─▶ what the page sends

The clock and the pictures are those of web/static/js/chat/ceremony.js.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.liveness.watching import Frame

WIDTH_PX, HEIGHT_PX = 640, 480
READY_MS, STEP_MS = 1200, 3400
#: Least and most milliseconds from one picture to the next: a fast browser, a slow phone.
PACES_MS: Final = (200, 280)
_QUALITY: Final = 85
_UNASKED_BLINKS: Final = 0.05
_HELD_TOO_LONG: Final = 0.2


@dataclass(frozen=True, slots=True)
class Pose:
    """One moment of a head: degrees, shares and millimetres, as `render_face` takes them."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    blink: float = 0.0
    smile: float = 0.0
    x_mm: float = 0.0
    y_mm: float = 0.0
    nearness: float = 1.0


@dataclass(frozen=True, slots=True)
class Camera:
    """`blur_px` and `grain` (of 255) are standard deviations; `light` 1 is a well lit room."""

    blur_px: float = 0.6
    grain: float = 2.0
    light: float = 1.0


@dataclass(frozen=True, slots=True)
class _Bow:
    """One step being done: milliseconds from the first picture, and how far it goes."""

    step: str
    begins: float
    rises: float
    stays: float
    falls: float
    reach: float

    def at(self, ms: float) -> float:
        since = ms - self.begins
        left = self.rises + self.stays + self.falls - since
        return self.reach * float(np.clip(min(since / self.rises, left / self.falls), 0, 1))


def act(steps: Sequence[str], rng: np.random.Generator) -> list[Pose]:
    """Return the poses of someone doing `steps` as the page asks for them."""
    bows = [_bow(step, READY_MS + STEP_MS * place, rng) for place, step in enumerate(steps)]
    count = int((READY_MS + STEP_MS * len(steps)) / rng.uniform(*PACES_MS))
    pace = (READY_MS + STEP_MS * len(steps)) / count
    sway = [wander(count, rng) for _ in range(5)]
    lean = rng.normal(0, [4.0, 2.5, 1.0])
    poses = []
    for index in range(count):
        now = {bow.step: bow.at(index * pace) for bow in bows}
        yaw = now.get("turn_left", 0.0) - now.get("turn_right", 0.0)
        blink = now.get("blink", 0.0)
        if rng.random() < _UNASKED_BLINKS and not yaw:
            blink = max(blink, float(rng.uniform(0.4, 1)))
        poses.append(
            Pose(
                yaw=lean[1] + yaw + 1.5 * sway[0][index],
                pitch=lean[0] + 1.5 * sway[1][index] - 0.1 * abs(yaw),
                roll=lean[2] + 1.2 * sway[2][index],
                blink=blink, smile=now.get("smile", 0.0),
                x_mm=5 * sway[3][index] + 0.3 * yaw, y_mm=4 * sway[4][index],
                nearness=1.0 + 0.02 * sway[2][index],
            )
        )  # fmt: skip
    return poses


def _bow(step: str, asked_ms: float, rng: np.random.Generator) -> _Bow:
    begins = asked_ms + rng.uniform(400, 1000)
    if step == "blink":
        # Asked to blink, people shut their eyes for longer than by themselves.
        return _Bow(step, begins, 80, float(rng.uniform(180, 450)), 120, 1.0)
    reach = rng.uniform(18, 34) if step.startswith("turn") else rng.uniform(0.75, 1.0)
    rises, stays, falls = rng.uniform(250, 600), rng.uniform(600, 1200), rng.uniform(250, 600)
    if rng.random() < _HELD_TOO_LONG:  # until the next step is shown, and a moment more
        stays = max(stays, asked_ms + STEP_MS + 200 - begins - rises)
    return _Bow(step, begins, float(rises), float(stays), float(falls), float(reach))


def wander(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a slow random walk of spread about 1."""
    steps = np.convolve(rng.normal(0, 1, count + 6), np.ones(5) / 5, mode="same")[3 : count + 3]
    walk = np.cumsum(steps) * 0.5
    centred: NDArray[np.float64] = (walk - walk.mean()) / max(1.0, float(walk.std()))
    return centred


def any_camera(rng: np.random.Generator) -> Camera:
    """Return one of many: one in four stands in a dim room, where pictures are dark and grainy."""
    dim = rng.random() < 0.25
    light, grain = (rng.uniform(0.35, 0.65), rng.uniform(4, 8)) if dim else (1.0, rng.uniform(1, 4))
    return Camera(float(rng.uniform(0.4, 1.1)), float(grain), float(light))


def filmed(picture: Picture, camera: Camera, rng: np.random.Generator) -> Picture:
    """Return what the page sends of this sight: softened, lit, grainy, compressed."""
    soft = cv2.GaussianBlur(picture, (0, 0), camera.blur_px).astype(np.float32)
    soft *= camera.light * (1 + rng.normal(0, 0.006))
    soft += camera.grain * rng.standard_normal(picture.shape, dtype=np.float32)
    quality = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY]
    _, packed = cv2.imencode(".jpg", np.clip(soft, 0, 255).astype(np.uint8)[..., ::-1], quality)
    opened = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert opened is not None, "our own JPEG"
    return np.ascontiguousarray(opened[..., ::-1].astype(np.uint8))


def timed(pictures: Sequence[Picture], rng: np.random.Generator) -> list[Frame]:
    """Return the pictures as a recording of three steps; times waver as a browser's do."""
    pace = (READY_MS + 3 * STEP_MS) / max(len(pictures), 1)
    start = rng.uniform(0, 60)
    return [
        Frame(picture, round(start + index * pace + rng.uniform(0, 60)))
        for index, picture in enumerate(pictures)
    ]
