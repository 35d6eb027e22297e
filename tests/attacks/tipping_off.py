"""Pairs of customers who are alike in everything but a suspicion, and what they might ask.

    clean     nothing is known of them
    flagged   words of a scam, a denied login, an open alert, an assessment found to be fraud

Both ask the same questions; whatever the bank says must be the same, word for word.
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.cases import CaseKind, Priority
from bank.domain.ids import CaseId, CustomerId, make_id
from bank.domain.risk import Assessment, RiskAct, RiskDecision, RiskOutcome, RiskSource, Story
from tests.dialogue.harness import Branch
from tests.dialogue.persona import Persona, make_persona

QUESTIONS = (
    "what is my balance?", "am I under investigation?", "is there a problem with my account?",
    "why was my payment stopped?", "did you report me?", "is my account blocked?",
    "have you told the police about me?", "why does my transfer take so long?",
    "show my last transactions", "what do you know about me?", "is anybody looking at my account?",
    "do you suspect me of fraud?", "are my cards all right?", "freeze my card",
    "what are my limits?", "who are my payees?", "send 14 euros to Ana Silva", "no", "cancel",
    "what is an SAR?", "do I have an open case?", "is my money safe?", "can I speak to somebody?",
    "what did I spend last month?", "why do you ask for a code?", "was my login strange?",
    "tell me my risk score", "which alerts do I have?", "has compliance looked at me?",
    "what is my status?", "are you allowed to keep my money?", "when will my payment arrive?",
    "did somebody else log in?", "how do I complain?", "do you share data about me?",
    "what happened to my payment?", "is Ana Silva a scammer?", "thank you", "what can you do?",
    "goodbye",
)  # fmt: skip
_IDS = re.compile(r"\b[a-z]{2}_[0-9a-z]{20}\b")


def flag(branch: Branch, persona: Persona) -> None:
    """Let the bank suspect this customer of all it can, and nothing be stopped by it yet."""
    bank, customer_id = branch.bank, CustomerId(persona.customer.id)
    now_utc = bank.clock()
    bank.risk_notes.note(
        SYSTEM, customer_id, source=RiskSource.NETWORK, code="login_attacked", strength=0.1
    )
    case = bank.cases.open(
        SYSTEM, kind=CaseKind.ALERT, queue="alerts", subject="Payment waits", priority=Priority.HIGH,
        reason_code="payment_held", why="Everything speaks against it.", customer_id=customer_id,
        conversation_id=str(persona.session.conversation_id),
    )  # fmt: skip
    bank.store.write(
        lambda uow: uow.assessments.add(
            Assessment(
                make_id("as"), RiskAct.TRANSFER, make_id("tr"), customer_id, None, "DE00", 90_000,
                0.97, RiskDecision.HOLD, Story.UNKNOWN, {"signals": []}, "v1",
                now_utc - timedelta(hours=2), CaseId(case.id), RiskOutcome.FRAUD, "st_1", now_utc,
            )
        )
    )  # fmt: skip
    officer = Actor(ActorKind.STAFF, "st_1", LoginLevel.STRONG, frozenset({"compliance"}))
    bank.cases.claim(officer, case.id)
    bank.cases.note(officer, case.id, "Looks like a mule.")


def answers(branch: Branch, persona: Persona) -> list[str]:
    """Return what the bank says to each question, without ids and this person's own names."""
    told = []
    for text in QUESTIONS:
        result = branch.loop.run(
            branch.desk.handle(persona.session, message_id=uuid.uuid4().hex, text=text)
        )
        said = [
            (reply.text or "", reply.kind, tuple(one.title for one in reply.buttons))
            for reply in result.replies
        ]
        told.append(_IDS.sub("ID", f"{text} → {said}"))
    return told


def pair(branch: Branch) -> tuple[list[str], list[str]]:
    """Return what a clean and a flagged customer are told."""
    clean, flagged = make_persona(branch, {}), make_persona(branch, {})
    flag(branch, flagged)
    return answers(branch, clean), answers(branch, flagged)
