"""Identity jobs: handed out one at a time, answered once, told once.

`take` is a compare and set: two judges never have the same job. What a job found is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.errors import NotFound
from bank.domain.identity_jobs import (
    ENDED,
    LEASE_S,
    IdentityJob,
    JobKind,
    JobState,
    end,
    lease,
)
from bank.domain.ids import ConversationId, make_id
from bank.ports import Clock, Store, UnitOfWork, Vault


class IdentityJobs:
    """The queue of pictures to be judged."""

    def __init__(self, store: Store, *, clock: Clock, vault: Vault) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault

    def submit_in(
        self,
        uow: UnitOfWork,
        *,
        kind: JobKind,
        evidence_ids: Sequence[str],
        application_id: str | None = None,
        conversation_id: str | None = None,
        set_digest: str = "",
    ) -> IdentityJob:
        """Queue a job in the caller's transaction. Without a conversation nobody is told."""
        now_utc = self._clock()
        job = IdentityJob(
            id=make_id("ij"),
            kind=kind,
            state=JobState.QUEUED,
            application_id=application_id,
            conversation_id=ConversationId(conversation_id) if conversation_id else None,
            evidence_ids=tuple(evidence_ids),
            set_digest=set_digest,
            attempts_count=0,
            made_at_utc=now_utc,
            told_at_utc=None if conversation_id else now_utc,
        )
        uow.identity_jobs.add(job)
        return job

    def submit(
        self, actor: Actor, *, kind: JobKind, evidence_ids: Sequence[str]
    ) -> IdentityJob:
        """Queue a job of a system or a member of staff, outside any application."""
        if actor.kind is not ActorKind.SYSTEM:
            actor.require_staff()
        return self._store.write(
            lambda uow: self.submit_in(uow, kind=kind, evidence_ids=evidence_ids)
        )

    def tell_in(
        self,
        uow: UnitOfWork,
        result: Mapping[str, Any],
        *,
        application_id: str,
        conversation_id: str,
    ) -> IdentityJob:
        """Add a job that is done: a person's word, to be told in the conversation."""
        job = self.submit_in(
            uow, kind=JobKind.DECIDE, evidence_ids=(), application_id=application_id,
            conversation_id=conversation_id,
        )  # fmt: skip
        return self.finish_in(uow, job, result)

    def take(self, lease_s: int = LEASE_S) -> IdentityJob | None:
        """Return the oldest job that waits or whose judge has died, now ours; or None."""

        def work(uow: UnitOfWork) -> IdentityJob | None:
            now_utc = self._clock()
            while True:
                waiting: list[IdentityJob] = uow.identity_jobs.list(
                    state=JobState.QUEUED, limit=1
                ) or uow.identity_jobs.list(
                    state=JobState.RUNNING, lease_until_utc__lt=now_utc, limit=1
                )
                if not waiting:
                    return None
                taken = lease(waiting[0], now_utc=now_utc, lease_s=lease_s)
                uow.identity_jobs.save(taken)
                if taken.state is JobState.RUNNING:
                    return taken

        if not self._store.read(self._has_work):
            return None  # no write for an empty queue, which is looked at all day
        return self._store.write(work)

    def finish_in(
        self, uow: UnitOfWork, job: IdentityJob, result: Mapping[str, Any]
    ) -> IdentityJob:
        """Store a job's answer. A job that has one keeps it."""
        held: IdentityJob = uow.identity_jobs.get(job.id, lock=True)
        if held.state in ENDED:
            return held
        text = json.dumps(result, ensure_ascii=False, default=str)
        sealed = self._vault.seal(text.encode(), place=_place_of(job.id))
        done = end(held, state=JobState.DONE, now_utc=self._clock(), result_enc=sealed)
        uow.identity_jobs.save(done)
        return done

    def finish(self, job_id: str, result: Mapping[str, Any]) -> IdentityJob:
        """Store a job's answer, in a write of its own."""
        return self._store.write(
            lambda uow: self.finish_in(uow, uow.identity_jobs.get(job_id), result)
        )

    def fail_in(self, uow: UnitOfWork, job_id: str) -> IdentityJob:
        """Give a job up: its judge could not. A job that has its answer keeps it."""
        held: IdentityJob = uow.identity_jobs.get(job_id, lock=True)
        if held.state in ENDED:
            return held
        failed = end(held, state=JobState.FAILED, now_utc=self._clock())
        uow.identity_jobs.save(failed)
        return failed

    def fail(self, job_id: str) -> IdentityJob:
        """Give a job up, in a write of its own."""
        return self._store.write(lambda uow: self.fail_in(uow, job_id))

    def is_waited_for_in(self, uow: UnitOfWork, application_id: str, *, set_digest: str) -> bool:
        """Say whether a verdict about exactly this set can still come."""
        found: list[IdentityJob] = uow.identity_jobs.list(
            application_id=application_id, kind=JobKind.VERIFY, set_digest=set_digest
        )
        return any(one.state not in ENDED for one in found)

    def get(self, actor: Actor, job_id: str) -> IdentityJob:
        """Return a job to the bank, to staff, or to the conversation it belongs to."""
        found: IdentityJob = self._store.read(lambda uow: uow.identity_jobs.get(job_id))
        if actor.kind in (ActorKind.SYSTEM, ActorKind.STAFF):
            return found
        if found.conversation_id is None or found.conversation_id != actor.conversation_id:
            raise NotFound(table="identity_jobs")
        return found

    def result(self, actor: Actor, job_id: str) -> dict[str, Any]:
        """Return a job's answer; empty while it has none."""
        job = self.get(actor, job_id)
        if job.result_enc is None:
            return {}
        answer: dict[str, Any] = json.loads(
            self._vault.open(job.result_enc, place=_place_of(job.id))
        )
        return answer

    def untold(self, limit: int = 20) -> list[IdentityJob]:
        """Return jobs that have their answer and whose conversation has not heard it."""
        return self._store.read(
            lambda uow: uow.identity_jobs.list(state=ENDED, told_at_utc=None, limit=limit)
        )

    def mark_told(self, job_id: str) -> None:
        """Note that the conversation has heard it."""

        def work(uow: UnitOfWork) -> None:
            held: IdentityJob = uow.identity_jobs.get(job_id, lock=True)
            if held.told_at_utc is None:
                uow.identity_jobs.save(replace(held, told_at_utc=self._clock()))

        self._store.write(work)

    def _has_work(self, uow: UnitOfWork) -> bool:
        return (
            uow.identity_jobs.first(state=JobState.QUEUED) is not None
            or uow.identity_jobs.first(
                state=JobState.RUNNING, lease_until_utc__lt=self._clock()
            )
            is not None
        )


def _place_of(job_id: str) -> str:
    return f"identity_jobs|{job_id}|result"
