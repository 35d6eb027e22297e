"""Marks on a document that say what it is: a sample, a known forgery.

    specimen_word      SPECIMEN, MUSTER, VZOR … printed on it
    known_forgery      its number or portrait is in `known_forgeries.toml`
    copy_move, ela     the picture was edited after it was taken (hints of `document/forensics.py`)

Sex or age against the portrait is left out: we have no way to measure it that is equally right for
everybody, and a hint that errs by skin, age or disability accuses the wrong people.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import cv2
import numpy as np
from anyascii import anyascii

from bank.domain.findings import Breakdown, Finding, Weight
from identity.authenticity.policy import load_table
from identity.document import forensics
from identity.document.reading import DocumentReading, Picture

_HINT_LEAST, _ELA_SCORE_MOST = 0.5, 0.8


def specimen_words(reading: DocumentReading) -> Iterator[Finding]:
    """Yield words that mark a sample: surely on the page, perhaps in a name."""
    marks = set(load_table()["words"]["specimen"])
    names = _words(f"{reading.fields.get('surname', '')} {reading.fields.get('given_names', '')}")
    printed = set().union(*(_words(line) for line in reading.words)) if reading.words else set()
    if found := sorted(marks & (printed - names)):
        text = f"The document says {', '.join(found)}: it is a sample of its kind."
        yield _finding("specimen_word", Weight.REJECT, text, about="document_front")
    if found := sorted(marks & names):
        text = f"The holder's name is {', '.join(found)}, as on samples."
        yield _finding("specimen_name", Weight.REVIEW, text, about="surname")


def known_forgeries(reading: DocumentReading) -> Iterator[Finding]:
    """Yield where number or portrait is known from forgeries."""
    table = load_table("known_forgeries")
    number = reading.fields.get("number", "")
    key = f"{reading.fields.get('issuer', '')}:{number}"
    digest = hashlib.sha256(key.encode()).hexdigest()
    if number and any(row["sha256"] == digest for row in table.get("number", [])):
        text = "The document's number is known from copies in circulation."
        yield _finding("known_forgery", Weight.REJECT, text, about="number")
    portrait = crop_portrait(reading)
    if portrait is None:
        return
    here = perceptual_hash(portrait)
    for row in table.get("portrait", []):
        distance = (here ^ int(row["hash"], 16)).bit_count()
        if distance <= table["distance_most"]:
            text = f"The portrait is known from copies in circulation ({distance} of 64 bits off)."
            yield _finding(
                "known_forgery", Weight.REJECT, text, score=1 - distance / 64, about="portrait"
            )


def traces(picture: Picture) -> Iterator[Finding]:
    """Yield hints that a picture was edited: a patch copied, a patch saved less often."""
    score = forensics.copy_move(picture)
    if score >= _HINT_LEAST:
        text = "One patch of the picture stands at a second place as well."
        yield _finding("copy_move", Weight.HINT, text, score=score, about="document_front")
    score = forensics.ela_score(picture)
    if score >= _HINT_LEAST:
        # One of 12 honest pictures shows it, so it never speaks alone (decision.toml).
        text = "A part of the picture seems to have been saved less often than the rest."
        score = min(score, _ELA_SCORE_MOST)
        yield _finding("ela", Weight.HINT, text, score=score, about="document_front")


def crop_portrait(reading: DocumentReading) -> Picture | None:
    """Return the portrait on the page, or None."""
    if reading.page is None or reading.portrait_box is None:
        return None
    left, top, right, bottom = reading.portrait_box
    crop = reading.page[max(0, top) : bottom, max(0, left) : right]
    return crop if crop.size else None


def perceptual_hash(picture: Picture) -> int:
    """Return 64 bits that stay almost the same under size, brightness and compression.

    Signs of the lowest 8 × 8 cosine coefficients against their median (Zauner 2010, DCT hash).
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    low = cv2.dct(small)[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return int("".join("1" if bit else "0" for bit in bits), 2)


def _words(text: str) -> set[str]:
    return set(re.findall(r"[A-Z]+", anyascii(text).upper()))


def _finding(
    code: str, weight: Weight, text: str, *, score: float | None = None, about: str = ""
) -> Finding:
    return Finding(code, Breakdown.VISUAL_AUTHENTICITY, weight, text, score, about)
