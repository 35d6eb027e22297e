"""What can be drawn, and what can be wrong with it.

kind          format   card (mm)     sides
passport      TD3      125 × 88      data page
id_card       TD1      85.6 × 54     front, back (zone on the back)
id_card_td2   TD2      105 × 74      one
visa_a        MRV-A    120 × 80      one
visa_b        MRV-B    105 × 74      one
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from identity.document.reading import MrzFormat


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document. Sizes are ISO/IEC 7810 and Doc 9303, in millimetres."""

    name: str
    format: MrzFormat
    width_mm: float
    height_mm: float
    document_codes: tuple[str, ...]
    has_back: bool = False

    @property
    def is_visa(self) -> bool:
        """Whether it is stuck into a passport and holds for short."""
        return self.format in {MrzFormat.MRVA, MrzFormat.MRVB}


KINDS = {
    kind.name: kind
    for kind in (
        Kind("passport", MrzFormat.TD3, 125.0, 88.0, ("P",)),
        Kind("id_card", MrzFormat.TD1, 85.6, 54.0, ("I", "ID"), has_back=True),
        Kind("id_card_td2", MrzFormat.TD2, 105.0, 74.0, ("I", "ID")),
        Kind("visa_a", MrzFormat.MRVA, 120.0, 80.0, ("V",)),
        Kind("visa_b", MrzFormat.MRVB, 105.0, 74.0, ("V",)),
    )
}


class Tamper(StrEnum):
    """One thing wrong with a specimen; everything else is as on an honest one."""

    CHECK_DIGIT = "check_digit"  # one printed check digit is another digit
    NAME = "name"  # another surname in the visual zone than in the machine-readable one
    BIRTH_DATE = "birth_date"
    NUMBER = "number"
    EXPIRY_DATE = "expiry_date"
    OTHER_MRZ = "other_mrz"  # the machine-readable zone of somebody else
    PORTRAIT = "portrait"  # another face pasted over
    ZONE_FONT = "zone_font"  # characters of the machine-readable zone in another font
    COPY_MOVE = "copy_move"  # a patch of the photograph copied over another part of it
    EXPIRED = "expired"
    UNDERAGE = "underage"
    IMPOSSIBLE_DATE = "impossible_date"  # month 13, with check digits that hold
    UNKNOWN_ISSUER = "unknown_issuer"
    SPECIMEN_WORD = "specimen_word"
    UTOPIA = "utopia"  # the country of specimens
    SCREEN = "screen"  # photographed from a screen: moiré
    GREY_COPY = "grey_copy"  # a black-and-white photocopy
    MIRRORED = "mirrored"


#: Those that contradict themselves in what they say: all must be caught.
CONTRADICTIONS = (
    Tamper.CHECK_DIGIT, Tamper.NAME, Tamper.BIRTH_DATE, Tamper.NUMBER, Tamper.EXPIRY_DATE,
    Tamper.OTHER_MRZ,
)  # fmt: skip
