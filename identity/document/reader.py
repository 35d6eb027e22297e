"""Read a document: what its zone says, where its page lies, what kind it is.

    picture ─▶ text lines ─▶ blocks of OCR-B ─▶ decoded zone ── check digits hold? ─▶ done
                                                   └─ no zone ─▶ mirror image ─▶ closer look
    zone ─▶ page, upright ─▶ visual zone, portrait ──┐
    back, front ─▶ barcode ──────────────────────────┴──▶ DocumentReading

Lines are found in any direction and read in both, so a turned picture costs nothing. Only what
fails is looked at again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

import cv2
import numpy as np

from bank.domain.findings import Breakdown, Finding, Weight
from identity.document import orientation, typography
from identity.document.barcodes import read_barcode
from identity.document.page import Page, page_of_outline, page_of_zone
from identity.document.reading import FIELDS, DocumentReading, DocumentType, Mrz, MrzFormat, Picture
from identity.document.viz import read_visual
from identity.document.zones import Zone, as_picture, find_zone, find_zone_among
from identity.face.portraits import find_portrait

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES = {
    MrzFormat.TD1: DocumentType.ID_CARD,
    MrzFormat.TD2: DocumentType.ID_CARD,
    MrzFormat.TD3: DocumentType.PASSPORT,
    MrzFormat.MRVA: DocumentType.VISA,
    MrzFormat.MRVB: DocumentType.VISA,
}
#: Words of the visual zone that name the kind, for documents without zone and barcode.
_WORDS = {
    DocumentType.DRIVING_LICENCE: (
        "DRIVING LICENCE", "DRIVER LICENSE", "DRIVER'S LICENSE", "DRIVERS LICENSE",
        "PERMIS DE CONDUIRE", "FUHRERSCHEIN", "FÜHRERSCHEIN", "RIJBEWIJS", "PATENTE DI GUIDA",
    ),
    DocumentType.PASSPORT: ("PASSPORT", "PASSEPORT", "REISEPASS", "PASAPORTE"),
    DocumentType.VISA: ("VISA",),
    DocumentType.ID_CARD: ("IDENTITY CARD", "CARTE D'IDENTITE", "PERSONALAUSWEIS", "RESIDENT CARD"),
}  # fmt: skip
FRONT, BACK = "document_front", "document_back"


def read_mrz(picture: Picture) -> Mrz | None:
    """Return the machine-readable zone of a picture in any orientation, or None.

    Where check digits do not hold, `Mrz.checks` says so. Never raises on a picture.
    """
    zone = find_zone(as_picture(picture))
    return None if zone is None else zone.mrz


def read_document(front: Picture, back: Picture | None = None) -> DocumentReading:
    """Return everything read from one or two pictures (RGB). Never raises on a picture."""
    began = time.perf_counter()
    front = as_picture(front)
    back = None if back is None else as_picture(back)
    # A back is shown where the zone stands on it, as a rule: it is looked at first.
    found = find_zone_among(_both(back, front))
    zone = None if found is None else found[1]
    about = BACK if back is not None and found is not None and found[0] == 0 else FRONT
    page = _page(front, zone if about == FRONT else None)
    mrz = None if zone is None else zone.mrz
    barcode = None
    if mrz is None or mrz.format is MrzFormat.TD1:
        barcode = next((one for one in map(read_barcode, _both(back, front)) if one), None)
    shown = front if page is None else page.picture
    visual, words = read_visual(shown, mrz=mrz)
    portrait = find_portrait(shown)
    return DocumentReading(
        document_type=_kind(mrz, barcode, words),
        mrz=mrz,
        fields=best_fields(mrz, barcode, visual),
        visual=visual,
        words=words,
        page=shown,
        portrait_box=None if portrait is None else portrait.box,
        barcode=barcode,
        findings=tuple(_findings(zone, page, about)),
        ms=round((time.perf_counter() - began) * 1000),
    )


def best_fields(
    mrz: Mrz | None, barcode: Mapping[str, str] | None, visual: Mapping[str, str]
) -> dict[str, str]:
    """Return each field from the best source that has it: zone, barcode, visual zone."""
    sources = [dict(mrz.fields) if mrz else {}, dict(barcode or {}), dict(visual)]
    found = {
        name: next((source[name] for source in sources if source.get(name)), "") for name in FIELDS
    }
    extra = {name: text for source in sources[1:] for name, text in source.items()}
    return {**extra, **found}


def _page(picture: Picture, zone: Zone | None) -> Page | None:
    if zone is not None:
        return page_of_zone(zone.picture, zone.block, zone.mrz.format)
    page = page_of_outline(picture)
    if page is None:
        return None
    return Page(orientation.upright(page.picture), page.corners, page.by)


def _both(*pictures: Picture | None) -> list[Picture]:
    return [picture for picture in pictures if picture is not None]


def _kind(
    mrz: Mrz | None, barcode: Mapping[str, str] | None, words: tuple[str, ...]
) -> DocumentType:
    if barcode:
        return DocumentType.DRIVING_LICENCE
    if mrz is not None:
        return _TYPES[mrz.format]
    text = " ".join(words).upper()
    return next(
        (kind for kind, names in _WORDS.items() if any(name in text for name in names)),
        DocumentType.OTHER,
    )


def _findings(zone: Zone | None, page: Page | None, about: str) -> Iterator[Finding]:
    if page is None:
        yield Finding(
            "page_not_found", Breakdown.IMAGE_INTEGRITY, Weight.HINT,
            "No outline of a document was found; the whole picture was read.", about=FRONT,
        )  # fmt: skip
    if zone is not None and zone.is_mirrored:
        yield Finding(
            "picture_mirrored", Breakdown.IMAGE_INTEGRITY, Weight.HINT,
            "The picture is a mirror image; it was read turned round.", about=about,
        )  # fmt: skip
    if zone is not None:
        grey = np.asarray(cv2.cvtColor(zone.picture, cv2.COLOR_RGB2GRAY), np.uint8)
        yield from typography.findings(zone.block, grey, zone.mrz.lines)
    if zone is not None and zone.mrz.repaired:
        changes = ", ".join(
            f"line {line + 1} column {column + 1}: {read} read, {taken} taken"
            for line, column, read, taken in zone.mrz.repaired
        )
        yield Finding(
            "mrz_repaired", Breakdown.DATA_VALIDATION, Weight.NOTE,
            f"Look-alikes were mended because only then the check digits hold: {changes}.",
            about=about,
        )  # fmt: skip
