"""The face of a story: a bank that takes faces, a selfie to compare with, a recording and its answer.

What the page and the identity process would do is done here against the same bank, as for
applicants; web's own teller says in the chat what came of it.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bank.domain.face_keys import FaceAnswer, FaceEnrolment
from bank.policies.tables import load_table
from tests.dialogue import applicant
from tests.dialogue.persona import Persona
from web.chat.turn_parts import TurnResult

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch

STEPS = ("turn_left", "blink", "smile")


def offer(*, allowed: bool) -> None:
    """Switch the option of the bank; the table as shipped says no."""
    load_table("step_up")["face"]["allowed"] = allowed


def prepare(branch: Branch, persona: Persona, about: str) -> None:
    """`may_add`: they joined with a selfie like their document; `kept`: and a face key is kept."""
    offer(allowed=True)
    _join(branch, persona)
    if about == "kept":
        now_utc = branch.clock()
        leave = FaceEnrolment(persona.customer.id, now_utc, now_utc + timedelta(minutes=5))
        keys = branch.bank.face_keys
        branch.bank.store.write(
            lambda uow: keys.add_in(uow, leave, template=b"numbers", model="story 1")
        )
    else:
        assert about == "may_add", about


def perform(branch: Branch, persona: Persona, about: Any) -> TurnResult:
    """Make the recording for a face key; `about` is "passed" or what there is to mend."""
    bank, actor = branch.bank, persona.session.actor()
    trial = bank.face_trials.start(actor, steps=STEPS, limit_s=15)
    film = secrets.token_bytes(32)
    trial = bank.face_trials.attach(
        actor, trial.id, film, width=640, height=480, sha256=hashlib.sha256(film).hexdigest()
    )
    answer = FaceAnswer(passed=False, codes=tuple(about))
    if about == "passed":
        answer = FaceAnswer(passed=True, template=b"numbers", model="story 1")
    job = bank.store.read(lambda uow: uow.identity_jobs.get(trial.job_id))
    done = applicant.taken(branch, job, lambda job_id: bank.face_answers.record(job_id, answer))
    return applicant.told(branch, done)


def _join(branch: Branch, persona: Persona) -> None:
    """Let an application of theirs be approved: selfie and portrait alike."""
    bank = branch.bank
    token, session = bank.sessions.start_visitor()
    visitor = Persona(persona.customer, session.actor(), session, token)
    applicant.prepare(branch, visitor, "checks")
    verdict = {
        "outcome": "approved", "findings": [], "reasons": [], "risk": "cdd", "four_eyes": False,
        "fields": {"number": secrets.token_hex(5)},
        "scores": {"similarity": {"value": 0.8, "threshold": 0.6}},
    }  # fmt: skip
    job = applicant.waiting(branch, visitor)
    applicant.taken(branch, job, lambda job_id: bank.verdicts.record_verdict(job_id, verdict))
    bank.identity_jobs.mark_told(job.id)
    application = bank.onboarding.current(session.actor())
    assert application is not None, "it was not approved"
    theirs = replace(application, customer_id=persona.customer.id)
    bank.store.write(lambda uow: uow.applications.save(theirs))
