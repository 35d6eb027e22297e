"""Face keys: a customer's face as one more way to confirm an act, kept by consent, one to one.

    consent, code ─▶ enrolment ─▶ trial (add) ───passed──▶ face key
    waiting act ──────────────▶ trial (proof) ──passed──▶ spent with the act, once
                                    └─ refused: counts like a wrong code

A *trial* is one recording before the camera: steps drawn by the bank, one recording, one answer.
A proof's trial names the challenge it is for and serves no other. Nobody is searched for by face:
the key compared with is always the customer's own.

Pure: no clock, no store, no pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain.challenges import Challenge
from bank.domain.errors import Conflict
from bank.domain.ids import ChallengeId, CustomerId

#: A recording is sent after its time; a slow line may take this long.
UPLOAD_GRACE_S = 90


class TrialPurpose(StrEnum):
    ADD = "add"
    PROOF = "proof"


class TrialState(StrEnum):
    OPEN = "open"  # the steps were drawn, no recording yet
    JUDGING = "judging"
    PASSED = "passed"
    REFUSED = "refused"
    SPENT = "spent"
    LEFT = "left"  # another one was asked for before anything was recorded
    FAILED = "failed"  # nobody could judge it; counts for nothing


class FaceStanding(StrEnum):
    """Whether somebody may keep a face key here, and why not."""

    NOT_OFFERED = "not_offered"
    KEPT = "kept"
    NO_PORTRAIT = "no_portrait"  # nothing proven to compare a face with
    MAY_ADD = "may_add"


@dataclass(frozen=True, slots=True)
class FaceKey:
    """The id is the customer's, so there is one. `sealed` is the template, under its own key.

    `model` names the matcher that made it; another one cannot compare with it.
    """

    id: CustomerId
    sealed: bytes
    model: str
    consent_at_utc: datetime
    created_at_utc: datetime
    used_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class FaceEnrolment:
    """Leave to add a face key, after consent and a code; the id is the customer's."""

    id: CustomerId
    consent_at_utc: datetime
    expires_at_utc: datetime


@dataclass(frozen=True, slots=True)
class FaceTrial:
    """`step_up_id` is the challenge a proof is for; None when a key is to be added.

    `codes` say what can be mended, for the customer; never a score, never which check doubted.
    """

    id: str
    customer_id: CustomerId
    purpose: TrialPurpose
    step_up_id: ChallengeId | None
    steps: tuple[str, ...]
    limit_s: int
    state: TrialState
    started_at_utc: datetime
    evidence_id: str | None = None
    job_id: str | None = None
    codes: tuple[str, ...] = ()
    decided_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class FaceTask:
    """What the judge needs: the recording, its steps, and the one face to compare it with.

    That is the selfie's evidence to add a key, the template of the key to prove with it.
    """

    steps: tuple[str, ...]
    limit_s: int
    evidence_id: str
    selfie_id: str | None = None
    template: bytes | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class FaceAnswer:
    """What was judged. `codes` can be mended by the customer; `template` is there to be kept."""

    passed: bool
    codes: tuple[str, ...] = ()
    template: bytes | None = None
    model: str = ""


def check_recordable(trial: FaceTrial, *, now_utc: datetime) -> None:
    """Refuse a recording nobody asked for. Raises Conflict: it has one already, or is too late."""
    if trial.state is not TrialState.OPEN:
        raise Conflict(field="trial_id")
    if now_utc - trial.started_at_utc > timedelta(seconds=trial.limit_s + UPLOAD_GRACE_S):
        raise Conflict(field="trial_id", because="too_late")


def is_proof_of(
    trial: FaceTrial | None, challenge: Challenge, *, now_utc: datetime, ttl_s: int
) -> bool:
    """Say whether this trial proves exactly this challenge, now, for the first time."""
    return (
        trial is not None
        and trial.purpose is TrialPurpose.PROOF
        and trial.state is TrialState.PASSED
        and trial.customer_id == challenge.customer_id
        and trial.step_up_id == challenge.id
        and trial.decided_at_utc is not None
        and timedelta(0) <= now_utc - trial.decided_at_utc <= timedelta(seconds=ttl_s)
    )
