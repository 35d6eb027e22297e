"""Authenticity: is this document what it claims to be? Findings, each with code, score, sentence.

zone_rules    the machine-readable zone in itself: check digits, shape, dates, codes
consistency   zone against visual zone, barcode and what the applicant told
marks         samples, known forgeries, copies
policy.toml   what a bank may change; numbers.toml, known_forgeries.toml: tables with sources
"""

from identity.authenticity.consistency import compare_fields
from identity.authenticity.examining import examine

__all__ = ["compare_fields", "examine"]
