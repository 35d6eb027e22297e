"""Photographing a flat page: what a telephone, a table and a lamp do to it.

    page ─▶ turned and seen at an angle ─▶ on a table ─▶ shadow, glare ─▶ blur, noise ─▶ JPEG

`fair` is what a guided capture gives: upright or turned, slightly oblique, readable. `poor` is what
people also send: more of everything. The truth about readability is not known to the generator.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from identity.document.reading import Picture

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shot:
    """How a photograph is taken. Angles in degrees, sizes in pixels."""

    turn_deg: float = 0.0
    oblique: float = 0.0  # corners move by up to this share of the page's longer side
    fill: float = 0.86  # of the frame's shorter way, by the turned page
    blur_px: float = 0.0
    noise: float = 0.0
    shadow: float = 0.0
    glare: float = 0.0
    jpeg_quality: int = 92
    frame: tuple[int, int] = (1200, 1600)  # height, width


def make_shot(rng: np.random.Generator, *, poor: bool = False) -> Shot:
    """Return how one photograph is taken: three of four upright, the rest any of 8 ways."""
    hard = 2.0 if poor else 1.0
    eighth = 0 if rng.random() < 0.75 else int(rng.integers(1, 8))
    return Shot(
        turn_deg=eighth * 45.0 + float(rng.normal(0, 2.0 * hard)),
        oblique=float(rng.uniform(0, 0.035 * hard)),
        fill=float(rng.uniform(0.8, 0.96)),
        blur_px=float(rng.uniform(0, 0.7 * hard)),
        noise=float(rng.uniform(0, 5 * hard)),
        shadow=float(rng.uniform(0, 0.3 * hard)),
        glare=float(rng.uniform(0, 0.3 * hard)) if rng.random() < 0.4 else 0.0,
        jpeg_quality=int(rng.integers(62 if poor else 78, 96)),
    )


def photograph(page: Picture, shot: Shot, rng: np.random.Generator) -> Picture:
    """Return the photograph of a page. Diagonal turns get a square frame."""
    high, wide = shot.frame
    if abs((shot.turn_deg + 45) % 90 - 45) > 20:
        wide = high = max(high, wide)
    elif abs((shot.turn_deg + 90) % 180 - 90) > 45:
        high, wide = wide, high
    corners = _corners(page, shot, rng, (high, wide))
    scene = _table(rng, high, wide)
    start = np.asarray(
        [[0, 0], [page.shape[1], 0], [page.shape[1], page.shape[0]], [0, page.shape[0]]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(start, corners)
    flags = cv2.INTER_AREA if page.shape[1] > 1.5 * wide else cv2.INTER_LINEAR
    laid = cv2.warpPerspective(page, matrix, (wide, high), flags=flags)
    mask = np.full(page.shape[:2], 255, np.uint8)
    cover = cv2.warpPerspective(mask, matrix, (wide, high)).astype(np.float32)[..., None] / 255
    _cast(scene, corners)
    picture: Floats = np.asarray(laid * cover + scene * (1 - cover), np.float32)
    picture = _light(picture, shot, rng, corners)
    if shot.blur_px > 0.05:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), shot.blur_px), np.float32)
    if shot.noise > 0.05:
        grain = rng.standard_normal((high, wide, 1), dtype=np.float32)
        colour = rng.standard_normal((high // 2, wide // 2, 3), dtype=np.float32)
        picture += np.float32(shot.noise) * (0.8 * grain + 0.4 * cv2.resize(colour, (wide, high)))
    return jpeg(np.clip(picture, 0, 255).astype(np.uint8), shot.jpeg_quality)


def jpeg(picture: Picture, quality: int) -> Picture:
    """Return the picture as it comes back from a JPEG of this quality."""
    ok, packed = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    return np.ascontiguousarray(
        np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)[..., ::-1]
    )


def show_on_screen(page: Picture, rng: np.random.Generator) -> Picture:
    """Return the page as a display shows it and a camera samples it: stripes and moiré.

    Sub-pixels of a coarse display are drawn, then the whole is sampled anew at a slightly
    different pitch, slightly turned: that is where moiré comes from.
    """
    high, wide = page.shape[:2]
    zoom = 2
    large = cv2.resize(page, (wide * zoom, high * zoom), interpolation=cv2.INTER_NEAREST)
    grid = np.full((high * zoom, wide * zoom, 3), 0.62, np.float32)
    cell = 3
    for colour in range(3):
        grid[:, colour::cell, colour] = 1.12
    grid[::cell] *= 0.75
    shown = np.clip(large * grid, 0, 255)
    angle = float(rng.uniform(-3, 3))
    scale = float(rng.uniform(0.47, 0.53))
    matrix = cv2.getRotationMatrix2D((wide * zoom / 2, high * zoom / 2), angle, scale)
    matrix[0, 2] += wide / 2 - wide * zoom / 2
    matrix[1, 2] += high / 2 - high * zoom / 2
    seen = cv2.warpAffine(shown, matrix, (wide, high), flags=cv2.INTER_LINEAR)
    return np.asarray(np.clip(seen * 1.15, 0, 255), np.uint8)


def copy_grey(page: Picture, rng: np.random.Generator) -> Picture:
    """Return a black-and-white photocopy: no colour, harder contrast, specks."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY).astype(np.float32)
    harder = np.clip((grey - 128) * 1.35 + 150, 0, 255)
    specks = rng.random(grey.shape) < 0.0006
    harder[specks] = 40
    return np.repeat(harder.astype(np.uint8)[..., None], 3, axis=2)


