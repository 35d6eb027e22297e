"""Evidence: a picture an applicant sent, sealed at rest, kept while a case may ask for it.

The record says what and when; the sealed bytes are a file beside the database, named by the id.
An erased picture keeps its record, so a case can say what it had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bank.domain.ids import ConversationId


class EvidenceKind(StrEnum):
    SELFIE = "selfie"
    DOCUMENT_FRONT = "document_front"
    DOCUMENT_BACK = "document_back"
    LIVENESS = "liveness"  # the frames of a challenge, packed
    PORTRAIT = "portrait"  # cut out of the document by the checks
    FACE = "face"  # a customer's frames for a face key: no person opens them, erased when judged


@dataclass(frozen=True, slots=True)
class Evidence:
    """`digest` is a keyed digest of the clean picture: it finds twins and tells nothing else.

    Width and height are pixels; 0 for packed frames. `erase_at_utc` is moved on while a case or
    an application still needs the picture.
    """

    id: str
    conversation_id: ConversationId | None
    application_id: str | None
    kind: EvidenceKind
    digest: str
    width: int
    height: int
    size_bytes: int
    kept_at_utc: datetime
    erase_at_utc: datetime
    erased_at_utc: datetime | None = None
