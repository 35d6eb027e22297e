"""Consents: a withdrawal is the last word, and an address stays alone after its person is gone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bank.domain.actors import SYSTEM, a_customer
from bank.domain.campaigns import SendState
from bank.domain.consents import Channel, ConsentSource, Purpose
from bank.domain.errors import NotFound
from bank.storage.database import open_store
from tests.bank.campaigns.town import CHIEF, Town


@pytest.fixture
def town() -> Town:
    return Town()


def erase(town: Town, customer) -> None:
    def work(uow):
        town.bank.consents.erase_in(uow, SYSTEM, uow.customers.get(customer.id, lock=True))
        uow.customers.remove(customer.id)

    town.store.write(work)


def test_given_a_consent_for_another_purpose_or_channel_then_nothing_is_sent(town):
    person = town.person(agrees=("sms",))
    town.bank.consents.give(
        SYSTEM, person.id, purpose=Purpose.TIPS, channel=Channel.MAIL, source=ConsentSource.CHAT
    )
    town.approved()

    town.bank.campaign_sends.run_due()

    assert [one.reasons for one in town.sends()] == [("no_consent",)]


def test_given_a_consent_withdrawn_after_planning_then_nothing_is_sent(town):
    person = town.person()
    campaign = town.approved()
    town.bank.campaign_sends.plan(SYSTEM, campaign.id)

    town.withdraw(person)
    town.bank.campaign_sends.run_due()

    assert town.letters() == []


def test_given_a_letter_that_waits_when_withdrawn_then_it_is_recalled(town):
    person = town.person()
    town.approved()
    town.bank.campaign_sends.run_due()
    assert town.letters() == [person.email]

    town.withdraw(person)

    assert town.letters() == []
    assert [one.state for one in town.sends()] == [SendState.RECALLED]


def test_given_one_word_when_unsubscribed_then_every_consent_ends_and_a_staff_one_does_not_count(
    town,
):
    person = town.person(agrees=tuple(Channel))

    assert town.bank.consents.unsubscribe(a_customer(person.id), person.id) == len(Channel)

    town.give(person)  # by staff: not the person's own newest word
    town.approved()
    town.bank.campaign_sends.run_due()
    assert [one.reasons for one in town.sends()] == [("suppressed",)]


def test_given_somebody_unsubscribed_when_they_agree_themselves_then_they_are_written_to(town):
    person = town.person(agrees=())
    actor = a_customer(person.id)
    town.bank.consents.unsubscribe(actor, person.id)

    town.bank.consents.give(
        actor, person.id, purpose=Purpose.OFFERS, channel=Channel.MAIL, source=ConsentSource.CHAT
    )
    town.approved()
    town.bank.campaign_sends.run_due()

    assert town.letters() == [person.email]


def test_given_somebody_elses_consent_then_it_does_not_exist(town):
    person = town.person()

    with pytest.raises(NotFound):
        town.bank.consents.unsubscribe(a_customer("cu_mallory"), person.id)


def test_given_somebody_erased_mid_send_then_nothing_goes_and_the_counts_stay(town):
    gone, stays, told = town.person(), town.person(), town.person()
    campaign = town.approved()
    town.bank.campaign_sends.plan(SYSTEM, campaign.id)
    told_send = town.sends(customer_id=told.id)[0]
    erase(town, gone)
    town.bank.campaign_sends.run_due()

    erase(town, told)

    assert town.letters() == [stays.email]
    assert town.sends(customer_id=gone.id) == town.sends(customer_id=told.id) == []
    assert told_send.id in {one.id for one in town.sends()}


def test_given_somebody_erased_who_comes_back_with_the_address_then_they_are_left_alone(town):
    person = town.person()
    erase(town, person)

    town.person(email=person.email.upper())  # agrees, by staff
    town.approved()
    town.bank.campaign_sends.run_due()

    assert town.letters() == []
    kept = town.store.read(lambda uow: uow.suppressions.list())
    assert all(person.email not in repr(one) and person.id not in repr(one) for one in kept)


def test_given_consent_at_account_opening_when_carried_over_twice_then_a_withdrawal_stays(town):
    person = town.person(agrees=(), marketing_consent=True)
    assert town.bank.consents.carry_over(SYSTEM) == len(Channel)
    town.withdraw(person)

    assert town.bank.consents.carry_over(SYSTEM) == 0

    held = {one.channel: one.is_given for one in town.bank.consents.list(CHIEF, person.id)}
    assert held == {**dict.fromkeys(Channel, True), Channel.MAIL: False}


def test_given_sends_and_withdrawals_at_once_over_the_database_then_no_letter_outlives_one(
    tmp_path: Path,
):
    town = Town(open_store(f"sqlite:///{tmp_path / 'bank.db'}", create=True))
    people = [town.person() for _ in range(24)]
    campaign = town.approved()
    town.bank.campaign_sends.plan(SYSTEM, campaign.id)
    together = threading.Barrier(4)

    def send(_):
        together.wait()
        while town.bank.campaign_sends.send_due(SYSTEM, limit=1).looked_at:
            pass

    def withdraw(some):
        together.wait()
        for person in some:
            town.withdraw(person)

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(send, n) for n in range(2)]
        jobs += [pool.submit(withdraw, people[n:12:2]) for n in range(2)]
        for job in jobs:
            job.result(30)

    assert sorted(town.letters()) == sorted(one.email for one in people[12:])
    town.store.close()
