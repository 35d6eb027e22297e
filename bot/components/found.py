"""One thing found in a sentence: which entity, where, and its value as plain JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from spacy.tokens import Span


@dataclass(frozen=True)
class Found:
    """An entity with character offsets into the message."""

    entity: str
    start: int
    end: int
    text: str
    value: Any

    @classmethod
    def of(cls, entity: str, span: Span, value: Any) -> Found:
        """Return what was found at a spaCy span."""
        return cls(entity, span.start_char, span.end_char, span.text, value)

    def as_rasa(self, extractor: str) -> dict[str, Any]:
        """Return the dictionary Rasa keeps in a message."""
        return {
            "entity": self.entity, "start": self.start, "end": self.end, "value": self.value,
            "confidence_entity": 1.0, "extractor": extractor,
        }  # fmt: skip
