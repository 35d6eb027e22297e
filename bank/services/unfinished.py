"""Unfinished applications: what nobody will come back to by themselves.

    checking, and its judge has died ─▶ in_review: people look, and the applicant is told so
    ended, and its time is over ─▶ forgotten: details, verdict and digests go; the record stays
    jobs told long ago, links nobody can follow any more ─▶ removed

Duties of the worker. Each is safe to run twice and in several processes.
"""

from __future__ import annotations

from datetime import timedelta

from bank.domain.actors import SYSTEM
from bank.domain.applications import ENDED, Application, ApplicationState, ResumeLink, told
from bank.domain.identity_jobs import ENDED as ANSWERED
from bank.domain.identity_jobs import IdentityJob
from bank.policies.onboarding import keep_for, number
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.application_book import ApplicationBook
from bank.services.identity_jobs import IdentityJobs
from bank.services.verdicts import Verdicts

AT_ONCE = 100


class Unfinished:
    """Looks after applications nobody looks after."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        book: ApplicationBook,
        jobs: IdentityJobs,
        verdicts: Verdicts,
        audit: Auditor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._jobs = jobs
        self._verdicts = verdicts
        self._audit = audit

    def rescue_due(self) -> int:
        """Give to people what a judge that died left behind; returns how many."""

        def work(uow: UnitOfWork) -> int:
            waiting: list[Application] = uow.applications.list(
                state=ApplicationState.CHECKING, order_by="changed_at_utc", limit=AT_ONCE
            )
            after = [(one, self._verdicts.rescue_in(uow, one)) for one in waiting]
            rescued = [now for before, now in after if now is not before]
            for one in rescued:
                self._jobs.tell_in(
                    uow, {"status": told(one).value, "codes": []},
                    application_id=one.id, conversation_id=one.conversation_id,
                )  # fmt: skip
            return len(rescued)

        return self._store.write(work)

    def forget_due(self) -> int:
        """Forget what ended applications told, once their pictures' time is over too."""
        now_utc = self._clock()

        def work(uow: UnitOfWork) -> int:
            due: list[Application] = []
            for state in ENDED:
                due += uow.applications.list(
                    state=state, forgotten_at_utc=None,
                    changed_at_utc__lte=now_utc - keep_for(state), limit=AT_ONCE,
                )  # fmt: skip
            for one in due:
                self._book.save_in(
                    uow, one, details_enc=self._book.seal_details(one, {}), verdict_enc=None,
                    email_digest=None, person_digest=None, document_digest=None, challenge=None,
                    forgotten_at_utc=now_utc,
                )  # fmt: skip
                uow.contact_codes.remove(one.id)
                self._audit.append_in(
                    uow, SYSTEM, "onboarding.forget", one.id, "done", "retention", {}
                )
            return len(due)

        return self._store.write(work)

    def tidy_due(self) -> int:
        """Remove jobs that were told long ago and links nobody can follow; returns how many."""
        now_utc = self._clock()
        before_utc = now_utc - timedelta(days=number("application", "job_days"))

        def work(uow: UnitOfWork) -> int:
            jobs: list[IdentityJob] = uow.identity_jobs.list(
                state=ANSWERED, told_at_utc__lte=before_utc, limit=AT_ONCE
            )
            links: list[ResumeLink] = uow.resume_links.list(
                expires_at_utc__lte=now_utc, limit=AT_ONCE
            )
            for job in jobs:
                uow.identity_jobs.remove(job.id)
            for link in links:
                uow.resume_links.remove(link.id)
            return len(jobs) + len(links)

        return self._store.write(work)
