"""Findings: what an identity check noticed, in a code, a score and a sentence.

    breakdown              asks                                            (Onfido's words)
    image_integrity        can it be read: blur, glare, crop, resolution?
    data_validation        check digits, dates, codes, number formats
    data_consistency       machine-readable zone against visual zone
    data_comparison        document against what the applicant told us
    visual_authenticity    screen, copy, tampering, known forgeries
    age_validation         of age, not expired
    face_comparison        selfie against portrait
    liveness               a live person before the camera
    screening              sanctions and PEP lists
    duplicates             the same face, document or picture under another name

A finding says what was noticed, never what follows: that is `identity/decision.py`. `text` is for
staff. What the customer may read is a response named by the code (bot/domain/onboarding.yml), and
only where the code is retryable: suspicion is never told.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Breakdown(StrEnum):
    IMAGE_INTEGRITY = "image_integrity"
    DATA_VALIDATION = "data_validation"
    DATA_CONSISTENCY = "data_consistency"
    DATA_COMPARISON = "data_comparison"
    VISUAL_AUTHENTICITY = "visual_authenticity"
    AGE_VALIDATION = "age_validation"
    FACE_COMPARISON = "face_comparison"
    LIVENESS = "liveness"
    SCREENING = "screening"
    DUPLICATES = "duplicates"


class Weight(StrEnum):
    """How much a finding matters, from nothing to everything.

    note     shown to staff, decides nothing
    hint     soft, with a known error rate: several together ask for a person
    retry    the customer can mend it: ask for another picture
    review   a person looks at it
    reject   proposes a refusal; a person still confirms it (no refusal without a human route)
    """

    NOTE = "note"
    HINT = "hint"
    RETRY = "retry"
    REVIEW = "review"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed.

    `score` is in [0, 1], how strongly it shows (1: surely), or None where it either is or is not.
    `about` says which picture or field ("selfie", "document_front", "birth_date"); "" for all.
    """

    code: str
    breakdown: Breakdown
    weight: Weight
    text: str
    score: float | None = None
    about: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the finding as commands and doors print it."""
        return {
            "code": self.code,
            "breakdown": self.breakdown.value,
            "weight": self.weight.value,
            "score": None if self.score is None else round(self.score, 4),
            "text": self.text,
            "about": self.about,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Finding:
        """Return what `to_json` made."""
        return cls(
            code=data["code"],
            breakdown=Breakdown(data["breakdown"]),
            weight=Weight(data["weight"]),
            text=data["text"],
            score=data.get("score"),
            about=data.get("about", ""),
        )
