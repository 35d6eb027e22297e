"""Lines of OCR-B as a camera sees them: what the net is trained on. Nothing is read but fonts.

    text ─▶ ink (font, weight, gaps) ─▶ paper (colour, guilloche, strokes) ─▶ camera (slant,
    blur, resolution, noise, glare, JPEG) ─▶ windows with their character

The lines are random characters, not documents: the net shall read what stands there and know
no names and no countries. Fonts: OCR-B in Debian's `fonts-ocr-b`; other monospaced fonts of the
machine, where there are some, make a small share, as cards printed without OCR-B exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from identity.document.mrz import ALPHABET, FILLER
from identity.document.ocrb import CAP, GAP, PITCH, WINDOW_HEIGHT, WINDOW_WIDTH, Floats

OCRB_FOLDER = Path("/usr/share/fonts/opentype/ocr-b")
OCRB_FONTS = ("OCRB.otf", "OCRBS.otf")
OTHER_FONTS = (
    "/usr/share/fonts/truetype/liberation/LiberationMono-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationMono-Bold.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/opentype/inconsolata/Inconsolata.otf",
    "/usr/share/fonts/truetype/hack/Hack-Regular.ttf",
    "/usr/share/fonts/truetype/freefont/FreeMono.ttf",
)
OTHER_FONTS_SHARE = 0.12
FONT_PX = 48
LINE_LENGTH = 24
#: Unlike any character when seen upside down or in a mirror: what the net must not read.
UNLIKE_WHEN_TURNED = frozenset("<CFKPR4")
TURNED_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The alphabet of one font as ink (0 none, 1 full), each shape (height, width)."""

    ink: tuple[Floats, ...]
    cap: float
    advance: float
    baseline: float


def load_glyphs(path: Path) -> Glyphs:
    """Return the alphabet rendered at FONT_PX, drawn on a common baseline."""
    font = ImageFont.truetype(str(path), FONT_PX)
    advance = font.getlength("0")
    width, height = round(advance * 1.6), FONT_PX * 2
    drawn: list[Floats] = []
    for letter in ALPHABET:
        picture = Image.new("L", (width, height), 0)
        ImageDraw.Draw(picture).text(
            (width / 2, FONT_PX * 1.5), letter, font=font, fill=255, anchor="ms"
        )
        drawn.append(np.asarray(picture, np.float32) / np.float32(255))
    rows = np.flatnonzero(drawn[ALPHABET.index("H")].max(axis=1) > 0.5)
    return Glyphs(tuple(drawn), float(rows[-1] - rows[0] + 1), advance, float(rows[-1] + 1))


def random_text(rng: np.random.Generator) -> list[int]:
    """Return class numbers of a line: letters, digits, and fillers alone and in runs."""
    chosen = rng.integers(0, len(ALPHABET), LINE_LENGTH)
    chosen[rng.random(LINE_LENGTH) < 0.15] = ALPHABET.index(FILLER)
    if rng.random() < 0.3:
        start = rng.integers(0, LINE_LENGTH)
        chosen[start : start + rng.integers(2, 10)] = ALPHABET.index(FILLER)
    return [int(one) for one in chosen]


