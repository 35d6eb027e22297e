"""Old turns, buttons and sessions go; what somebody may still ask for stays."""

from __future__ import annotations

import pytest

from bank.domain.errors import ButtonUsed, SessionExpired
from bank.domain.sessions import SESSION_KEEP_S, SESSION_MAX_AGE_S
from bank.domain.turns import BUTTON_KEEP_S, BUTTON_TTL_S, TURN_KEEP_S, TurnStart
from bank.services import purging
from bank.settings import Delivery, Settings
from bank.worker import make_worker
from tests.bank.people.world import World


def counted(world: World, table: str) -> int:
    return world.store.read(lambda uow: getattr(uow, table).count())


def test_given_old_turns_when_purged_then_only_what_was_said_lately_is_replayed(world: World):
    chat = world.chat().conversation_id
    world.bank.turns.begin(chat, "old", "body")
    world.bank.turns.finish(chat, "old", [{"text": "then"}])
    world.clock.pass_s(TURN_KEEP_S - 1)
    world.bank.turns.begin(chat, "new", "body")
    world.bank.turns.finish(chat, "new", [{"text": "now"}])
    assert world.bank.turns.purge() == 0
    world.clock.pass_s(2)

    assert world.bank.turns.purge() == 1

    assert world.bank.turns.begin(chat, "new", "body").replies == ({"text": "now"},)
    assert world.bank.turns.begin(chat, "old", "body").start is TurnStart.NEW


def test_given_a_turn_cut_off_long_ago_when_purged_then_it_goes_too(world: World):
    world.bank.turns.begin(world.chat().conversation_id, "m1", "body")
    world.clock.pass_s(TURN_KEEP_S + 1)

    assert world.bank.turns.purge() == 1


def test_given_spent_and_expired_buttons_when_purged_then_gone_and_still_refused(world: World):
    chat = world.chat().conversation_id
    spent, left = (
        world.bank.buttons.issue(chat, {"text": name}, name, group=name) for name in ("yes", "no")
    )
    world.bank.buttons.press(chat, spent, message_id="m1")
    world.clock.pass_s(BUTTON_TTL_S + BUTTON_KEEP_S - 1)
    fresh = world.bank.buttons.issue(chat, {"text": "x"}, "x", group="x")
    assert world.bank.buttons.purge() == 0
    assert world.bank.buttons.press(chat, spent, message_id="m1").payload == {"text": "yes"}
    world.clock.pass_s(2)

    assert world.bank.buttons.purge() == 2

    for token in (spent, left):
        with pytest.raises(ButtonUsed):
            world.bank.buttons.press(chat, token, message_id="m1")
    assert world.bank.buttons.redeem(chat, fresh) == {"text": "x"}


def test_given_sessions_expired_a_week_ago_when_purged_then_only_living_ones_stay(world: World):
    old, _ = world.bank.sessions.start_visitor()
    world.bank.sessions.end(old)
    world.clock.pass_s(SESSION_MAX_AGE_S + SESSION_KEEP_S - 1)
    living, _ = world.bank.sessions.start_visitor()
    assert world.bank.sessions.purge() == 0
    world.clock.pass_s(2)

    assert world.bank.sessions.purge() == 1

    assert world.bank.sessions.verify(living)
    with pytest.raises(SessionExpired):
        world.bank.sessions.verify(old)


def test_given_more_than_one_batch_when_purged_then_all_of_it_goes(world: World, monkeypatch):
    monkeypatch.setattr(purging, "BATCH_COUNT", 3)
    for _ in range(7):
        world.bank.sessions.start_visitor()
    world.clock.pass_s(SESSION_MAX_AGE_S + SESSION_KEEP_S + 1)

    assert world.bank.sessions.purge() == 7


def test_given_records_that_are_kept_when_purged_then_the_others_go_and_it_ends(
    world: World, monkeypatch
):
    monkeypatch.setattr(purging, "BATCH_COUNT", 3)
    for _ in range(8):
        world.bank.sessions.start_visitor()
    ids = sorted(world.store.read(lambda uow: [one.id for one in uow.sessions.list()]))
    stay = {*ids[:4], ids[6]}  # a whole batch of them, and one among others

    gone = purging.purge(
        world.store, "sessions", keeps=lambda _uow, one: one.id in stay, ended_at_utc=None
    )

    assert gone == 3
    assert {one.id for one in world.store.read(lambda uow: uow.sessions.list())} == stay


def test_given_the_worker_then_what_was_noticed_and_asked_is_forgotten_too(world: World, tmp_path):
    settings = Settings(_env_file=None, home_dir=tmp_path, delivery=Delivery.LOG)

    duties = {duty.name for duty in make_worker(world.bank, settings)._duties}

    assert {"risk_notes", "asked_events"} <= duties


def test_given_the_worker_when_its_time_has_come_then_it_purges(world: World, tmp_path):
    chat = world.chat().conversation_id
    world.bank.turns.begin(chat, "m1", "body")
    world.bank.buttons.issue(chat, {"text": "x"}, "x", group="x")
    world.bank.sessions.start_visitor()
    world.clock.pass_s(SESSION_MAX_AGE_S + SESSION_KEEP_S + 1)

    settings = Settings(_env_file=None, home_dir=tmp_path, delivery=Delivery.LOG)

    make_worker(world.bank, settings).run_due(0)

    assert [counted(world, table) for table in ("turns", "buttons", "sessions")] == [0, 0, 0]
