"""Verdicts: what the checks found becomes what happens next. The bank itself only.

    look     usable ─▶ the next picture        poor ─▶ take it again, at most LOOKS_MOST times
    verify   approved ─────▶ customer and account
             needs_retry ──▶ collecting, with what to take again
             needs_review, rejected ──▶ a KYC case: a person decides

A verdict about an older set of pictures or details is not believed. What only the bank can know
(the same document, person, address, picture under another name) is added here and never improves
an outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bank.domain.actors import SYSTEM
from bank.domain.applications import (
    PICTURES,
    Application,
    ApplicationFile,
    ApplicationState,
    DocumentChoice,
    kept_challenge,
    told,
)
from bank.domain.cases import CaseKind, Priority
from bank.domain.findings import Finding, Weight
from bank.domain.identity_jobs import IdentityJob
from bank.domain.ids import CaseId, CustomerId
from bank.policies import escalation
from bank.policies.onboarding import keep_for, number, tier_of
from bank.ports import Auditor, CaseOpener, Clock, Store, UnitOfWork
from bank.services.application_book import ApplicationBook
from bank.services.contact import Contact
from bank.services.evidence import EvidenceRoom
from bank.services.identity_jobs import IdentityJobs
from bank.services.new_customers import NewCustomers
from bank.services.twins import with_twins_in


class Verdicts:
    """Carries out what was found."""

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
        new_customers: NewCustomers,
        audit: Auditor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._contact = contact
        self._evidence = evidence
        self._jobs = jobs
        self._cases = cases
        self._new_customers = new_customers
        self._audit = audit

    def file_of(self, application_id: str) -> ApplicationFile:
        """Return what was told and asked in an application. Raises NotFound."""
        application: Application = self._store.read(
            lambda uow: uow.applications.get(application_id)
        )
        return ApplicationFile(
            details=self._book.details(application),
            challenge=dict(application.challenge or {}),
            attempts_count=application.attempts_count,
        )

    def record_look(self, job_id: str, findings: Sequence[Finding]) -> IdentityJob:
        """Store what was seen in one picture; poor ones are to be taken again.

        A picture that has been replaced meanwhile changes nothing. After LOOKS_MOST poor pictures
        of a kind the newest is taken as it is, and judged with the rest.
        """

        def work(uow: UnitOfWork) -> IdentityJob:
            job: IdentityJob = uow.identity_jobs.get(job_id, lock=True)
            application: Application = _application_in(uow, job)
            kind = next(
                (kind for kind, one in application.pictures.items() if one in job.evidence_ids), ""
            )
            codes = [one.code for one in findings if one.weight is Weight.RETRY]
            looks = dict(application.looks or {})
            if codes and kind:
                looks[kind] = int(looks.get(kind, 0)) + 1
            is_open = application.state is ApplicationState.COLLECTING
            again = bool(is_open and codes and kind)
            again = again and looks[kind] <= number("application", "looks_most")
            if is_open and kind and codes:
                retry = [one for one in application.retry if not one.endswith(f"@{kind}")]
                retry += [f"{code}@{kind}" for code in codes] if again else []
                self._book.save_in(uow, application, retry=tuple(retry), looks=looks)
            result = {
                "kind": kind,
                "outcome": "retry" if again else "ok",
                "codes": codes if again else [],
                "findings": [one.to_json() for one in findings],
            }
            return self._jobs.finish_in(uow, job, result)

        return self._store.write(work)

    def record_verdict(self, job_id: str, verdict: Mapping[str, Any]) -> IdentityJob:
        """Carry out a verdict. Twice, or about another set of evidence, it changes nothing."""

        def work(uow: UnitOfWork) -> IdentityJob:
            job: IdentityJob = uow.identity_jobs.get(job_id, lock=True)
            application: Application = _application_in(uow, job)
            if (
                application.state is not ApplicationState.CHECKING
                or application.set_digest != job.set_digest
            ):
                return self._jobs.finish_in(uow, job, {"status": told(application).value})
            after = self._carry_out_in(uow, application, dict(verdict))
            result = {"status": told(after).value, "codes": list(after.retry)}
            return self._jobs.finish_in(uow, job, result)

        return self._store.write(work)

    def record_screening(
        self, job_id: str, findings: Sequence[Finding], screening: Mapping[str, Any]
    ) -> IdentityJob:
        """Add what the lists say to an application that a person reviews."""

        def work(uow: UnitOfWork) -> IdentityJob:
            job: IdentityJob = uow.identity_jobs.get(job_id, lock=True)
            application: Application = _application_in(uow, job)
            held = self._book.verdict(application)
            if application.state is ApplicationState.IN_REVIEW and "screening" not in held:
                found = [one.to_json() for one in findings]
                verdict = held | {
                    "screening": dict(screening), "findings": [*found, *held["findings"]],
                }  # fmt: skip
                sealed = self._book.seal_verdict(application, verdict)
                self._book.save_in(uow, application, verdict_enc=sealed)
            return self._jobs.finish_in(uow, job, {"status": told(application).value})

        return self._store.write(work)

    def record_failure(self, job_id: str) -> IdentityJob:
        """Give a job up: a picture nobody could judge. A whole application goes to a person."""

        def work(uow: UnitOfWork) -> IdentityJob:
            job = self._jobs.fail_in(uow, job_id)
            if job.application_id is not None and job.set_digest:
                self.rescue_in(uow, _application_in(uow, job))
            return job

        return self._store.write(work)

    def rescue_in(self, uow: UnitOfWork, application: Application) -> Application:
        """Give an application to people when no verdict about it can come any more.

        Nothing was judged or screened, so it takes two of them.
        """
        if application.state is not ApplicationState.CHECKING or self._jobs.is_waited_for_in(
            uow, application.id, set_digest=application.set_digest
        ):
            return application
        reasons = [{"code": "checks_failed", "text": "The checks could not be finished."}]
        verdict = {"outcome": "needs_review", "reasons": reasons, "risk": "edd", "four_eyes": True}
        return self._carry_out_in(uow, application, verdict)

    def approve_in(
        self, uow: UnitOfWork, application: Application, *, is_seen: bool, **changes: Any
    ) -> Application:
        """Make the customer and their account; keep the evidence as long as the law asks.

        `is_seen`: a live face before the camera, or a person, has seen the applicant.
        """
        details = self._book.details(application)
        tier = tier_of(is_seen=is_seen)
        customer = self._new_customers.open_in(uow, application, details, kyc_tier=tier)
        now_utc = self._clock()
        until_utc = now_utc + keep_for(ApplicationState.APPROVED)
        self._evidence.keep_until_in(uow, application.id, until_utc=until_utc)
        approved = self._book.save_in(
            uow, application, state=ApplicationState.APPROVED, decided_at_utc=now_utc,
            customer_id=CustomerId(customer.id), retry=(), **changes,
        )  # fmt: skip
        self._contact.link_in(uow, approved, "onboarding_approved")
        return approved

    def _carry_out_in(
        self, uow: UnitOfWork, application: Application, verdict: dict[str, Any]
    ) -> Application:
        document = self._document_digest(verdict)
        application = replace(application, document_digest=document)
        verdict = with_twins_in(uow, self._book, application, verdict)
        outcome = str(verdict["outcome"])
        changes = {
            "document_digest": document,
            "verdict_enc": self._book.seal_verdict(application, verdict),
            "outcome": outcome,
            "risk": str(verdict.get("risk", "")),
            "four_eyes": bool(verdict.get("four_eyes")),
        }
        self._audit.append_in(
            uow, SYSTEM, "onboarding.verdict", application.id, outcome, "identity_checks",
            {"set": application.set_digest[:16]},
        )  # fmt: skip
        if outcome == "approved":
            return self.approve_in(uow, application, is_seen=is_live(verdict), **changes)
        if outcome == "needs_retry":
            return self._again_in(uow, application, verdict, changes)
        return self._review_in(uow, application, verdict, **changes)

    def _again_in(
        self,
        uow: UnitOfWork,
        application: Application,
        verdict: Mapping[str, Any],
        changes: Mapping[str, Any],
    ) -> Application:
        """Ask for pictures again; after too many times a person looks instead."""
        attempts_count = application.attempts_count + 1
        changes = {**changes, "attempts_count": attempts_count}
        if attempts_count > number("application", "attempts_most"):
            return self._review_in(uow, application, verdict, **changes)
        retry = tuple(sorted(_retry_codes(application, verdict)))
        if not retry:  # nothing the applicant could mend
            return self._review_in(uow, application, verdict, **changes)
        return self._book.save_in(
            uow, application, state=ApplicationState.COLLECTING, retry=retry,
            expires_at_utc=self._book.expiry_utc(),
            challenge=kept_challenge(application, retry), **changes,
        )  # fmt: skip

    def _review_in(
        self, uow: UnitOfWork, application: Application, verdict: Mapping[str, Any], **changes: Any
    ) -> Application:
        details = self._book.details(application)
        reasons = verdict.get("reasons") or [{"code": "unclear", "text": "No reason was given."}]
        grave = verdict.get("outcome") == "rejected" or verdict.get("risk") == "edd"
        case = self._cases.open_in(
            uow,
            kind=CaseKind.KYC,
            queue=escalation.queue_of(CaseKind.KYC),
            subject=f"{details.get('given_names', '')} {details.get('surname', '')}".strip(),
            reason_code=str(reasons[0]["code"]),
            why=" ".join(str(one["text"]) for one in reasons),
            customer_id=None,
            conversation_id=application.conversation_id,
            priority=Priority.HIGH if grave else Priority.MEDIUM,
            idempotency_key=f"kyc:{application.id}:{application.set_digest[:16]}",
        )
        return self._book.save_in(
            uow, application, state=ApplicationState.IN_REVIEW, case_id=CaseId(case.id), **changes
        )

    def _document_digest(self, verdict: Mapping[str, Any]) -> str | None:
        fields = verdict.get("fields", {})
        number_text = fields.get("number", "")
        if not number_text:
            return None
        return self._book.digest("document", f"{fields.get('issuer', '')}|{number_text}")


def _application_in(uow: UnitOfWork, job: IdentityJob) -> Application:
    application: Application = uow.applications.get(str(job.application_id), lock=True)
    return application


def is_live(verdict: Mapping[str, Any]) -> bool:
    """Say whether a live face was seen: the score of the challenge reached its threshold."""
    score = verdict.get("scores", {}).get("liveness")
    return bool(score and score["value"] >= score["threshold"])


def _retry_codes(application: Application, verdict: Mapping[str, Any]) -> set[str]:
    """Return `code@kind` of every finding that can be mended, about pictures that are asked."""
    sides = PICTURES[DocumentChoice(application.document_type)]
    kinds = {*sides, "selfie", "liveness"}
    return {
        f"{one['code']}@{one['about'] if one['about'] in kinds else _kind_of(one, sides)}"
        for one in verdict.get("findings", [])
        if one["weight"] == Weight.RETRY.value
    }


def _kind_of(finding: Mapping[str, Any], sides: Sequence[str]) -> str:
    """Return which picture a finding without a place is about."""
    if finding["breakdown"] == "liveness":
        return "liveness"
    return "selfie" if finding["breakdown"] == "face_comparison" else sides[0]
