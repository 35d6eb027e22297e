"""The moment of an offer: a wish fulfilled, nothing open, and no trouble in the conversation."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rasa_sdk.executor import CollectingDispatcher

from actions import offer_moments
from actions.domain_parts import ROOT, response_names
from actions.offer_moments import ACTION, DUE_SLOT, FULFILLED, watch
from actions.wishes import find_action, find_title
from bank.domain.actors import VISITOR, a_customer
from bank.domain.conversations import Sender
from bank.policies import offers as policy
from bank.policies.tables import load_table
from bank.yaml_text import read_yaml

GATE = load_table("offers")["gate"]
OTHERS = ["check_balance", "transfer_money", "affirm", "thanks", "list_accounts"]


class Bank:
    """Something waits for everybody; what is closed is remembered."""

    def __init__(self, lines: list[str] | None = None) -> None:
        self.closed: list[str] = []
        self.offers = self
        self.conversations = self
        self._lines = lines or []

    def is_waiting(self, _actor: Any, _channel: Any, *, conversation_id: str) -> bool:
        return conversation_id not in self.closed

    def close(self, conversation_id: str) -> None:
        self.closed.append(conversation_id)

    def get(self, _actor: Any, _conversation_id: str) -> Any:
        return SimpleNamespace(channel="web")

    def transcript(self, _actor: Any, _conversation_id: str, after_seq: int = 0) -> list[Any]:
        lines = enumerate(self._lines, 1)
        page = [SimpleNamespace(seq=n, text=t, sender=Sender.CUSTOMER) for n, t in lines]
        return page if after_seq == 0 else []


def a_tracker(*intents: str, text: str = "my balance", **slots: Any) -> Any:
    events = [
        {"event": "user", "message_id": f"m{number}", "text": text,
         "parse_data": {"intent": {"name": intent}}}
        for number, intent in enumerate(intents)
    ]  # fmt: skip
    return SimpleNamespace(
        sender_id="cv_1", events=events, latest_message={"text": text, "intent": {"name": ""}},
        slots=slots, get_slot=slots.get,
    )  # fmt: skip


def is_offered(
    bank: Bank, tracker: Any, response: str = "utter_balances_one", events: Any = (),
    actor: Any = None,
) -> bool:  # fmt: skip
    say = CollectingDispatcher()
    say.utter_message(response=response)
    found = watch(bank, actor or a_customer("cu_1"), tracker, say, list(events))  # type: ignore[arg-type]
    return any(one.get("name") == ACTION for one in found)


def test_given_the_table_then_every_response_intent_and_offer_of_it_exists():
    intents = set()
    for path in (ROOT / "bot" / "domain").glob("*.yml"):
        intents |= set(read_yaml(path.read_text(encoding="utf-8")).get("intents") or ())

    assert FULFILLED - response_names() == set()
    assert set(GATE["intents"]) - intents == set()
    for code, offer in policy.offers().items():
        assert f"utter_offers_{code}" in response_names()
        assert offer.opens in intents
        assert find_action(offer.opens)
    assert all(find_title(one) for one in ("accept_offer", "decline_offer", "stop_offers"))


def test_given_a_fulfilled_wish_then_an_offer_is_due():
    assert is_offered(Bank(["what is my balance"]), a_tracker("check_balance"))


@given(
    st.lists(st.sampled_from(OTHERS), max_size=4), st.sampled_from(GATE["intents"]),
    st.lists(st.sampled_from(OTHERS), max_size=4),
)  # fmt: skip
def test_given_a_closed_topic_anywhere_before_then_never(before, topic, after):
    bank = Bank()
    tracker = a_tracker(*before, topic, *after, "check_balance")

    assert not is_offered(bank, tracker)
    assert bank.closed == ["cv_1"]
    assert not is_offered(bank, a_tracker("check_balance"))  # and after Rasa has forgotten it


@given(st.lists(st.sampled_from(["hello", "my balance", "thanks"]), max_size=3),
       st.sampled_from(["I can't pay my rent", "me han robado", "mi padre ha fallecido"]))
def test_given_trouble_in_any_line_then_never(lines, trouble):
    assert not is_offered(Bank([*lines, trouble, *lines]), a_tracker("check_balance"))


def test_given_a_bitter_line_then_never_and_in_spanish_no_english_mood_is_read():
    bitter = "this is such a sad, lousy, painful mess"

    assert policy.closed_by([], [bitter]) is None
    assert not is_offered(Bank([bitter]), a_tracker("check_balance"))
    assert is_offered(Bank([bitter]), a_tracker("check_balance", language="es"))


@pytest.mark.parametrize("response", ["utter_insufficient_funds", "utter_ask_transfer_amount"])
def test_given_a_refusal_or_a_question_then_no_moment(response):
    assert not is_offered(Bank(), a_tracker("check_balance"), response)


def test_given_something_open_or_going_on_then_no_moment():
    tasks = {"event": "slot", "name": "open_tasks", "value": ["action_transfer_money"]}
    closed = {"event": "slot", "name": "open_tasks", "value": []}
    follows = {"event": "followup", "name": "action_check_balance"}
    busy = a_tracker("check_balance", open_tasks=["action_transfer_money"])

    assert not is_offered(Bank(), busy)
    assert not is_offered(Bank(), a_tracker("check_balance"), events=[tasks])
    assert not is_offered(Bank(), a_tracker("check_balance"), events=[follows])
    assert is_offered(Bank(), busy, events=[closed])


def test_given_a_visitor_then_nothing_is_looked_at():
    assert not is_offered(Bank(), a_tracker("check_balance"), actor=VISITOR)


def test_given_an_offer_due_then_the_action_is_told_by_a_slot():
    say = CollectingDispatcher()
    say.utter_message(response="utter_transfer_posted")

    found = offer_moments.watch(
        Bank(), a_customer("cu_1"), a_tracker("affirm"), say, []  # type: ignore[arg-type]
    )

    assert [(one["event"], one["name"]) for one in found] == [
        ("slot", DUE_SLOT), ("followup", ACTION),
    ]  # fmt: skip
