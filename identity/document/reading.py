"""What was read from a document: its kind, its machine-readable zone, its fields.

    picture ─▶ page (upright, rectified) ─▶ kind ─▶ MRZ | PDF417 ─┐
                        └──▶ words of the visual zone (VIZ) ──────┴──▶ DocumentReading
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: RGB, shape (height, width, 3), uint8.
Picture = NDArray[np.uint8]


class DocumentType(StrEnum):
    PASSPORT = "passport"  # TD3
    ID_CARD = "id_card"  # TD1, TD2
    VISA = "visa"  # MRV-A, MRV-B
    DRIVING_LICENCE = "driving_licence"  # PDF417 (AAMVA)
    OTHER = "other"


class MrzFormat(StrEnum):
    TD1 = "TD1"  # 3 × 30
    TD2 = "TD2"  # 2 × 36
    TD3 = "TD3"  # 2 × 44
    MRVA = "MRVA"  # 2 × 44
    MRVB = "MRVB"  # 2 × 36


@dataclass(frozen=True, slots=True)
class Mrz:
    """A machine-readable zone, as printed.

    `checks` maps number, birth_date, expiry_date, optional (TD3), composite to whether the
    printed check digit holds; a format without one of them has no such key. `repaired` lists
    (line, column, read, taken): confusions mended because only then the check digits hold.
    """

    format: MrzFormat
    lines: tuple[str, ...]
    fields: Mapping[str, str]
    checks: Mapping[str, bool]
    confidence: float = 1.0
    repaired: tuple[tuple[int, int, str, str], ...] = ()

    @property
    def is_valid(self) -> bool:
        """Whether every printed check digit holds."""
        return bool(self.checks) and all(self.checks.values())


#: Names of `Mrz.fields` and `DocumentReading.fields`. Dates are ISO (2031-05-01), names are
#: upper case Latin, sex is M, F or X, countries are ICAO three-letter codes, "" where unreadable.
FIELDS = (
    "document_code", "issuer", "surname", "given_names", "number", "nationality",
    "birth_date", "sex", "expiry_date", "optional_1", "optional_2",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DocumentReading:
    """Everything read from one or two pictures of a document.

    `fields` is the best reading of each field (MRZ first, then barcode, then visual zone);
    `visual` is what the visual zone alone says, same names plus `issue_date`, `address`.
    `page` is the document upright and rectified; `portrait_box` is (left, top, right, bottom) in
    it, None where no portrait was found. `words` are the visual zone's lines of text.
    """

    document_type: DocumentType
    mrz: Mrz | None
    fields: Mapping[str, str]
    visual: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    page: Picture | None = None
    portrait_box: tuple[int, int, int, int] | None = None
    barcode: Mapping[str, str] | None = None
    findings: tuple[Any, ...] = ()  # of bank.domain.findings.Finding: what reading noticed
    ms: int = 0
