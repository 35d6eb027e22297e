"""Faces of people who do not exist: a head made of formulas, lit and photographed.

    seed ─▶ Person (bones, skin, hair, eyes …) ─▶ surface of points + colours ─▶ turn, light,
    sitting ─▶ Sitting (light, wall, clothes, grain) ──────────────────────────▶ project ─▶ picture

    millimetres; x to the right of the picture, y down, z away from the camera; eyes at y = 0

For synthetic documents, tests, the demo and simulated liveness recordings: no real person is in
them. Detectors, landmarks and embeddings take them for faces; two sittings of one seed match and
two seeds do not (tests/identity/specimens/test_faces.py). They do *not* say how well a matcher
does on people: they are simpler than people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture
from identity.face.faces import embed, find_faces
from identity.specimens.face_people import SPREAD, Person, Sitting, make_person, make_sitting
from identity.specimens.face_skin import paint

Array = NDArray[np.float32]

#: Side of the square on which points are projected before it is resized to the wanted size, and
#: rows and columns of points on the head: small pictures need fewer.
_SMALL, _LARGE = (448, 360), (640, 500)
_SMALL_UP_TO_PX: Final = 480
#: Share of the picture's side that a millimetre takes at the distance of the head.
_SIDES_PER_MM: Final = 1.72 / 640
_CAMERA_MM: Final = 700.0
#: Where the head turns: the top of the neck.
_PIVOT_MM: Final = (0.0, 70.0, 45.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Head:
    """A head looking straight ahead: points (n, 3) in mm, normals (n, 3), colours (n, 3) 0-1."""

    points: Array
    normals: Array
    colours: Array
    gloss: Array


@dataclass(frozen=True, slots=True)
class _View:
    """The camera: side of its square in pixels, where the head is, how near."""

    side_px: int
    shift_mm: tuple[float, float]
    nearness: float

    @property
    def scale(self) -> float:
        """Pixels of a millimetre at z = 0."""
        return _SIDES_PER_MM * self.side_px * self.nearness

    @property
    def middle(self) -> tuple[float, float]:
        """Where the middle of the eyes lies."""
        x, y = self.shift_mm
        half = self.side_px / 2
        return half + x * self.scale, half * 0.9625 + y * self.scale


def render_face(
    seed: int,
    *,
    yaw_deg: float = 0.0,
    pitch_deg: float = 0.0,
    roll_deg: float = 0.0,
    blink: float = 0.0,
    smile: float = 0.0,
    size_px: int = 480,
    sitting: int = 0,
    shift_mm: tuple[float, float] = (0.0, 0.0),
    nearness: float = 1.0,
    sex: str | None = None,
    age_years: int | None = None,
    spread: float = SPREAD,
) -> Picture:
    """Return a square photo of the invented person `seed`, shape (size_px, size_px, 3).

    Yaw is positive to the subject's own left (the right of the picture), pitch up; both good to
    40°. `blink` and `smile` go from 0 to 1. `sitting` is another photo of the same person: light,
    wall, clothes and grain change, the person does not. `shift_mm` and `nearness` move the camera.
    `sex` ("M", "F") and `age_years` override what the seed says; `spread` says how unlike each
    other people are, see `make_person`. The same arguments give the same picture.
    """
    assert size_px >= 32, size_px
    person = make_person(seed, sex=sex, age_years=age_years, spread=spread)
    scene = make_sitting(seed, sitting)
    side, rows = _SMALL if size_px <= _SMALL_UP_TO_PX else _LARGE
    head = _head(person, round(blink * 5) / 5, round(smile * 5) / 5, rows)
    lean_yaw, lean_pitch, lean_roll = scene.lean
    turn = _turn(yaw_deg + lean_yaw, pitch_deg + lean_pitch, roll_deg + lean_roll)
    view = _View(side, shift_mm, nearness)
    pivot = np.array(_PIVOT_MM, dtype=np.float32)
    points = (head.points - pivot) @ turn.T + pivot
    normals = head.normals @ turn.T
    colours = _lit(head.colours, normals, head.gloss, scene)
    canvas = _backdrop(person, scene, view, turn)
    facing = normals[:, 2] < 0.05
    canvas = _project(canvas, points[facing], colours[facing], view)
    if person.glasses:
        canvas = _glasses(canvas, person, turn, pivot, view)
    return _photographed(canvas, scene, size_px, seed)


@lru_cache(maxsize=256)
def another_person(seed: int, *, distance_least: float = 0.62) -> int:
    """Return the seed of somebody whom a matcher surely tells apart from `seed`.

    Drawn faces lie nearer together than real ones: of two seeds taken blindly, every second pair
    would pass for one person. The first of the next 40 seeds that is far enough, else the
    farthest of them.
    """
    own = _embedding(seed)
    farthest, found = 0.0, seed + 1
    for other in range(seed + 1, seed + 41):
        distance = float(np.linalg.norm(own - _embedding(other)))
        if distance > farthest:
            farthest, found = distance, other
        if distance >= distance_least:
            break
    return found


@lru_cache(maxsize=256)
def _embedding(seed: int) -> NDArray[np.float64]:
    photo = render_face(seed, size_px=320)
    return embed(photo, find_faces(photo)[0])


@lru_cache(maxsize=16)
def _head(person: Person, blink: float, smile: float, rows: int) -> _Head:
    angle = np.radians(np.linspace(-112, 112, rows, dtype=np.float32))
    height = np.linspace(-122, 130, rows, dtype=np.float32)
    t, y = np.meshgrid(angle, height)
    points = _surface(person, t, y, smile)
    normals = _normals(points)
    x, y3 = points[..., 0], points[..., 1]
    colours, gloss = paint(person, x, y3, t, blink=blink, smile=smile)
    keep = _outline(person, y) > 0.5
    parts = [(points[keep], normals[keep], colours[keep], gloss[keep])]
    if person.hair_long < 0.3:
        parts += [_ear(person, side) for side in (-1.0, 1.0)]
    joined = [np.concatenate(arrays).astype(np.float32) for arrays in zip(*parts, strict=True)]
    return _Head(*joined)


def _ear(person: Person, side: float) -> tuple[Array, Array, Array, Array]:
    """Return an ear: a bent oval plate that stands out and back, with its rim and hollow."""
    u, v = np.meshgrid(np.linspace(-1, 1, 90), np.linspace(-1, 1, 150))
    x = 74.0 * person.width - 1 + 9 * (u + 1) * (1 - 0.25 * v)
    points = np.stack([side * x, 14 + 30 * v, 4 + 12 * (u + 1) - 3 * u * u], axis=-1)
    radius = np.hypot(u, v)
    hollow = 1 - 0.38 * np.exp(-(((u + 0.3) / 0.35) ** 2) - ((v - 0.05) / 0.45) ** 2)
    rim = 1 + 0.1 * np.exp(-(((radius - 0.88) / 0.09) ** 2))
    colours = np.array(person.skin) * np.array([1.0, 0.93, 0.92]) * (hollow * rim)[..., None]
    normals = np.broadcast_to(np.array([side * 0.75, -0.1, -0.65]), points.shape)
    keep = radius < 1
    gloss = np.full(int(keep.sum()), 0.3)
    return points[keep], normals[keep], np.clip(colours[keep], 0, 1), gloss


def _outline(person: Person, y: Array) -> Array:
    """Return half the width of the head at height y, in mm: skull, cheeks, jaw, chin."""
    top, chin = -112.0 * person.skull, person.chin_mm
    up = np.clip(np.minimum(y + 18, 0) / (top + 18), 0, 1)
    skull = 74.0 * (1 - up**2.7) ** (1 / 2.3)
    down = np.clip((y + 18) / (chin + 18), 0, 1)
    jaw = 1 - (1 - person.jaw) * _smooth(0.25, 0.85, down)
    lower = 74.0 * jaw * np.clip(1 - down**person.jaw_square, 0, 1) ** 0.5
    return (person.width * np.where(y < -18, skull, lower)).astype(np.float32)


def _surface(person: Person, t: Array, y: Array, smile: float) -> Array:
    """Return points (rows, columns, 3) of the head's surface."""
    half = _outline(person, y)
    x = half * np.sin(t)
    # Front of the face: brow, cheeks and chin in one plane, skull curving back.
    depth = 88 * np.clip(1 - (np.clip(-25 - y, 0, None) / 92) ** 2.7, 0.0, 1) ** (1 / 2.3)
    depth = np.where(y > 85, 88 - 0.006 * (y - 85) ** 2 * 6, depth)
    round_ = half / (74.0 * person.width)
    z = -np.cos(t) * depth * np.minimum(1.0, 0.35 + 0.65 * round_**0.6)
    z = z - _relief(person, x, y, smile) * np.clip(np.cos(t), 0, 1)
    return np.stack([x, y, z], axis=-1)


