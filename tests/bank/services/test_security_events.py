"""Security events: in the transaction of what they tell, bounded, and never a gap in silence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.bootstrap import Bank, make_bank
from bank.delivery.outbox import OutboxWorker
from bank.domain.actors import SYSTEM, VISITOR, a_customer
from bank.domain.cases import CaseKind
from bank.domain.errors import InvalidInput, RateLimited, WrongCredentials
from bank.domain.outbox import MAX_ATTEMPTS, OutboxKind, OutboxState
from bank.domain.promotions import PromotionAct
from bank.domain.risk import RiskSource
from bank.domain.security_events import SecurityEvent, SecurityEventKind, from_json
from bank.policies.attempts import rate_rule
from bank.services.security_events import DROPPED_ID
from bank.storage.memory import MemoryStore
from tests.bank.builders import TurnedClock, World
from tests.bank.delivery.siem.line import Line
from tests.bank.services.events import a_card, a_strange_payment, logs_in
from tests.web.house import PASSWORD, make_customer, make_settings, make_staff, staff_actor

K = SecurityEventKind


@pytest.fixture
def bank(tmp_path) -> Bank:
    settings = make_settings(tmp_path, siem_url="tls://siem.bank.example:6514")
    return make_bank(MemoryStore(), settings=settings, clock=TurnedClock())


def told(bank: Bank, *kinds: K) -> list[SecurityEvent]:
    """The events that wait, of these kinds, the oldest first."""
    items = bank.store.read(lambda uow: uow.outbox.list(kind=OutboxKind.SIEM))
    place = "outbox|{}|body".format
    events = [
        from_json(bank.vault.open(one.body_enc, place=place(one.id)).decode()) for one in items
    ]
    return [one for one in events if not kinds or one.kind in kinds]


def wrong_login(bank: Bank, name: str = "amal", *, source_ip: str = "203.0.113.7") -> None:
    with pytest.raises(WrongCredentials):
        bank.logins.login(name, "not the password", ip_hash="h", source_ip=source_ip)


def test_given_a_wrong_password_when_refused_then_the_event_has_ids_and_address_and_no_words(bank):
    amal = make_customer(bank)

    wrong_login(bank)

    (event,) = told(bank, K.LOGIN_FAILED)
    assert (event.customer_id, event.source_ip, event.actor_kind) == (
        amal.id,
        "203.0.113.7",
        "visitor",
    )
    items = bank.store.read(lambda uow: uow.outbox.list(kind=OutboxKind.SIEM))
    assert b"amal" not in items[0].body_enc
    assert "amal" not in repr(event).replace(amal.id, "")


def test_given_a_name_nobody_has_when_refused_then_the_event_does_not_repeat_what_was_typed(bank):
    wrong_login(bank, "hunter2-typed-as-name")

    (event,) = told(bank, K.LOGIN_FAILED)
    assert (event.customer_id, event.subject) == (None, "unknown")
    assert "hunter2" not in repr(event)


def test_given_the_try_that_fills_the_window_then_it_is_told_once_that_the_door_is_closed(bank):
    make_customer(bank)
    limit = rate_rule("login_name_address").limit

    for _ in range(limit):
        wrong_login(bank)
    with pytest.raises(RateLimited):
        bank.logins.login("amal", PASSWORD, ip_hash="h")

    (locked,) = told(bank, K.CUSTOMER_LOCKED)
    assert (locked.reason, locked.technique) == ("login_name_address", "T1110.001")
    assert len(told(bank, K.LOGIN_FAILED)) == limit


def test_given_a_login_from_elsewhere_then_it_is_told_and_the_first_place_ever_is_not(bank):
    make_customer(bank)

    bank.logins.login("amal", PASSWORD, ip_hash="home", source_ip="203.0.113.7")
    bank.logins.login("amal", PASSWORD, ip_hash="home", source_ip="203.0.113.7")
    bank.logins.login("amal", PASSWORD, ip_hash="away", source_ip="198.51.100.9")

    (event,) = told(bank)
    assert (event.kind, event.source_ip) == (K.LOGIN_SUCCEEDED_NEW_PLACE, "198.51.100.9")


@pytest.mark.parametrize(
    ("password", "reason"), [("not the password", "wrong_credentials"), (PASSWORD, "wrong_code")]
)
def test_given_a_failed_login_of_staff_then_it_is_told_which_half_was_wrong(bank, password, reason):
    mila = make_staff(bank)

    with pytest.raises(WrongCredentials):
        bank.staff.login("mila", password, code="000000", source_ip="203.0.113.7")

    (event,) = told(bank, K.STAFF_LOGIN_FAILED)
    assert (event.subject, event.reason, event.severity) == (mila.id, reason, 5)


def test_given_an_alert_when_opened_and_resolved_then_both_are_told_and_other_cases_are_not(bank):
    for kind, queue in ((CaseKind.ALERT, "alerts"), (CaseKind.COMPLAINT, "complaints")):
        bank.cases.open(
            SYSTEM, kind=kind, queue=queue, subject="s", reason_code="mule_ring", why="w",
            customer_id="cu_1",
        )  # fmt: skip
    colleague = staff_actor(bank, make_staff(bank, roles=("compliance",)))
    (case,) = bank.cases.list(colleague, queue="alerts")
    bank.cases.claim(colleague, case.id)
    bank.cases.resolve(colleague, case.id, "confirmed_fraud")

    opened, resolved = told(bank)
    assert (opened.kind, opened.case_id, opened.reason) == (K.CASE_OPENED, case.id, "mule_ring")
    assert (resolved.kind, resolved.actor_id) == (K.CASE_RESOLVED, colleague.id)
    assert resolved.details["case_outcome"] == "confirmed_fraud"


def test_given_a_case_that_is_undone_then_its_event_is_too(bank):
    def work(uow) -> None:
        bank.cases.open_in(
            uow, kind=CaseKind.ALERT, queue="alerts", subject="s", reason_code="x", why="w"
        )
        raise RuntimeError("undone")

    with pytest.raises(RuntimeError):
        bank.store.write(work)

    assert told(bank) == []


def test_given_a_model_that_was_swapped_then_the_event_names_who_wanted_it(bank):
    ines, oskar = (
        staff_actor(bank, make_staff(bank, name, roles=("model_owner",)))
        for name in ("ines", "oskar")
    )
    waiting = bank.promotions.propose(
        ines, PromotionAct.PROMOTE, model="churn", from_version="v1", to_version="v2",
        card_digest="d" * 64, reason="better on the newest rows",
    )  # fmt: skip
    bank.promotions.approve(oskar, waiting.id, card_digest="d" * 64, from_version="v1")
    bank.promotions.carried_out(SYSTEM, waiting.id)

    (event,) = told(bank, K.MODEL_PROMOTED)
    assert (event.subject, event.details["proposed_by"], event.details["decided_by"]) == (
        "churn", ines.id, oskar.id,
    )  # fmt: skip


def test_given_a_payment_that_was_not_theirs_then_each_frozen_card_is_told_with_the_case(bank):
    world = World(clock=bank.clock, store=bank.store)
    world.bank = bank
    amal = world.person()
    cards = {a_card(world, amal).id, a_card(world, amal).id}
    home = logs_in(world, amal, "home")
    denied = bank.event_answers.no(home, a_strange_payment(world, amal).id)
    bank.event_answers.no(home, denied.id)

    events = told(bank, K.CARD_FROZEN_AFTER_QUESTION)
    assert {one.subject for one in events} == cards
    assert len(events) == len(cards)
    assert {(one.case_id, one.customer_id) for one in events} == {(denied.case_id, amal.id)}


def test_given_words_heard_again_and_again_then_each_kind_is_told_once_a_conversation(bank):
    amal = make_customer(bank)
    for chat in ("cv_1", "cv_1", "cv_2"):
        for code in ("safe_account", "coaching"):
            bank.risk_notes.note(
                SYSTEM, amal.id, source=RiskSource.CONVERSATION, code=code, strength=0.93,
                conversation_id=chat, evidence={"seq": 1, "sentence": "Their own words."},
            )  # fmt: skip
    bank.risk_notes.note(
        SYSTEM, amal.id, source=RiskSource.LOGIN, code="denied_login", strength=1.0
    )

    events = told(bank, K.SUSPICION_IN_CHAT)
    assert sorted((one.conversation_id, one.reason) for one in events) == [
        ("cv_1", "coaching"), ("cv_1", "safe_account"),
        ("cv_2", "coaching"), ("cv_2", "safe_account"),
    ]  # fmt: skip
    assert {one.customer_id for one in events} == {amal.id}
    assert events[0].details == {"strength_permille": 930}
    assert "Their own words" not in repr(events)


def test_given_a_dead_letter_then_it_is_told_with_its_death(bank):
    class Refuses:
        def send(self, **_what: str) -> None:
            raise ConnectionError("550 no such ana@example.org")

    item = bank.store.write(
        lambda uow: bank.outbox.add_in(uow, kind="mail", to="a@b.c", subject="s", body="b")
    )
    worker = OutboxWorker(
        bank.store, clock=bank.clock, vault=bank.vault, on_dead=bank.security_events.tell_dead_in,
        mailers={OutboxKind.MAIL: Refuses()},
    )  # fmt: skip
    for _ in range(MAX_ATTEMPTS):
        worker.run_once()
        bank.clock.turn(hours=2)

    (event,) = told(bank, K.DEAD_LETTER)
    assert (event.subject, event.reason, event.details) == (
        item.id, "mail", {"error": "ConnectionError"},
    )  # fmt: skip


def test_given_an_audit_record_that_was_changed_when_verified_then_the_alarm_is_told(bank):
    make_customer(bank)
    assert bank.audit.verify().ok
    assert told(bank, K.AUDIT_BROKEN) == []
    bank.store.write(
        lambda uow: uow.audit.save(
            type(entry := uow.audit.first())(
                **{**{name: getattr(entry, name) for name in entry.__slots__}, "why": "edited"}
            )
        )
    )

    assert not bank.audit.verify().ok

    (event,) = told(bank, K.AUDIT_BROKEN)
    assert (event.severity, event.reason, event.outcome) == (10, "edited", "failure")


def test_given_nobody_who_receives_then_nothing_is_kept():
    bank = make_bank(MemoryStore())

    assert bank.security_events.report(SYSTEM, K.BLOCKED, subject="x", reason="y") is None

    assert bank.store.read(lambda uow: uow.outbox.count()) == 0


def test_given_a_customers_act_then_customer_and_conversation_are_the_actors_own(bank):
    event = bank.security_events.report(
        a_customer("cu_1"), K.PAYMENT_PAUSED, subject="tr_1", reason="safe_account"
    )

    assert (event.customer_id, event.subject) == ("cu_1", "tr_1")


@pytest.mark.parametrize(
    "wrong",
    [{"reason": "two words"}, {"severity": 11}, {"technique": "T1"}, {"details": {"Bad name": 1}}],
)
def test_given_what_is_no_code_when_reported_then_it_is_refused_and_nothing_is_kept(bank, wrong):
    about = {"subject": "x", "reason": "y", **wrong}
    with pytest.raises(InvalidInput):
        bank.security_events.report(VISITOR, K.THREAT_FLOW, **about)

    assert told(bank) == []


def test_given_no_room_when_reported_then_it_is_counted_and_told_as_one_event_later():
    line = Line(max_waiting=5)
    line.report(5)
    extra = [line.events.report(SYSTEM, K.THREAT_FLOW, subject="x", reason="y") for _ in range(7)]

    assert extra == [None] * 7
    assert line.events.queue().dropped_count == 7
    assert line.events.tell_dropped() == 0  # still no room

    def make_room(uow) -> None:
        for item in uow.outbox.list(limit=2):
            uow.outbox.remove(item.id)

    line.store.write(make_room)
    assert line.events.tell_dropped() == 7
    assert line.events.tell_dropped() == 0

    newest = line.items(OutboxState.QUEUED)[-1]
    body = json.loads(line.bank.vault.open(newest.body_enc, place=f"outbox|{newest.id}|body"))
    assert (body["kind"], body["details"]) == ("events_dropped", {"dropped_count": 7})
    assert line.store.read(lambda uow: uow.counters.get(DROPPED_ID)).value == 0


@given(st.lists(st.sampled_from(["report", "deliver", "tell"]), max_size=40))
def test_every_event_is_delivered_waits_or_is_counted_whatever_happens(steps):
    line = Line(max_waiting=6)
    reported, delivered, told_dropped = 0, 0, 0
    for step in steps:
        if step == "report":
            line.events.report(SYSTEM, K.THREAT_FLOW, subject="x", reason="y")
            reported += 1
        elif step == "deliver":
            for item in line.items(OutboxState.QUEUED)[:3]:
                line.store.write(lambda uow, item=item: uow.outbox.remove(item.id))
                delivered += item.subject == K.THREAT_FLOW
            line.clock.turn(seconds=2)
        else:
            told_dropped += line.events.tell_dropped()
    waiting = [item.subject for item in line.items(OutboxState.QUEUED)]
    flows = waiting.count(K.THREAT_FLOW)

    assert reported == delivered + flows + line.events.queue().dropped_count + told_dropped
    assert flows <= 6


def test_given_a_backlog_then_the_alarm_is_raised_and_not_with_every_event(monkeypatch):
    line, alarms = Line(alarm_waiting=3), []
    monkeypatch.setattr(
        "bank.services.security_events.log.error",
        lambda event, **more: alarms.append((event, more)),
    )

    line.report(10)
    line.clock.turn(seconds=61)
    line.report(1)

    assert [event for event, _ in alarms] == ["siem.backlog"] * 2
    assert alarms[1][1]["waiting"] == 11


def test_given_events_delivered_a_day_ago_then_they_are_forgotten_and_others_stay():
    line = Line()
    line.report(3)
    sent = line.items(OutboxState.QUEUED)[0]
    mail = line.store.write(
        lambda uow: line.bank.outbox.add_in(uow, kind="mail", to="a@b.c", subject="s", body="b")
    )
    for item in (sent, mail):
        line.worker._mark_sent([item])

    line.clock.turn(days=1, seconds=1)

    assert line.events.purge() == 1
    assert len(line.items(OutboxState.QUEUED)) == 2
    assert line.store.read(lambda uow: uow.outbox.find(mail.id)) is not None
