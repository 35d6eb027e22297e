"""The applicant's room: what every step of an application needs, and how each is written down.

Each step is one write: load the open application, change it, audit it. Base of
`applicant_pictures.py` and `onboarding.py`.
"""

from __future__ import annotations

from typing import Any

from bank.domain.actors import Actor
from bank.domain.applications import Application
from bank.ports import Auditor, CaseOpener, Clock, Passwords, Store, UnitOfWork
from bank.services.application_book import ApplicationBook
from bank.services.contact import Contact
from bank.services.evidence import EvidenceRoom
from bank.services.identity_jobs import IdentityJobs


class ApplicantRoom:
    """What the steps share."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        book: ApplicationBook,
        contact: Contact,
        evidence: EvidenceRoom,
        jobs: IdentityJobs,
        cases: CaseOpener,
        passwords: Passwords,
        audit: Auditor,
    ) -> None:
        self.store = store
        self.clock = clock
        self.book = book
        self.contact = contact
        self.evidence = evidence
        self.jobs = jobs
        self.cases = cases
        self.passwords = passwords
        self.audit = audit

    def change(self, actor: Actor, what: str, **changes: Any) -> Application:
        def work(uow: UnitOfWork) -> Application:
            application = self.book.collecting_in(uow, actor)
            return self.save_in(uow, actor, application, what, None, **changes)

        return self.store.write(work)

    def save_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        application: Application,
        what: str,
        details: dict[str, Any] | None,
        **changes: Any,
    ) -> Application:
        after = self.book.save_in(uow, application, **changes)
        self.note_in(uow, actor, after, what, details)
        return after

    def note_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        application: Application,
        what: str,
        details: dict[str, Any] | None = None,
    ) -> None:
        self.audit.append_in(
            uow, actor, f"onboarding.{what}", application.id, "done", "own_application",
            details or {},
        )  # fmt: skip