def _relief(p: Person, x: Array, y: Array, smile: float) -> Array:
    """Return how far features stand out of the face, in mm."""
    nose_y = p.nose_mm
    along = np.clip((y + 8) / (nose_y + 6), 0, 1)
    ridge = (
        (4 + (p.nose_height - 4) * along**1.3)
        * _smooth(-22, -2, y)
        * _smooth(nose_y + 9, nose_y - 1, y)
    )
    sharp = 5.5 + (p.nose_width - 6.5) * along**2
    nose = ridge * np.exp(-((np.abs(x) / sharp) ** 2.4))
    wings = 7 * _blob(np.abs(x), y, p.nose_width + 2, nose_y - 1, 5, 6)
    sockets = -7 * _blob(np.abs(x), y, p.eye_x, -2, 15, 11)
    balls = 4.5 * _blob(np.abs(x), y, p.eye_x, 1, 11, 7)
    brow = 4 * p.brow_ridge * _blob(np.abs(x), y, p.eye_x - 3, -19, 22, 7)
    cheeks = (5 + 5 * smile) * _blob(np.abs(x), y, 44, 34 - 4 * smile, 18, 16)
    mouth_y = p.mouth_mm
    muzzle = 6 * _blob(x, y, 0, mouth_y, 30, 20)
    lips = p.lips * (
        3.2 * _blob(x, y, 0, mouth_y - 5, 22, 4) + 3.6 * _blob(x, y, 0, mouth_y + 7, 19, 5)
    ) - 3 * _blob(x, y, 0, mouth_y, 24, 1.8)
    chin = 8 * _blob(x, y, 0, p.chin_mm - 14, 18, 12)
    dent = -3 * _blob(x, y, 0, mouth_y + 16, 22, 5)
    return nose + wings + sockets + balls + brow + cheeks + muzzle + lips + chin + dent


