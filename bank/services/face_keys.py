"""Face keys of customers: kept by consent, forgotten by a word, never searched.

    standing ─▶ consent ─▶ ask (a code) ─▶ begin ─▶ a trial (face_trials.py) ─▶ add_in
    forget   ─▶ key, leave and trials are gone at once

Only for somebody whose application was approved with a face that matched their document: there is
a selfie to compare with, so nobody keeps a face for somebody else. Whoever has no such selfie, or
wants none of this, has codes and passkeys. The template is sealed in a vault of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NoReturn

from bank.domain.actors import SYSTEM, Actor
from bank.domain.applications import Application, ApplicationState, Path
from bank.domain.challenges import StepUpProof
from bank.domain.customers import Customer
from bank.domain.errors import FaceNotOffered
from bank.domain.evidence import Evidence
from bank.domain.face_keys import FaceEnrolment, FaceKey, FaceStanding
from bank.domain.ids import CustomerId
from bank.domain.outbox import OutboxKind
from bank.policies.step_up import face_is_offered, face_number
from bank.ports import Auditor, Clock, Store, Texts, UnitOfWork, Vault
from bank.services.application_book import ApplicationBook
from bank.services.evidence import EvidenceRoom
from bank.services.outbox import Outbox
from bank.services.stepped_up import SteppedUp

PURPOSE = "face_add"
#: Which consent was given; another text of it is another version, and is asked for anew.
BINDING = {"consent": "face-1"}


class FaceKeys:
    """Who keeps one, who may, and how it ends."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        vault: Vault,
        book: ApplicationBook,
        evidence: EvidenceRoom,
        stepped_up: SteppedUp,
        outbox: Outbox,
        texts: Texts,
        audit: Auditor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._book = book
        self._evidence = evidence
        self._stepped_up = stepped_up
        self._outbox = outbox
        self._texts = texts
        self._audit = audit

    def standing(self, actor: Actor) -> FaceStanding:
        """Return whether the customer may keep a face key, and why not."""
        customer_id = actor.require_customer()
        return self._store.read(lambda uow: self._standing_in(uow, customer_id))

    def ask(self, actor: Actor) -> NoReturn:
        """Ask for a code or passkey after the customer's consent.

        Always raises: StepUpRequired (details challenge_id, sent_to), FaceNotOffered, RateLimited.
        """
        self._check_may_add(actor)
        raise self._stepped_up.ask(actor, purpose=PURPOSE, binding=dict(BINDING))

    def begin(self, actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> FaceEnrolment:
        """Give leave to add a face key for a while. Raises FaceNotOffered and what a proof does."""
        self._check_may_add(actor)
        now_utc, customer_id = self._clock(), actor.require_customer()
        until_utc = now_utc + timedelta(seconds=face_number("enrolment_ttl_s"))
        enrolment = FaceEnrolment(customer_id, consent_at_utc=now_utc, expires_at_utc=until_utc)

        def act(uow: UnitOfWork) -> FaceEnrolment:
            uow.face_enrolments.remove(customer_id)
            uow.face_enrolments.add(enrolment)
            self._audit.append_in(
                uow, actor, "face_key.consent", customer_id, "done", "step_up", dict(binding)
            )
            return enrolment

        return self._stepped_up.run(
            actor, purpose=PURPOSE, binding=dict(binding), proof=proof, act=act
        )

    def forget(self, actor: Actor) -> bool:
        """Remove the customer's face key at once; False when there was nothing to remove."""
        customer_id = actor.require_customer()
        recordings: list[str] = []

        def work(uow: UnitOfWork) -> bool:
            trials = uow.face_trials.list(customer_id=customer_id)
            recordings[:] = [one.evidence_id for one in trials if one.evidence_id is not None]
            return self.forget_in(uow, actor, customer_id)

        was_held = self._store.write(work)
        self._evidence.erase(recordings)
        return was_held

    def forget_in(self, uow: UnitOfWork, actor: Actor, customer_id: CustomerId) -> bool:
        """Remove everything about somebody's face, whoever ends it: they, or the relationship."""
        held = uow.face_keys.find(customer_id) or uow.face_enrolments.find(customer_id)
        uow.face_keys.remove(customer_id)
        uow.face_enrolments.remove(customer_id)
        for trial in uow.face_trials.list(customer_id=customer_id):
            uow.face_trials.remove(trial.id)
            if trial.evidence_id is not None:
                self._evidence.let_go_in(uow, [trial.evidence_id])
        if held is not None:
            self._audit.append_in(
                uow, actor, "face_key.remove", customer_id, "done", "consent_withdrawn", {}
            )
        return held is not None

    # --- for face_trials.py, in its transactions ---

    def enrolment_in(self, uow: UnitOfWork, customer_id: CustomerId) -> FaceEnrolment:
        """Return the leave that is still good. Raises FaceNotOffered."""
        found: FaceEnrolment | None = uow.face_enrolments.find(customer_id)
        if found is None or found.expires_at_utc <= self._clock() or not face_is_offered():
            raise FaceNotOffered
        return found

    def selfie_in(self, uow: UnitOfWork, customer_id: CustomerId) -> str | None:
        """Return the selfie this customer was approved with, its face like the document's."""
        approved: list[Application] = uow.applications.list(
            customer_id=customer_id, state=ApplicationState.APPROVED
        )
        for application in approved:
            selfie_id = application.pictures.get("selfie")
            if application.path != Path.BIOMETRIC or selfie_id is None:
                continue
            selfie: Evidence | None = uow.evidence.find(selfie_id)
            is_kept = selfie is not None and selfie.erased_at_utc is None
            if is_kept and is_matched(self._book.verdict(application)):
                return selfie_id
        return None

    def add_in(
        self, uow: UnitOfWork, enrolment: FaceEnrolment, *, template: bytes, model: str
    ) -> FaceKey:
        """Keep the template, sealed; the leave is used up, and the customer gets a mail."""
        key = FaceKey(
            id=enrolment.id,
            sealed=self._vault.seal(template, place=_place_of(enrolment.id)),
            model=model,
            consent_at_utc=enrolment.consent_at_utc,
            created_at_utc=self._clock(),
        )
        uow.face_keys.remove(key.id)
        uow.face_keys.add(key)
        uow.face_enrolments.remove(key.id)
        self._audit.append_in(
            uow, SYSTEM, "face_key.add", key.id, "done", "matched_selfie", {"model": model}
        )
        customer: Customer = uow.customers.get(key.id)
        text = self._texts.render(
            "face_added",
            locale=customer.locale,
            facts={"name": customer.given_name, "at": f"{self._clock():%Y-%m-%d %H:%M} UTC"},
        )
        self._outbox.add_in(
            uow, kind=OutboxKind.MAIL, to=customer.email, subject=text.subject, body=text.body
        )
        return key

    def template(self, key: FaceKey) -> bytes:
        """Return the template in clear: for the process that judges, and for nobody else."""
        return self._vault.open(key.sealed, place=_place_of(key.id))

    # --- within ---

    def _check_may_add(self, actor: Actor) -> None:
        if self.standing(actor) is not FaceStanding.MAY_ADD:
            raise FaceNotOffered

    def _standing_in(self, uow: UnitOfWork, customer_id: CustomerId) -> FaceStanding:
        if not face_is_offered():
            return FaceStanding.NOT_OFFERED
        if uow.face_keys.find(customer_id) is not None:
            return FaceStanding.KEPT
        if self.selfie_in(uow, customer_id) is None:
            return FaceStanding.NO_PORTRAIT
        return FaceStanding.MAY_ADD


def is_matched(verdict: Mapping[str, Any]) -> bool:
    """Say whether selfie and document showed one person, by the checks' own threshold."""
    score = verdict.get("scores", {}).get("similarity")
    return bool(score and score["value"] >= score["threshold"])


def _place_of(customer_id: str) -> str:
    return f"face_keys|{customer_id}|template"
