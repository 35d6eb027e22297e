"""Builders: what a perfect reader would make of a specimen."""

from dataclasses import replace
from datetime import date

import numpy as np

from identity.authenticity import examine
from identity.claims import Claims
from identity.document.mrz import parse_lines
from identity.document.reading import DocumentReading, DocumentType, MrzFormat
from identity.specimens import TODAY, make_specimen

TYPES = {
    MrzFormat.TD3: DocumentType.PASSPORT,
    MrzFormat.TD1: DocumentType.ID_CARD,
    MrzFormat.TD2: DocumentType.ID_CARD,
    MrzFormat.MRVA: DocumentType.VISA,
    MrzFormat.MRVB: DocumentType.VISA,
}
COLOURED = np.zeros((60, 90, 3), np.uint8)
COLOURED[..., 0] = 200


def reading_of(specimen):
    mrz = parse_lines(specimen.lines, today=TODAY)
    names = ("surname", "given_names", "number", "birth_date", "expiry_date", "sex", "issue_date")
    visual = {name: specimen.visual[name] for name in names}
    return DocumentReading(
        TYPES[mrz.format],
        mrz,
        fields=mrz.fields,
        visual=visual,
        words=tuple(visual.values()),
        page=COLOURED,
    )


def a_reading(**changes):
    return replace(reading_of(make_specimen(1, photographed=False)), **changes)


def codes(reading, *, claims=None, today=TODAY):
    found = examine(reading, front=COLOURED, claims=claims or Claims(), today=today)
    return {one.code for one in found}


def day(text):
    return date.fromisoformat(text)
