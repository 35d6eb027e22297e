"""Recordings of people who do not exist, honest ones and attacks, to measure the judge by.

    honest          does the steps, in order, with its own pace, reach and tremble
    print           a photo on paper, moved, tilted and bent before the camera
    print_cut       the same with holes for the attacker's own eyes and mouth
    screen_still    a photo on a screen: bezel, raster, glare
    screen_replay   a recording of *another* challenge, played on a screen
    loop            two seconds of an idle person, over and over
    swap            one person begins, another goes on

Faces come from `specimens.faces`, so no real person is in them; their skin, hair and light are
simpler than the world's. Bones differ as people's do (spread 1), except in `swap`, where a matcher
has to tell two apart. `screen_right`, the *right* order, measures what the judge does not stop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.liveness.acting import (
    HEIGHT_PX,
    WIDTH_PX,
    Camera,
    Pose,
    act,
    any_camera,
    filmed,
    timed,
    wander,
)
from identity.liveness.challenges import STEPS, Challenge
from identity.liveness.watching import Frame
from identity.specimens.face_people import SPREAD
from identity.specimens.faces import another_person, render_face

ATTACKS: Final = ("print", "print_cut", "screen_still", "screen_replay", "loop", "swap")
#: The very steps asked for, played on a screen: made to measure what is not stopped.
UNSTOPPED: Final = "screen_right"
_SPREAD: Final = 1.0


def honest(seed: int, challenge: Challenge, *, person: int | None = None) -> list[Frame]:
    """Return a recording of somebody who does what is asked.

    `person` is one of the specimens, as `render_face` draws them; otherwise anybody.
    """
    rng = np.random.default_rng([17, seed])
    poses = act(challenge.steps, rng)
    if person is None:
        return _alone(poses, seed, rng, upright=rng.random() < 0.5)
    return _filmed(poses, [person] * len(poses), rng, spread=SPREAD)


def attack(seed: int, kind: str, challenge: Challenge) -> list[Frame]:
    """Return a recording of an attack of this kind. Raises KeyError: no such kind."""
    return _MAKERS[kind](seed, challenge)


def _alone(
    poses: Sequence[Pose], person: int, rng: np.random.Generator, *, upright: bool = False
) -> list[Frame]:
    return _filmed(poses, [person] * len(poses), rng, spread=_SPREAD, upright=upright)


def _filmed(
    poses: Sequence[Pose], people: Sequence[int], rng: np.random.Generator, *,
    spread: float, upright: bool = False,
) -> list[Frame]:  # fmt: skip
    sitting, camera = int(rng.integers(1, 50)), any_camera(rng)
    sights = [
        _sight(pose, who, sitting, spread=spread, upright=upright)
        for pose, who in zip(poses, people, strict=True)
    ]
    return timed([filmed(sight, camera, rng) for sight in sights], rng)


def _sight(
    pose: Pose, person: int, sitting: int, *, spread: float = _SPREAD, upright: bool = False
) -> Picture:
    """Return the person, 640 × 480; as a phone held upright sees them, 480 × 640."""
    face = render_face(
        person, yaw_deg=pose.yaw, pitch_deg=pose.pitch, roll_deg=pose.roll, blink=pose.blink,
        smile=pose.smile, size_px=HEIGHT_PX, sitting=sitting, shift_mm=(pose.x_mm, pose.y_mm),
        nearness=pose.nearness, spread=spread,
    )  # fmt: skip
    more = (WIDTH_PX - HEIGHT_PX) // 2
    above, beside = (more, 0) if upright else (0, more)
    wide = cv2.copyMakeBorder(face, above, above, beside, beside, cv2.BORDER_REPLICATE)
    return wide.astype(np.uint8)


def _print(seed: int, challenge: Challenge, *, cut: bool = False) -> list[Frame]:
    rng = np.random.default_rng([19, seed])
    photo = render_face(seed, size_px=HEIGHT_PX, sitting=0, spread=_SPREAD)
    poses = act(challenge.steps, rng)
    helper = seed + 1000
    # How far this attacker turns and bends the sheet where a turn is asked.
    effort, bent = float(rng.uniform(0.8, 1.6)), float(rng.uniform(0.1, 1.1))
    camera, pictures = any_camera(rng), []
    for pose in poses:
        sheet = photo
        if cut:
            alive = render_face(
                helper, blink=pose.blink, smile=pose.smile, size_px=HEIGHT_PX, spread=_SPREAD
            )
            sheet = _with_holes(photo, alive)
        bend = bent * min(abs(pose.yaw) / 25, 1.0)
        pictures.append(filmed(_held(sheet, pose, rng, effort=effort, bend=bend), camera, rng))
    return timed(pictures, rng)


def _with_holes(photo: Picture, alive: Picture) -> Picture:
    """Return the photo with the eyes and mouth of what is behind it."""
    holes = np.zeros(photo.shape[:2], dtype=np.uint8)
    scale = HEIGHT_PX / 640 * 1.72
    middle, line = HEIGHT_PX / 2, HEIGHT_PX / 2 - 12 * HEIGHT_PX / 640
    for x, y, wide, high in ((-32, 0, 19, 11), (32, 0, 19, 11), (0, 69, 38, 17)):
        centre = (round(middle + x * scale * 1.1), round(line + y * scale * 1.1))
        axes = (round(wide * scale * 1.1), round(high * scale * 1.1))
        cv2.ellipse(holes, centre, axes, 0, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(holes / 255.0, (0, 0), 1.0)[..., None]
    return (photo * (1 - soft) + alive * soft).astype(np.uint8)


def _held(
    sheet: Picture, pose: Pose, rng: np.random.Generator, *, effort: float, bend: float
) -> Picture:
    """Return a sheet before the camera: turned by the pose times `effort`, and bent.

    `bend` is the angle in radians by which either side falls back, about the upright axis.
    """
    side = sheet.shape[0]
    u, v = np.meshgrid(*[np.linspace(-1, 1, side, dtype=np.float32)] * 2)
    yaw, roll = np.radians((pose.yaw * effort, pose.roll))
    # Where does each pixel of the sheet go? Bent, its sides fall back along a cylinder.
    curve = max(bend, 1e-3)
    x3, z3 = np.sin(u * curve) / curve, (1 - np.cos(u * curve)) / curve
    x = x3 * np.cos(yaw) + z3 * np.sin(yaw)
    z = -x3 * np.sin(yaw) + z3 * np.cos(yaw)
    near = 3.2 / (3.2 + z) * pose.nearness * 0.92
    cos, sin = near * np.cos(roll), near * np.sin(roll)
    x, y = x * cos + v * sin, v * cos - x * sin
    to_x = (x * side / 2 + WIDTH_PX / 2 + pose.x_mm * 1.5).astype(np.float32)
    to_y = (y * side / 2 + HEIGHT_PX / 2 + pose.y_mm * 1.5).astype(np.float32)
    shade = rng.integers(70, 90)
    return _scattered(sheet, to_x, to_y, np.full((HEIGHT_PX, WIDTH_PX, 3), shade, dtype=np.uint8))


def _scattered(sheet: Picture, to_x: NDArray[np.float32], to_y: NDArray[np.float32],
               table: Picture) -> Picture:  # fmt: skip
    """Return the table with the sheet's pixels where `to_x` and `to_y` put them."""
    height, width = table.shape[:2]
    rows = [*range(0, sheet.shape[0] - 1, 24), sheet.shape[0] - 1]
    for top, bottom in pairwise(rows):
        for left, right in pairwise(rows):
            corners = ((top, left), (top, right), (bottom, right), (bottom, left))
            goal = np.array([(to_x[at], to_y[at]) for at in corners], dtype=np.float32)
            from_ = np.array([(c, r) for r, c in corners], dtype=np.float32)
            low = np.clip(np.floor(goal.min(axis=0)), 0, [width, height]).astype(int)
            high = np.clip(np.ceil(goal.max(axis=0)) + 1, 0, [width, height]).astype(int)
            if (high <= low).any():
                continue
            matrix = cv2.getPerspectiveTransform(from_, goal - low.astype(np.float32))
            size = (int(high[0] - low[0]), int(high[1] - low[1]))
            part = cv2.warpPerspective(sheet, matrix, size, borderMode=cv2.BORDER_REPLICATE)
            mask = np.zeros(size[::-1], dtype=np.uint8)
            cv2.fillConvexPoly(mask, np.round(goal - low).astype(np.int32), 255)
            where = table[low[1] : high[1], low[0] : high[0]]
            where[mask > 0] = part[mask > 0]
    return table


