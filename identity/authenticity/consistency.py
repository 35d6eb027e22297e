"""One document, several voices: machine-readable zone, visual zone, barcode, and the applicant.

    confirmed      the visual zone says the same
    contradicted   it says something else          ─▶ review
    unseen         it could not be read            ─▶ no contradiction and no confirmation:
                                                      what must be confirmed asks for a retry

A field that nobody could read proves nothing, so it accuses nobody; and it approves nobody.
Names are compared as Doc 9303 transliterates them, word by word, with a little room for misreading;
numbers and dates exactly, but for characters that readers confuse (0/O, 1/I, 5/S, 8/B, 2/Z).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from rapidfuzz import fuzz

from bank.domain.findings import Breakdown, Finding, Weight
from identity.authenticity.likeness import (
    best_word,
    is_alike,
    likeness_least,
    lists_alike,
    name_likeness,
    ways,
)
from identity.authenticity.policy import load_table
from identity.claims import Claims
from identity.document.mrz import LAYOUTS
from identity.document.reading import FIELDS, DocumentReading, Mrz
from identity.document.viz_dates import find_dates

NAMES = ("surname", "given_names")
DATES = ("birth_date", "expiry_date", "issue_date")
_CONFUSED = str.maketrans("OQDILSBZG", "000115826")
_LABELS = {
    "surname": "surname", "given_names": "given names", "number": "document number",
    "birth_date": "birth date", "expiry_date": "expiry date", "sex": "sex",
    "nationality": "nationality", "issuer": "issuer",
}  # fmt: skip


class Sight(StrEnum):
    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    UNSEEN = "unseen"


def zones(reading: DocumentReading) -> Iterator[Finding]:
    """Yield where the visual zone contradicts the machine-readable one, or confirms too little."""
    coded = coded_fields(reading)
    if not coded:
        return
    unseen = []
    for name in load_table()["zones"]["confirm"]:
        if not coded.get(name):
            continue
        sight = look(reading, name)
        if sight is Sight.CONTRADICTED:
            text = f"The {_LABELS[name]} in the visual zone is another than in the coded one."
            yield _finding("zones_differ", Weight.REVIEW, text, about=name)
        elif sight is Sight.UNSEEN:
            unseen.append(name)
    for name in ("given_names", "sex"):
        if coded.get(name) and look(reading, name) is Sight.CONTRADICTED:
            text = f"The {_LABELS[name]} in the visual zone seem to differ from the coded ones."
            yield _finding("zones_seem_to_differ", Weight.HINT, text, score=0.6, about=name)
    if unseen:
        text = f"Not to be read in the visual zone: {', '.join(_LABELS[one] for one in unseen)}."
        yield _finding("visual_zone_unread", Weight.RETRY, text, about="document_front")
    yield from _barcode(reading)


def claims_against(reading: DocumentReading, claims: Claims) -> Iterator[Finding]:
    """Yield where the document says something else than the applicant. Empty claims say nothing."""
    fields = reading.fields
    claimed = [part for part in (claims.given_names, claims.surname) if part.strip()]
    printed = [fields.get(name, "") for name in ("given_names", "surname")]
    if claimed and any(printed):
        likeness = name_likeness(" ".join(claimed), " ".join(printed))
        if is_cut(reading.mrz):
            likeness = max(likeness, _cut_likeness(claims, *printed))
        if claims.surname and printed[1]:
            # One word of the printed surname must be among those told, wherever.
            likeness = min(likeness, best_word(printed[1], " ".join(claimed)))
        if likeness < load_table()["zones"]["name_likeness_least"]:
            text = "The name on the document is not the name that was told."
            yield _claim("name_not_as_told", text, score=1 - likeness, about="surname")
        elif claims.surname and _same("surname", claims.surname, fields.get("given_names", "")):
            text = "Surname and given names were told the other way round."
            yield Finding(
                "names_swapped", Breakdown.DATA_COMPARISON, Weight.NOTE, text, about="surname"
            )
    born = fields.get("birth_date", "")
    if claims.birth_date is not None and born and born != claims.birth_date.isoformat():
        text = "The birth date on the document is not the one that was told."
        yield _claim("birth_date_not_as_told", text, score=1.0, about="birth_date")


def look(reading: DocumentReading, name: str) -> Sight:
    """Return whether the visual zone confirms one coded field."""
    coded = coded_fields(reading).get(name, "")
    shown = reading.visual.get(name, "")
    if shown and _same(name, coded, shown, cut=is_cut(reading.mrz)):
        return Sight.CONFIRMED
    words = [line for line in reading.words if not _is_of_zone(line, reading.mrz)]
    if name != "sex" and sees(words, name, coded):
        return Sight.CONFIRMED
    return Sight.CONTRADICTED if shown else Sight.UNSEEN


def _is_of_zone(line: str, mrz: Mrz | None) -> bool:
    """Return whether a line of print is the zone's, read askew: it must not confirm itself."""
    plain = re.sub(r"[^0-9A-Z]", "", line.upper())
    zones = [] if mrz is None else [one.replace("<", "") for one in mrz.lines]
    return any(len(plain) >= 0.8 * len(zone) and fuzz.ratio(plain, zone) >= 70 for zone in zones)


