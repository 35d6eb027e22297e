"""Drawing a document: background lines, labels, values, portrait, machine-readable zone.

    ┌───────────────────────────────┐     everything is placed in millimetres, PX_PER_MM pixels each
    │ REPUBLIC OF …      PASSPORT   │     labels in one or two languages, small
    │ ┌──────┐ Surname / Nom        │     values in one of several fonts
    │ │ face │ MÜLLER               │
    │ └──────┘ Given names …        │     guilloche: two families of waves, faint
    │ P<XYZMUELLER<<…               │     OCR-B, 2.54 mm a character, lines 6.35 mm apart
    └───────────────────────────────┘

The layouts are invented: no real document looks like these.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from identity.document.reading import Picture
from identity.specimens.holders import Holder
from identity.specimens.kinds import Kind
from identity.specimens.wording import LABELS, label_of

PX_PER_MM = 11.0
#: Doc 9303-3, 4.4: ten characters an inch; six lines … 6.35 mm apart.
_PITCH_MM, _LEADING_MM = 2.54, 6.35
_TOP_MM = 9.0
#: Between two columns of fields.
_GUTTER_MM = 2.6
_OCR_B = Path(__file__).parent / "fonts" / "OCRB.otf"
_FREE = Path(mpl.get_data_path()) / "fonts" / "ttf"
_VALUE_FONTS = (
    "DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSansMono",
    "DejaVuSansMono-Bold", "STIXGeneral", "STIXGeneralBol",
)  # fmt: skip

_SMALL_PRINT = (
    "This card remains the property of the issuing authority.",
    "If found, please hand it in at any post office.",
)
_DATE_FORMATS = ("%d.%m.%Y", "%d/%m/%Y", "%d %m %Y", "%Y-%m-%d", "%d %b %Y", "%d-%m-%Y")
_TITLES = {"passport": "PASSPORT", "id_card": "IDENTITY CARD", "visa": "VISA"}


@dataclass(frozen=True, slots=True)
class Look:
    """What a series of documents has in common; drawn once, the same for front and back."""

    languages: tuple[str, ...]
    value_font: str
    date_format: str
    paper: tuple[int, int, int]
    ink: tuple[int, int, int]
    waves: tuple[float, float, float]
    portrait_left: bool


def make_look(rng: np.random.Generator) -> Look:
    """Return the look of one invented series."""
    first, second = (str(one) for one in rng.choice(list(LABELS), size=2, replace=False))
    # Security paper is tinted: one colour held back much, one a little.
    tint = rng.permutation(
        [int(rng.integers(0, 8)), int(rng.integers(8, 20)), int(rng.integers(20, 45))]
    )
    paper = tuple(int(one) for one in int(rng.integers(232, 252)) - tint)
    ink = tuple(int(one) for one in rng.integers(10, 60, size=3))
    return Look(
        languages=(first, second) if rng.random() < 0.7 else (first,),
        value_font=str(rng.choice(_VALUE_FONTS)),
        date_format=str(rng.choice(_DATE_FORMATS)),
        paper=(paper[0], paper[1], paper[2]),
        ink=(ink[0], ink[1], ink[2]),
        waves=(float(rng.uniform(1.5, 3)), float(rng.uniform(2, 6)), float(rng.uniform(0.3, 1))),
        portrait_left=bool(rng.random() < 0.8),
    )


def visual_values(holder: Holder, look: Look) -> dict[str, str]:
    """Return what the visual zone prints."""

    def day(moment: date) -> str:
        return moment.strftime(look.date_format).upper()

    return {
        "surname": holder.surname.upper(),
        "given_names": holder.given_names.upper(),
        "nationality": holder.nationality,
        "birth_date": day(holder.birth_date),
        "sex": holder.sex,
        "birth_place": holder.birth_place.upper(),
        "issue_date": day(holder.issue_date),
        "expiry_date": day(holder.expiry_date),
        "number": holder.number,
    }


def draw_page(
    kind: Kind,
    look: Look,
    *,
    values: Mapping[str, str],
    portrait: Picture,
    lines: Sequence[str],
    issuer: str,
    stamp: str = "",
    odd: frozenset[tuple[int, int]] = frozenset(),
) -> Picture:
    """Return the side with the portrait; with a machine-readable zone unless `lines` is empty.

    `stamp` is a word printed large across the page.
    """
    width, height = _px(kind.width_mm), _px(kind.height_mm)
    page = Image.fromarray(background(height, width, look))
    draw = ImageDraw.Draw(page)
    title = _TITLES["visa" if kind.is_visa else kind.name.removesuffix("_td2")]
    draw.text(
        (_px(4), _px(2)), f"{title}  {issuer}", fill=look.ink, font=font("DejaVuSans-Bold", 4)
    )
    left, top, right, bottom = portrait_place(kind, look)
    size = (right - left, bottom - top)
    face = Image.fromarray(portrait).resize(size, Image.Resampling.LANCZOS)
    page.paste(face, (left, top))
    _draw_fields(draw, look, values, fields_place(kind, look))
    if lines:
        draw_zone(draw, kind, lines, odd)
    if stamp:
        _stamp(page, stamp)
    return np.asarray(page)


def portrait_place(kind: Kind, look: Look) -> tuple[int, int, int, int]:
    """Return where the portrait stands: left, top, right, bottom, in pixels."""
    bottom_mm = kind.height_mm - (2.0 if kind.has_back else 23.2) - 1
    wide = (bottom_mm - _TOP_MM) * 0.78
    left = 4.0 if look.portrait_left else kind.width_mm - wide - 4
    return _px(left), _px(_TOP_MM), _px(left + wide), _px(bottom_mm)


def fields_place(kind: Kind, look: Look) -> tuple[float, float, float, float]:
    """Return where the fields stand: left, top, right, bottom, in millimetres."""
    left, _, right, bottom = (one / PX_PER_MM for one in portrait_place(kind, look))
    if look.portrait_left:
        return right + 3, _TOP_MM, kind.width_mm - 3, bottom + 1
    return 4.0, _TOP_MM, left - 2, bottom + 1


def draw_back(
    kind: Kind,
    look: Look,
    lines: Sequence[str],
    *,
    address: str,
    odd: frozenset[tuple[int, int]] = frozenset(),
) -> Picture:
    """Return the side with the machine-readable zone and no portrait."""
    width, height = _px(kind.width_mm), _px(kind.height_mm)
    page = Image.fromarray(background(height, width, look))
    draw = ImageDraw.Draw(page)
    label, value = font("DejaVuSans", 1.7), font(look.value_font, 2.6)
    draw.text((_px(4), _px(3)), "Address", fill=look.ink, font=label)
    draw.text((_px(4), _px(5.2)), address, fill=(20, 20, 24), font=value)
    draw.text((_px(4), _px(10)), "Authority", fill=look.ink, font=label)
    draw.text((_px(4), _px(12.2)), "TOWN HALL", fill=(20, 20, 24), font=value)
    for row, text in enumerate(_SMALL_PRINT):
        draw.text((_px(4), _px(17 + 2.6 * row)), text, fill=look.ink, font=label)
    seal = (_px(kind.width_mm - 20), _px(4), _px(kind.width_mm - 5), _px(19))
    draw.ellipse(seal, outline=(150, 60, 70), width=4)
    draw.ellipse([seal[0] + 18, seal[1] + 18, seal[2] - 18, seal[3] - 18], fill=(70, 110, 160))
    draw_zone(draw, kind, lines, odd)
    return np.asarray(page)


def draw_zone(
    draw: ImageDraw.ImageDraw,
    kind: Kind,
    lines: Sequence[str],
    odd: frozenset[tuple[int, int]] = frozenset(),
) -> None:
    """Print the lines at the bottom, each character in its own cell of 2.54 mm.

    `odd` are (row, column) of characters that an ordinary printer's font prints, a little lower.
    """
    ink = (25, 25, 28)
    left_mm = (kind.width_mm - len(lines[0]) * _PITCH_MM) / 2
    first_mm = kind.height_mm - 4.6 - _LEADING_MM * (len(lines) - 1)
    for row, line in enumerate(lines):
        base = _px(first_mm + row * _LEADING_MM)
        for column, letter in enumerate(line):
            middle = (left_mm + (column + 0.5) * _PITCH_MM) * PX_PER_MM
            other = (row, column) in odd
            face = font("DejaVuSansMono", 3.3) if other else _ocr_b()
            draw.text((middle, base + 2 * other), letter, fill=ink, font=face, anchor="ms")


def background(height: int, width: int, look: Look) -> Picture:
    """Return paper with two families of faint waves. Shape (height, width, 3)."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / PX_PER_MM
    pitch, long, bend = look.waves
    first = np.sin(2 * np.pi * (y + bend * np.sin(x / long)) / pitch)
    second = np.sin(2 * np.pi * (x + bend * np.sin(y / long + 1)) / (pitch * 1.3))
    out = np.empty((height, width, 3), np.float32)
    out[:] = look.paper
    for wave, width_share, tint in (
        (first, 0.12, (0.8, 0.93, 0.96)),
        (second, 0.1, (0.97, 0.88, 0.8)),
    ):
        share = (np.abs(wave) < width_share).astype(np.float32)
        share = cv2.GaussianBlur(share, (3, 3), 0)[..., None]
        out *= 1 - share * (1 - np.asarray(tint, np.float32))
    return out.astype(np.uint8)


