"""Which messages are looked up before a task runs: questions about rules, and no wishes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bank.policies.questions import asks

HELD_OUT = Path(__file__).parents[1] / "nlu"
WISHES = (
    "can you send 50 to Ana?", "send 20 to Ana", "could you freeze my card", "freeze my card",
    "how much do I have?", "how much money do I have left", "will you send it now",
    "I want to pay Bruno", "¿puede enviar 50 a Ana?", "quiero pagar a Bruno Costa",
    "congela mi tarjeta", "and 20 to Bruno", "yes", "20 euros", "to Bruno Costa",
)  # fmt: skip
QUESTIONS = (
    "how long does a transfer take?", "what does it cost to send money abroad?",
    "why was I asked to wait", "is there a waiting time for new payees", "when is the cut-off",
    "hi, what happens if the IBAN is wrong?", "¿cuánto tarda una transferencia?",
    "¿qué pasa si escribo mal el IBAN?", "hola, ¿por qué tengo que esperar?",
    "¿cómo funciona una cuenta conjunta?",
)  # fmt: skip
#: Wishes of these categories move something; one in so many may be put as a question of rules.
MOVING = ("transfer_money", "add_payee", "freeze_card", "unfreeze_card", "create_standing_order")
ASKED_MOST = 0.06


@pytest.mark.parametrize("text", WISHES)
def test_given_a_wish_when_looked_at_then_it_asks_for_nothing_to_know(text: str):
    assert not asks(text)


@pytest.mark.parametrize("text", QUESTIONS)
def test_given_a_question_about_rules_when_looked_at_then_it_asks(text: str):
    assert asks(text)


def test_given_held_out_wishes_when_looked_at_then_hardly_one_is_looked_up():
    rows = [
        row
        for path in sorted(HELD_OUT.glob("holdout_*.csv"))
        for row in csv.DictReader(path.open(encoding="utf-8"))
        if row["category"] in MOVING
    ]
    asked = [row["text"] for row in rows if asks(row["text"])]

    assert len(rows) >= 90
    assert len(asked) / len(rows) <= ASKED_MOST, asked
