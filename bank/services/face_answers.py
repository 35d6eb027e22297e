"""Answers about trials: what the process without a door needs, and what follows from its word.

    task_of ─▶ judged ─▶ record ─┬─ add, passed ───▶ the face key is kept
                                 ├─ proof, passed ─▶ good for its act for a moment (step_up_proofs)
                                 └─ refused ───────▶ a proof costs its act a try, like a wrong code
    then the recording is erased, whatever it showed

The bank itself only. Told are codes that can be mended, never a score.
"""

from __future__ import annotations

from dataclasses import replace

from bank.domain.actors import SYSTEM
from bank.domain.challenges import Challenge
from bank.domain.errors import FaceNotAccepted
from bank.domain.face_keys import (
    FaceAnswer,
    FaceEnrolment,
    FaceKey,
    FaceTask,
    FaceTrial,
    TrialPurpose,
    TrialState,
)
from bank.domain.identity_jobs import IdentityJob
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.evidence import EvidenceRoom
from bank.services.face_keys import FaceKeys
from bank.services.failures import Failures
from bank.services.identity_jobs import IdentityJobs
from bank.services.step_up import StepUp


class FaceAnswers:
    """Carries out what was found in recordings."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        keys: FaceKeys,
        evidence: EvidenceRoom,
        jobs: IdentityJobs,
        step_up: StepUp,
        failures: Failures,
        audit: Auditor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._keys = keys
        self._evidence = evidence
        self._jobs = jobs
        self._step_up = step_up
        self._failures = failures
        self._audit = audit

    def task_of(self, job_id: str) -> FaceTask | None:
        """Return what is to be compared; None: the customer has forgotten their face meanwhile."""

        def work(uow: UnitOfWork) -> FaceTask | None:
            trial = _trial_of_in(uow, job_id)
            if trial is None or trial.evidence_id is None:
                return None
            task = FaceTask(trial.steps, trial.limit_s, trial.evidence_id)
            if trial.purpose is TrialPurpose.ADD:
                selfie_id = self._keys.selfie_in(uow, trial.customer_id)
                return None if selfie_id is None else replace(task, selfie_id=selfie_id)
            key: FaceKey | None = uow.face_keys.find(trial.customer_id)
            if key is None:
                return None
            return replace(task, template=self._keys.template(key), model=key.model)

        return self._store.read(work)

    def record(self, job_id: str, answer: FaceAnswer) -> IdentityJob:
        """Carry out an answer, once; the recording is erased, whatever it is."""
        evidence_ids: list[str] = []

        def work(uow: UnitOfWork) -> IdentityJob:
            job: IdentityJob = uow.identity_jobs.get(job_id, lock=True)
            evidence_ids[:] = job.evidence_ids
            trial = _trial_of_in(uow, job_id)
            if trial is None or trial.state is not TrialState.JUDGING:
                return self._jobs.finish_in(uow, job, {"outcome": "forgotten"})
            passed = answer.passed
            if trial.purpose is TrialPurpose.ADD:
                passed = self._added_in(uow, trial, answer)
            elif not passed:
                self._count_in(uow, trial)
            state = TrialState.PASSED if passed else TrialState.REFUSED
            codes = () if passed else answer.codes
            uow.face_trials.save(
                replace(trial, state=state, codes=codes, decided_at_utc=self._clock())
            )
            self._audit.append_in(
                uow, SYSTEM, f"face.{trial.purpose.value}", trial.customer_id,
                "passed" if passed else "refused", "identity_checks",
                {"trial": trial.id, "step_up": trial.step_up_id or ""},
            )  # fmt: skip
            return self._jobs.finish_in(
                uow, job, {"outcome": "passed" if passed else "refused", "codes": list(codes)}
            )

        done = self._store.write(work)
        self._evidence.erase(evidence_ids)
        if answer.passed:
            self._forgive(job_id)
        return done

    def record_failure(self, job_id: str) -> IdentityJob:
        """Give a recording up that nobody could judge: it counts for nothing, and is erased."""

        def work(uow: UnitOfWork) -> IdentityJob:
            trial = _trial_of_in(uow, job_id)
            if trial is not None:
                uow.face_trials.save(replace(trial, state=TrialState.FAILED))
            return self._jobs.fail_in(uow, job_id)

        failed = self._store.write(work)
        self._evidence.erase(failed.evidence_ids)
        return failed

    def _added_in(self, uow: UnitOfWork, trial: FaceTrial, answer: FaceAnswer) -> bool:
        """Keep the key, if consent still stands; say whether it was kept."""
        leave: FaceEnrolment | None = uow.face_enrolments.find(trial.customer_id)
        # Leave given after the recording was asked for belongs to another one.
        is_given = leave is not None and leave.consent_at_utc <= trial.started_at_utc
        if not answer.passed or answer.template is None or leave is None or not is_given:
            return False
        self._keys.add_in(uow, leave, template=answer.template, model=answer.model)
        return True

    def _count_in(self, uow: UnitOfWork, trial: FaceTrial) -> None:
        challenge: Challenge = uow.challenges.get(str(trial.step_up_id), lock=True)
        self._step_up.count_in(uow, SYSTEM, challenge, why=FaceNotAccepted.code)

    def _forgive(self, job_id: str) -> None:
        trial = self._store.read(lambda uow: _trial_of_in(uow, job_id))
        if trial is not None:
            self._failures.forget(("face", trial.customer_id))


def _trial_of_in(uow: UnitOfWork, job_id: str) -> FaceTrial | None:
    found: FaceTrial | None = uow.face_trials.first(job_id=job_id)
    return found
