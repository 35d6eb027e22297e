"""Offers: one a conversation, to the willing, never what was declined, whatever else is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.domain.actors import SYSTEM, Actor, a_customer
from bank.domain.campaigns import Campaign, SendState
from bank.domain.cases import CaseKind
from bank.domain.consents import Channel
from bank.domain.customers import Customer
from bank.domain.errors import NotFound
from bank.domain.fraud_findings import FindingSource, FraudFinding
from bank.domain.ids import PostingId, make_id
from bank.domain.offers import OfferAnswer, OfferReply, Rate
from bank.domain.risk import RiskSource
from bank.policies import offers as policy
from bank.policies.tables import load_table
from bank.services.offer_rates import OfferRates
from tests.bank.campaigns.town import CHIEF, NOON, Town

CODES = sorted(policy.offers())
moments = st.integers(-60 * 24, 60 * 24).map(lambda hours: NOON + timedelta(hours=hours))
showings = st.lists(
    st.builds(
        OfferAnswer,
        id=st.uuids().map(str), customer_id=st.just("cu_1"),
        conversation_id=st.sampled_from(["cv_1", "cv_2"]), campaign_id=st.just("cp_1"),
        offer=st.sampled_from(CODES), product=st.sampled_from(CODES), segment=st.just("saver"),
        shown_at_utc=moments, answer=st.none() | st.sampled_from(OfferReply),
    ),
    max_size=5,
)  # fmt: skip
chances = st.fixed_dictionaries({code: st.floats(0, 1) for code in CODES})


def offering(town: Town, *codes: str) -> list[Campaign]:
    """Return running campaigns, each with one offer for the chat."""
    made = []
    for code in codes:
        variants = ({"code": "a", "share_bp": 10_000, "texts": {"chat": code}},)
        made.append(town.approved(channels=("chat",), variants=variants, name=code))
    town.bank.campaign_sends.run_due()
    return made


def take(town: Town, customer: Customer, where: str = "cv_1") -> OfferAnswer | None:
    return town.bank.offers.take(who(customer), Channel.CHAT, conversation_id=where)


def who(customer: Customer) -> Actor:
    return a_customer(customer.id)


@given(showings, moments)
def test_given_an_offer_in_a_conversation_then_no_other_is_made_in_it(history, now_utc):
    here = [
        one for one in history
        if one.conversation_id == "cv_1" and one.shown_at_utc > now_utc - timedelta(days=30)
    ]  # fmt: skip
    if here:
        assert not policy.may_offer(history, conversation_id="cv_1", now_utc=now_utc)


@given(showings, moments)
def test_given_an_offer_lately_then_the_person_is_left_alone_and_longer_after_every_no(
    history, now_utc
):
    days = policy.days_alone(history)
    assert 14 <= days <= 180
    if any(one.shown_at_utc > now_utc - timedelta(days=days) for one in history):
        assert not policy.may_offer(history, conversation_id="cv_new", now_utc=now_utc)
    refused = [replace(one, answer=OfferReply.NOT_INTERESTED) for one in history]
    assert policy.days_alone(refused) >= days


@given(showings, chances)
def test_given_a_declined_product_then_it_is_never_among_the_best(history, shares):
    ranked = policy.best(CODES, shares, history)

    assert not {policy.offers()[code].product for code in ranked} & policy.declined(history)


@given(showings, chances)
def test_given_offers_then_the_best_gains_most_and_all_gain_enough(history, shares):
    count = len(policy.declined(history))
    gains = [
        policy.gain_minor(policy.offers()[code], shares[code], declined_count=count)
        for code in policy.best(CODES, shares, history)
    ]

    assert gains == sorted(gains, reverse=True)
    assert all(gain >= load_table("offers")["annoyance"]["gain_min_minor"] for gain in gains)


@given(st.integers(0, 500), st.integers(0, 500))
def test_given_counts_then_a_chance_is_one_and_more_yes_never_lowers_it(shown, wanted):
    wanted = min(shown, wanted)

    assert 0 < policy.chance(Rate(shown, wanted)) < 1
    assert policy.chance(Rate(shown + 1, wanted + 1)) > policy.chance(Rate(shown, wanted))
    assert policy.chance(Rate(shown + 1, wanted)) < policy.chance(Rate(shown, wanted))


@given(st.lists(st.text(max_size=20), max_size=3), st.sampled_from(
    load_table("offers")["gate"]["intents"]
))  # fmt: skip
def test_given_a_closed_topic_anywhere_then_the_conversation_is_closed(intents, closed):
    assert policy.closed_by([*intents, closed, *intents], []) is not None


@pytest.mark.parametrize(
    "line",
    ["I lost my card", "me han robado la tarjeta", "this is a scam", "creo que es una estafa",
     "I want to complain", "quiero poner una queja", "I can't pay my rent", "No puedo pagar",
     "my husband died in May", "Ha fallecido mi madre", "my application was rejected",
     "I want to dispute this", "let me talk to a human", "quiero hablar con una persona",
     "You are useless!", "I lost my job", "estoy en paro", "I CAN’T PAY", "tengo muchas deudas"],
)  # fmt: skip
def test_given_words_of_trouble_then_the_conversation_is_closed(line):
    assert policy.closed_by(["check_balance"], ["hello", line, "thanks"]) is not None


@pytest.mark.parametrize(
    "line",
    [
        "what is my balance?",
        "send 20 euros to Ana",
        "order me a new card please",
        "¿cuánto tengo?",
        "manda 20 euros a Ana",
        "how much did I spend on groceries?",
        "gracias",
        "my IBAN please",
    ],
)
def test_given_everyday_words_then_it_stays_open(line):
    assert policy.closed_by(["check_balance"], [line], moods=[0.0]) is None


def test_given_a_bad_mood_then_it_is_closed():
    assert policy.closed_by([], ["…"], moods=[0.3, -0.7]) == "mood"


def test_given_consent_when_asked_then_one_offer_is_shown_and_written_down():
    town = Town()
    ana = town.person(agrees=("chat",))
    [campaign] = offering(town, "savings")

    shown = take(town, ana)

    assert shown is not None
    assert (shown.offer, shown.campaign_id) == ("savings", campaign.id)
    assert [one.state for one in town.sends(customer_id=ana.id)] == [SendState.SENT]
    assert take(town, ana) is None
    assert take(town, ana, "cv_2") is None


@pytest.mark.parametrize("agrees", [(), ("mail",), ("messenger",)])
def test_given_no_consent_for_the_chat_then_nothing_is_offered(agrees):
    town = Town()
    ana = town.person(agrees=agrees)
    offering(town, "savings")

    assert take(town, ana) is None


def test_given_somebody_of_the_hold_out_then_nothing_is_offered():
    town = Town()
    ana = town.person(agrees=("chat",), held_out=True)
    offering(town, "savings")

    assert take(town, ana) is None


def test_given_a_no_then_that_product_never_comes_again_and_others_come_later():
    town = Town()
    ana = town.person(agrees=("chat",))
    offering(town, "investing", "savings")

    first = take(town, ana)
    assert first is not None
    assert first.offer == "investing"  # the dearer one, at the same chance
    town.bank.offers.answer(who(ana), first.id, OfferReply.NOT_INTERESTED)
    town.clock.turn(days=21)
    assert take(town, ana, "cv_2") is None  # two weeks are four now
    town.clock.turn(days=8)
    second = take(town, ana, "cv_2")

    # At the prior's chance the savings' gain is 2,000 × 1/20 − 30 × 2: still worth it.
    assert second is not None
    assert second.offer == "savings"
    town.bank.offers.answer(who(ana), second.id, OfferReply.NOT_INTERESTED)
    offering(town, "investing", "savings")
    town.clock.turn(days=200)
    assert take(town, ana, "cv_3") is None


def test_given_a_button_pressed_twice_or_both_then_a_no_stays_a_no():
    town = Town()
    ana = town.person(agrees=("chat",))
    offering(town, "savings")
    shown = take(town, ana)
    assert shown is not None

    town.bank.offers.answer(who(ana), shown.id, OfferReply.INTERESTED)
    once = town.bank.offers.answer(who(ana), shown.id, OfferReply.NOT_INTERESTED)
    town.clock.turn(minutes=1)
    for reply in OfferReply:
        assert town.bank.offers.answer(who(ana), shown.id, reply) == once


def test_given_somebody_elses_offer_then_it_is_not_found():
    town = Town()
    ana, eve = town.person(agrees=("chat",)), town.person(agrees=("chat",))
    offering(town, "savings")
    shown = take(town, ana)
    assert shown is not None

    with pytest.raises(NotFound):
        town.bank.offers.answer(who(eve), shown.id, OfferReply.INTERESTED)


def test_given_a_campaign_stopped_after_the_offer_then_the_answer_counts_and_no_other_comes():
    town = Town()
    ana, ben = town.person(agrees=("chat",)), town.person(agrees=("chat",))
    [campaign] = offering(town, "savings")
    shown = take(town, ana)
    assert shown is not None

    town.bank.campaigns.stop(CHIEF, campaign.id)

    answer = town.bank.offers.answer(who(ana), shown.id, OfferReply.NOT_INTERESTED).answer
    assert answer is OfferReply.NOT_INTERESTED
    assert take(town, ben) is None


def test_given_a_clock_set_back_then_the_offer_still_counts():
    town = Town()
    ana = town.person(agrees=("chat",))
    offering(town, "savings", "investing")
    assert take(town, ana) is not None

    town.clock.turn(days=-3)

    assert take(town, ana, "cv_2") is None


def test_given_a_closed_conversation_then_nothing_is_offered_in_it():
    town = Town()
    ana = town.person(agrees=("chat",))
    offering(town, "savings")

    town.bank.offers.close("cv_1")
    town.bank.offers.close("cv_1")

    assert not town.bank.offers.is_waiting(who(ana), Channel.CHAT, conversation_id="cv_1")
    assert take(town, ana) is None
    assert [one.state for one in town.sends(customer_id=ana.id)] == [SendState.PLANNED]


def test_given_an_erased_customer_then_their_answers_stay_without_them():
    town = Town()
    ana = town.person(agrees=("chat",))
    offering(town, "savings")
    shown = take(town, ana)
    assert shown is not None

    town.store.write(lambda uow: town.bank.consents.erase_in(uow, SYSTEM, ana))

    [left] = town.store.read(lambda uow: uow.offer_answers.list())
    assert left.customer_id.startswith("gone_")
    assert left.conversation_id == ""
    with pytest.raises(NotFound):
        town.bank.offers.answer(who(ana), shown.id, OfferReply.INTERESTED)


def test_given_unsubscribed_then_no_offer_comes_any_more():
    town = Town()
    ana = town.person(agrees=("chat",))
    offering(town, "savings")

    town.bank.consents.unsubscribe(who(ana), ana.id)

    assert take(town, ana) is None


def test_given_answers_then_the_chance_of_a_segment_is_its_own():
    town = Town()
    rates = OfferRates(town.store)
    people = [town.person(agrees=("chat",)) for _ in range(6)]
    offering(town, "savings")
    for one in people:
        shown = take(town, one, f"cv_{one.id}")
        assert shown is not None
        town.bank.offers.answer(who(one), shown.id, OfferReply.INTERESTED)

    assert rates.rate("savings", segment="none") == Rate(6, 6)
    assert rates.rate("savings", segment="saver") == Rate()
    told = rates.chances(["savings"], segment="none")["savings"]
    assert told > rates.chances(["savings"], segment="saver")["savings"]


@settings(max_examples=5, deadline=None)
@given(
    st.lists(st.sampled_from(["note", "case", "finding"]), min_size=1, max_size=4),
    st.sampled_from(CODES),
)
def test_given_two_alike_but_for_what_is_suspected_then_they_are_offered_the_same(marks, code):
    town = Town()
    ana, eve = town.person(agrees=("chat",)), town.person(agrees=("chat",))
    for mark in marks:
        suspect(town, eve, mark)
    offering(town, code, "savings" if code != "savings" else "investing")

    mine, theirs = take(town, ana, "cv_1"), take(town, eve, "cv_2")

    assert (mine and (mine.offer, mine.segment)) == (theirs and (theirs.offer, theirs.segment))
    assert mine is not None


def suspect(town: Town, customer: Customer, mark: str) -> None:
    """Leave a mark of suspicion on somebody."""
    if mark == "note":
        town.bank.risk_notes.note(
            SYSTEM, customer.id, source=RiskSource.LOGIN, code="denied_login", strength=1.0
        )
        return
    if mark == "case":
        town.bank.cases.open(
            SYSTEM, kind=CaseKind.ALERT, queue="alerts", subject="Unusual", reason_code="alert",
            why="…", customer_id=customer.id,
        )  # fmt: skip
        return
    finding = FraudFinding(
        make_id("ff"), PostingId("po_1"), customer.id, True, FindingSource.ALERT, NOON, "st_1"
    )
    town.store.write(lambda uow: uow.fraud_findings.add(finding))
