"""The start-up self-test: which servers must not run, and why they say so."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.utils.endpoints import EndpointConfig

from bot.action_endpoint import ActionEndpoint
from bot.selftest import OUR_DOORS, find_fault, guard
from bot.tracker_store import EncryptedTrackerStore


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("FLORIN_MASTER_KEY", "m" * 43)
    return EncryptedTrackerStore(host=f"sqlite:///{tmp_path}/c.db")


def a_server(store, *, processor=True, endpoint=True, doors=OUR_DOORS):
    agent = SimpleNamespace(
        processor=SimpleNamespace(tracker_store=None, action_endpoint=None) if processor else None,
        tracker_store=FailSafeTrackerStore(store),
        action_endpoint=EndpointConfig("http://127.0.0.1:1/webhook") if endpoint else None,
    )
    routes = [SimpleNamespace(path=door.strip("/")) for door in doors]
    return SimpleNamespace(
        ctx=SimpleNamespace(agent=agent), router=SimpleNamespace(routes=routes)
    )


def test_given_our_store_and_doors_only_when_tested_then_there_is_no_fault(store):
    assert find_fault(a_server(store)) is None


def test_given_the_memory_store_when_tested_then_it_is_named(store):
    assert "InMemoryTrackerStore" in find_fault(a_server(InMemoryTrackerStore(None)))


def test_given_a_subclass_of_our_store_when_tested_then_it_is_not_ours(store):
    class Looser(EncryptedTrackerStore):
        pass

    store.__class__ = Looser

    assert "Looser" in find_fault(a_server(store))


def test_given_no_model_when_tested_then_it_says_how_to_train(store):
    assert "bot.train" in find_fault(a_server(store, processor=False))


def test_given_no_action_server_when_tested_then_it_is_a_fault(store):
    assert "action server" in find_fault(a_server(store, endpoint=False))


@pytest.mark.parametrize(
    "door",
    ["/webhooks/rest/webhook", "/socket.io", "/conversations/<id>/tracker", "/model", "/new"],
)
def test_given_a_door_that_is_not_ours_when_tested_then_it_is_named(store, door):
    assert door in find_fault(a_server(store, doors={*OUR_DOORS, door}))


def test_given_a_sound_server_when_guarded_then_errors_of_the_store_are_not_hidden(store):
    server = a_server(store)

    guard(server.ctx.agent)

    agent = server.ctx.agent
    assert agent.tracker_store is store
    assert agent.processor.tracker_store is store
    assert isinstance(agent.processor.action_endpoint, ActionEndpoint)
