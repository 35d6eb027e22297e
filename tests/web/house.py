"""A bank over dictionaries, people in it, and an assistant that says what a test wants."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from pydantic import SecretStr

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, LoginLevel
from bank.domain.conversations import MessageView
from bank.domain.customers import Customer
from bank.domain.errors import AssistantUnavailable
from bank.domain.sessions import Session
from bank.domain.staff import StaffMember
from bank.security.passwords import Argon2Passwords
from bank.security.turns import Turn, verify_turn
from bank.settings import Delivery, Settings
from bank.storage.memory import MemoryStore
from web.assistant import AssistantTurn, WireButton, WireReply, read_turn
from web.chat.turns import TurnDesk
from web.utterances import load_utterances

TURN_KEY = "a-turn-key-of-the-tests-32-bytes!"
PASSWORD = "correct horse battery"
APOLOGY = load_utterances().say("utter_web_apology")
_CHEAP_HASH = Argon2Passwords(time=1, memory_kib=8, lanes=1).hash(PASSWORD)

Script = Callable[[Turn], Awaitable[list[WireReply]] | list[WireReply]]


def says(text: str, *buttons: tuple[str, str], **more: Any) -> WireReply:
    """One reply; buttons as (title, payload)."""
    wire = [WireButton(title=title, payload=payload) for title, payload in buttons]
    return WireReply(text=text, buttons=wire, **more)


def echo(turn: Turn) -> list[WireReply]:
    if turn.payload is not None:
        return [says(f"event {turn.payload['intent']}")]
    return [says(f"heard: {turn.text}")]


@dataclass
class ScriptedAssistant:
    """Answers as its script says and remembers the turns it was asked."""

    script: Script = echo
    turns: list[Turn] = field(default_factory=list)
    ready: bool = True
    #: What the conversation is held in, as Rasa tells.
    language: str | None = None

    async def answer(self, turn: str, *, message_id: str) -> AssistantTurn:
        verified = verify_turn(TURN_KEY, turn)
        self.turns.append(verified)
        replies = self.script(verified)
        if isinstance(replies, Awaitable):
            replies = await replies
        # The same reading as of Rasa's own answer, so the script cannot lie about the shape.
        return read_turn(
            {
                "message_id": message_id,
                "replies": [reply.model_dump() for reply in replies],
                "nlu": {"intent": "inform", "confidence": 0.93, "ranking": [], "entities": []},
                "actions": [{"name": "action_x", "policy": "RulePolicy", "confidence": 1.0}],
                "replayed": False,
                "language": self.language,
            },
            message_id=message_id,
        )

    async def is_ready(self) -> bool:
        return self.ready


async def fails(_turn: Turn) -> list[WireReply]:
    raise AssistantUnavailable(reason="test")


def make_settings(home_dir: Path, **more: Any) -> Settings:
    known = {"delivery": Delivery.DEMO_PHONE, "models_dir": home_dir / "models", **more}
    return Settings(
        _env_file=None, home_dir=home_dir, turn_key=SecretStr(TURN_KEY), argon2_time=1,
        argon2_memory_kib=8, **known,
    )  # fmt: skip


@dataclass
class House:
    """Everything a test of the desk needs."""

    bank: Bank
    assistant: ScriptedAssistant
    desk: TurnDesk

    def customer(self, name: str = "amal") -> Customer:
        return make_customer(self.bank, name)

    def visitor(self) -> Session:
        return self.bank.sessions.start_visitor()[1]

    def logged_in(self, name: str = "amal") -> Session:
        known = self.bank.customers.find_by_login_name(SYSTEM, name)
        customer = known or self.customer(name)
        return self.bank.sessions.start_customer(customer, LoginLevel.PASSWORD)[1]

    def lines(self, session: Session) -> list[MessageView]:
        return self.bank.conversations.transcript(SYSTEM, str(session.conversation_id))

    def said(self, session: Session) -> list[tuple[str, str]]:
        return [(line.sender.value, line.text) for line in self.lines(session)]

    def taken_over(self, session: Session, name: str = "mila") -> tuple[Any, StaffMember]:
        """A handoff case of this conversation, and the member of staff who has taken over."""
        member = make_staff(self.bank, name)
        actor = staff_actor(self.bank, member)
        case = self.bank.conversations.handoff(
            session.actor(), str(session.conversation_id), "customer_asked", "asked for a person"
        )
        return self.bank.cases.take_over(actor, case.id), member


def make_house(script: Script = echo) -> House:
    bank = make_bank(MemoryStore())
    assistant = ScriptedAssistant(script)
    desk = TurnDesk(bank, assistant, TURN_KEY, utterances=load_utterances())
    return House(bank, assistant, desk)


def make_customer(bank: Bank, name: str = "amal") -> Customer:
    return bank.customers.create(
        SYSTEM, login_name=name, full_name=f"{name.title()} Haddad", email=f"{name}@example.org",
        phone=f"+49 151 {sum(map(ord, name)):07d}", password_hash=_CHEAP_HASH, kyc_tier=1,
    )  # fmt: skip


def make_staff(bank: Bank, name: str = "mila", *, roles: tuple[str, ...] = ("agent",)) -> StaffMember:
    return bank.staff.create(
        SYSTEM, login_name=name, full_name=f"{name.title()} Novak", roles=roles,
        password_hash=_CHEAP_HASH, totp_secret="JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    )  # fmt: skip


def staff_actor(bank: Bank, member: StaffMember) -> Any:
    return bank.sessions.start_staff(member)[1].actor()


async def start_chat(client: TestClient, **body: str) -> tuple[str, dict[str, Any]]:
    """Start a session over HTTP; returns its bearer header and the answer."""
    response = await client.post("/api/chat/sessions", json=body)
    answer = await response.json()
    assert response.status == 200, answer
    return answer["token"], answer


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def eventually(check: Callable[[], Any], *, timeout_s: float = 3.0) -> Any:
    """Wait until `check` is true, at most `timeout_s`."""
    for _ in range(int(timeout_s / 0.01)):
        found = check()
        if found:
            return found
        await asyncio.sleep(0.01)
    raise AssertionError(f"did not happen within {timeout_s} s")


def error_code(answer: Mapping[str, Any]) -> str:
    return str(answer["error"]["code"])


def without_shipped_articles(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the library begin empty and without an encoder: quick, and what is found was written."""
    shelf = folder / "no-articles"
    shelf.mkdir()
    monkeypatch.setattr("knowledge.making.SHIPPED", shelf)
    monkeypatch.setattr("knowledge.loading.SHIPPED", shelf)
    monkeypatch.setattr("knowledge.making.find_encoder", lambda _folder: None)
    monkeypatch.setattr("analytics.suspicion.encoder.find_encoder", lambda _folder: None)
