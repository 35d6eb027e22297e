"""The tracker store: sealed on disk, live in memory, closed when something fails."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    SessionStarted,
    SlotSet,
    UserUttered,
)

from bot.action_endpoint import TurnFailed, TurnOutcome, current_outcome
from bot.live_trackers import FOLD_ABOVE_TURNS, KEEP_TURNS, LiveTrackers
from bot.sealing import SealBroken
from bot.tracker_store import EncryptedTrackerStore

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [greet]
    slots:
      pay_amount: {type: any, mappings: [{type: custom}]}
      pay_note: {type: any, initial_value: none yet, mappings: [{type: custom}]}
    forms: {pay_form: {required_slots: [pay_amount]}}
    """
)
SECRET = "to DE89370400440532013000 from Amal Haddad"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "conversations.db"


@pytest.fixture
def store(path, monkeypatch):
    monkeypatch.setenv("FLORIN_MASTER_KEY", "m" * 43)
    return EncryptedTrackerStore(DOMAIN, host=f"sqlite:///{path}")


def reopened(path):
    return EncryptedTrackerStore(DOMAIN, host=f"sqlite:///{path}")


async def take_turn(store, number, *more, conversation="cv_1", text=SECRET):
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    if not tracker.events:
        tracker.update(ActionExecuted("action_session_start"))
        tracker.update(SessionStarted())
        tracker.update(ActionExecuted("action_listen"))
    heard = {"intent": {"name": "greet"}, "entities": [{"entity": "iban", "value": SECRET}]}
    tracker.update(
        UserUttered(text, heard["intent"], heard["entities"], message_id=f"m{number}",
                    metadata={"turn": "token-of-web"})
    )  # fmt: skip
    for event in (*more, BotUttered(f"reply {number} {SECRET}"), ActionExecuted("action_listen")):
        tracker.update(event)
    await store.save(tracker)
    return tracker


async def test_given_saved_turns_when_reopened_then_the_tracker_is_the_same(store, path):
    tracker = await take_turn(store, 1, SlotSet("pay_amount", {"amount": "5"}))

    again = await reopened(path).retrieve("cv_1")

    assert again.get_slot("pay_amount") == {"amount": "5"}
    assert [e.as_dict()["event"] for e in again.events] == [
        e.as_dict()["event"] for e in tracker.events
    ]


async def test_given_saved_turns_when_the_files_are_read_then_nothing_is_legible(store, path):
    await take_turn(store, 1, SlotSet("pay_amount", SECRET))

    raw = b"".join(file.read_bytes() for file in path.parent.iterdir())

    for word in (b"DE8937", b"Amal", b"greet", b"pay_amount", b"reply", b"token-of-web", b"iban"):
        assert word not in raw, word


async def test_given_a_stored_turn_when_read_back_then_the_token_of_web_is_gone(store):
    await take_turn(store, 1)

    [heard] = [
        e for e in store.events_of_message("cv_1", "m1") if isinstance(e, UserUttered)
    ]

    assert "turn" not in heard.metadata
    assert "turn" not in heard.parse_data["metadata"]


async def test_given_a_row_moved_to_another_conversation_when_read_then_the_seal_is_broken(
    store, path
):
    await take_turn(store, 1)
    await take_turn(store, 1, conversation="cv_2")
    boxes = "(SELECT box FROM sealed_turns WHERE conversation_id = 'cv_1')"
    with sqlite3.connect(path) as raw:
        raw.execute(f"UPDATE sealed_turns SET box = {boxes} WHERE conversation_id = 'cv_2'")

    with pytest.raises(SealBroken):
        await reopened(path).retrieve("cv_2")


async def test_given_another_master_key_when_read_then_the_seal_is_broken(
    store, path, monkeypatch
):
    await take_turn(store, 1)
    monkeypatch.setenv("FLORIN_MASTER_KEY", "n" * 43)

    with pytest.raises(SealBroken):
        await reopened(path).retrieve("cv_1")


async def test_given_an_erased_conversation_when_asked_then_it_never_was(store, path):
    await take_turn(store, 1)

    store.erase("cv_1")

    assert await store.retrieve("cv_1") is None
    assert await reopened(path).retrieve_full_tracker("cv_1") is None
    assert list(await store.keys()) == []


async def test_given_an_idle_conversation_when_expired_then_only_that_one_goes(store, path):
    await take_turn(store, 1)
    await take_turn(store, 1, conversation="cv_2")
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE sealed_turns SET at_s = at_s - 100 WHERE conversation_id = 'cv_1'")

    expired = store.expire(idle_s=50)

    assert expired == 1
    assert list(await store.keys()) == ["cv_2"]


async def test_given_a_message_id_twice_when_saved_then_the_second_is_refused(store):
    await take_turn(store, 1)

    with pytest.raises(sa.exc.IntegrityError):
        await take_turn(store, 1)

    tracker = await store.retrieve("cv_1")
    assert sum(isinstance(e, UserUttered) for e in tracker.events) == 1


async def test_given_a_turn_whose_action_failed_when_saved_then_nothing_is_kept(store):
    await take_turn(store, 1)
    reset = current_outcome.set(TurnOutcome(failure="actions_unavailable"))
    with pytest.raises(TurnFailed):
        await take_turn(store, 2, SlotSet("pay_amount", 9))
    current_outcome.reset(reset)

    tracker = await store.retrieve("cv_1")

    assert tracker.get_slot("pay_amount") is None
    assert store.events_of_message("cv_1", "m2") is None


async def test_given_many_turns_when_folded_then_slots_and_latest_turns_stay(store, path):
    await take_turn(store, 0, SlotSet("pay_amount", 40), SlotSet("pay_note", None))
    for number in range(1, 60):
        tracker = await take_turn(store, number)

    live = await store.retrieve("cv_1")

    turns = [e for e in live.events if isinstance(e, UserUttered)]
    assert KEEP_TURNS <= len(turns) <= FOLD_ABOVE_TURNS
    assert turns[-1].message_id == "m59"
    assert live.get_slot("pay_amount") == 40
    assert live.get_slot("pay_note") is None
    assert live.latest_message.text == tracker.latest_message.text
    full = await reopened(path).retrieve_full_tracker("cv_1")
    assert sum(isinstance(e, UserUttered) for e in full.events) == 60


async def test_given_a_long_form_when_folded_then_the_form_is_not_cut(store):
    await take_turn(store, 0, ActiveLoop("pay_form"))
    for number in range(1, 40):
        await take_turn(store, number)

    live = await store.retrieve("cv_1")

    assert live.active_loop_name == "pay_form"
    assert any(isinstance(e, ActiveLoop) for e in live.events)


async def test_given_a_new_session_when_reopened_then_only_its_turns_are_replayed(store, path):
    await take_turn(store, 1, SlotSet("pay_amount", 40))
    await take_turn(store, 2, SessionStarted())

    again = await reopened(path).retrieve("cv_1")

    assert again.get_slot("pay_amount") is None


async def test_given_more_conversations_than_fit_when_asked_then_none_is_lost(store):
    store._live = LiveTrackers(max_live=3)
    for number in range(10):
        await take_turn(store, 1, SlotSet("pay_amount", number), conversation=f"cv_{number}")

    amounts = [(await store.retrieve(f"cv_{n}")).get_slot("pay_amount") for n in range(10)]

    assert amounts == list(range(10))
    assert len(store._live) == 3
