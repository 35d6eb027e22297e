"""The colours of an invented face: skin, eyes, brows, lips, hair, painted by formulas.

    paint(person, x, y, angle) ─▶ colour and gloss of every point of the head's surface

Everything is a soft-edged region in millimetres (x from the middle, y down from the eyes), laid
over what lies below: skin, then shadows of folds, lips, eyes, lids, brows, beard, hair.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.specimens.face_people import Person

Array = NDArray[np.float32]


def paint(
    person: Person, x: Array, y: Array, angle: Array, *, blink: float, smile: float
) -> tuple[Array, Array]:
    """Return colours (…, 3) in [0, 1] and gloss (…) in [0, 1] for points of the surface."""
    rng = np.random.default_rng([13, person.seed])
    colours = _skin(person, x, y, rng)
    gloss = np.full(x.shape, 0.6, dtype=np.float32)
    colours = _folds(person, colours, x, y, smile)
    colours = _mouth(person, colours, x, y, smile)
    for side in (-1, 1):
        colours, gloss = _eye(person, colours, gloss, side * x, y, blink=blink, smile=smile,
                              gaze=side)  # fmt: skip
        colours = _brow(person, colours, side * x, y, rng)
    colours = _beard(person, colours, x, y, rng)
    colours, gloss = _hair(person, colours, gloss, x, y, angle, rng)
    return colours.astype(np.float32), gloss.astype(np.float32)


def _skin(p: Person, x: Array, y: Array, rng: np.random.Generator) -> Array:
    base = np.array(p.skin, dtype=np.float32)
    mottle = cv2.GaussianBlur(rng.normal(0, 1, x.shape).astype(np.float32), (0, 0), 9)
    mottle /= mottle.std()
    pores = cv2.GaussianBlur(rng.normal(0, 1, x.shape).astype(np.float32), (0, 0), 1.2)
    pores /= pores.std()
    colours = base * (1 + 0.018 * mottle + 0.012 * pores)[..., None]
    red = _at(np.abs(x), y, 42, 34, 17, 14) + 0.8 * _at(x, y, 0, p.nose_mm - 4, 10, 8)
    colours = colours * (1 - red[..., None] * np.array([0.0, 0.075, 0.07], dtype=np.float32))
    if p.freckles:
        spots = cv2.GaussianBlur(rng.normal(0, 1, x.shape).astype(np.float32), (0, 0), 2.2)
        spots = _soft(1.1, 1.6, spots / spots.std()) * _at(x, y, 0, 25, 48, 24) * p.freckles
        colours = _over(colours, base * np.array([0.72, 0.6, 0.5], dtype=np.float32), 0.6 * spots)
    for mx, my in p.moles:
        colours = _over(colours, base * 0.35, _soft(2.0, 1.0, np.hypot(x - mx, y - my)))
    return colours.astype(np.float32)


def _folds(p: Person, colours: Array, x: Array, y: Array, smile: float) -> Array:
    """Darken where skin folds or light hardly comes: beside the nose, under eyes, chin, brow."""
    ax = np.abs(x)
    age = float(np.clip((p.age_years - 28) / 40, 0, 1))
    dark = 0.32 * _at(ax, y, p.nose_width * 0.55, p.nose_mm + 4.5, 3.6, 1.9) * 2.0  # nostrils
    dark += 0.22 * _at(x, y, 0, p.nose_mm + 8, p.nose_width + 2, 3.0)
    dark += 0.20 * _at(ax, y, p.nose_width + 5, p.nose_mm, 2.2, 6)
    fold_x = p.nose_width + 6 + (y - p.nose_mm) * (0.55 + 0.25 * smile)
    near = (y > p.nose_mm - 6) & (y < p.mouth_mm + 6)
    dark += near * (0.06 + 0.16 * age + 0.22 * smile) * np.exp(-(((ax - fold_x) / 2.2) ** 2))
    dark += (0.10 + 0.16 * age) * _at(ax, y, p.eye_x - 3, 13, 13, 3.2)
    dark += 0.16 * _at(ax, y, 11, -3, 6, 12)  # beside the bridge
    dark += 0.20 * _at(x, y, 0, p.mouth_mm + 15, 15, 3.2)
    dark += 0.10 * _at(x, y, 0, p.mouth_mm - 14, 3, 6)
    for row in range(3):
        dark += (
            0.10 * age * np.exp(-(((y + 36 + 8 * row + 0.02 * x * x / 4) / 1.1) ** 2)) * (ax < 38)
        )
    dark += 0.14 * age * _at(ax, y, p.eye_x + 21, 2, 5, 4)
    return (colours * (1 - np.clip(dark, 0, 0.85))[..., None]).astype(np.float32)


def _mouth(p: Person, colours: Array, x: Array, y: Array, smile: float) -> Array:
    half = p.mouth_width * (1 + 0.30 * smile)
    u = np.clip(np.abs(x) / half, 0, 1.3)
    line = p.mouth_mm - smile * (5.0 * u**2 + 1.0) + 0.7 * np.cos(u * 6)
    inside = u < 1
    shape = np.clip(1 - u**2, 0, 1)
    bow = 1 - 0.22 * np.exp(-((x / 3.2) ** 2)) + 0.1 * np.exp(-(((np.abs(x) - 7) / 4) ** 2))
    gap = (3.4 * smile) * shape**0.7
    upper = line - gap - 6.2 * p.lips * shape**0.75 * bow * (1 - 0.25 * smile)
    lower = line + gap + 8.2 * p.lips * shape**0.65 * (1 - 0.2 * smile)
    skin = np.array(p.skin, dtype=np.float32)
    red = skin * (1 - p.lip_red * np.array([0.08, 0.42, 0.36], dtype=np.float32)) * 0.95
    lip = inside * _soft(-0.7, 0.7, y - upper) * _soft(0.7, -0.7, y - lower)
    shade = 1 - 0.18 * (y < line)
    wrinkle = 1 + 0.05 * np.sin(x * 2.6 + 0.4 * y)
    colours = _over(colours, red * (shade * wrinkle)[..., None], lip * 0.92)
    if smile > 0.15:
        hole = inside * _soft(-0.5, 0.5, y - (line - gap)) * _soft(0.5, -0.5, y - (line + gap))
        teeth = (
            np.array([0.90, 0.87, 0.80], dtype=np.float32)
            * (1 - 0.3 * u**2 - 0.12 * np.exp(-((((np.abs(x) + 4) % 8 - 4) / 0.5) ** 2)))[..., None]
        )
        colours = _over(colours, teeth, hole * min(1.0, 2 * smile))
    seam = inside * np.exp(-(((y - line + gap) / 0.9) ** 2))
    seam = np.maximum(seam, inside * (smile > 0.15) * np.exp(-(((y - line - gap) / 0.9) ** 2)))
    corner = np.exp(-(((np.abs(x) - half) / 2.4) ** 2) - ((y - line) / 2.2) ** 2)
    return _over(colours, skin * 0.22, np.clip(0.85 * seam + 0.45 * corner, 0, 1))


def _eye(
    p: Person, colours: Array, gloss: Array, x: Array, y: Array, *,
    blink: float, smile: float, gaze: int,
) -> tuple[Array, Array]:  # fmt: skip
    """Paint the eye at positive x; the caller mirrors x for the other one."""
    u = (x - p.eye_x) / p.eye_width
    slope = y + (x - p.eye_x) * p.eye_tilt
    shape = np.clip(1 - u**2, 0, 1)
    opening = 1 - blink
    low_lid = 0.62 * p.eye_height * shape**0.8 * (1 - 0.25 * smile * opening)
    # Shut, the upper lid comes down to the lower one.
    high_lid = -p.eye_height * shape**0.6 * opening + low_lid * 0.9 * blink
    inside = (
        (np.abs(u) < 1) * _soft(-0.5, 0.5, slope - high_lid) * _soft(0.5, -0.5, slope - low_lid)
    )
    inside = inside * float(opening > 0.08)
    white = (
        np.array([0.93, 0.91, 0.89], dtype=np.float32)
        * (1 - 0.25 * np.abs(u) ** 3 - 0.30 * np.exp(-((slope - high_lid) / 2.2)))[..., None]
    )
    colours = _over(colours, np.clip(white, 0, 1), inside)
    r = np.hypot(x - p.eye_x + 0.3 * gaze * 0, slope + 0.2)
    ray = 0.85 + 0.25 * np.sin(24 * np.arctan2(slope, x - p.eye_x)) * 0.4
    iris = np.array(p.iris, dtype=np.float32) * (ray * (1.2 - 0.5 * _soft(4.4, 6.2, r)))[..., None]
    colours = _over(colours, np.clip(iris, 0, 1), inside * _soft(6.3, 5.6, r))
    colours = _over(colours, np.float32(0.02), inside * _soft(2.7, 2.1, r))
    spark = _soft(1.5, 0.7, np.hypot(x - p.eye_x - 2.0 * gaze, slope + 2.2))
    colours = _over(colours, np.float32(0.98), inside * spark)
    skin = np.array(p.skin, dtype=np.float32)
    lashes = (np.abs(u) < 1.04) * np.exp(-(((slope - high_lid) / (1.0 + 1.3 * blink)) ** 2))
    strong = min(0.95, (0.9 if p.sex == "F" else 0.7) + 0.3 * blink)
    colours = _over(colours, skin * 0.12, strong * lashes)
    below = (np.abs(u) < 1) * np.exp(-(((slope - low_lid) / 0.8) ** 2))
    colours = _over(colours, skin * 0.45, 0.5 * below)
    crease_y = high_lid - (3.6 + 2.0 * blink) - 1.2 * (1 - np.abs(u))
    crease = (np.abs(u) < 1.05) * np.exp(-(((slope - crease_y) / 1.1) ** 2))
    colours = _over(colours, skin * 0.5, 0.45 * crease * (1 - 0.5 * blink))
    tear = _soft(2.4, 1.2, np.hypot(x - p.eye_x + p.eye_width * 0.97, (slope - 0.5) * 1.4))
    colours = _over(colours, skin * np.array([0.95, 0.62, 0.6], dtype=np.float32), 0.6 * tear)
    return colours, np.where(inside > 0.5, 0.0, gloss)


def _brow(p: Person, colours: Array, x: Array, y: Array, rng: np.random.Generator) -> Array:
    inner, outer = p.eye_x - 20, p.eye_x + 21
    u = np.clip((x - inner) / (outer - inner), 0, 1)
    middle = p.brow_y - p.brow_arch * np.sin(np.clip(u * 1.25, 0, 1.25) * np.pi / 1.6) + 3.2 * u**3
    thick = p.brow_thick * (1.0 - 0.55 * u**1.5)
    hairs = cv2.GaussianBlur(rng.normal(0, 1, x.shape).astype(np.float32), (5, 3), 1.4, None, 0.8)
    hairs /= hairs.std()
    amount = (
        _soft(0, 3, x - inner)
        * _soft(0, 3, outer - x)
        * np.exp(-(np.abs((y - middle) / thick) ** 3))
    )
    dark = np.array(p.hair, dtype=np.float32) * 0.75
    return _over(colours, dark, np.clip(amount * (0.8 + 0.22 * hairs), 0, 0.95))


def _beard(p: Person, colours: Array, x: Array, y: Array, rng: np.random.Generator) -> Array:
    if not (p.beard or p.moustache) and p.sex != "M":
        return colours
    stubble = rng.normal(0, 1, x.shape).astype(np.float32)
    ax = np.abs(x)
    jaw = _soft(p.nose_mm + 2, p.mouth_mm + 4, y + 0.55 * np.clip(ax - 30, 0, None) * 1.2)
    around_mouth = 1 - _at(x, y, 0, p.mouth_mm + 1, p.mouth_width * 0.95, 10)
    beard = jaw * np.clip(around_mouth, 0, 1) * (y > p.nose_mm + 4)
    lip = _at(x, y, 0, p.mouth_mm - 12, p.mouth_width * 0.9, 5.5)
    amount = p.beard * beard + max(p.moustache, 0.8 * p.beard) * lip
    amount = np.clip(amount, 0, 1) * (0.78 + 0.2 * stubble)
    amount = np.maximum(amount, 0.10 * beard * (p.sex == "M"))
    return _over(colours, np.array(p.hair, dtype=np.float32) * 0.8, np.clip(amount, 0, 0.93))


def _hair(
    p: Person, colours: Array, gloss: Array, x: Array, y: Array, angle: Array,
    rng: np.random.Generator,
) -> tuple[Array, Array]:  # fmt: skip
    strands = cv2.GaussianBlur(
        rng.normal(0, 1, x.shape).astype(np.float32), (3, 31), 1.0, None, 9.0
    )
    strands /= strands.std()
    line = p.hairline + 0.012 * (x - p.hair_part) ** 2 * 0.6 + 1.6 * strands
    top = _soft(1.5, -1.5, y - line)
    sideburn = _soft(0.98, 1.06, np.abs(angle) + 0.02 * strands) * (
        y < (14 if p.sex == "M" else 30 + 60 * p.hair_long)
    )
    amount = np.maximum(top * (0.0 if p.bald else 1.0), sideburn * (0.6 if p.bald else 1.0))
    hair = np.array(p.hair, dtype=np.float32) * (1 + 0.28 * strands)[..., None]
    return _over(colours, np.clip(hair, 0, 1), amount), np.where(amount > 0.5, 0.25, gloss)


def _at(x: Array, y: Array, cx: float, cy: float, sx: float, sy: float) -> Array:
    """Return a soft spot of height 1."""
    spot: Array = np.exp(-(((x - cx) / sx) ** 2) - ((y - cy) / sy) ** 2)
    return spot


def _soft(low: float, high: float, value: Array) -> Array:
    """Return 0 at `low`, 1 at `high`, smooth between (also where high < low)."""
    share = np.clip((value - low) / (high - low), 0, 1)
    smooth: Array = share * share * (3 - 2 * share)
    return smooth


def _over(below: Array, colour: Array | np.float32, amount: Array) -> Array:
    mixed: Array = below * (1 - amount[..., None]) + colour * amount[..., None]
    return mixed
