"""Notices: said with their facts, and only to somebody who is logged in."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import languages
from actions.notices import TellNotice
from bank.domain.actors import VISITOR, a_customer
from bank.domain.errors import NotAuthenticated


class Tracker:
    def __init__(self, **facts: str) -> None:
        self.latest_message = {
            "entities": [{"entity": name, "value": value} for name, value in facts.items()]
        }


def a_teller() -> TellNotice:
    return TellNotice(bank=None, turns=None)


def test_given_a_low_balance_when_told_then_the_day_is_in_words() -> None:
    say = CollectingDispatcher()
    facts: dict[str, Any] = {"account": "Current", "expected": "12.00 EUR", "date": "2026-12-03"}

    a_teller().perform(a_customer("cu_1"), Tracker(kind="low_balance", **facts), say)

    assert say.messages[0]["response"] == "utter_notice_low_balance"
    assert say.messages[0]["date"] == "3 December 2026"


def test_given_idle_money_when_told_in_spanish_then_its_rate_is_written_as_there() -> None:
    say = CollectingDispatcher()

    with languages.speaking("es"):
        a_teller().perform(
            a_customer("cu_1"), Tracker(kind="idle_money", percent="1.75", interest="70.00 EUR"), say
        )

    assert say.messages[0]["response"] == "utter_notice_idle_money"
    assert say.messages[0]["percent"] == "1,75"


def test_given_nobody_logged_in_when_told_then_it_is_refused() -> None:
    with pytest.raises(NotAuthenticated):
        a_teller().perform(VISITOR, Tracker(kind="low_balance"), CollectingDispatcher())