def _blob(x: Array, y: Array, cx: float, cy: float, sx: float, sy: float) -> Array:
    return np.exp(-(((x - cx) / sx) ** 2) - ((y - cy) / sy) ** 2)


def _smooth(low: float, high: float, value: Array) -> Array:
    share = np.clip((value - low) / (high - low), 0, 1)
    return share * share * (3 - 2 * share)


def _normals(points: Array) -> Array:
    along = np.gradient(points, axis=1)
    down = np.gradient(points, axis=0)
    normal = np.cross(along, down)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    return np.where(normal[..., 2:].mean() > 0, -normal, normal)


def _turn(yaw_deg: float, pitch_deg: float, roll_deg: float) -> Array:
    yaw, pitch, roll = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]]
    )
    about_z = np.array(
        [[np.cos(roll), np.sin(roll), 0], [-np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    return (about_z @ about_x @ about_y).astype(np.float32)


def _lit(colours: Array, normals: Array, gloss: Array, scene: Sitting) -> Array:
    """Return colours under the sitting's lights: a key light, a fill light, the room."""
    light = np.full(len(normals), scene.room, dtype=np.float32)
    for direction, strength in scene.lights:
        toward = np.array(direction, dtype=np.float32)
        toward /= np.linalg.norm(toward)
        # Skin lets light in: the shadow side begins late (half-Lambert, mixed).
        facing = normals @ toward
        light += strength * (0.6 * np.clip(facing, 0, 1) + 0.4 * (0.5 + 0.5 * facing) ** 2)
        half = toward + np.array([0, 0, -1], dtype=np.float32)
        half /= np.linalg.norm(half)
        shine = np.clip(normals @ half, 0, 1) ** 24
        colours = colours + (0.16 * strength * gloss * shine)[:, None]
    warmth = np.array(scene.warmth, dtype=np.float32)
    lit: Array = np.clip(colours * light[:, None] * warmth, 0, 1)
    return lit


def _place(points: Array, view: _View) -> Array:
    """Return pixels (n, 2) of points on the canvas."""
    scale = view.scale * _CAMERA_MM / (_CAMERA_MM + points[:, 2])
    x, y = view.middle
    return np.stack([x + points[:, 0] * scale, y + points[:, 1] * scale], axis=1)


def _project(canvas: Array, points: Array, colours: Array, view: _View) -> Array:
    """Return the canvas with the points on it, the nearest on top, gaps filled."""
    side = view.side_px
    place = np.round(_place(points, view)).astype(np.int32)
    inside = ((place >= 0) & (place < side)).all(axis=1)
    place, points, colours = place[inside], points[inside], colours[inside]
    # The farthest first, so the nearest stays; 16-bit integers sort by radix.
    near = (6000 - np.clip(points[:, 2] + 300, 0, 600) * 10).astype(np.uint16)
    order = np.argsort(near, kind="stable")
    seen = np.zeros((side, side), dtype=np.float32)
    layer = np.zeros_like(canvas)
    x, y = place[order, 0], place[order, 1]
    layer[y, x] = colours[order]
    seen[y, x] = 1
    weight = cv2.GaussianBlur(seen, (0, 0), 1.2)
    filled = cv2.GaussianBlur(layer, (0, 0), 1.2) / np.maximum(weight, 1e-3)[..., None]
    layer = np.where(seen[..., None] > 0, layer, filled)
    solid = cv2.morphologyEx(seen, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    edge = cv2.GaussianBlur(solid, (0, 0), 1.0)[..., None]
    mixed: Array = canvas * (1 - edge) + layer * edge
    return mixed


def _backdrop(person: Person, scene: Sitting, view: _View, turn: Array) -> Array:
    """Return wall, shoulders, neck and the hair behind the head."""
    side = view.side_px
    rows, columns = np.mgrid[0:side, 0:side].astype(np.float32) / side
    glow = 0.85 + 0.3 * np.exp(-((columns - scene.glow[0]) ** 2 + (rows - scene.glow[1]) ** 2) * 4)
    canvas = (np.array(scene.wall, dtype=np.float32) * glow[..., None]).astype(np.float32)
    scale = view.scale * _CAMERA_MM / (_CAMERA_MM + 40)
    cx, cy = view.middle
    skin = np.array(person.skin, dtype=np.float32)

    def polygon(corners: list[tuple[float, float]], colour: Array) -> None:
        where = np.array([(cx + px * scale, cy + py * scale) for px, py in corners])
        cv2.fillPoly(canvas, [np.round(where * 16).astype(np.int32)], colour.tolist(), 16, 4)

    if person.hair_long > 0:
        sway = float(turn[0, 2]) * -25
        wide, low = 86 * person.width, 60 + 80 * person.hair_long
        arc = np.linspace(np.pi, 2 * np.pi, 30)
        outline = [(wide * np.cos(a) + sway, -20 + 100 * np.sin(a)) for a in arc]
        outline += [(wide * 0.95 + sway, low), (-wide * 0.95 + sway, low)]
        polygon(outline, np.array(person.hair, dtype=np.float32) * 0.6)
    neck = 50 * person.width * (1.05 if person.sex == "M" else 0.86)
    polygon([(-neck, 50), (neck, 50), (neck * 1.12, 170), (-neck * 1.12, 170)], skin * 0.62)
    cloth = np.array(scene.cloth, dtype=np.float32)
    shoulders = [
        (-neck * 1.1, 146), (-60, 158), (-150, 186), (-190, 240), (-200, 400), (200, 400),
        (190, 240), (150, 186), (60, 158), (neck * 1.1, 146), (0, 176),
    ]  # fmt: skip
    polygon(shoulders, cloth)
    polygon([(-neck * 1.1, 146), (0, 176), (neck * 1.1, 146), (neck, 158), (0, 192), (-neck, 158)],
            cloth * 0.75)  # fmt: skip
    shade = 0.75 + 0.25 * np.clip((columns - 0.1) * scene.lights[0][0][0] + 0.8, 0, 1)
    return cv2.GaussianBlur(canvas * shade[..., None], (0, 0), 1.5)


def _glasses(canvas: Array, person: Person, turn: Array, pivot: Array, view: _View) -> Array:
    arc = np.linspace(0, 2 * np.pi, 40)
    colour = np.array(person.frame, dtype=np.float32).tolist()
    thick = max(1, round(1.4 * view.scale))
    lines = []
    for side in (-1, 1):
        square = 1 / (np.abs(np.cos(arc)) ** 4 + np.abs(np.sin(arc)) ** 4) ** 0.25
        x = side * (person.eye_x + 1) + 23 * square * np.cos(arc)
        lines.append(np.stack([x, 3 + 17 * square * np.sin(arc), np.full(40, -101.0)], axis=1))
        lines.append(np.array([(side * (person.eye_x + 24), -2, -100.0), (side * 74, -4, -45.0)]))
    lines.append(np.array([(-10.0, -3, -104), (0, -6, -106), (10, -3, -104)]))
    drawn = canvas.copy()
    for line in lines:
        turned = (line.astype(np.float32) - pivot) @ turn.T + pivot
        place = np.round(_place(turned, view) * 16).astype(np.int32)
        cv2.polylines(drawn, [place], False, colour, thick, cv2.LINE_AA, 4)
    return drawn


def _photographed(canvas: Array, scene: Sitting, size_px: int, seed: int) -> Picture:
    """Return what the camera keeps: lens, grain, gamma, eight bits."""
    how = cv2.INTER_AREA if size_px <= len(canvas) else cv2.INTER_CUBIC
    photo = cv2.resize(canvas, (size_px, size_px), interpolation=how)
    grain = np.random.default_rng([seed, scene.number]).normal(0, scene.grain, photo.shape)
    photo = np.clip(photo, 0, 1) ** (1 / scene.gamma) + grain
    picture: Picture = np.round(np.clip(photo, 0, 1) * 255).astype(np.uint8)
    return picture
