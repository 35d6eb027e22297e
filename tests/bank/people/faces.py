"""Customers and their faces: somebody approved with a selfie, and a judge with a fixed word."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any

from bank.domain.actors import Actor
from bank.domain.challenges import Challenge, CodeProof, FaceProof
from bank.domain.errors import StepUpRequired
from bank.domain.face_keys import FaceAnswer, FaceTrial
from bank.policies.tables import load_table
from tests.bank.onboarding.branch import Applicant, verdict
from tests.bank.people.world import World, acting

STEPS, LIMIT_S = ("turn_left", "blink", "smile"), 15
TEMPLATE, MODEL = b"128 numbers", "drawn 1"
PASSED = FaceAnswer(passed=True, template=TEMPLATE, model=MODEL)
REFUSED = FaceAnswer(passed=False, codes=("face_unclear",))


def offer_faces(monkeypatch: Any, **rule: Any) -> None:
    """A bank that takes faces, by this rule."""
    for name, value in {"allowed": True, **rule}.items():
        monkeypatch.setitem(load_table("step_up")["face"], name, value)


@dataclass
class Face:
    """A customer before the camera."""

    world: World
    actor: Actor

    @classmethod
    def of(
        cls, world: World, *, name: str = "ana", similarity: float = 0.7,
        selfie: bytes | None = None,
    ) -> Face:  # fmt: skip
        """Somebody whose application was approved; their selfie was this much like the document."""
        who = Applicant.arrives(world, name)
        scores = {
            "liveness": {"value": 0.9, "threshold": 0.5},
            "similarity": {"value": similarity, "threshold": 0.6},
        }
        fields = {"number": secrets.token_hex(5), "issuer": "UTO"}
        about = {"email": f"{name}@example.org", "surname": f"{name.title()} Costa"}
        who.tells(phone="+351 912 345 678", **about).confirms()
        who.onboarding.choose_document(who.actor, "passport")
        for kind, content in (("document_front", None), ("selfie", selfie), ("liveness", None)):
            who.sends(kind, content)
        who.submits().is_judged(verdict(scores=scores, fields=fields))
        customer = who.onboarding.set_credentials(who.actor, name, "a long enough one")
        world.clock.pass_s(1)
        return cls(world, acting(customer, conversation_id=who.actor.conversation_id))

    @property
    def keys(self):
        return self.world.bank.face_keys

    @property
    def trials(self):
        return self.world.bank.face_trials

    def consents(self) -> Face:
        """Say yes, and enter the code."""
        self.world.clock.pass_s(0.001)
        try:
            self.keys.ask(self.actor)
        except StepUpRequired as asked:
            challenge = self.world.bank.step_up.get(self.actor, asked.details["challenge_id"])
            proof = CodeProof(self.world.code())
            self.world.bank.step_up_acts.perform(self.actor, challenge, proof)
        return self

    def starts(self, challenge: Challenge | None = None) -> FaceTrial:
        self.world.clock.pass_s(1)
        step_up_id = challenge.id if challenge else None
        return self.trials.start(
            self.actor, steps=STEPS, limit_s=LIMIT_S, step_up_id=step_up_id
        )

    def records(self, trial: FaceTrial, film: bytes | None = None) -> FaceTrial:
        packed = film or secrets.token_bytes(16)
        return self.trials.attach(
            self.actor, trial.id, packed, width=640, height=480,
            sha256=hashlib.sha256(packed).hexdigest(),
        )  # fmt: skip

    def is_judged(self, trial: FaceTrial, answer: FaceAnswer = PASSED) -> FaceTrial:
        self.world.bank.face_answers.record(str(trial.job_id), answer)
        return self.trials.get(self.actor, trial.id)

    def performs(
        self, challenge: Challenge | None = None, answer: FaceAnswer = PASSED
    ) -> FaceTrial:
        """From the question to the answer."""
        return self.is_judged(self.records(self.starts(challenge)), answer)

    def keeps_key(self) -> Face:
        self.consents().performs()
        return self

    def proves(self, challenge: Challenge) -> FaceProof:
        return FaceProof(self.performs(challenge).id)

    def challenge(self, **about: Any) -> Challenge:
        return self.world.challenge(self.actor, **about)

    def tries_left(self, challenge: Challenge) -> int:
        return self.world.bank.step_up.get(self.actor, challenge.id).tries_left

    def recordings(self) -> list[str]:
        """Ids of recordings whose bytes are still there."""
        bank = self.world.bank
        found = bank.store.read(lambda uow: uow.evidence.list(kind="face", erased_at_utc=None))
        return [one.id for one in found]

    def audited(self) -> list[tuple[str, str]]:
        entries = self.world.bank.store.read(lambda uow: uow.audit.list(order_by="number"))
        return [(one.action, one.outcome) for one in entries if "face" in one.action]

