"""The applicant of a story: pictures, movements, a code from a mail, a link, name and password.

What the page and the identity process would do is done here against the same bank: pictures are
kept and attached, the findings are a story's, recorded by the bank itself, and web's own teller
says in the chat what came of them. Only the eyes are missing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.findings import Breakdown, Finding, Weight
from bank.domain.identity_jobs import IdentityJob
from bank.domain.outbox import OutboxKind
from bank.domain.staff import Role
from bank.services.outbox import place_of
from tests.dialogue.persona import PASSWORD
from web.chat.turn_parts import TurnResult
from web.verdicts import JobTeller

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch
    from tests.dialogue.persona import Persona

STEPS = ("turn_left", "blink")


#: What the applicant of a story has answered before it begins.
ANSWERS = {
    "given_names": "Ana", "surname": "Costa", "birth_date": "",
    "street": "Rua Augusta 12", "postcode": "1100-053", "city": "Lisboa", "country": "PT",
    "purpose": "salary",
}  # fmt: skip


class Overheard:
    """web's turn desk, remembering what came of the last event."""

    def __init__(self, branch: Branch) -> None:
        self._desk = branch.desk
        self.result: TurnResult | None = None

    async def event(self, actor: Actor, **about: Any) -> TurnResult:
        self.result = await self._desk.event(actor, **about)
        return self.result


def prepare(branch: Branch, persona: Persona, about: Any) -> None:
    """Answer everything that is asked before `until`: a name of bank.onboarding.missing.

    `summary` has everything up to the first picture, `checks` has everything handed in.
    """
    wanted = {"until": about} if isinstance(about, str) else dict(about)
    until, path = wanted.pop("until"), wanted.pop("path", "biometrics")
    document = wanted.pop("document", "passport")
    bank, actor = branch.bank, persona.session.actor()
    bank.onboarding.start(actor)
    email = f"ana.{secrets.token_hex(4)}@example.org"
    # One bank serves all stories: a person and an address of their own, or they would be twins.
    born = date(1950, 1, 1) + timedelta(days=secrets.randbelow(18_000))
    for name in ("terms", "path", *ANSWERS, "email", "contact", "summary", "document_type"):
        if name == until:
            return
        if name == "terms":
            bank.onboarding.give_consent(actor)
        elif name == "path":
            bank.onboarding.choose_path(actor, biometrics=path == "biometrics")
        elif name == "contact":
            bank.onboarding.send_code(actor)
            bank.onboarding.confirm_code(actor, mailed_code(branch, persona))
        elif name == "document_type":
            bank.onboarding.choose_document(actor, document)
        elif name != "summary":
            told = {**ANSWERS, "birth_date": born.isoformat(), "email": email, **wanted}
            bank.onboarding.set_detail(actor, name, told[name])
    while (kind := bank.onboarding.needed_picture(actor)) not in (None, until):
        job = bank.onboarding.attach(actor, _kept(branch, actor, kind))
        taken(branch, job, lambda job_id: bank.verdicts.record_look(job_id, []))
        bank.identity_jobs.mark_told(job.id)
    if until in (kind, "liveness"):
        return
    send_liveness(branch, persona)
    assert until == "checks", f"nothing is asked by the name of {until}"
    bank.onboarding.submit(actor)


def send_picture(branch: Branch, persona: Persona, codes: Any) -> TurnResult:
    """Send the picture that is needed; `codes` is "ok" or what the look finds to mend."""
    bank, actor = branch.bank, persona.session.actor()
    kind = bank.onboarding.needed_picture(actor)
    assert kind is not None, "no picture is needed"
    job = bank.onboarding.attach(actor, _kept(branch, actor, kind))
    found = [] if codes == "ok" else [_finding(code, kind) for code in codes]
    return told(branch, taken(branch, job, lambda job_id: bank.verdicts.record_look(job_id, found)))


def send_liveness(branch: Branch, persona: Persona) -> None:
    """Perform a challenge before the camera."""
    bank, actor = branch.bank, persona.session.actor()
    challenge_id = bank.onboarding.start_liveness(actor, STEPS, 20)
    bank.onboarding.attach_liveness(
        actor, _kept(branch, actor, "liveness"), challenge_id=challenge_id
    )


def give_verdict(branch: Branch, persona: Persona, about: Any) -> TurnResult:
    """Let the checks come to this outcome; `about` is it, or {outcome: [code@kind, …]}."""
    outcome, codes = (about, []) if isinstance(about, str) else next(iter(about.items()))
    job = waiting(branch, persona)
    weight = Weight.RETRY if outcome == "needs_retry" else Weight.REVIEW
    found = [_finding(*code.partition("@")[::2], weight=weight) for code in codes]
    verdict = {
        "outcome": outcome,
        "findings": [one.to_json() for one in found],
        "reasons": [{"code": one.code, "text": one.text} for one in found],
        "risk": "cdd",
        "four_eyes": False,
        "fields": {"number": secrets.token_hex(5)},
        "scores": {"liveness": {"value": 0.9, "threshold": 0.5}},
    }
    record = branch.bank.verdicts.record_verdict
    return told(branch, taken(branch, job, lambda job_id: record(job_id, verdict)))


