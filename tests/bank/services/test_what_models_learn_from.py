"""Habits of login and findings of fraud: what is kept, who may write it, what is left out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.errors import AlreadyExists, NotFound, NotPermitted
from bank.domain.fraud_findings import FindingSource
from bank.domain.habits import login_day
from tests.bank.builders import World

AGENT = Actor(ActorKind.STAFF, "st_1", LoginLevel.STRONG, frozenset({"agent"}))


def test_given_logins_on_two_days_then_each_day_has_its_count_and_a_place_its_first_time() -> None:
    world = World()
    person = world.person()
    began = world.clock()

    for place in ("here", "here"):
        world.bank.habits.note_login(person.id, place=place)
    world.clock.turn(days=1)
    for place in ("here", "there"):
        world.bank.habits.note_login(person.id, place=place)

    days = world.store.read(lambda uow: uow.login_days.list(customer_id=person.id))
    places = world.store.read(lambda uow: uow.login_places.list(customer_id=person.id))
    assert sorted((one.day, one.logins_count) for one in days) == [
        (began.date(), 2), ((began + timedelta(days=1)).date(), 2)
    ]  # fmt: skip
    assert sorted(one.first_seen_at_utc for one in places) == [began, world.clock()]


def test_given_a_right_password_then_the_login_is_noted_and_a_wrong_one_is_not() -> None:
    world = World()
    customer = world.bank.customers.create(
        SYSTEM, login_name="amal", full_name="Amal", email="a@example.org", phone="+49 1",
        password="correct horse battery",
    )  # fmt: skip

    world.bank.logins.login("amal", "correct horse battery", ip_hash="x")
    with pytest.raises(Exception, match="wrong_credentials"):
        world.bank.logins.login("amal", "another horse battery", ip_hash="x")

    [day] = world.store.read(lambda uow: uow.login_days.list(customer_id=customer.id))
    assert day.logins_count == 1


def test_given_a_day_that_is_there_when_taken_over_again_then_none_of_the_file_is() -> None:
    world = World()
    person = world.person()
    day = login_day(person.id, world.clock().date(), logins_count=3)
    world.bank.habits.record(SYSTEM, [day])
    another = login_day(person.id, world.clock().date() - timedelta(days=1), logins_count=1)

    with pytest.raises(AlreadyExists):
        world.bank.habits.record(SYSTEM, [another, day])
    with pytest.raises(NotPermitted):
        world.bank.habits.record(person.actor, [another])

    assert world.store.read(lambda uow: uow.login_days.count()) == 1


def test_given_days_of_long_ago_when_purged_then_only_they_go() -> None:
    world = World()
    person, today = world.person(), world.clock().date()
    days = [login_day(person.id, today - timedelta(days=ago), logins_count=1) for ago in (3, 731)]
    world.bank.habits.record(SYSTEM, days)

    assert world.bank.habits.purge() == 1
    assert world.store.read(lambda uow: uow.login_days.list()) == days[:1]


def test_given_staff_s_word_on_a_posting_then_it_is_kept_with_who_and_when() -> None:
    world = World()
    person = world.person()
    posting = world.book(person.current.id, -4_200, merchant="Shop")

    finding = world.bank.fraud_findings.note(AGENT, posting.id, is_fraud=True, source="alert")

    kept = world.store.read(lambda uow: uow.fraud_findings.get(finding.id))
    assert (kept.posting_id, kept.customer_id, kept.is_fraud) == (posting.id, person.id, True)
    assert (kept.source, kept.found_by) == (FindingSource.ALERT, AGENT.id)
    assert kept.found_at_utc == world.clock()


def test_given_a_customer_or_a_posting_of_the_bank_when_noted_then_refused() -> None:
    world = World()
    person = world.person()
    posting = world.book(person.current.id, -4_200, merchant="Shop")
    ours = world.store.read(
        lambda uow: uow.postings.list(transaction_id=posting.transaction_id, amount_minor__gt=0)
    )

    with pytest.raises(NotPermitted):
        world.bank.fraud_findings.note(person.actor, posting.id, is_fraud=True)
    with pytest.raises(NotFound):
        world.bank.fraud_findings.note(AGENT, ours[0].id, is_fraud=True)
    with pytest.raises(NotPermitted):
        world.bank.fraud_findings.take_file(AGENT, [])