def _on_screen(pictures: Sequence[Picture], rng: np.random.Generator) -> list[Picture]:
    """Return pictures as a second camera sees them on a screen held in a hand."""
    sway = [wander(len(pictures), rng) for _ in range(4)]
    pitch = float(rng.uniform(2.2, 3.4))
    rows, columns = np.mgrid[0:HEIGHT_PX, 0:WIDTH_PX].astype(np.float32)
    angle = float(rng.uniform(-0.2, 0.2))
    raster = 1 + 0.06 * np.sin(2 * np.pi * (columns + angle * rows) / pitch)
    raster *= 1 + 0.04 * np.sin(2 * np.pi * (rows - angle * columns) / (pitch * 1.1))
    glare = 40 * np.exp(-(((columns - rng.uniform(80, 560)) / 90) ** 2) - ((rows - 120) / 70) ** 2)
    shots = []
    for index, picture in enumerate(pictures):
        dx, dy = 5 * sway[0][index], 4 * sway[1][index]
        zoom, tilt = 0.93 + 0.01 * sway[2][index], 0.6 * sway[3][index]
        matrix = cv2.getRotationMatrix2D((WIDTH_PX / 2, HEIGHT_PX / 2), tilt, zoom)
        matrix[:, 2] += (dx, dy)
        framed = picture.copy()
        cv2.rectangle(framed, (0, 0), (WIDTH_PX - 1, HEIGHT_PX - 1), (15, 15, 17), 8)
        seen = cv2.warpAffine(framed, matrix, (WIDTH_PX, HEIGHT_PX), borderValue=(60, 58, 55))
        shown = 255 * (seen.astype(np.float32) / 255) ** 1.15 * raster[..., None]
        lit = np.clip(shown + glare[..., None], 0, 255).astype(np.uint8)
        shots.append(filmed(lit, Camera(), rng))
    return shots


