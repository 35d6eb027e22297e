"""Advice is given on a profile, passes the gate twice, and is kept with the words shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bank.domain.actors import SYSTEM, Actor, a_customer
from bank.domain.errors import (
    AdviceRefused,
    AdviserUnavailable,
    AnswersContradict,
    BankError,
    InvalidAmount,
    InvalidInput,
    NotFound,
    NothingSuitable,
    NotPermitted,
)
from bank.domain.instruments import Holding, InstrumentState
from bank.domain.money import Money
from tests.bank.advice.market import (
    BONDS,
    CASH,
    MARKET,
    MINES,
    SHARE,
    WORLD,
    all_in,
    answers,
    filling,
)
from tests.bank.builders import NOON, World, eur

SUM = eur(500_000)


@pytest.fixture
def world() -> World:
    return World()


def investor(world: World, number: int = 1, **changes: object) -> Actor:
    customer = world.bank.customers.create(
        SYSTEM, login_name=f"investor-{number}", full_name="Ina Vest", phone=f"+49 {number}",
        email=f"i{number}@example.org", kyc_tier=2, password_hash="unused",
        birth_date="1980-05-05",
    )  # fmt: skip
    actor = a_customer(customer.id)
    if number == 1:
        world.bank.investing.take_market(SYSTEM, instruments=MARKET)
    world.bank.investing.take_answers(actor, answers(**changes))
    return actor


def test_given_a_profile_when_advice_is_asked_then_only_what_passes_is_offered_to_the_adviser(
    world: World,
) -> None:
    actor = investor(world, wishes=["no_fossil"])
    adviser = filling([WORLD, BONDS, CASH])
    world.bank.advice.use(adviser)

    advice = world.bank.advice.recommend(actor, SUM)

    asked = adviser.asked[0]
    assert {one.id for one in asked.allowed} == {CASH.id, BONDS.id, WORLD.id}
    assert sum(line["amount_minor"] for line in advice.lines) == SUM.amount_minor
    assert advice.refused == {MINES.id: ["excluded"], SHARE.id: ["risk_class"]}
    assert advice.inputs["answers"]["wishes"] == ["no_fossil"]
    assert world.bank.advice.given(actor) == [advice]


def test_given_an_adviser_that_proposes_what_does_not_fit_then_nothing_is_said_or_kept(
    world: World,
) -> None:
    actor = investor(world)
    for faulty in (all_in(SHARE), all_in(WORLD), filling([])):
        world.bank.advice.use(faulty)
        with pytest.raises(AdviserUnavailable):
            world.bank.advice.recommend(actor, SUM)
    assert world.bank.advice.given(actor) == []


def test_given_a_shorter_time_then_the_same_person_is_offered_less_risk(world: World) -> None:
    actor = investor(world)
    adviser = filling([WORLD, BONDS, CASH])
    world.bank.advice.use(adviser)
    world.bank.advice.recommend(actor, SUM, horizon_years=2)
    assert {one.id for one in adviser.asked[0].allowed} == {CASH.id, BONDS.id}


def test_given_much_of_a_fund_already_then_its_room_is_smaller(world: World) -> None:
    actor = investor(world)
    world.bank.investing.take_market(
        SYSTEM, holdings=[Holding("ho_1", actor.require_customer(), WORLD.id, 50_000_000, 1, NOON)]
    )
    adviser = filling([WORLD, BONDS, CASH])
    world.bank.advice.use(adviser)
    world.bank.advice.recommend(actor, SUM)
    # 5,000 euros of it held, 10,000 in all afterwards, half of that is the most: no room.
    assert WORLD.id not in adviser.asked[0].room_minor
    assert world.bank.investing.holdings(actor)[0].worth_minor == 500_000


def test_given_no_profile_then_the_reason_is_named(world: World) -> None:
    person = world.person()
    with pytest.raises(AdviceRefused) as refused:
        world.bank.advice.recommend(person.actor, SUM)
    assert refused.value.details["reasons"] == "minor,no_profile"


def test_given_a_profile_that_is_too_old_then_it_is_asked_again(world: World) -> None:
    actor = investor(world)
    world.clock.turn(days=366)
    assert world.bank.advice.refusals(actor) == ("profile_old",)
    world.bank.investing.take_answers(actor, answers())
    assert world.bank.advice.refusals(actor) == ()


def test_given_a_correction_then_the_newest_profile_counts_and_the_old_one_stays(
    world: World,
) -> None:
    actor = investor(world)
    world.clock.turn(minutes=5)
    world.bank.investing.take_answers(actor, answers(fall="sell_some", worst_year="little"))
    profile = world.bank.investing.profile(actor)
    assert profile is not None
    assert profile.tolerance == 3
    kept = world.store.read(lambda uow: uow.investor_profiles.count(customer_id=actor.id))
    assert kept == 2


def test_given_nothing_that_fits_then_it_is_said_and_why(world: World) -> None:
    actor = investor(world, horizon="under_1", goal="preserve")
    delisted = replace(CASH, state=InstrumentState.DELISTED)
    world.bank.investing.take_market(SYSTEM, instruments=[delisted])
    world.bank.advice.use(filling([CASH]))
    with pytest.raises(NothingSuitable) as refused:
        world.bank.advice.recommend(actor, SUM)
    assert "risk_class" in refused.value.details["reasons"]


def test_given_contradictory_answers_then_the_question_to_ask_again_is_named(world: World) -> None:
    actor = investor(world)
    with pytest.raises(AnswersContradict) as refused:
        world.bank.investing.take_answers(actor, answers(fall="sell_all", worst_year="half"))
    assert refused.value.details["question"] == "worst_year"


@pytest.mark.parametrize(
    ("amount", "years", "error"),
    [
        (eur(9_999), None, InvalidAmount), (eur(50_000_001), None, InvalidAmount),
        (Money(500_000, "USD"), None, InvalidInput), (SUM, -1, InvalidInput),
        (SUM, 51, InvalidInput),
    ],
)  # fmt: skip
def test_given_an_amount_or_time_out_of_bounds_then_it_is_refused(
    world: World, amount: Money, years: int | None, error: type[BankError]
) -> None:
    with pytest.raises(error):
        world.bank.advice.recommend(investor(world), amount, horizon_years=years)


def test_given_a_bank_without_an_adviser_then_advice_waits(world: World) -> None:
    with pytest.raises(AdviserUnavailable):
        world.bank.advice.recommend(investor(world), SUM)


def test_given_shown_words_then_they_are_kept_once(world: World) -> None:
    actor = investor(world)
    world.bank.advice.use(filling([WORLD, BONDS, CASH]))
    advice = world.bank.advice.recommend(actor, SUM)
    world.bank.advice.note_shown(actor, advice.id, text="Half of it …", locale="en")
    world.bank.advice.note_shown(actor, advice.id, text="Other words", locale="en")
    assert world.bank.advice.get(actor, advice.id).text == "Half of it …"


def test_given_somebody_else_then_an_advice_does_not_exist(world: World) -> None:
    actor, other = investor(world), investor(world, 2)
    world.bank.advice.use(filling([WORLD, BONDS, CASH]))
    advice = world.bank.advice.recommend(actor, SUM)
    for act in (
        lambda: world.bank.advice.get(other, advice.id),
        lambda: world.bank.advice.given(other, actor.id),
        lambda: world.bank.advice.note_shown(other, advice.id, text="x", locale="en"),
        lambda: world.bank.advice.note_person(other, advice.id, "ca_1"),
        lambda: world.bank.investing.profile(other, actor.id),
        lambda: world.bank.investing.holdings(other, actor.id),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotPermitted):
        world.bank.investing.take_market(actor, instruments=MARKET)
