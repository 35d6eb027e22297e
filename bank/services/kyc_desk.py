"""The KYC desk: staff see an application as a whole and decide, with a coded reason.

    approve     one person; two different ones where the risk asks for four eyes:
                the first word is a proposal about exactly this evidence, a change voids it
    reject      one person, with a coded reason; the applicant hears a neutral sentence
    ask_again   names the pictures to be taken again; the case is done, a new verdict opens another

Nobody decides a case they do not hold. What is decided is told in the chat and by mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bank.domain import cases as case_rules
from bank.domain.actors import Actor
from bank.domain.applications import (
    Application,
    ApplicationState,
    KycDecision,
    Path,
    kept_challenge,
    told,
)
from bank.domain.cases import Case, CaseKind
from bank.domain.errors import (
    ApplicationClosed,
    Conflict,
    InvalidInput,
    NotFound,
    NotPermitted,
    SecondPersonNeeded,
)
from bank.domain.evidence import Evidence
from bank.domain.ids import CaseId, make_id
from bank.domain.staff import Role
from bank.policies import onboarding as policy
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.application_book import ApplicationBook
from bank.services.case_book import CaseBook, seen_in
from bank.services.contact import Contact
from bank.services.evidence import EvidenceRoom
from bank.services.identity_jobs import IdentityJobs
from bank.services.twins import news_in
from bank.services.verdicts import Verdicts, is_live

NOTE_MAX_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One person's word, its note opened."""

    staff_id: str
    outcome: str
    reason_code: str
    note: str
    at_utc: datetime
    is_final: bool
    is_valid: bool  # about the evidence as it is now


@dataclass(frozen=True, slots=True)
class KycView:
    """Everything about one application, for the person who decides it.

    `verdict` is what the checks found (see identity/checks.py); empty where none was made.
    """

    application: Application
    details: dict[str, str]
    evidence: Sequence[Evidence]
    verdict: dict[str, Any]
    decisions: Sequence[DecisionView]
    reasons: dict[str, tuple[str, ...]]
    needs_second: bool
    waits_for_second: bool
    viewer_may_approve: bool