def staff_decide(branch: Branch, persona: Persona, about: dict[str, str]) -> TurnResult:
    """Let a colleague of the KYC desk decide; {outcome: reason}."""
    bank = branch.bank
    [(outcome, reason_code)] = about.items()
    member = bank.staff.create(
        SYSTEM, login_name=f"kyc-{secrets.token_hex(4)}", full_name="Kim Adeyemi",
        roles=[Role.KYC], password_hash="unused",
    )  # fmt: skip
    staff = Actor(ActorKind.STAFF, member.id, LoginLevel.STRONG, frozenset(member.roles))
    cases = bank.store.read(lambda uow: uow.cases.list())
    mine = [
        case for case in cases
        if case.conversation_id == persona.session.conversation_id and case.kind == "kyc"
    ]  # fmt: skip
    assert mine, "there is no case of the KYC desk"
    bank.cases.claim(staff, mine[-1].id)
    bank.kyc.decide(staff, mine[-1].id, outcome=outcome, reason_code=reason_code)
    untold = [
        job for job in bank.identity_jobs.untold(50)
        if job.conversation_id == persona.session.conversation_id
    ]  # fmt: skip
    assert untold, "nobody would be told"
    return told(branch, untold[-1])


def set_credentials(branch: Branch, persona: Persona, name: str) -> None:
    """Fill in the form for name and password; from then on this is the customer's session."""
    login_name = f"{name}-{secrets.token_hex(4)}"
    bank = branch.bank
    customer = bank.onboarding.set_credentials(persona.session.actor(), login_name, PASSWORD)
    persona.customer = customer
    persona.token, persona.session = bank.sessions.upgrade(persona.token, customer)
    persona.actor = persona.session.actor()


def open_link(branch: Branch, persona: Persona) -> None:
    """Come back by the newest mailed link, in a new conversation."""
    found = re.search(r"resume\?t=(\S+)", newest_mail(branch, persona))
    assert found, "no link was mailed"
    token, session = branch.bank.sessions.start_visitor()
    branch.bank.onboarding.resume(found[1], str(session.conversation_id))
    persona.token, persona.session = token, session


def mailed_code(branch: Branch, persona: Persona) -> str:
    """Return the code of the newest mail to the applicant."""
    found = re.search(r"\b\d{6}\b", newest_mail(branch, persona))
    assert found, "no code was mailed"
    return found[0]


def newest_mail(branch: Branch, persona: Persona) -> str:
    """Return the newest mail to the address of the application."""
    bank = branch.bank
    to = bank.onboarding.details(persona.session.actor()).get("email")
    items = bank.store.read(lambda uow: uow.outbox.list(to=to))
    mails = [one for one in items if one.kind is OutboxKind.MAIL]
    assert mails, f"nothing was mailed to {to}"
    newest = mails[-1]
    return bank.vault.open(newest.body_enc, place=place_of(newest.id)).decode()


def _kept(branch: Branch, actor: Actor, kind: str) -> str:
    """Keep a picture no two of which are alike; return its id."""
    raw = secrets.token_bytes(32)
    kept = branch.bank.evidence.keep(
        actor.conversation_id, kind, raw, width=1200, height=800,
        sha256=hashlib.sha256(raw).hexdigest(),
    )  # fmt: skip
    return str(kept.id)


def waiting(branch: Branch, persona: Persona) -> IdentityJob:
    jobs = branch.bank.store.read(
        lambda uow: uow.identity_jobs.list(
            conversation_id=persona.session.conversation_id, kind="verify", state="queued"
        )
    )
    assert jobs, "nothing was handed in"
    return jobs[-1]


def taken(branch: Branch, job: IdentityJob, record: Any) -> IdentityJob:
    """Take jobs as the identity process does, until it is this one's turn, and record it."""
    bank = branch.bank
    while (taken := bank.identity_jobs.take()) is not None and taken.id != job.id:
        bank.verdicts.record_failure(taken.id)
    assert taken is not None, "the job is not there"
    done: IdentityJob = record(taken.id)
    return done


def told(branch: Branch, job: IdentityJob) -> TurnResult:
    desk = Overheard(branch)
    branch.loop.run(JobTeller(branch.bank, desk).tell_one(job))
    assert desk.result is not None, "nobody was told"
    return desk.result


def _finding(code: str, about: str, *, weight: Weight = Weight.RETRY) -> Finding:
    is_age = code == "document_expired"
    breakdown = Breakdown.AGE_VALIDATION if is_age else Breakdown.IMAGE_INTEGRITY
    return Finding(code, breakdown, weight, f"{code} in a story.", None, about)
