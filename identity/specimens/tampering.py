"""Tampering: one thing wrong at a time, in what is printed, on the page, or in the picture.

printed     make_print     holder ─▶ machine-readable lines, visual values, stamp
on the page alter_page     a face pasted over, a patch copied
pictured    alter_picture  shown on a screen, photocopied, mirrored
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from identity.document.mrz import LAYOUTS, check_digit, compose, cut
from identity.document.reading import MrzFormat, Picture
from identity.specimens import drawing, holders
from identity.specimens.drawing import Look
from identity.specimens.holders import Holder
from identity.specimens.kinds import Kind, Tamper
from identity.specimens.photographing import copy_grey, jpeg, show_on_screen
from identity.specimens.portraits import make_portrait

_UNKNOWN_ISSUERS = ("XQZ", "QQA", "ZZX", "AAQ")
_STAMPS = ("SPECIMEN", "MUSTER", "SAMPLE", "VOID")
_DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Print:
    """What is printed: lines of the machine-readable zone, holder in the visual zone, a stamp."""

    lines: tuple[str, ...]
    visual: Holder
    issuer: str
    stamp: str = ""
    month_13: bool = False
    #: (row, column) of characters of the zone that another printer printed.
    odd: frozenset[tuple[int, int]] = frozenset()


def make_print(
    holder: Holder,
    other: Holder,
    *,
    kind: Kind,
    code: str,
    tamper: Tamper | None,
    rng: np.random.Generator,
    today: date,
) -> Print:
    """Return what is printed for a holder; `other` is somebody else of the same issuer."""
    holder = _altered(holder, tamper, rng, today)
    lines = compose(kind.format, holder.fields(code))
    visual, stamp = holder, ""
    odd: frozenset[tuple[int, int]] = frozenset()
    match tamper:
        case Tamper.CHECK_DIGIT:
            lines = _wrong_digit(kind.format, lines, rng)
        case Tamper.OTHER_MRZ:
            lines = compose(kind.format, other.fields(code))
        case Tamper.NAME:
            visual = replace(holder, surname=holders.other_surname(rng, holder.surname))
        case Tamper.NUMBER:
            visual = replace(holder, number=holders.other_number(rng, holder.number))
        case Tamper.BIRTH_DATE:
            visual = replace(holder, birth_date=holders.other_date(rng, holder.birth_date))
        case Tamper.EXPIRY_DATE:
            visual = replace(holder, expiry_date=holders.other_date(rng, holder.expiry_date))
        case Tamper.IMPOSSIBLE_DATE:
            lines = _month_13(kind.format, lines)
        case Tamper.ZONE_FONT:
            odd = _number_cells(kind.format, rng)
        case Tamper.SPECIMEN_WORD:
            stamp = str(rng.choice(_STAMPS))
        case _:
            pass
    month_13 = tamper is Tamper.IMPOSSIBLE_DATE
    return Print(lines, visual, holder.issuer, stamp, month_13, odd)


def alter_page(
    page: Picture, *, kind: Kind, look: Look, tamper: Tamper | None, rng: np.random.Generator
) -> Picture:
    """Return the page with what was done to it by hand."""
    if tamper is Tamper.PORTRAIT:
        left, top, right, bottom = drawing.portrait_place(kind, look)
        other = make_portrait(int(rng.integers(2**31)), size_px=max(right - left, bottom - top))
        out = page.copy()
        face = other[: bottom - top, : right - left].astype(np.float32)
        # A print of another printer, glued a little beside the old one.
        face = np.clip(face * rng.uniform(0.88, 1.1, 3) + rng.normal(0, 6, face.shape), 0, 255)
        out[top + 3 : bottom + 3, left + 2 : right + 2] = face.astype(np.uint8)
        return out
    return page


def alter_picture(page: Picture, *, tamper: Tamper | None, rng: np.random.Generator) -> Picture:
    """Return what the camera is held before: the page, or a screen or a copy of it."""
    match tamper:
        case Tamper.SCREEN:
            return show_on_screen(page, rng)
        case Tamper.GREY_COPY:
            return copy_grey(page, rng)
        case Tamper.MIRRORED:
            return np.ascontiguousarray(page[:, ::-1])
    return page


def alter_file(picture: Picture, *, tamper: Tamper | None, rng: np.random.Generator) -> Picture:
    """Return the photograph as edited on a computer."""
    if tamper is not Tamper.COPY_MOVE:
        return picture
    high, wide = picture.shape[:2]
    size = (round(high * rng.uniform(0.06, 0.1)), round(wide * rng.uniform(0.12, 0.2)))
    source = (round(high * rng.uniform(0.3, 0.45)), round(wide * rng.uniform(0.3, 0.5)))
    target = (source[0] + round(high * rng.uniform(0.12, 0.2)), source[1] + round(wide * 0.05))
    return jpeg(paste_patch(picture, source, target, size), 92)


def _altered(
    holder: Holder, tamper: Tamper | None, rng: np.random.Generator, today: date
) -> Holder:
    """Return the holder as the whole document says it, in both zones."""
    match tamper:
        case Tamper.EXPIRED:
            gone = today - timedelta(days=int(rng.integers(3, 900)))
            issued = gone - (holder.expiry_date - holder.issue_date)
            born = min(holder.birth_date, issued - timedelta(days=6600))
            return replace(holder, expiry_date=gone, issue_date=issued, birth_date=born)
        case Tamper.UNDERAGE:
            age = timedelta(days=rng.uniform(12.0, 17.9) * _DAYS_A_YEAR)
            issued = today - timedelta(days=int(rng.integers(30, 600)))
            gone = issued + timedelta(days=5 * 365)
            return replace(holder, birth_date=today - age, issue_date=issued, expiry_date=gone)
        case Tamper.UNKNOWN_ISSUER:
            return holders.with_nationality(holder, str(rng.choice(_UNKNOWN_ISSUERS)))
        case Tamper.UTOPIA:
            return holders.with_nationality(holder, "UTO")
    return holder


def _wrong_digit(
    mrz_format: MrzFormat, lines: tuple[str, ...], rng: np.random.Generator
) -> tuple[str, ...]:
    checks = [
        one for one in LAYOUTS[mrz_format].checks if lines[one.at[0]][one.at[1]] in "0123456789"
    ]
    row, column = checks[int(rng.integers(len(checks)))].at
    digit = str((int(lines[row][column]) + int(rng.integers(1, 10))) % 10)
    return _with(lines, row, column, digit)


def _number_cells(mrz_format: MrzFormat, rng: np.random.Generator) -> frozenset[tuple[int, int]]:
    """Return where a forger prints who changes the number: some of it, and the check digits."""
    layout = LAYOUTS[mrz_format]
    row, start, _ = layout.fields["number"]
    first = start + int(rng.integers(0, 4))
    digits = {check.at for check in layout.checks if check.name in {"number", "composite"}}
    return frozenset({(row, column) for column in range(first, first + 4)} | digits)


def _month_13(mrz_format: MrzFormat, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return lines with a birth month of 13 and all check digits right."""
    layout = LAYOUTS[mrz_format]
    row, start, _ = layout.fields["birth_date"]
    lines = _with(lines, row, start + 2, "13")
    for check in layout.checks:
        row, column = check.at
        if lines[row][column] in "0123456789":
            covered = "".join(cut(lines, span) for span in check.covers)
            lines = _with(lines, row, column, check_digit(covered))
    return lines


def _with(lines: tuple[str, ...], row: int, column: int, text: str) -> tuple[str, ...]:
    line = lines[row][:column] + text + lines[row][column + len(text) :]
    return (*lines[:row], line, *lines[row + 1 :])


def paste_patch(
    page: Picture, source: tuple[int, int], target: tuple[int, int], size: tuple[int, int]
) -> Picture:
    """Return the page with a patch copied. Places are (top, left), `size` is (height, width)."""
    out: NDArray[np.uint8] = page.copy()
    high, wide = size
    patch = page[source[0] : source[0] + high, source[1] : source[1] + wide]
    out[target[0] : target[0] + high, target[1] : target[1] + wide] = patch
    return out
