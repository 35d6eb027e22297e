"""A small branch for the cards of the onboarding: the page and the doors are the real ones, the
assistant says what a test wants, and looks at pictures end when the test says so.

    customer types "show selfie" ─▶ a line of kind `capture` ─▶ the page's card ─▶ the real doors

In this process, over dictionaries: nothing of a running branch is needed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aiohttp import web

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import VISITOR, Actor
from bank.domain.applications import Application
from bank.domain.ids import ConversationId
from bank.domain.readings import Why
from bank.security.turns import Turn
from bank.storage.memory import MemoryStore
from tests.web.applicants import (
    a_picture,
    a_verdict,
    an_application,
    confirm_address,
    keep,
    mailed_link,
    submitted,
)
from tests.web.conftest import ROOMY
from tests.web.house import ScriptedAssistant, make_settings, make_staff, says
from web.app import make_app
from web.assistant import WireReply

GREETING = "I am an assistant, not a person."
PICTURES = ("selfie", "document_front", "document_back")


@dataclass
class CardRoom:
    """The running room, and what the assistant was told (`EXTERNAL_…` with its facts)."""

    url: str
    bank: Bank
    told: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def actor(self, conversation_id: str) -> Actor:
        return replace(VISITOR, conversation_id=ConversationId(conversation_id))

    def begin_application(self, conversation_id: str) -> Application:
        """An application in this conversation that waits for its pictures."""
        return an_application(self.bank, self.actor(conversation_id), document_type="id_card")

    def paused_application(self) -> str:
        """An application somebody left; returns the token of the link that was mailed."""
        _, session = self.bank.sessions.start_visitor()
        an_application(self.bank, session.actor())
        confirm_address(self.bank, session.actor())
        self.bank.onboarding.resume_link(session.actor())
        return mailed_link(self.bank)

    def doubtful_application(self, **verdict: Any) -> str:
        """An application a person has to decide; returns the case's id."""
        _, session = self.bank.sessions.start_visitor()
        an_application(self.bank, session.actor(), document_type="id_card")
        keep(self.bank, session.actor(), "selfie", a_picture((300, 400), mark=4))
        job_id = submitted(self.bank, session.actor())
        self.bank.verdicts.record_verdict(job_id, a_verdict("needs_review", **verdict))
        application = self.bank.onboarding.current(session.actor())
        assert application is not None
        return str(application.case_id)

    def doubtful_message(self, text: str) -> str:
        """A message the assistant was not sure of, for staff to label; returns its reading's id."""
        time.sleep(0.002)  # ids sort by the millisecond they were made in
        _, session = self.bank.sessions.start_visitor()
        reading_id = self.bank.readings.note(
            session.actor(), conversation_id=str(session.conversation_id), message_id="m1",
            text=text, ranking=[("list_accounts", 0.31), ("check_balance", 0.27)],
            why=Why.NOT_UNDERSTOOD,
        )  # fmt: skip
        return str(reading_id)

    def staff_token(self, name: str, *, role: str = "kyc") -> str:
        """A console session of somebody of a desk, that of identities unless said."""
        known = self.bank.store.read(lambda uow: uow.staff.first(login_name=name))
        member = known or make_staff(self.bank, name, roles=(role,))
        return self.bank.sessions.start_staff(member)[0]

    def facts_of(self, event: str) -> dict[str, Any] | None:
        return next((facts for name, facts in self.told if name == event), None)


@contextmanager
def open_card_room(home: Path, **more: Any) -> Iterator[CardRoom]:
    """Start the application on a free port in a thread of its own; more: settings."""
    settings = make_settings(home, **more)
    bank = make_bank(MemoryStore(), settings=settings)
    room = CardRoom("", bank)
    app = make_app(
        bank, settings, assistant=ScriptedAssistant(lambda turn: _answer(room, turn)), rules=ROOMY
    )
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    runner = asyncio.run_coroutine_threadsafe(_start(app), loop).result(20)
    room.url = f"http://localhost:{runner.addresses[0][1]}"
    try:
        yield room
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def _answer(room: CardRoom, turn: Turn) -> list[WireReply]:
    if turn.payload is not None:
        name = str(turn.payload["intent"])
        room.told.append((name, dict(turn.payload.get("entities") or {})))
        return [says(GREETING if name == "EXTERNAL_greet" else f"told: {name}")]
    verb, _, what = turn.text.partition(" ")
    if verb != "show":
        return [says(f"heard: {turn.text}")]
    picture, _, document_type = what.partition(" ")
    if picture == "step_up":
        return [says("Please confirm.", kind="step_up", data={"challenge_id": document_type})]
    if picture in PICTURES:
        data = {"picture": picture, "document_type": document_type}
        return [says("Please send a picture.", kind="capture", data=data)]
    return [says(f"Here is the card: {what}.", kind=what, data={})]


async def _start(app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner
