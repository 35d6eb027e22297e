"""Recordings of people who do not exist, honest ones and attacks, to measure the judge by.

    honest          does the steps, in order, with its own pace, reach and tremble
    print           a photo on paper, moved, tilted and bent before the camera
    print_cut       the same with holes for the attacker's own eyes and mouth
    screen_still    a photo on a screen: bezel, raster, glare
    screen_replay   a recording of *another* challenge, played on a screen
    loop            two seconds of an idle person, over and over
    swap            one person begins, another goes on

Faces come from `specimens.faces`, so no real person is in them; their skin, hair and light are
simpler than the world's. An attack with the *right* order (`screen_right`) is made as well: it
measures what the judge does not stop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.liveness.challenges import STEPS, Challenge
from identity.liveness.watching import Frame
from identity.specimens.faces import another_person, render_face

ATTACKS: Final = ("print", "print_cut", "screen_still", "screen_replay", "loop", "swap")
WIDTH_PX, HEIGHT_PX = 640, 480
_STEP_MS: Final = 220


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


def honest(seed: int, challenge: Challenge, *, person: int | None = None) -> list[Frame]:
    """Return a recording of a person who does what is asked."""
    rng = np.random.default_rng([17, seed])
    poses = act(challenge.steps, rng)
    return _filmed(poses, seed if person is None else person, rng)


def attack(seed: int, kind: str, challenge: Challenge) -> list[Frame]:
    """Return a recording of an attack of this kind. Raises KeyError: no such kind."""
    return _MAKERS[kind](seed, challenge)


def act(steps: Sequence[str], rng: np.random.Generator) -> list[Pose]:
    """Return the poses of someone doing `steps`, one every 220 ms or so."""
    tracks: list[tuple[str, float]] = [("", 0.0)] * int(rng.integers(3, 7))
    for step in steps:
        tracks += _bow(step, rng) + [("", 0.0)] * int(rng.integers(1, 5))
    count = len(tracks)
    sway = [_wander(count, rng) for _ in range(5)]
    lean = rng.normal(0, [4.0, 2.5, 1.0])
    poses = []
    for index, (step, amount) in enumerate(tracks):
        yaw = {"turn_left": amount, "turn_right": -amount}.get(step, 0.0)
        blink = amount if step == "blink" else 0.0
        if not step and rng.random() < 0.06:  # people blink anyway
            blink = 1.0
        poses.append(
            Pose(
                yaw=lean[1] + yaw + 1.5 * sway[0][index],
                pitch=lean[0] + 1.5 * sway[1][index] - 0.1 * abs(yaw),
                roll=lean[2] + 1.2 * sway[2][index],
                blink=blink, smile=amount if step == "smile" else 0.0,
                x_mm=5 * sway[3][index] + 0.3 * yaw, y_mm=4 * sway[4][index],
                nearness=1.0 + 0.02 * sway[2][index],
            )
        )  # fmt: skip
    return poses


def _bow(step: str, rng: np.random.Generator) -> list[tuple[str, float]]:
    """Return one gesture: it rises, stays and falls. Turns in degrees, the others in shares."""
    if step == "blink":
        return [(step, 1.0)] * int(rng.integers(1, 4))
    reach = rng.uniform(18, 34) if step.startswith("turn") else rng.uniform(0.6, 1.0)
    rise = [0.3, 0.75] if rng.random() < 0.5 else [0.5]
    stay = [1.0] * int(rng.integers(3, 6))
    return [(step, float(reach * share)) for share in [*rise, *stay, *reversed(rise)]]


def _wander(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a slow random walk of spread about 1."""
    steps = np.convolve(rng.normal(0, 1, count + 6), np.ones(5) / 5, mode="same")[3 : count + 3]
    walk = np.cumsum(steps) * 0.5
    centred: NDArray[np.float64] = (walk - walk.mean()) / max(1.0, float(walk.std()))
    return centred


def _filmed(
    poses: Sequence[Pose], person: int | Sequence[int], rng: np.random.Generator, *,
    sitting: int | None = None,
) -> list[Frame]:  # fmt: skip
    sitting = int(rng.integers(1, 50)) if sitting is None else sitting
    people = [person] * len(poses) if isinstance(person, int) else list(person)
    return _timed([_shot(pose, who, sitting, rng) for pose, who in zip(poses, people, strict=True)],
                  rng)  # fmt: skip


def _shot(pose: Pose, person: int, sitting: int, rng: np.random.Generator) -> Picture:
    face = render_face(
        person, yaw_deg=pose.yaw, pitch_deg=pose.pitch, roll_deg=pose.roll, blink=pose.blink,
        smile=pose.smile, size_px=HEIGHT_PX, sitting=sitting, shift_mm=(pose.x_mm, pose.y_mm),
        nearness=pose.nearness,
    )  # fmt: skip
    beside = (WIDTH_PX - HEIGHT_PX) // 2
    wide = cv2.copyMakeBorder(face, 0, 0, beside, beside, cv2.BORDER_REPLICATE).astype(np.uint8)
    return camera(wide, rng)


def camera(picture: Picture, rng: np.random.Generator) -> Picture:
    """Return what a webcam sends: softened, grainy, compressed."""
    soft = cv2.GaussianBlur(picture, (0, 0), 0.6).astype(np.float32)
    soft = soft * (1 + rng.normal(0, 0.006)) + rng.normal(0, 2.0, picture.shape)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 90))]
    _, packed = cv2.imencode(".jpg", np.clip(soft, 0, 255).astype(np.uint8)[..., ::-1], quality)
    opened = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    assert opened is not None, "our own JPEG"
    return np.ascontiguousarray(opened[..., ::-1].astype(np.uint8))


def _timed(pictures: Sequence[Picture], rng: np.random.Generator) -> list[Frame]:
    at_ms, frames = int(rng.integers(50, 300)), []
    for picture in pictures:
        frames.append(Frame(picture, at_ms))
        at_ms += _STEP_MS + int(rng.integers(-40, 60))
    return frames


def _print(seed: int, challenge: Challenge, *, cut: bool = False) -> list[Frame]:
    rng = np.random.default_rng([19, seed])
    photo = render_face(seed, size_px=HEIGHT_PX, sitting=0)
    poses = act(challenge.steps, rng)
    helper = seed + 1000
    pictures = []
    for pose in poses:
        sheet = photo
        if cut:
            alive = render_face(helper, blink=pose.blink, smile=pose.smile, size_px=HEIGHT_PX)
            sheet = _with_holes(photo, alive)
        # The attacker turns and bends the sheet where a turn is asked.
        pictures.append(camera(_held(sheet, pose, rng, bend=0.35 * abs(pose.yaw) / 30), rng))
    return _timed(pictures, rng)


def _with_holes(photo: Picture, alive: Picture) -> Picture:
    """Return the photo with the eyes and mouth of what is behind it."""
    holes = np.zeros(photo.shape[:2], dtype=np.uint8)
    scale = HEIGHT_PX / 640 * 1.72
    middle, line = HEIGHT_PX / 2, HEIGHT_PX / 2 - 12 * HEIGHT_PX / 640
    for x, y, wide, high in ((-32, 0, 19, 11), (32, 0, 19, 11), (0, 69, 38, 17)):
        centre = (round(middle + x * scale * 1.1), round(line + y * scale * 1.1))
        axes = (round(wide * scale * 1.1), round(high * scale * 1.1))
        cv2.ellipse(holes, centre, axes, 0, 0, 360, 255, -1)
    soft = cv2.GaussianBlur(holes, (0, 0), 1.0).astype(np.float32)[..., None] / 255
    return (photo * (1 - soft) + alive * soft).astype(np.uint8)


