"""Identity jobs: pictures waiting to be judged by the process that has no door.

    queued ──take──▶ running ──finish──▶ done ──told──▶ (told_at_utc)
       ▲               │  └────fail────▶ failed ──told──▶
       └──lease over───┘        (and after ATTEMPTS_MOST leases)

A process that dies keeps its lease until it runs out; then the job is taken again. A picture that
kills its judge ATTEMPTS_MOST times is not tried for ever: the job fails, and a person looks.

Pure: no clock, no store.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bank.domain.ids import ConversationId

LEASE_S = 60
ATTEMPTS_MOST = 3


class JobKind(StrEnum):
    LOOK = "look"  # one picture of an application: can it be used?
    VERIFY = "verify"  # a whole application
    SCREEN = "screen"  # an application without pictures: the name against the lists
    READ = "read"  # for systems: a document
    COMPARE = "compare"  # for systems: two faces
    JUDGE = "judge"  # for systems: what `verify` does, without an application
    FACE_ADD = "face_add"  # a customer's recording against the selfie they were approved with
    FACE_PROOF = "face_proof"  # a customer's recording against their own face key
    DECIDE = "decide"  # nothing to judge: a person's word that is to be told


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


#: Jobs about a customer's own face; their recordings are erased once they are answered.
FACE_KINDS = (JobKind.FACE_ADD, JobKind.FACE_PROOF)
#: States in which a job has its answer.
ENDED = (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class IdentityJob:
    """`set_digest` names the evidence of the application when the job was made: an answer about
    an older set is not believed. `told_at_utc` is set for jobs nobody has to be told about.
    """

    id: str
    kind: JobKind
    state: JobState
    application_id: str | None
    conversation_id: ConversationId | None
    evidence_ids: tuple[str, ...]
    set_digest: str
    attempts_count: int
    made_at_utc: datetime
    lease_until_utc: datetime | None = None
    ended_at_utc: datetime | None = None
    result_enc: bytes | None = None
    told_at_utc: datetime | None = None


def lease(job: IdentityJob, *, now_utc: datetime, lease_s: int = LEASE_S) -> IdentityJob:
    """Return the job in somebody's hands, or failed when it was there too often."""
    if job.attempts_count >= ATTEMPTS_MOST:
        return end(job, state=JobState.FAILED, now_utc=now_utc)
    return replace(
        job,
        state=JobState.RUNNING,
        attempts_count=job.attempts_count + 1,
        lease_until_utc=now_utc + timedelta(seconds=lease_s),
    )


def end(
    job: IdentityJob, *, state: JobState, now_utc: datetime, result_enc: bytes | None = None
) -> IdentityJob:
    """Return the job with its answer."""
    assert state in ENDED, state
    return replace(
        job, state=state, lease_until_utc=None, ended_at_utc=now_utc, result_enc=result_enc
    )