class KycDesk:
    """Reviews of applications."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        book: ApplicationBook,
        case_book: CaseBook,
        verdicts: Verdicts,
        contact: Contact,
        evidence: EvidenceRoom,
        jobs: IdentityJobs,
        audit: Auditor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._book = book
        self._case_book = case_book
        self._verdicts = verdicts
        self._contact = contact
        self._evidence = evidence
        self._jobs = jobs
        self._audit = audit

    def case_view(self, actor: Actor, case_id: str) -> KycView:
        """Return the application behind a case. Raises NotFound, NotPermitted; audited."""
        _require_desk(actor)

        def work(uow: UnitOfWork) -> KycView:
            seen_in(uow, actor, case_id)
            application = self._with_news_in(uow, self._of_case_in(uow, case_id))
            self._audit.append_in(
                uow, actor, "kyc.read", application.id, "done", "kyc_desk", {"case": case_id}
            )
            held = self._decisions_in(uow, application.id)
            proposals = _proposals(held, application)
            return KycView(
                application=application,
                details=self._book.details(application),
                evidence=self._evidence.list_of_in(uow, application.id),
                verdict=self._book.verdict(application),
                decisions=[self._view(one, application) for one in held],
                reasons=policy.reasons_for(with_biometrics=application.path != Path.PERSON),
                needs_second=application.four_eyes,
                waits_for_second=bool(proposals) and application.four_eyes,
                viewer_may_approve=all(one.staff_id != actor.id for one in proposals),
            )

        return self._store.write(work)

    def decide(
        self, actor: Actor, case_id: str, *, outcome: str, reason_code: str, note: str = ""
    ) -> Application:
        """Say one's word on an application.

        Raises NotPermitted, CaseNotOwned, CaseClosed, InvalidInput (reason), ApplicationClosed
        (not waiting for a person any more), SecondPersonNeeded (approving twice oneself),
        Conflict (the bank has learnt something since: read again).
        """
        _require_desk(actor)
        kinds = policy.asked_again(outcome, reason_code)

        def work(uow: UnitOfWork) -> Application:
            case = seen_in(uow, actor, case_id, lock=True)
            case_rules.check_owner(case, staff_id=actor.require_staff(), now_utc=self._clock())
            application = self._of_case_in(uow, case_id)
            if application.state is not ApplicationState.IN_REVIEW:
                raise ApplicationClosed(status=application.state)
            if outcome == policy.APPROVE:
                self._check_approval_in(uow, application, reason_code)
            is_final = True
            if outcome == policy.APPROVE and application.four_eyes:
                earlier = _proposals(self._decisions_in(uow, application.id), application)
                if any(one.staff_id == actor.id for one in earlier):
                    raise SecondPersonNeeded(case_id=case_id)
                is_final = bool(earlier)
            self._note_in(uow, actor, case, application, outcome, reason_code, note, is_final)
            if not is_final:
                waits = case_rules.let_go(case)
                self._case_book.save_in(uow, actor, waits, "second_person_needed")
                return application
            after = self._carry_out_in(uow, application, outcome, reason_code, kinds)
            done = case_rules.resolve(case, outcome=outcome, now_utc=self._clock())
            self._case_book.save_in(
                uow, actor, done, "resolved", data={"outcome": outcome, "reason": reason_code}
            )
            self._jobs.tell_in(
                uow, {"status": told(after).value, "codes": list(after.retry)},
                application_id=after.id, conversation_id=after.conversation_id,
            )  # fmt: skip
            return after

        return self._store.write(work)

    def _carry_out_in(
        self,
        uow: UnitOfWork,
        application: Application,
        outcome: str,
        reason_code: str,
        kinds: Sequence[str],
    ) -> Application:
        if outcome == policy.APPROVE:
            is_seen = policy.is_seen_by(reason_code) or is_live(self._book.verdict(application))
            return self._verdicts.approve_in(uow, application, is_seen=is_seen, outcome=outcome)
        now_utc = self._clock()
        if outcome == policy.REJECT:
            until_utc = now_utc + policy.keep_for(ApplicationState.REJECTED)
            self._evidence.keep_until_in(uow, application.id, until_utc=until_utc)
            self._contact.mail_in(uow, application, "onboarding_closed")
            return self._book.save_in(
                uow, application, state=ApplicationState.REJECTED, outcome=outcome,
                decided_at_utc=now_utc,
            )  # fmt: skip
        asked = [kind for kind in kinds if kind in application.pictures]
        retry = tuple(f"{reason_code}@{kind}" for kind in asked or kinds)
        self._contact.link_in(uow, application, "onboarding_asked_again")
        return self._book.save_in(
            uow, application, state=ApplicationState.COLLECTING, retry=retry, outcome=outcome,
            challenge=kept_challenge(application, retry), expires_at_utc=self._book.expiry_utc(),
        )  # fmt: skip

    def _check_approval_in(
        self, uow: UnitOfWork, application: Application, reason_code: str
    ) -> None:
        """Refuse a reason that does not carry, and an approval that has not seen the news."""
        allowed = policy.reasons_for(with_biometrics=application.path != Path.PERSON)["approve"]
        if reason_code not in allowed:
            raise InvalidInput(field="reason_code", allowed=", ".join(allowed))
        if application.path == Path.PERSON and "screening" not in self._book.verdict(application):
            raise Conflict(field="screening", because="not_done_yet")
        if news_in(uow, self._book, application) is not None:
            raise Conflict(field="findings")

    def _with_news_in(self, uow: UnitOfWork, application: Application) -> Application:
        """Add what the bank has learnt since the verdict; a first approval is void by it."""
        if application.state is not ApplicationState.IN_REVIEW:
            return application
        news = news_in(uow, self._book, application)
        return application if news is None else self._book.save_in(uow, application, **news)

    def _note_in(
        self,
        uow: UnitOfWork,
        actor: Actor,
        case: Case,
        application: Application,
        outcome: str,
        reason_code: str,
        note: str,
        is_final: bool,  # noqa: FBT001  the last of a private call's facts
    ) -> None:
        uow.kyc_decisions.add(
            KycDecision(
                id=make_id("kd"),
                application_id=application.id,
                case_id=CaseId(case.id),
                staff_id=actor.id,
                outcome=outcome,
                reason_code=reason_code,
                note_enc=self._book.seal_note(application.id, note[:NOTE_MAX_CHARS]),
                set_digest=application.set_digest,
                at_utc=self._clock(),
                is_final=is_final,
            )
        )
        self._audit.append_in(
            uow, actor, f"kyc.{outcome}", application.id, "done" if is_final else "proposed",
            reason_code, {"case": case.id, "set": application.set_digest[:16]},
        )  # fmt: skip

    def _of_case_in(self, uow: UnitOfWork, case_id: str) -> Application:
        case: Case = uow.cases.get(case_id)
        found: Application | None = uow.applications.first(case_id=case_id)
        if case.kind is not CaseKind.KYC or found is None:
            raise NotFound(table="applications")
        return found

    def _decisions_in(self, uow: UnitOfWork, application_id: str) -> list[KycDecision]:
        found: list[KycDecision] = uow.kyc_decisions.list(
            application_id=application_id, order_by="at_utc"
        )
        return found

    def _view(self, one: KycDecision, application: Application) -> DecisionView:
        return DecisionView(
            staff_id=one.staff_id,
            outcome=one.outcome,
            reason_code=one.reason_code,
            note=self._book.open_note(application.id, one.note_enc),
            at_utc=one.at_utc,
            is_final=one.is_final,
            is_valid=one.set_digest == application.set_digest,
        )


def _proposals(held: Sequence[KycDecision], application: Application) -> list[KycDecision]:
    """Return first approvals that still stand: about this case and this evidence."""
    return [
        one
        for one in held
        if one.outcome == policy.APPROVE
        and not one.is_final
        and one.case_id == application.case_id
        and one.set_digest == application.set_digest
    ]


def _require_desk(actor: Actor) -> None:
    actor.require_staff()
    if not actor.roles & {Role.KYC, Role.SUPERVISOR}:
        raise NotPermitted(actor=actor.kind)
