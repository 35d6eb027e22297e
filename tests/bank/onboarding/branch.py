"""An applicant who gives everything that is asked, a judge with a fixed word, and two of staff."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from bank.domain.actors import VISITOR, Actor, ActorKind, LoginLevel
from bank.domain.applications import Application
from bank.domain.identity_jobs import IdentityJob, JobKind
from bank.domain.ids import ConversationId
from tests.bank.people.world import World

DETAILS = {
    "given_names": "Ana Maria",
    "surname": "Silva Costa",
    "birth_date": "3 May 1990",
    "street": "Rua das Flores 12",
    "postcode": "1200-192",
    "city": "Lisboa",
    "country": "Portugal",
    "purpose": "salary",
    "email": "ana.silva@example.org",
}
APPROVED: dict[str, Any] = {
    "outcome": "approved", "risk": "cdd", "four_eyes": False, "findings": [],
    "reasons": [{"code": "all_checks_passed", "text": "Every check passed."}],
    "fields": {"number": "L898902C3", "issuer": "UTO"},
    "scores": {"liveness": {"value": 0.9, "threshold": 0.5}},
}  # fmt: skip


def verdict(**changes: Any) -> dict[str, Any]:
    return {**APPROVED, **changes}


def finding(code: str, weight: str = "review", about: str = "") -> dict[str, Any]:
    return {
        "code": code, "breakdown": "data_validation", "weight": weight, "score": None,
        "text": f"It is {code}.", "about": about,
    }  # fmt: skip


def staff(name: str, *roles: str) -> Actor:
    return Actor(ActorKind.STAFF, f"st_{name}", LoginLevel.STRONG, frozenset(roles or {"kyc"}))


@dataclass
class Applicant:
    """Somebody at the chat, and the judge behind the wall."""

    world: World
    actor: Actor
    salt: str = ""

    @classmethod
    def arrives(cls, world: World, salt: str = "") -> Applicant:
        _, session = world.bank.sessions.start_visitor()
        return cls(world, session.actor("m1"), salt)

    @property
    def onboarding(self):
        return self.world.bank.onboarding

    @property
    def application(self) -> Application:
        held = self.onboarding.current(self.actor)
        assert held is not None
        return held

    def tells(self, **changes: str) -> Applicant:
        self.onboarding.start(self.actor)
        self.onboarding.give_consent(self.actor)
        self.onboarding.choose_path(self.actor, biometrics=True)
        for name, text in {**DETAILS, **changes}.items():
            self.onboarding.set_detail(self.actor, name, text)
        return self

    def confirms(self) -> Applicant:
        self.onboarding.send_code(self.actor)
        self.onboarding.confirm_code(self.actor, self.code())
        return self

    def code(self) -> str:
        """The code in the newest mail that has one, as the applicant reads it."""
        return self.found(r"is (\d{6})")

    def link(self) -> str:
        return self.found(r"t=([\w-]+)")

    def found(self, pattern: str) -> str:
        self.world.clock.pass_s(0.001)  # so that the newest mail is the newest by its time
        mails = [body for _, body in self.world.sent()]
        return [match[1] for body in mails if (match := re.search(pattern, body))][-1]

    def sends(self, kind: str, content: bytes | None = None) -> IdentityJob | None:
        clean = content or f"{kind}{self.salt}".encode()
        kept = self.world.bank.evidence.keep(
            self.actor.conversation_id, kind, clean, width=640, height=480,
            sha256=hashlib.sha256(clean).hexdigest(),
        )  # fmt: skip
        if kind != "liveness":
            return self.onboarding.attach(self.actor, kept.id)
        challenge_id = self.onboarding.start_liveness(self.actor, ["blink"], 20)
        self.onboarding.attach_liveness(self.actor, kept.id, challenge_id=challenge_id)
        return None

    def shows(self) -> Applicant:
        self.onboarding.choose_document(self.actor, "passport")
        self.sends("document_front")
        self.sends("selfie")
        self.sends("liveness")
        return self

    def submits(self) -> Applicant:
        self.onboarding.submit(self.actor)
        return self

    def is_judged(self, said: dict[str, Any] | None = None) -> Applicant:
        """Work the queue as the identity process does, with a fixed word."""
        jobs, verdicts = self.world.bank.identity_jobs, self.world.bank.verdicts
        while (job := jobs.take()) is not None:
            if job.kind is JobKind.LOOK:
                verdicts.record_look(job.id, [])
            elif job.kind is JobKind.SCREEN:
                verdicts.record_screening(job.id, [], {"list_version": "v1", "hits": []})
            else:
                verdicts.record_verdict(job.id, said or verdict())
        return self

    def applies(self, said: dict[str, Any] | None = None, **changes: str) -> Applicant:
        return self.tells(**changes).confirms().shows().submits().is_judged(said)

    def case_id(self) -> str:
        case_id = self.application.case_id
        assert case_id is not None
        return case_id


def elsewhere(conversation_id: str) -> Actor:
    return Actor(ActorKind.VISITOR, VISITOR.id, conversation_id=ConversationId(conversation_id))
