"""Trials before the camera: one recording of a customer, judged once.

    start ─▶ attach ─▶ job ─▶ (the process without a door) ─▶ face_answers.py
      │        └─ counted before it is judged: nobody guesses in parallel
      └─ to add a key (after consent and a code), or to prove one waiting act

After `tries` recordings for one act only code and passkey are left for it. Recordings of a day
that matched nobody close the door for the rest of the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bank.domain.actors import Actor
from bank.domain.challenges import Challenge, check_open
from bank.domain.errors import BankError, Conflict, FaceNotOffered, NotFound
from bank.domain.evidence import EvidenceKind
from bank.domain.face_keys import (
    FaceEnrolment,
    FaceTrial,
    TrialPurpose,
    TrialState,
    check_recordable,
)
from bank.domain.identity_jobs import IdentityJob, JobKind, JobState
from bank.domain.ids import ChallengeId, CustomerId, make_id
from bank.policies.step_up import face_may_prove, face_number
from bank.ports import Clock, Store, UnitOfWork
from bank.services.evidence import EvidenceRoom
from bank.services.face_keys import FaceKeys
from bank.services.failures import Failures
from bank.services.identity_jobs import IdentityJobs

#: A recording nobody judged is erased after this by the worker.
KEEP_S = 900
#: Trials older than this tell nobody anything any more.
FORGOTTEN_AFTER = timedelta(days=1)
TIDIED_AT_ONCE = 100
_RECORDED = (TrialState.JUDGING, TrialState.PASSED, TrialState.REFUSED, TrialState.SPENT)
_KINDS = {TrialPurpose.ADD: JobKind.FACE_ADD, TrialPurpose.PROOF: JobKind.FACE_PROOF}


class FaceTrials:
    """Asks customers for recordings, and hands them to the process that judges."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        keys: FaceKeys,
        evidence: EvidenceRoom,
        jobs: IdentityJobs,
        failures: Failures,
    ) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._evidence = evidence
        self._jobs = jobs
        self._failures = failures

    def is_offered(self, actor: Actor, step_up_id: str) -> bool:
        """Say whether a face may confirm this waiting act, now and for this customer."""
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> bool:
            try:
                self._check_drawable_in(uow, customer_id, step_up_id)
            except BankError:
                return False
            return True

        return self._store.read(work)

    def start(
        self, actor: Actor, *, steps: Sequence[str], limit_s: int, step_up_id: str | None = None
    ) -> FaceTrial:
        """Ask for a recording of these steps; one that was asked for before is over.

        For the act of `step_up_id`, else to add a key. Raises FaceNotOffered, NotFound (somebody
        else's challenge), CodeExpired, TooManyTries, RateLimited.
        """
        customer_id = actor.require_customer()
        self._failures.check(("face", customer_id))

        def work(uow: UnitOfWork) -> FaceTrial:
            if step_up_id is None:
                self._keys.enrolment_in(uow, customer_id)
            else:
                self._check_drawable_in(uow, customer_id, step_up_id)
            for older in uow.face_trials.list(customer_id=customer_id, state=TrialState.OPEN):
                uow.face_trials.save(replace(older, state=TrialState.LEFT))
            trial = FaceTrial(
                id=make_id("ft"),
                customer_id=customer_id,
                purpose=TrialPurpose.ADD if step_up_id is None else TrialPurpose.PROOF,
                step_up_id=None if step_up_id is None else ChallengeId(step_up_id),
                steps=tuple(steps),
                limit_s=limit_s,
                state=TrialState.OPEN,
                started_at_utc=self._clock(),
            )
            uow.face_trials.add(trial)
            return trial

        return self._store.write(work)

    def attach(
        self, actor: Actor, trial_id: str, packed: bytes, *, width: int, height: int, sha256: str
    ) -> FaceTrial:
        """Take the recording of a trial and have it judged. It is kept only until then.

        Raises NotFound, Conflict (another trial, one that has a recording, too late, or a recording
        that was seen before), FaceNotOffered, CodeExpired, TooManyTries, RateLimited.
        """
        self._store.read(lambda uow: self._recordable_in(uow, actor, trial_id))
        self._failures.take(("face", actor.require_customer()))
        kept = self._evidence.keep(
            actor.conversation_id, EvidenceKind.FACE, packed, width=width, height=height,
            sha256=sha256, keep_s=KEEP_S,
        )  # fmt: skip

        def work(uow: UnitOfWork) -> FaceTrial:
            trial = self._recordable_in(uow, actor, trial_id)
            is_used = uow.face_trials.count(customer_id=trial.customer_id, evidence_id=kept.id)
            if is_used or self._evidence.is_seen_in(uow, kept):
                raise Conflict(field="frames", because="seen_before")
            told_in = actor.conversation_id if trial.purpose is TrialPurpose.ADD else None
            job = self._jobs.submit_in(
                uow, kind=_KINDS[trial.purpose], evidence_ids=[kept.id], conversation_id=told_in
            )
            taken = replace(trial, state=TrialState.JUDGING, evidence_id=kept.id, job_id=job.id)
            uow.face_trials.save(taken)
            return taken

        return self._store.write(work)

    def get(self, actor: Actor, trial_id: str) -> FaceTrial:
        """Return a trial to its customer. Raises NotFound."""

        def work(uow: UnitOfWork) -> FaceTrial:
            trial = _own_in(uow, actor, trial_id)
            if trial.state is TrialState.JUDGING and trial.job_id is not None:
                job: IdentityJob | None = uow.identity_jobs.find(trial.job_id)
                if job is None or job.state is JobState.FAILED:  # its judge died at it
                    return replace(trial, state=TrialState.FAILED)
            return trial

        return self._store.read(work)

    def tidy_due(self) -> int:
        """Remove trials of long ago, and leave nobody used in time; returns how many."""
        now_utc = self._clock()

        def work(uow: UnitOfWork) -> int:
            trials: list[FaceTrial] = uow.face_trials.list(
                started_at_utc__lte=now_utc - FORGOTTEN_AFTER, limit=TIDIED_AT_ONCE
            )
            leaves: list[FaceEnrolment] = uow.face_enrolments.list(
                expires_at_utc__lte=now_utc, limit=TIDIED_AT_ONCE
            )
            for trial in trials:
                uow.face_trials.remove(trial.id)
            for leave in leaves:
                uow.face_enrolments.remove(leave.id)
            return len(trials) + len(leaves)

        return self._store.write(work)

    # --- within ---

    def _check_drawable_in(self, uow: UnitOfWork, customer_id: CustomerId, step_up_id: str) -> None:
        """Refuse when steps were drawn often enough for one act.

        Whoever holds an old film would otherwise draw until its steps come up.
        """
        self._challenge_in(uow, customer_id, step_up_id)
        drawn = uow.face_trials.count(customer_id=customer_id, step_up_id=step_up_id)
        if drawn >= face_number("draws"):
            raise FaceNotOffered

    def _challenge_in(self, uow: UnitOfWork, customer_id: CustomerId, step_up_id: str) -> Challenge:
        """Return the challenge, if this customer's face may prove it now."""
        challenge: Challenge = uow.challenges.get(step_up_id)
        if challenge.customer_id != customer_id:
            raise NotFound(table="challenges")
        check_open(challenge, now_utc=self._clock())
        recorded = uow.face_trials.count(
            customer_id=customer_id, step_up_id=step_up_id, state=_RECORDED
        )
        if (
            uow.face_keys.find(customer_id) is None
            or not face_may_prove(challenge.purpose, challenge.binding)
            or recorded >= face_number("tries")
        ):
            raise FaceNotOffered
        return challenge

    def _recordable_in(self, uow: UnitOfWork, actor: Actor, trial_id: str) -> FaceTrial:
        trial = _own_in(uow, actor, trial_id)
        check_recordable(trial, now_utc=self._clock())
        if trial.step_up_id is None:
            self._keys.enrolment_in(uow, trial.customer_id)
        else:
            self._challenge_in(uow, trial.customer_id, trial.step_up_id)
        return trial


def _own_in(uow: UnitOfWork, actor: Actor, trial_id: str) -> FaceTrial:
    trial: FaceTrial = uow.face_trials.get(trial_id)
    if trial.customer_id != actor.require_customer():
        raise NotFound(table="face_trials")
    return trial
