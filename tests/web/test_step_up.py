"""Step-up in the chat: the code performs the waiting act and never reaches Rasa or the store."""

from __future__ import annotations

import dataclasses

from bank.domain.challenges import CodeProof
from bank.domain.errors import InsufficientFunds
from bank.domain.money import Money
from bank.services.step_up_acts import StepUpActs
from tests.web.house import House, make_house

PURPOSE = "card_unfreeze"
BINDING = {"card_id": "cd_1", "card": "•••• 4242"}


class Acts:
    """A bank whose only act counts how often it was done, with the real step-up before it."""

    def __init__(self, refusal=None):
        self.done = 0
        self.refusal = refusal

    def build(self) -> House:
        house = make_house()
        bank = house.bank

        def act(actor, binding, proof):
            bank.step_up.verify(actor, purpose=PURPOSE, binding=binding, proof=proof)

            def work(uow):
                bank.step_up.consume_in(uow, actor, purpose=PURPOSE, binding=binding, proof=proof)
                if self.refusal:
                    raise self.refusal
                self.done += 1

            bank.store.write(work)

        acts = StepUpActs({PURPOSE: act})
        house.bank = dataclasses.replace(bank, step_up_acts=acts)
        house.desk._bank = house.bank
        return house


def _asked(house, session, monkeypatch):
    """Open a challenge for the session's customer; returns it and the code that was sent."""
    monkeypatch.setattr("bank.services.step_up.secrets.randbelow", lambda _n: 42)
    bank = house.bank
    challenge = bank.store.write(
        lambda uow: bank.step_up.challenge_in(
            uow, session.actor(), purpose=PURPOSE, binding=BINDING, facts={"card": "•••• 4242"}
        )
    )
    return challenge, "000042"


async def test_given_the_code_typed_into_the_chat_when_sent_then_done_and_nobody_keeps_it(monkeypatch):
    acts = Acts()
    house = acts.build()
    session = house.logged_in()
    _, code = _asked(house, session, monkeypatch)

    result = await house.desk.handle(session, message_id="m1", text=f" {code[:3]} {code[3:]} ")

    assert acts.done == 1
    assert result.outcome == "done"
    assert house.said(session)[0] == ("customer", "••••••")
    assert code not in repr(house.lines(session))
    turn = house.assistant.turns[0]
    assert code not in repr(turn)
    assert turn.payload["intent"] == "EXTERNAL_step_up_done"
    assert turn.payload["entities"]["purpose"] == PURPOSE


async def test_given_a_wrong_code_when_sent_then_the_bot_is_told_why_and_how_many_are_left(monkeypatch):
    acts = Acts()
    house = acts.build()
    session = house.logged_in()
    _asked(house, session, monkeypatch)

    result = await house.desk.handle(session, message_id="m1", text="111111")

    assert acts.done == 0
    assert result.outcome == "wrong_code"
    payload = house.assistant.turns[0].payload
    assert payload["intent"] == "EXTERNAL_step_up_failed"
    assert (payload["entities"]["code"], payload["entities"]["tries_left"]) == ("wrong_code", "4")


async def test_given_the_proof_sent_twice_with_one_id_when_handled_then_one_act_one_answer(monkeypatch):
    acts = Acts()
    house = acts.build()
    session = house.logged_in()
    challenge, code = _asked(house, session, monkeypatch)
    about = {"challenge_id": challenge.id, "proof": CodeProof(code), "message_id": "m1"}

    first = await house.desk.step_up(session, **about)
    again = await house.desk.step_up(session, **about)

    assert acts.done == 1
    assert (first.outcome, again.outcome, again.replayed) == ("done", "done", True)


async def test_given_the_act_is_refused_when_the_code_is_right_then_the_refusal_is_told(monkeypatch):
    refusal = InsufficientFunds(available=Money(1, "EUR"), needed=Money(2, "EUR"))
    house = Acts(refusal).build()
    session = house.logged_in()
    challenge, code = _asked(house, session, monkeypatch)

    result = await house.desk.step_up(
        session, challenge_id=challenge.id, proof=CodeProof(code), message_id="m1"
    )

    assert result.outcome == "insufficient_funds"
    assert house.assistant.turns[0].payload["entities"]["available"] == "0.01 EUR"


async def test_given_a_person_speaks_when_the_code_is_typed_then_it_is_hidden_from_them(monkeypatch):
    house = Acts().build()
    session = house.logged_in()
    _, code = _asked(house, session, monkeypatch)
    house.taken_over(session)

    await house.desk.handle(session, message_id="m1", text=code)

    assert house.said(session)[-1] == ("customer", "••••••")
    assert house.assistant.turns == []