def draw_line(glyphs: Glyphs, text: list[int], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return ink of shape (h, w) at FONT_PX and the x of each character's middle."""
    pitch = glyphs.advance * rng.uniform(0.92, 1.12)
    stretch = rng.uniform(0.9, 1.1)
    middles = (np.arange(len(text)) + 2.0) * pitch
    ink = np.zeros((FONT_PX * 2, int(pitch * (len(text) + 4))), np.float32)
    jitter = rng.uniform(0, 0.025) * glyphs.cap
    for at, number in enumerate(text):
        glyph = glyphs.ink[number]
        shape = cv2.resize(glyph, None, fx=stretch, fy=1, interpolation=cv2.INTER_LINEAR)
        middles[at] += rng.normal(0, jitter)
        left = round(middles[at] - shape.shape[1] / 2)
        down = round(rng.normal(0, jitter))
        part = np.roll(shape, down, axis=0)
        target = ink[:, max(left, 0) : left + shape.shape[1]]
        part = part[:, max(-left, 0) : max(-left, 0) + target.shape[1]]
        np.maximum(target, part, out=target)
    return ink, middles.astype(np.float32)


def wear(ink: Floats, rng: np.random.Generator) -> Floats:
    """Return ink heavier or lighter, with gaps of printing."""
    size = int(rng.integers(2, 4))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    kind = rng.random()
    if kind < 0.3:
        ink = cv2.dilate(ink, kernel)
    elif kind < 0.45:
        ink = cv2.erode(ink, kernel)
    if rng.random() < 0.3:
        grain = rng.random((ink.shape[0] // 3 + 1, ink.shape[1] // 3 + 1)).astype(np.float32)
        grain = cv2.resize(grain, ink.shape[::-1], interpolation=cv2.INTER_LINEAR)
        ink = ink * (grain > rng.uniform(0.05, 0.3))
    return ink


def paper(shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Return a background in [0, 1]: colour, slow light, guilloche, pieces of other print."""
    height, width = shape
    ground = np.full(shape, rng.uniform(0.55, 1.0), np.float32)
    slow = rng.normal(0, 1, (2, 6)).astype(np.float32)
    ground += rng.uniform(0, 0.12) * cv2.resize(
        slow, (width, height), interpolation=cv2.INTER_CUBIC
    )
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    for _ in range(int(rng.integers(0, 4))):
        angle, period = rng.uniform(0, np.pi), rng.uniform(6, 60)
        wave = xs * np.cos(angle) + ys * np.sin(angle)
        wave = wave + rng.uniform(0, 8) * np.sin(xs / rng.uniform(8, 60) + rng.uniform(0, 6))
        ground += rng.uniform(0, 0.10) * np.sin(wave * 2 * np.pi / period)
    if rng.random() < 0.25:
        for _ in range(int(rng.integers(1, 5))):
            ends = rng.integers(-10, [width, height, width, height]).tolist()
            layer = np.zeros(shape, np.float32)
            cv2.line(
                layer, tuple(ends[:2]), tuple(ends[2:]), 1.0, int(rng.integers(1, 6)), cv2.LINE_AA
            )
            ground -= rng.uniform(0.02, 0.3) * layer
    return ground


def photograph(
    ink: Floats, middles: Floats, glyphs: Glyphs, rng: np.random.Generator
) -> tuple[Floats, Floats, float, float]:
    """Return the line as a camera gives it: grey 0-255, middles, the line's centre y, cap in px."""
    dark = rng.uniform(0.0, 0.45)
    ground = paper(ink.shape, rng)
    grey = ground * (1 - ink) + ink * np.minimum(dark, ground - rng.uniform(0.12, 0.35))
    scale = float(np.exp(rng.uniform(np.log(5.5), np.log(22)))) / glyphs.cap
    centre = glyphs.baseline - glyphs.cap / 2
    squeeze = rng.uniform(0.85, 1.2)
    angle, shear = rng.normal(0, 0.006), rng.normal(0, 0.06)
    if rng.random() < 0.25:
        shear += rng.uniform(-0.35, 0.35)
    xs, ys = scale * squeeze, scale
    width, height = int(ink.shape[1] * xs) + 8, int(ink.shape[0] * ys) + 8
    middle_x = ink.shape[1] / 2
    matrix = np.array(
        [
            [xs, -xs * shear, 4 + xs * shear * centre],
            [ys * angle, ys, 4 - ys * angle * middle_x],
        ],
        np.float64,
    )
    sigma = max(0.0, 0.42 / scale - 0.3)
    if sigma > 0.3:
        grey = cv2.GaussianBlur(grey, (0, 0), sigma)
    small = cv2.warpAffine(
        grey, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    cap = glyphs.cap * scale
    if rng.random() < 0.6:
        small = cv2.GaussianBlur(small, (0, 0), rng.uniform(0.25, 0.09 * cap + 0.3))
    if rng.random() < 0.15:
        length = int(rng.integers(2, max(3, round(cap / 4)) + 1))
        trail = np.full((1, length), 1 / length, np.float32)
        small = cv2.filter2D(small, -1, trail if rng.random() < 0.5 else trail.T)
    if rng.random() < 0.15:
        small = small + rng.uniform(0.1, 0.6) * np.exp(
            -(((np.arange(width) - rng.uniform(0, width)) / rng.uniform(10, width)) ** 2)
        ).astype(np.float32)
    small = small + rng.normal(0, rng.uniform(0, 0.05), small.shape).astype(np.float32)
    if rng.random() < 0.2:
        soft = cv2.GaussianBlur(small, (0, 0), 1.0)
        small = small + rng.uniform(0.3, 1.2) * (small - soft)
    picture = np.clip(small * 255, 0, 255).astype(np.uint8)
    if rng.random() < 0.7:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 95))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_GRAYSCALE)
    at_x = matrix[0, 0] * middles + matrix[0, 1] * centre + matrix[0, 2]
    return picture.astype(np.float32), at_x.astype(np.float32), float(ys * centre + 4), cap


def cut_windows(
    picture: Floats, middles: Floats, centre: float, cap: float, rng: np.random.Generator
) -> tuple[Floats, list[int]]:
    """Return windows of the scaled line and, for each, the index of its character or -1 (GAP).

    The scale and the place are off by a few per cent, as an estimate from a picture is.
    """
    pitch = float(np.mean(np.diff(middles)))
    fx = PITCH / pitch * rng.uniform(0.92, 1.08)
    fy = CAP / cap * rng.uniform(0.87, 1.13)
    shift = rng.normal(0, 0.05) * CAP
    wanted: list[tuple[float, int]] = []
    for at, x in enumerate(middles):
        wanted.append((x + rng.uniform(-0.13, 0.13) * pitch, at))
        if rng.random() < 0.35:
            wanted.append((x + rng.choice([-1, 1]) * rng.uniform(0.32, 0.5) * pitch, -1))
    outside = middles[0] - rng.uniform(0.6, 2.0) * pitch, middles[-1] + rng.uniform(0.6, 2) * pitch
    wanted += [(x, -1) for x in outside]
    found = np.empty((len(wanted), WINDOW_HEIGHT, WINDOW_WIDTH), np.float32)
    for at, (x, _) in enumerate(wanted):
        matrix = np.array(
            [
                [fx, 0, WINDOW_WIDTH / 2 - 0.5 - fx * x],
                [0, fy, WINDOW_HEIGHT / 2 - 0.5 - fy * centre + shift],
            ]
        )
        found[at] = cv2.warpAffine(
            picture, matrix, (WINDOW_WIDTH, WINDOW_HEIGHT),
            flags=cv2.INTER_LINEAR if fx > 0.7 else cv2.INTER_AREA,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
    return found, [index for _, index in wanted]


def make_examples(lines_count: int, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Return windows, shape (n, WINDOW_HEIGHT, WINDOW_WIDTH), and their classes, shape (n,)."""
    rng = np.random.default_rng(seed)
    ours = [load_glyphs(OCRB_FOLDER / name) for name in OCRB_FONTS]
    others = [load_glyphs(Path(path)) for path in OTHER_FONTS if Path(path).exists()]
    windows, classes = [], []
    for _ in range(lines_count):
        from_others = others and rng.random() < OTHER_FONTS_SHARE
        glyphs = (others if from_others else ours)[
            int(rng.integers(len(others if from_others else ours)))
        ]
        text = random_text(rng)
        ink, middles = draw_line(glyphs, text, rng)
        picture, at_x, centre, cap = photograph(wear(ink, rng), middles, glyphs, rng)
        found, indexes = cut_windows(picture, at_x, centre, cap, rng)
        named = [GAP if index < 0 else text[index] for index in indexes]
        turned = [
            at
            for at, number in enumerate(named)
            if number != GAP
            and ALPHABET[number] in UNLIKE_WHEN_TURNED
            and rng.random() < TURNED_SHARE
        ]
        flip = (
            (slice(None, None, -1), slice(None, None, -1))
            if rng.random() < 0.6
            else (slice(None), slice(None, None, -1))
        )
        windows += [found.astype(np.float16), found[turned][:, *flip].astype(np.float16)]
        classes += named + [GAP] * len(turned)
    return np.concatenate(windows), np.array(classes, np.int64)
