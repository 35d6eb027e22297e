"""How well zones are read: our reader and open tools, in one run, on one folder of photos.

    labels.csv (file, mrz_text with | between lines, …) ─▶ each photo ─▶ each reader ─▶ table

    key_fields  document number, birth date and expiry date all right
    exact       every character of the zone right
    invented    a zone read where none is (zones painted over, photos of faces), or check digits
                reported to hold where the label says they do not

Photos are for measuring only: nothing is trained on them. CPU seconds are of this process and its
children (Tesseract is one), on one core.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytesseract
from PIL import Image, ImageOps
from rapidocr_onnxruntime import RapidOCR

from identity.document.mrz import ALPHABET, parse_lines, transliterate
from identity.document.reading import Mrz, Picture
from identity.document.zones import as_picture, find_zone

Lines = tuple[str, ...]
Reader = Callable[[Picture], Lines]
KEY_FIELDS = ("number", "birth_date", "expiry_date")


@dataclass(frozen=True, slots=True)
class Photo:
    """A labelled photo; `lines` is the zone by eye, `failing` the checks printed wrong."""

    path: Path
    lines: Lines
    failing: frozenset[str]


def evaluate_mrz(
    folder: Path, *, faces_folder: Path | None = None, with_baselines: bool = True
) -> dict[str, Any]:
    """Return shares of photos read, invented zones, CPU seconds and one row for each photo.

    folder holds labels.csv; faces_folder some photos without any document.
    """
    photos = load_photos(folder)
    cv2.setNumThreads(1)
    find_zone(np.full((64, 64, 3), 255, np.uint8))  # loads the models: not part of a document
    rows, invented, blank_count = [], 0, 0
    for photo in photos:
        picture = load(photo.path)
        began = cpu_s()
        zone = find_zone(as_picture(picture))
        spent = cpu_s() - began
        row = _row(photo, None if zone is None else zone.mrz.lines, spent)
        if zone is not None:
            row["checks_failed"] = [name for name, holds in zone.mrz.checks.items() if not holds]
            row["repaired"] = len(zone.mrz.repaired)
            # Valid by our word, wrong by the label's: the worst answer.
            invented += photo.failing != frozenset() and zone.mrz.is_valid
            hidden = _painted_over(
                zone.picture, [one.places for one in zone.block.rows], zone.block.rows[0].cap_px
            )
            blank_count += 1
            invented += find_zone(hidden) is not None
        rows.append(row)
    for path in sorted(faces_folder.glob("**/*.jpg"))[:20] if faces_folder else []:
        blank_count += 1
        invented += find_zone(as_picture(load(path))) is not None
    answer: dict[str, Any] = {
        **_summary(rows),
        "invented": int(invented),
        "blank_count": blank_count,
        "rows": rows,
        "baselines": {},
    }
    if with_baselines:
        for name, reader in baselines().items():
            answer["baselines"][name] = _summary(
                [_timed(photo, reader, load(photo.path)) for photo in photos]
            )
    return answer


def load_photos(folder: Path) -> list[Photo]:
    """Return the labelled photos of a folder."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return [
            Photo(
                folder / row["file"],
                tuple(_in_alphabet(line) for line in row["mrz_text"].split("|")),
                frozenset(filter(None, row["checks_failed"].split(";"))),
            )
            for row in csv.DictReader(file)
        ]


def load(path: Path) -> Picture:
    """Return a photo as RGB; transparent parts are white."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file).convert("RGBA")
        paper = Image.new("RGBA", image.size, "white")
        return np.asarray(Image.alpha_composite(paper, image).convert("RGB"), np.uint8)


def baselines() -> dict[str, Reader]:
    """Return the open tools at hand: name → picture → lines."""
    engine = RapidOCR(intra_op_num_threads=1)

    def tesseract(picture: Picture) -> Lines:
        return lenient_lines(pytesseract.image_to_string(picture, lang="eng").splitlines())

    def rapid_ocr(picture: Picture) -> Lines:
        found, _ = engine(np.ascontiguousarray(picture[..., ::-1]))
        return lenient_lines([text for _, text, _ in found or []])

    tools: dict[str, Reader] = {
        "pytesseract, whole picture": tesseract, "RapidOCR, whole picture": rapid_ocr,
    }  # fmt: skip
    try:
        from passporteye import read_mrz as passport_eye  # noqa: PLC0415 - beside, not a dependency
    except ImportError:
        return tools

    def eye(picture: Picture) -> Lines:
        encoded = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()
        found = passport_eye(encoded)
        return lenient_lines(found.aux["text"].splitlines()) if found is not None else ()

    return {**tools, "PassportEye": eye}


def lenient_lines(texts: Sequence[str]) -> Lines:
    """Return the zone among lines of text, filled or cut to the nearest width."""
    plain = [re.sub(r"[^A-Z0-9<]", "", text.upper().replace("«", "<<")) for text in texts]
    long = [text for text in plain if len(text) > 24]
    for count, width in ((2, 44), (2, 36), (3, 30)):
        near = [text for text in long if abs(len(text) - width) <= 4]
        if len(near) >= count:
            return tuple(text.ljust(width, "<")[:width] for text in near[-count:])
    return ()


def cpu_s() -> float:
    """Return CPU seconds of this process and its finished children."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def _timed(photo: Photo, reader: Reader, picture: Picture) -> dict[str, Any]:
    began = cpu_s()
    lines = reader(picture)
    return _row(photo, lines, cpu_s() - began)


def _row(photo: Photo, lines: Lines | None, spent_s: float) -> dict[str, Any]:
    truth, read = parse_lines(photo.lines), parse_lines(lines or ())
    return {
        "file": photo.path.name,
        "found": bool(lines),
        "key_fields": _agree(truth, read),
        "exact": lines == photo.lines,
        "cpu_s": round(spent_s, 3),
    }


def _agree(truth: Mrz | None, read: Mrz | None) -> bool:
    if truth is None or read is None:
        return False
    return all(truth.fields[name] == read.fields[name] for name in KEY_FIELDS)


def _summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    spent = [row["cpu_s"] for row in rows]
    return {
        "photos_count": len(rows),
        "found": sum(row["found"] for row in rows) / len(rows),
        "key_fields": sum(row["key_fields"] for row in rows) / len(rows),
        "exact": sum(row["exact"] for row in rows) / len(rows),
        "cpu_s_median": float(np.median(spent)),
        "cpu_s_p95": float(np.percentile(spent, 95)),
    }


def _in_alphabet(line: str) -> str:
    """Return a label as Doc 9303 would print it: one specimen prints a letter it does not know."""
    return "".join(one if one in ALPHABET else transliterate(one)[:1] for one in line)


def _painted_over(picture: Picture, rows: Sequence[Any], cap_px: float) -> Picture:
    """Return the picture with the zone hidden under the colour around it."""
    hidden = picture.copy()
    for places in rows:
        first, last = places[0], places[-1]
        step = (last - first) / (len(places) - 1)
        ends = (first - 1.2 * step, last + 1.2 * step)
        points = [tuple(round(float(one)) for one in end) for end in ends]
        colour = np.median(picture.reshape(-1, 3), axis=0).tolist()
        cv2.line(hidden, points[0], points[1], colour, max(2, round(1.9 * cap_px)))
    return hidden