def _held(
    sheet: Picture, pose: Pose, rng: np.random.Generator, *, bend: float = 0.0
) -> Picture:
    """Return a flat sheet before the camera: turned by the pose, bent about its upright axis."""
    side = sheet.shape[0]
    grid = np.linspace(-1, 1, side, dtype=np.float32)
    u, v = np.meshgrid(grid, grid)
    yaw, roll = np.radians(pose.yaw * 1.2), np.radians(pose.roll)
    # Where does each pixel of the sheet go? Bent, its sides fall back along a cylinder.
    curve = max(bend, 1e-3)
    x3, z3 = np.sin(u * curve) / curve, (1 - np.cos(u * curve)) / curve
    x = x3 * np.cos(yaw) + z3 * np.sin(yaw)
    z = -x3 * np.sin(yaw) + z3 * np.cos(yaw)
    near = 3.2 / (3.2 + z) * pose.nearness * 0.92
    x, y = x * near, v * near
    x, y = x * np.cos(roll) + y * np.sin(roll), -x * np.sin(roll) + y * np.cos(roll)
    to_x = (x * side / 2 + WIDTH_PX / 2 + pose.x_mm * 1.5).astype(np.float32)
    to_y = (y * side / 2 + HEIGHT_PX / 2 + pose.y_mm * 1.5).astype(np.float32)
    table = np.full((HEIGHT_PX, WIDTH_PX, 3), rng.integers(70, 90), dtype=np.uint8)
    return _scattered(sheet, to_x, to_y, table)


def _scattered(sheet: Picture, to_x: NDArray[np.float32], to_y: NDArray[np.float32],
               table: Picture) -> Picture:  # fmt: skip
    """Return the table with the sheet's pixels where `to_x` and `to_y` put them."""
    height, width = table.shape[:2]
    step = 24
    rows = [*range(0, sheet.shape[0] - 1, step), sheet.shape[0] - 1]
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
    sway = [_wander(len(pictures), rng) for _ in range(4)]
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
        shots.append(camera(np.clip(shown + glare[..., None], 0, 255).astype(np.uint8), rng))
    return shots


def _screen_still(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([23, seed])
    count = len(act(challenge.steps, rng))
    still = _shot(Pose(), seed, 3, rng)
    return _timed(_on_screen([still] * count, rng), rng)


def _screen_replay(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([29, seed])
    other = challenge.steps
    while other == challenge.steps:
        other = tuple(str(step) for step in rng.permutation(STEPS)[: len(challenge.steps)])
    return _replayed(seed, other, rng)


def _screen_right(seed: int, challenge: Challenge) -> list[Frame]:
    return _replayed(seed, challenge.steps, np.random.default_rng([31, seed]))


def _replayed(seed: int, steps: Sequence[str], rng: np.random.Generator) -> list[Frame]:
    film = [frame.picture for frame in _filmed(act(steps, rng), seed, rng)]
    return _timed(_on_screen(film, rng), rng)


def _loop(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([37, seed])
    count = len(act(challenge.steps, rng))
    clip = [frame.picture for frame in _filmed(act(("blink",), rng)[:10], seed, rng)]
    return _timed([clip[index % len(clip)] for index in range(count)], rng)


def _swap(seed: int, challenge: Challenge) -> list[Frame]:
    rng = np.random.default_rng([41, seed])
    poses = act(challenge.steps, rng)
    cut = int(len(poses) * rng.uniform(0.3, 0.7))
    people = [seed] * cut + [another_person(seed)] * (len(poses) - cut)
    return _filmed(poses, people, rng)


_MAKERS: Final[dict[str, Callable[[int, Challenge], list[Frame]]]] = {
    "print": _print,
    "print_cut": lambda seed, challenge: _print(seed, challenge, cut=True),
    "screen_still": _screen_still,
    "screen_replay": _screen_replay,
    "screen_right": _screen_right,
    "loop": _loop,
    "swap": _swap,
}
