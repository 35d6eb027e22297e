"""Onboarding, the applicant's side: every step between hello and the first balance.

    start ─▶ give_consent ─▶ choose_path ─▶ set_detail … ─▶ send_code, confirm_code
          ─▶ choose_document ─▶ attach … ─▶ start_liveness, attach_liveness ─▶ submit
          ─▶ (verdicts.py, kyc_desk.py) ─▶ set_credentials

`missing` says what is asked next, so the dialogue holds no order of its own. Any detail may be
corrected until `submit`, and again when pictures are asked for once more. An application belongs
to its conversation; a mailed link moves it to another one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bank.domain.actors import Actor
from bank.domain.applications import (
    Application,
    ApplicationState,
    Path,
    Told,
    needed_picture,
    told,
)
from bank.domain.cases import CaseKind, Priority
from bank.domain.customers import Customer, Login, parse_login_name, validate_password
from bank.domain.errors import (
    ApplicationClosed,
    ApplicationIncomplete,
)
from bank.domain.identity_jobs import JobKind
from bank.domain.ids import CaseId, ConversationId
from bank.policies import escalation
from bank.policies.onboarding import keep_for
from bank.ports import UnitOfWork
from bank.services.applicant_pictures import ApplicantPictures
from bank.services.application_book import require_visitor
from bank.services.application_details import parse_detail
from bank.services.twins import with_twins_in

#: Kinds of picture that show the applicant's face to be measured.
FACES = ("selfie", "liveness", "portrait")
_NO_BIOMETRICS = "The applicant chose to be identified by a person: by video or in a branch."


class Onboarding(ApplicantPictures):
    """Applications, as applicants see them."""

    # --- where it stands ---

    def start(self, actor: Actor) -> Application:
        """Return the open application of this conversation, or a new one.

        Raises AlreadyCustomer, NotAuthenticated.
        """
        require_visitor(actor)

        def work(uow: UnitOfWork) -> Application:
            held = self.book.find_in(uow, actor)
            if held is not None:
                return held
            made = self.book.new_in(uow, str(actor.conversation_id))
            self.note_in(uow, actor, made, "start")
            return made

        return self.store.write(work)

    def current(self, actor: Actor) -> Application | None:
        """Return the open application of this conversation, or None."""
        return self.store.read(lambda uow: self.book.find_in(uow, actor))

    def status(self, actor: Actor) -> Told:
        """Return how the newest application stands, in the words the applicant hears."""
        return told(self.store.read(lambda uow: self.book.newest_in(uow, actor)))

    def details(self, actor: Actor) -> dict[str, str]:
        """Return what was told so far. Raises ApplicationMissing."""
        return self.book.details(self.store.read(lambda uow: self.book.open_in(uow, actor)))

    def missing(self, actor: Actor) -> tuple[str, ...]:
        """Return what is still to be given, in the order it is asked. Raises ApplicationMissing.

        terms, path, the DETAILS, contact, document_type, document_front, document_back, selfie,
        liveness.
        """
        return self.book.missing(self.store.read(lambda uow: self.book.open_in(uow, actor)))

    def needed_picture(self, actor: Actor) -> str | None:
        """Return the kind of picture that is needed next, or None. Raises ApplicationMissing."""
        return needed_picture(self.store.read(lambda uow: self.book.open_in(uow, actor)))

    # --- words ---

    def give_consent(self, actor: Actor, *, terms: bool = True) -> Application:
        """Record consent to the terms and to the use of the details for this application."""
        at_utc = self.clock() if terms else None
        return self.change(actor, "consent", terms_at_utc=at_utc)

    def choose_path(self, actor: Actor, *, biometrics: bool) -> Application:
        """Record consent to comparing faces, or the choice of a person instead.

        Both lead to the same account. The choice may be changed until `submit`; taking consent
        back has the pictures of the face erased.
        """
        path = Path.BIOMETRIC if biometrics else Path.PERSON

        def work(uow: UnitOfWork) -> Application:
            application = self.book.collecting_in(uow, actor)
            changes: dict[str, Any] = {"path": path.value, "path_at_utc": self.clock()}
            if path is Path.PERSON:
                faces = {k: one for k, one in application.pictures.items() if k in FACES}
                self.evidence.let_go_in(uow, faces.values())
                kept = {k: one for k, one in application.pictures.items() if k not in FACES}
                changes |= {"evidence": kept, "challenge": None}
            return self.save_in(uow, actor, application, "path", {"path": path.value}, **changes)

        return self.store.write(work)

    def set_detail(self, actor: Actor, name: str, text: str) -> Application:
        """Store one detail in its normal form; correcting one is the same call.

        Another e-mail address or phone has to be confirmed anew. Raises InvalidInput, InvalidText
        (both name field and because), ApplicationMissing, ApplicationClosed.
        """
        value = parse_detail(name, text, today=self._today())

        def work(uow: UnitOfWork) -> Application:
            application = self.book.collecting_in(uow, actor)
            details = self.book.details(application)
            if details.get(name) == value:
                return application
            changes: dict[str, Any] = {}
            if name in ("email", application.contact_via):
                changes["contact_at_utc"] = None
            waiting = uow.contact_codes.find(application.id)
            if waiting is not None and waiting.via == name:
                uow.contact_codes.remove(application.id)  # it went to the address before
            details |= {name: value}
            if name == "email":
                changes["email_digest"] = self.book.digest("email", value)
            changes["person_digest"] = self._person_digest(details)
            changes["details_enc"] = self.book.seal_details(application, details)
            return self.save_in(uow, actor, application, "detail", {"field": name}, **changes)

        return self.store.write(work)

    # --- a code to the address ---

    def send_code(self, actor: Actor, *, via: str = "email") -> str:
        """Send a code to the e-mail address or phone that was told; return it masked.

        Raises ApplicationIncomplete (no such detail yet), RateLimited.
        """
        return self.contact.send(actor, via=via)

    def pending_code(self, actor: Actor) -> bool:
        """Say whether a code was sent and is waited for."""
        return self.contact.is_pending(actor)

    def confirm_code(self, actor: Actor, code: str) -> Application:
        """Take the code. Raises WrongCode, CodeExpired, TooManyTries."""
        return self.contact.confirm(actor, code)

    # --- the end of collecting ---

    def submit(self, actor: Actor) -> Application:
        """Hand everything in: to the checks, or to a person where that was chosen.

        Twice is once. Raises ApplicationIncomplete (names the first thing missing).
        """

        def work(uow: UnitOfWork) -> Application:
            application = self.book.open_in(uow, actor)
            if application.state in (ApplicationState.CHECKING, ApplicationState.IN_REVIEW):
                return application
            if application.state is not ApplicationState.COLLECTING:
                raise ApplicationClosed(status=application.state)
            missing = self.book.missing(application)
            if missing:
                raise ApplicationIncomplete(missing=missing[0])
            digest = self.book.set_digest(application)
            if application.path == Path.PERSON:
                return self._to_person_in(uow, actor, application, digest)
            after = self.save_in(
                uow, actor, application, "submit", None,
                state=ApplicationState.CHECKING, set_digest=digest,
            )  # fmt: skip
            self.jobs.submit_in(
                uow, kind=JobKind.VERIFY, evidence_ids=list(after.pictures.values()),
                application_id=after.id, conversation_id=after.conversation_id, set_digest=digest,
            )  # fmt: skip
            return after

        return self.store.write(work)

    def withdraw(self, actor: Actor) -> Application:
        """End the application; its pictures are erased soon. Raises ApplicationMissing."""

        def work(uow: UnitOfWork) -> Application:
            application = self.book.open_in(uow, actor)
            if application.state is ApplicationState.APPROVED:
                raise ApplicationClosed(status=application.state)
            until_utc = self.clock() + keep_for(ApplicationState.WITHDRAWN)
            self.evidence.keep_until_in(uow, application.id, until_utc=until_utc)
            return self.save_in(
                uow, actor, application, "withdraw", None, state=ApplicationState.WITHDRAWN
            )

        return self.store.write(work)

    def resume_link(self, actor: Actor) -> str:
        """Mail a way back to the confirmed address; return the address masked.

        Raises ApplicationIncomplete: no confirmed address yet.
        """
        return self.contact.mail_link(actor)

    def resume(self, token: str, conversation_id: str) -> Application:
        """Move the application of a mailed link to this conversation. Raises LinkInvalid."""
        return self.contact.resume(token, ConversationId(conversation_id))

    def set_credentials(self, actor: Actor, login_name: str, password: str) -> Customer:
        """Give the new customer a name and a password, once, in the application's conversation.

        Raises ApplicationClosed (not approved), InvalidText, InvalidInput, AlreadyExists (name).
        """
        name, password_hash = parse_login_name(login_name), self.passwords.hash(
            validate_password(password)
        )

        def work(uow: UnitOfWork) -> Customer:
            application = self.book.open_in(uow, actor)
            if application.customer_id is None or application.login_at_utc is not None:
                raise ApplicationClosed(status=application.state)
            now_utc = self.clock()
            held: Customer = uow.customers.get(application.customer_id, lock=True)
            customer = replace(held, login_name=name)
            uow.customers.save(customer)
            uow.logins.add(Login(customer.id, password_hash, now_utc))
            self.save_in(uow, actor, application, "credentials", None, login_at_utc=now_utc)
            return customer

        return self.store.write(work)

    def expire_due(self) -> int:
        """End applications nobody came back to; returns how many."""
        return self.contact.expire_due()

    # --- within ---

    def _to_person_in(
        self, uow: UnitOfWork, actor: Actor, application: Application, digest: str
    ) -> Application:
        """Open a case; two people approve, and not before the lists were searched."""
        details = self.book.details(application)
        reasons = [{"code": "no_biometrics", "text": _NO_BIOMETRICS}]
        chosen = {"outcome": "needs_review", "reasons": reasons, "risk": "edd"}
        verdict = with_twins_in(uow, self.book, application, chosen)
        case = self.cases.open_in(
            uow,
            kind=CaseKind.KYC,
            queue=escalation.queue_of(CaseKind.KYC),
            subject=f"{details['given_names']} {details['surname']}",
            reason_code="no_biometrics",
            why=" ".join(one["text"] for one in reversed(verdict["reasons"])),
            customer_id=None,
            conversation_id=application.conversation_id,
            priority=Priority.HIGH,
            idempotency_key=f"kyc:{application.id}:{digest[:16]}",
        )
        self.jobs.submit_in(
            uow, kind=JobKind.SCREEN, evidence_ids=[], application_id=application.id,
            set_digest=digest,
        )  # fmt: skip
        return self.save_in(
            uow, actor, application, "submit", {"path": application.path},
            state=ApplicationState.IN_REVIEW, set_digest=digest, case_id=CaseId(case.id),
            risk="edd", four_eyes=True, outcome=verdict["outcome"],
            verdict_enc=self.book.seal_verdict(application, verdict), retry=(),
        )  # fmt: skip

    def _person_digest(self, details: dict[str, str]) -> str | None:
        parts = [details.get(name, "") for name in ("given_names", "surname", "birth_date")]
        return self.book.digest("person", "|".join(parts)) if all(parts) else None

    def _today(self) -> date:
        return self.clock().date()