def _corners(page: Picture, shot: Shot, rng: np.random.Generator, frame: tuple[int, int]) -> Floats:
    """Return where the page's corners fall, clockwise from its own top left. Shape (4, 2)."""
    high, wide = frame
    half = np.asarray([page.shape[1], page.shape[0]], np.float32) / 2
    square = np.asarray([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float32) * half
    turn = np.deg2rad(shot.turn_deg)
    rotation = np.asarray([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]], np.float32)
    square = square @ rotation
    square += rng.uniform(-1, 1, (4, 2)).astype(np.float32) * shot.oblique * 2 * half.max()
    extent = np.ptp(square, axis=0)
    scale = shot.fill * min(wide / extent[0], high / extent[1])
    square = (square - (square.max(axis=0) + square.min(axis=0)) / 2) * scale
    room = (np.asarray([wide, high]) - extent * scale) / 2
    shift = rng.uniform(-0.7, 0.7, 2) * room
    return np.asarray(square + np.asarray([wide / 2, high / 2]) + shift, np.float32)


def _table(rng: np.random.Generator, high: int, wide: int) -> Floats:
    """Return a table top: a colour with grain along one direction. Shape (high, wide, 3)."""
    base = np.float32(rng.uniform(40, 150)) + rng.uniform(-18, 18, 3).astype(np.float32)
    strips = rng.standard_normal((max(2, high // 6), max(2, wide // 60)), dtype=np.float32)
    grain = cv2.resize(strips, (wide, high), interpolation=cv2.INTER_CUBIC)
    return np.asarray(base + grain[..., None] * float(rng.uniform(2, 12)), np.float32)


def _cast(scene: Floats, corners: Floats) -> None:
    """Darken the table beside the page: a page lies on it, with a soft shadow."""
    mask = np.zeros(scene.shape[:2], np.float32)
    cv2.fillConvexPoly(mask, np.round(corners + 6).astype(np.int32), 1.0)
    scene *= 1 - 0.45 * cv2.GaussianBlur(mask, (0, 0), 7)[..., None]


def _light(picture: Floats, shot: Shot, rng: np.random.Generator, corners: Floats) -> Floats:
    """Return the picture under a lamp: a slope of brightness, a shadow's edge, a bright spot."""
    high, wide = picture.shape[:2]
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = (x / wide - 0.5) * np.cos(angle) + (y / high - 0.5) * np.sin(angle)
    out = picture * (1 - shot.shadow * 0.6 * (along + 0.5))[..., None]
    if shot.shadow > 0.12:
        edge = 1 / (1 + np.exp(-(along - rng.uniform(-0.2, 0.4)) * 30))
        out = out * (1 - shot.shadow * 0.6 * edge)[..., None]
    if shot.glare > 0:
        share = rng.uniform(0.15, 0.85, 2)
        spot = (
            corners[0] + share[0] * (corners[1] - corners[0]) + share[1] * (corners[3] - corners[0])
        )
        radius = rng.uniform(0.04, 0.10) * wide
        bright = np.exp(-((x - spot[0]) ** 2 + (y - spot[1]) ** 2) / (2 * radius**2))
        out = out + 255 * shot.glare * bright[..., None]
    return np.asarray(out, np.float32)
