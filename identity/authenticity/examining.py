"""Examining a document that was read: every check of this package, in one list of findings."""

from __future__ import annotations

from datetime import date

from bank.domain.findings import Breakdown, Finding, Weight
from identity.authenticity import consistency, marks, zone_rules
from identity.claims import Claims
from identity.document.reading import DocumentReading, Picture


def examine(
    reading: DocumentReading,
    *,
    front: Picture,
    back: Picture | None = None,
    claims: Claims,
    today: date,
) -> list[Finding]:
    """Return what was noticed about a document, read from the pictures `front` and `back`.

    No finding hides another; what follows from them is `identity.decision`'s.
    """
    found: list[Finding] = list(marks.traces(front))
    if reading.mrz is not None:
        if zone_rules.is_unreliable(reading.mrz):
            # Comparing what was misread would accuse: another picture is asked for instead.
            text = "The machine-readable zone was read badly."
            return [*found, _unread("mrz_unreliable", text, back)]
        found += zone_rules.check_digits(reading.mrz)
        found += zone_rules.repairs(reading.mrz)
        found += zone_rules.structure(reading.mrz)
    elif not reading.barcode:
        text = "No machine-readable zone and no barcode could be read."
        found.append(_unread("code_unread", text, back))
    found += zone_rules.dates(reading, today=today)
    found += zone_rules.issuer_codes(reading)
    found += zone_rules.number_format(reading)
    found += consistency.zones(reading)
    found += consistency.claims_against(reading, claims)
    found += marks.specimen_words(reading)
    found += marks.known_forgeries(reading)
    return found


def _unread(code: str, text: str, back: Picture | None) -> Finding:
    about = "document_front" if back is None else "document_back"
    return Finding(code, Breakdown.IMAGE_INTEGRITY, Weight.RETRY, text, None, about)