@lru_cache(maxsize=64)
def font(name: str, size_mm: float) -> ImageFont.FreeTypeFont:
    """Return a free font that rides with matplotlib, at a size in millimetres."""
    return ImageFont.truetype(str(_FREE / f"{name}.ttf"), _px(size_mm))


def zone_font_name() -> str:
    """Return which font prints machine-readable zones: OCR-B, or another where it is missing."""
    return "OCR-B" if _OCR_B.is_file() else "DejaVu Sans Mono"


@lru_cache(maxsize=1)
def _ocr_b() -> ImageFont.FreeTypeFont:
    if not _OCR_B.is_file():
        return font("DejaVuSansMono", 3.6)
    size = 10
    # Size I of OCR-B: capitals about 2.4 mm high.
    while _height(ImageFont.truetype(str(_OCR_B), size)) < 2.4 * PX_PER_MM:
        size += 1
    return ImageFont.truetype(str(_OCR_B), size)


def _height(face: ImageFont.FreeTypeFont) -> float:
    box = face.getbbox("H", anchor="ls")
    return float(box[3] - box[1])


def _draw_fields(
    draw: ImageDraw.ImageDraw,
    look: Look,
    values: Mapping[str, str],
    room_mm: tuple[float, float, float, float],
) -> None:
    """Two fields of names each on a line of their own, the rest in two columns."""
    left, top, right, bottom = room_mm
    middle = left + (right - left) * 0.52
    cells = [("surname", 0, 0), ("given_names", 1, 0), ("nationality", 2, 0), ("sex", 2, 1),
             ("birth_date", 3, 0), ("birth_place", 3, 1), ("issue_date", 4, 0),
             ("expiry_date", 4, 1), ("number", 5, 0)]  # fmt: skip
    step = (bottom - top) / 6
    label_mm, value_mm = min(1.9, step * 0.27), min(3.4, step * 0.46)
    for name, row, column in cells:
        if not values.get(name):
            continue
        at_x = middle if column else left
        at_y = top + row * step
        room = (right - at_x) if column or row < 2 else (middle - at_x - _GUTTER_MM)
        label = label_of(name, look.languages)
        if font("DejaVuSans", label_mm).getlength(label) > 1.25 * room * PX_PER_MM:
            label = label_of(name, look.languages[:1])
        _write(draw, (at_x, at_y), label, ("DejaVuSans", label_mm), look.ink, room)
        place = (at_x, at_y + label_mm * 1.25)
        _write(draw, place, values[name], (look.value_font, value_mm), (20, 20, 24), room)


def _write(
    draw: ImageDraw.ImageDraw,
    at_mm: tuple[float, float],
    text: str,
    face: tuple[str, float],
    ink: tuple[int, int, int],
    room_mm: float,
) -> None:
    """Write a text, smaller where it does not fit."""
    name, size_mm = face
    wide = font(name, size_mm).getlength(text)
    if wide > room_mm * PX_PER_MM:
        size_mm = max(1.1, size_mm * room_mm * PX_PER_MM / wide)
    draw.text((_px(at_mm[0]), _px(at_mm[1])), text, fill=ink, font=font(name, round(size_mm, 1)))


def _stamp(page: Image.Image, word: str) -> None:
    face = font("DejaVuSans-Bold", min(9.0, page.width / PX_PER_MM / len(word)))
    ImageDraw.Draw(page).text(
        (page.width // 2, int(page.height * 0.4)), word, fill=(190, 40, 40), font=face, anchor="mm"
    )


def _px(mm: float) -> int:
    return round(mm * PX_PER_MM)
