"""Applications: somebody who wants to become a customer, from hello to the first balance.

    collecting ──submit──▶ checking ──▶ approved ──credentials──▶ a customer with a login
       ▲  │                  │  └─────▶ in_review ──staff──▶ approved | rejected
       │  │                  │             │
       └──┴──asked again─────┴─────────────┘       withdrawn, expired: ended by applicant, by time

Details are sealed in one piece; this record holds what the bank must find and count by. What the
applicant hears is one of `Told`: a slow case and a suspicious one sound the same.

Pure: no clock, no store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bank.domain.ids import CaseId, ConversationId, CustomerId


class ApplicationState(StrEnum):
    COLLECTING = "collecting"
    CHECKING = "checking"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Told(StrEnum):
    """The closed set of words the applicant hears."""

    NONE = "none"
    COLLECTING = "collecting"
    CHECKING = "checking"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    CLOSED = "closed"


class Path(StrEnum):
    """How identity is shown. `person` is the equal way without biometrics: video or branch."""

    BIOMETRIC = "biometric"
    PERSON = "person"


class DocumentChoice(StrEnum):
    PASSPORT = "passport"
    ID_CARD = "id_card"
    DRIVING_LICENCE = "driving_licence"


#: States in which the applicant can still do something here.
RUNNING = (ApplicationState.COLLECTING, ApplicationState.CHECKING, ApplicationState.IN_REVIEW)

#: States that ended without a customer: what was told is forgotten in time.
ENDED = (ApplicationState.REJECTED, ApplicationState.WITHDRAWN, ApplicationState.EXPIRED)

#: What is asked, in this order; `phone` is offered, never demanded.
DETAILS = (
    "given_names", "surname", "birth_date", "street", "postcode", "city", "country", "purpose",
    "email",
)  # fmt: skip
OPTIONAL_DETAILS = ("phone",)

#: The sides to be photographed.
PICTURES: Mapping[DocumentChoice, tuple[str, ...]] = {
    DocumentChoice.PASSPORT: ("document_front",),
    DocumentChoice.ID_CARD: ("document_front", "document_back"),
    DocumentChoice.DRIVING_LICENCE: ("document_front", "document_back"),
}

_TOLD = {
    ApplicationState.COLLECTING: Told.COLLECTING,
    ApplicationState.CHECKING: Told.CHECKING,
    ApplicationState.IN_REVIEW: Told.IN_REVIEW,
    ApplicationState.APPROVED: Told.APPROVED,
}


@dataclass(frozen=True, slots=True)
class Application:
    """`evidence` maps kind → evidence id; `retry` holds codes as `code@kind` of
    what to mend; `looks` counts the poor pictures of a kind.

    `email_digest` and `document_digest` are keyed: they find twins and tell nothing else.
    `set_digest` names the evidence and details a verdict is about; a change makes it another.
    """

    id: str
    conversation_id: ConversationId
    state: ApplicationState
    details_enc: bytes
    started_at_utc: datetime
    changed_at_utc: datetime
    expires_at_utc: datetime
    version: int = 1
    customer_id: CustomerId | None = None
    terms_at_utc: datetime | None = None
    path: str = ""
    path_at_utc: datetime | None = None
    email_digest: str | None = None
    person_digest: str | None = None
    contact_via: str = ""
    contact_at_utc: datetime | None = None
    document_type: str = ""
    evidence: dict[str, Any] | None = None
    challenge: dict[str, Any] | None = None
    looks: dict[str, Any] | None = None
    retry: tuple[str, ...] = ()
    attempts_count: int = 0
    set_digest: str = ""
    document_digest: str | None = None
    verdict_enc: bytes | None = None
    outcome: str | None = None
    risk: str = ""
    four_eyes: bool = False
    case_id: CaseId | None = None
    decided_at_utc: datetime | None = None
    login_at_utc: datetime | None = None
    forgotten_at_utc: datetime | None = None

    @property
    def pictures(self) -> dict[str, str]:
        """Return kind → evidence id."""
        return dict(self.evidence or {})


@dataclass(frozen=True, slots=True)
class ApplicationFile:
    """What the checks need to know of an application, besides its pictures."""

    details: dict[str, str]
    challenge: dict[str, Any]
    attempts_count: int


@dataclass(frozen=True, slots=True)
class ContactCode:
    """The code that waits for an applicant; the id is the application's, a new one replaces it."""

    id: str
    code_hash: str
    via: str
    tries_left: int
    sent_at_utc: datetime
    expires_at_utc: datetime


@dataclass(frozen=True, slots=True)
class ResumeLink:
    """A way back, mailed to the confirmed address; the id is the token's hash. Works once."""

    id: str
    application_id: str
    expires_at_utc: datetime
    used_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class KycDecision:
    """One person's word on an application, about exactly one set of evidence and findings."""

    id: str
    application_id: str
    case_id: CaseId
    staff_id: str
    outcome: str
    reason_code: str
    note_enc: bytes
    set_digest: str
    at_utc: datetime
    is_final: bool


def told(application: Application | None) -> Told:
    """Return the word the applicant hears.

    >>> told(None)
    <Told.NONE: 'none'>
    """
    if application is None:
        return Told.NONE
    return _TOLD.get(application.state, Told.CLOSED)


def needed_picture(application: Application) -> str | None:
    """Return the kind of picture that is needed next, None when all are there.

    Pictures to be taken again come first, then the sides of the document, then the selfie.
    """
    if application.path != Path.BIOMETRIC or not application.document_type:
        return None
    for kind in wanted_pictures(application):
        if kind not in application.pictures or is_to_retake(application, kind):
            return kind
    return None


def wanted_pictures(application: Application) -> tuple[str, ...]:
    """Return all kinds of picture this application needs."""
    return (*PICTURES[DocumentChoice(application.document_type)], "selfie")


def is_to_retake(application: Application, kind: str) -> bool:
    """Say whether the picture that is there has to be taken again."""
    return any(code.endswith(f"@{kind}") for code in application.retry)


def needs_liveness(application: Application) -> bool:
    """Say whether the challenge before the camera has still to be made."""
    return application.path == Path.BIOMETRIC and (
        "liveness" not in application.pictures or is_to_retake(application, "liveness")
    )


def kept_challenge(application: Application, retry: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the challenge that its recording still answers; None when it is to be made anew."""
    challenge = application.challenge or {}
    again = any(code.endswith("@liveness") for code in retry)
    return challenge if challenge.get("evidence_id") and not again else None