def _screen_still(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([23, seed])
    count = len(act(challenge.steps, rng))
    still = filmed(_sight(Pose(), seed, 3), Camera(), rng)
    return timed(_on_screen([still] * count, rng), rng)


def _screen_replay(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([29, seed])
    other = challenge.steps
    while other == challenge.steps:
        other = tuple(str(step) for step in rng.permutation(STEPS)[: len(other)])
    return _replayed(seed, other, rng)


def _replayed(seed: int, steps: Sequence[str], rng: np.random.Generator) -> list[Frame]:
    film = [frame.picture for frame in _alone(act(steps, rng), seed, rng)]
    return timed(_on_screen(film, rng), rng)


def _loop(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([37, seed])
    count = len(act(challenge.steps, rng))
    clip = [frame.picture for frame in _alone(act(("blink",), rng)[:10], seed, rng)]
    return timed([clip[index % len(clip)] for index in range(count)], rng)


def _swap(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([41, seed])
    poses = act(challenge.steps, rng)
    cut = int(len(poses) * rng.uniform(0.3, 0.7))
    people = [seed] * cut + [another_person(seed)] * (len(poses) - cut)
    return _filmed(poses, people, rng, spread=SPREAD)


_MAKERS: Final[dict[str, Callable[[int, Challenge], list[Frame]]]] = {
    "print": _print,
    "print_cut": lambda seed, challenge: _print(seed, challenge, cut=True),
    "screen_still": _screen_still,
    "screen_replay": _screen_replay,
    "screen_right": lambda seed, challenge: _replayed(
        seed, challenge.steps, np.random.default_rng([31, seed])
    ),
    "loop": _loop,
    "swap": _swap,
}
