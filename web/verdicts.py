"""Tells the assistant what the identity checks found, in the conversation they belong to.

    job finished ─untold─▶ what to say ─▶ EXTERNAL_… turn `job-<id>` ─▶ mark_told
                                              │ assistant silent, turn under way: later again
                                              └─ a person speaks: nothing is said, told all the same

The turn has the job's id, so a crash before `mark_told`, or two processes at it, says it once.
Somebody whose application was decided while they were away finds the words when they come back.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from bank.domain.actors import SYSTEM, VISITOR, Actor, ActorKind, LoginLevel
from bank.domain.applications import Application
from bank.domain.conversations import Conversation
from bank.domain.errors import BankError
from bank.domain.identity_jobs import IdentityJob, JobKind
from web.chat.turns import TurnDesk, TurnInProgress

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.3
PAUSE_AFTER_FAULT_S = 1.0
AGAIN_AFTER_S = (1.0, 3.0, 10.0, 30.0)  # between attempts to tell one job
JOBS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class News:
    """What the assistant is told: the event's name and its facts, codes only."""

    name: str
    facts: dict[str, str]


class JobTeller:
    """Looks for finished jobs for as long as the process lives."""

    def __init__(self, bank: Bank, desk: TurnDesk) -> None:
        self._bank = bank
        self._desk = desk
        self._attempts: defaultdict[str, int] = defaultdict(int)
        self._not_before_s: dict[str, float] = {}

    async def run(self) -> None:
        """Look every LOOK_EVERY_S until cancelled. A busy database only makes it later."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await self.tell_all()
            except BankError as refusal:
                log.info("verdicts_paused", code=refusal.code)
                await asyncio.sleep(PAUSE_AFTER_FAULT_S)
            except Exception:  # whatever it is, the next job must still be told
                log.exception("verdicts_failed")
                await asyncio.sleep(PAUSE_AFTER_FAULT_S)

    async def tell_all(self) -> int:
        """Tell what can be told now; conversations do not wait for each other. Returns how many."""
        jobs = await asyncio.to_thread(self._bank.identity_jobs.untold, JOBS_AT_ONCE)
        now_s = time.monotonic()
        due = [job for job in jobs if self._not_before_s.get(job.id, 0.0) <= now_s]
        told = await asyncio.gather(*(self._try(job) for job in due))
        return sum(told)

    async def _try(self, job: IdentityJob) -> bool:
        """Tell one job; one that could not be told waits longer each time."""
        try:
            told = await self.tell_one(job)
        except (BankError, TurnInProgress) as refusal:
            log.info("verdict_waits", code=refusal.code, kind=job.kind.value)
            told = False
        except Exception:  # one job's trouble must not silence the others
            log.exception("verdict_failed", kind=job.kind.value)
            told = False
        if told:
            self._attempts.pop(job.id, None)
            self._not_before_s.pop(job.id, None)
        else:
            waits_s = AGAIN_AFTER_S[min(self._attempts[job.id], len(AGAIN_AFTER_S) - 1)]
            self._attempts[job.id] += 1
            self._not_before_s[job.id] = time.monotonic() + waits_s
        return told

    async def tell_one(self, job: IdentityJob) -> bool:
        """Say what came of this job, once; True when nobody has to be told any more."""
        conversation = await asyncio.to_thread(self._where, job)
        if conversation is None:
            await asyncio.to_thread(self._bank.identity_jobs.mark_told, job.id)
            return True
        actor = applicant_of(conversation)
        news = await asyncio.to_thread(self._news_of, job, actor)
        if news is not None:
            result = await self._desk.event(
                actor,
                conversation_id=conversation.id,
                message_id=f"job-{job.id}",
                name=news.name,
                facts=news.facts,
                channel=conversation.channel,
            )
            if result.failed:
                return False
        await asyncio.to_thread(self._bank.identity_jobs.mark_told, job.id)
        return True

    def _where(self, job: IdentityJob) -> Conversation | None:
        """Return where the applicant is now: a mailed link may have moved the application."""
        application_id = job.application_id or ""
        application: Application | None = self._bank.store.read(
            lambda uow: uow.applications.find(application_id)
        )
        chat_id = application.conversation_id if application else job.conversation_id
        if chat_id is None:
            return None
        return self._bank.conversations.get(SYSTEM, chat_id)

    def _news_of(self, job: IdentityJob, actor: Actor) -> News | None:
        """Return what to say of this job; None: a picture that was replaced meanwhile. Blocking."""
        result = self._bank.identity_jobs.result(SYSTEM, job.id)
        codes = ",".join(result.get("codes", []))
        if job.kind is JobKind.FACE_ADD:
            outcome = result.get("outcome", "failed")
            return News("EXTERNAL_face_judged", {"outcome": outcome, "codes": codes})
        if job.kind is not JobKind.LOOK:
            # A job that failed says nothing itself: the application then waits for a person.
            status = result.get("status") or self._bank.onboarding.status(actor)
            return News("EXTERNAL_onboarding_decided", {"status": str(status), "codes": codes})
        if result and not result.get("kind"):
            return None
        kind = result.get("kind") or self._bank.evidence.get(job.evidence_ids[0]).kind.value
        outcome = result.get("outcome", "ok")  # a look that failed holds nobody up
        return News("EXTERNAL_picture_looked", {"kind": kind, "outcome": outcome, "codes": codes})


def applicant_of(conversation: Conversation) -> Actor:
    """Return who speaks in the conversation of a job: its customer, or a visitor."""
    if conversation.customer_id is None:
        return replace(VISITOR, conversation_id=conversation.id)
    return Actor(
        ActorKind.CUSTOMER,
        conversation.customer_id,
        LoginLevel.PASSWORD,
        conversation_id=conversation.id,
    )
