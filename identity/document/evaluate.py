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
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytesseract
from PIL import Image, ImageOps
from rapidocr_onnxruntime import RapidOCR

from identity.cpu import cpu_s
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
    folder: Path,
    *,
    faces_folder: Path | None = None,
    beside: Mapping[str, Reader] | None = None,
    progress: Callable[[float], None] = lambda _: None,
) -> dict[str, Any]:
    """Return shares of photos read, invented zones, CPU seconds and one row for each photo.

    folder holds labels.csv; faces_folder some photos without any document. `beside` are the tools
    to measure in the same run, by name: None takes pytesseract alone (see `baselines`).
    """
    beside = baselines() if beside is None else beside
    photos = load_photos(folder)
    cv2.setNumThreads(1)
    find_zone(np.full((64, 64, 3), 255, np.uint8))  # loads the models: not part of a document
    rows, invented, blank_count = [], 0, 0
    for at, photo in enumerate(photos):
        progress(at / len(photos) / (1 + len(beside)))
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
        "failing_count": sum(photo.failing != frozenset() for photo in photos),
        "rows": rows,
        "baselines": {},
    }
    for at, (name, reader) in enumerate(beside.items(), start=1):
        progress(at / (1 + len(beside)))
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


def baselines(*, everything: bool = False) -> dict[str, Reader]:
    """Return open tools: name → picture → lines.

    pytesseract alone, or with `everything` RapidOCR too, and PassportEye where it is installed
    (it is no dependency of ours). Each reads the whole picture, as its manual has it.
    """
    tools: dict[str, Reader] = {"pytesseract": _whole_by_tesseract}
    if not everything:
        return tools
    engine = RapidOCR(intra_op_num_threads=1)

    def rapid_ocr(picture: Picture) -> Lines:
        found, _ = engine(np.ascontiguousarray(picture[..., ::-1]))
        return lenient_lines([text for _, text, _ in found or []])

    tools["RapidOCR"] = rapid_ocr
    try:
        from passporteye import read_mrz as passport_eye  # noqa: PLC0415 - beside, not a dependency
    except ImportError:
        return tools

    def eye(picture: Picture) -> Lines:
        encoded = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))[1].tobytes()
        found = passport_eye(encoded)
        return lenient_lines(found.aux["text"].splitlines()) if found is not None else ()

    return {**tools, "PassportEye": eye}


def _whole_by_tesseract(picture: Picture) -> Lines:
    return lenient_lines(pytesseract.image_to_string(picture, lang="eng").splitlines())


def lenient_lines(texts: Sequence[str]) -> Lines:
    """Return the zone among lines of text, filled or cut to the nearest width."""
    plain = [re.sub(r"[^A-Z0-9<]", "", text.upper().replace("«", "<<")) for text in texts]
    long = [text for text in plain if len(text) > 24]
    for count, width in ((2, 44), (2, 36), (3, 30)):
        near = [text for text in long if abs(len(text) - width) <= 4]
        if len(near) >= count:
            return tuple(text.ljust(width, "<")[:width] for text in near[-count:])
    return ()


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
        **{name: sum(row[name] for row in rows) for name in ("found", "key_fields", "exact")},
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
