"""Specimens: synthetic documents of invented layout, with the truth about them.

    seed ─▶ holder ─▶ printed (both zones) ─▶ page(s) ─▶ photograph ─▶ Specimen
                         └─ tamper ─────────────┴───────────┘

For measuring and for demonstrations: nobody on them exists, no real document looks like them.
"""

from identity.specimens.kinds import CONTRADICTIONS, KINDS, Kind, Tamper
from identity.specimens.making import TODAY, Specimen, make_specimen

__all__ = ["CONTRADICTIONS", "KINDS", "TODAY", "Kind", "Specimen", "Tamper", "make_specimen"]