def is_cut(mrz: Mrz | None) -> bool:
    """Return whether names fill the zone to its last character, so that the rest may be missing."""
    if mrz is None:
        return False
    line, start, end = LAYOUTS[mrz.format].names
    return not mrz.lines[line][start:end].endswith("<")


def compare_fields(reading: DocumentReading, claims: Claims) -> list[dict[str, Any]]:
    """Return one row a field: what each voice says, and whether they agree.

    Keys: field, mrz, visual, barcode, claim ("" where silent), agree (None where fewer than two
    speak).
    """
    told = {
        "surname": claims.surname,
        "given_names": claims.given_names,
        "birth_date": claims.birth_date.isoformat() if claims.birth_date else "",
    }
    rows, cut = [], is_cut(reading.mrz)
    for name in (*FIELDS, "issue_date"):
        row: dict[str, Any] = {
            "field": name,
            "mrz": reading.mrz.fields.get(name, "") if reading.mrz else "",
            "visual": reading.visual.get(name, ""),
            "barcode": (reading.barcode or {}).get(name, ""),
            "claim": told.get(name, ""),
        }
        said = [text for key, text in row.items() if key != "field" and text]
        if not said:
            continue
        row["agree"] = None
        if len(said) > 1:
            row["agree"] = all(_same(name, said[0], other, cut=cut) for other in said[1:])
        elif row["mrz"] and name in {*NAMES, *DATES, "number"}:
            row["agree"] = True if sees(reading.words, name, row["mrz"]) else None
        rows.append(row)
    return rows


def coded_fields(reading: DocumentReading) -> Mapping[str, str]:
    """Return what a machine wrote: the machine-readable zone, else the barcode."""
    return reading.mrz.fields if reading.mrz else reading.barcode or {}


def sees(words: Sequence[str], name: str, value: str) -> bool:
    """Return whether the lines of the visual zone contain the value of a field, in any writing."""
    if not value:
        return False
    lines = [line for line in words if "<<" not in line]
    if name in NAMES:
        seen = {word for line in lines for way in ways(line) for word in way}
        return any(
            all(any(is_alike(part, word) for word in seen) for part in way) for way in ways(value)
        )
    if name not in DATES:
        return any(_has_token(line, _folded(value)) for line in lines)
    return any(_may_mean(line, date.fromisoformat(value)) for line in lines)


def _has_token(line: str, plain: str) -> bool:
    """Return whether words of a line, alone or joined (a number in groups), are exactly this.

    Never a part of a word: a line of the zone read askew contains its number too.
    """
    parts = [part for part in (_folded(word) for word in line.split()) if part]
    return any(
        "".join(parts[start:end]) == plain
        for start in range(len(parts))
        for end in range(start + 1, min(start + 5, len(parts)) + 1)
    )


def _may_mean(line: str, day: date) -> bool:
    """Return whether a line contains this day in any writing, whatever stands for month and day."""
    # Two dates read as one word, a stroke of the neighbour, figures in the name of a month.
    line = re.sub(r"((?:19|20)\d\d)(?=\d{1,2}[A-Z./\-\s])", r"\1 ", line)
    line = re.sub(r"(?<![0-9A-Za-z])[0-9A-Za-z](?=\d\d([./\-\s])\d\d\1\d{4})", "", line)
    line = re.sub(r"(?<![0-9])0(?=[A-Z]{2})|(?<=[A-Z])0(?=[A-Z])", "O", line.upper())
    return any(
        one.day == day
        for ahead in (False, True)
        for month_first in (False, True)
        for one in find_dates(line, today=day, ahead=ahead, month_first=month_first)
    )


def _cut_likeness(claims: Claims, given: str, surname: str) -> float:
    """Return the likeness of told names, cut as the zone cut the printed ones."""
    printed = f"{surname} {given}".strip()
    told = [
        " ".join([*first, *second])
        for first in ways(claims.surname)
        for second in ways(claims.given_names)
    ]
    return max((fuzz.ratio(one[: len(printed)], printed) / 100 for one in told), default=0.0)


def _same(name: str, one: str, other: str, *, cut: bool = False) -> bool:
    if name in NAMES:
        likest = max(
            (lists_alike(a, b, cut=cut) for a in ways(one) for b in ways(other)), default=0.0
        )
        return likest >= likeness_least()
    if name in DATES or name in {"sex", "issuer", "nationality"}:
        return one.strip().upper() == other.strip().upper()
    return _folded(one) == _folded(other)


def _folded(text: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", text.upper()).translate(_CONFUSED)


def _barcode(reading: DocumentReading) -> Iterator[Finding]:
    """Yield where zone and barcode, both written by machines, contradict each other."""
    if reading.mrz is None or not reading.barcode:
        return
    for name in ("surname", "number", "birth_date", "expiry_date"):
        one, other = reading.mrz.fields.get(name, ""), reading.barcode.get(name, "")
        if one and other and not _same(name, one, other):
            text = f"The {_LABELS[name]} in the barcode is another than in the zone."
            yield _finding("barcode_differs", Weight.REVIEW, text, about=name)


def _finding(
    code: str, weight: Weight, text: str, *, score: float | None = None, about: str = ""
) -> Finding:
    return Finding(code, Breakdown.DATA_CONSISTENCY, weight, text, score, about)


def _claim(code: str, text: str, *, score: float, about: str) -> Finding:
    return Finding(code, Breakdown.DATA_COMPARISON, Weight.REVIEW, text, score, about)
