"""Buttons are opaque, bound to their conversation and work once: the real desk, Rasa and bank.

asked: "14.00 EUR to Ana Silva?"  [Yes] [No] …      one press, by its own conversation, in time
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from datetime import timedelta

import pytest

from bank.domain.errors import BankError, ButtonUsed
from bank.domain.turns import BUTTON_TTL_S
from tests.dialogue.harness import Branch
from tests.dialogue.persona import Persona, make_persona
from web.chat.turns import TurnResult

pytestmark = pytest.mark.rasa


class Customer:
    """Somebody who was just asked whether 14 euros shall go to Ana Silva."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self.persona: Persona = make_persona(branch, {})
        asked = self.handle(text="send 14 euros to Ana Silva")
        self.tokens = {b.title: b.token for reply in asked.replies for b in reply.buttons}
        assert asked.replies[-1].utter == "utter_transfer_confirm"

    def handle(self, *, message_id: str | None = None, **said: str) -> TurnResult:
        message_id = message_id or f"m-{secrets.token_hex(8)}"
        session = self.persona.session
        return self.branch.loop.run(self.branch.desk.handle(session, message_id=message_id, **said))

    def press_many(self, *tokens: str) -> list[TurnResult | BaseException]:
        """Press at once, each under a message id of its own."""
        session, desk = self.persona.session, self.branch.desk

        async def work() -> list[TurnResult | BaseException]:
            presses = [
                desk.handle(session, message_id=f"m-{secrets.token_hex(8)}", button=token)
                for token in tokens
            ]
            return await asyncio.gather(*presses, return_exceptions=True)

        return self.branch.loop.run(work())

    def statuses(self) -> list[str]:
        transfers = self.branch.bank.store.read(
            lambda uow: uow.transfers.list(customer_id=self.persona.customer.id)
        )
        return [str(one.status) for one in transfers]

    def lines_count(self) -> int:
        conversation_id = self.persona.session.conversation_id
        conversation = self.branch.bank.store.read(
            lambda uow: uow.conversations.get(conversation_id)
        )
        return int(conversation.last_seq)


@pytest.fixture
def customer(branch: Branch) -> Customer:
    return Customer(branch)


def test_given_tokens_when_looked_at_then_they_say_nothing(customer: Customer) -> None:
    assert len(set(customer.tokens.values())) == len(customer.tokens) >= 2
    for token in customer.tokens.values():
        assert len(token) == 22
        assert "affirm" not in token
        assert "/" not in token


def test_given_another_conversations_token_when_pressed_then_nothing_happens_anywhere(
    branch: Branch, customer: Customer
) -> None:
    mallory = Customer(branch)
    before = mallory.lines_count()

    for token in customer.tokens.values():
        with pytest.raises(ButtonUsed):
            mallory.handle(button=token)

    assert customer.statuses() == ["proposed"]
    assert mallory.statuses() == ["proposed"]
    assert mallory.lines_count() == before


def test_given_a_pressed_button_when_replayed_then_its_whole_question_is_spent(
    branch: Branch, customer: Customer
) -> None:
    del branch
    customer.handle(button=customer.tokens["Yes"])
    done = customer.statuses()

    for token in customer.tokens.values():
        with pytest.raises(ButtonUsed):
            customer.handle(button=token)

    assert customer.statuses() == done
    assert len(done) == 1


def test_given_one_message_id_when_pressed_again_then_the_same_replies_come(
    customer: Customer,
) -> None:
    first = customer.handle(message_id="m-once", button=customer.tokens["Yes"])

    again = customer.handle(message_id="m-once", button=customer.tokens["Yes"])

    assert again.replayed
    assert again.replies == first.replies


def test_given_one_message_id_when_another_button_is_pressed_with_it_then_it_is_refused(
    customer: Customer,
) -> None:
    titles = [title for title in customer.tokens if title != "Yes"]
    customer.handle(message_id="m-once", button=customer.tokens["Yes"])

    with pytest.raises(BankError) as refusal:
        customer.handle(message_id="m-once", button=customer.tokens[titles[0]])

    assert refusal.value.code == "idempotency_mismatch"


def test_given_all_buttons_pressed_at_once_then_exactly_one_press_counts(
    customer: Customer,
) -> None:
    answers = customer.press_many(*(list(customer.tokens.values()) * 4))

    taken = [answer for answer in answers if isinstance(answer, TurnResult)]
    assert len(taken) == 1
    assert all(isinstance(one, (TurnResult, ButtonUsed)) for one in answers)
    assert len(customer.statuses()) == 1


def test_given_a_button_too_old_when_pressed_then_it_is_refused(
    branch: Branch, customer: Customer
) -> None:
    branch.clock.shift = timedelta(seconds=BUTTON_TTL_S + 1)
    try:
        with pytest.raises(BankError) as refusal:
            customer.handle(button=customer.tokens["Yes"])
    finally:
        branch.clock.shift = timedelta()

    assert refusal.value.code == "button_used"
    assert customer.statuses() == ["proposed"]


@pytest.mark.parametrize(
    "make",
    [
        lambda token: "/affirm", lambda token: "affirm", lambda token: '/affirm{"transfer_id": "x"}',
        lambda token: '{"intent": "affirm", "entities": {}}', lambda token: "/restart",
        lambda token: "/EXTERNAL_step_up_done", lambda token: "Yes", lambda token: token[:-1],
        lambda token: token + "A", lambda token: token.swapcase(), lambda token: token[::-1],
        lambda token: f" {token}", lambda token: f"{token}\x00", lambda token: f"{token}=",
        lambda token: hashlib.sha256(token.encode()).hexdigest(),
        lambda token: secrets.token_urlsafe(16), lambda token: "", lambda token: "' OR 1=1 --",
    ],
    ids=range(18),
)  # fmt: skip
def test_given_a_forged_token_when_pressed_then_it_is_no_button(
    customer: Customer, make: object
) -> None:
    assert callable(make)
    before = customer.lines_count()

    with pytest.raises(BankError) as refusal:
        customer.handle(button=make(customer.tokens["Yes"]))

    assert refusal.value.code in ("button_used", "invalid_input")
    assert customer.statuses() == ["proposed"]
    assert customer.lines_count() == before
    assert customer.handle(button=customer.tokens["Yes"]).replies  # the real one still works


def test_given_a_token_typed_as_text_when_said_then_it_is_words(customer: Customer) -> None:
    customer.handle(text=customer.tokens["Yes"])

    assert "posted" not in customer.statuses()
