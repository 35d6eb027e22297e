"""Cards: freezing is immediate; what opens or widens something asks for a step-up first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bank.domain import errors
from bank.domain.actors import SYSTEM
from bank.domain.cards import Card, CardStatus
from bank.domain.challenges import CodeProof
from tests.bank.builders import Person, World


@pytest.fixture
def world() -> World:
    return World()


def a_card(world: World, person: Person, last_digits: str = "4242") -> Card:
    return world.bank.cards.issue(
        SYSTEM, account_id=person.current.id, kind="debit", limit_day_minor=100_000,
        last_digits=last_digits,
    )


def stepped_up(world: World, person: Person, act):
    """Ask, then perform what the challenge was bound to, as the page does."""
    with pytest.raises(errors.StepUpRequired) as asked:
        act()
    challenge = world.bank.step_up.get(person.actor, asked.value.details["challenge_id"])
    proof = CodeProof(world.code(person, asked.value))
    return world.bank.step_up_acts.perform(person.actor, challenge, proof)


def test_given_an_active_card_when_frozen_then_it_stops_without_a_code(world):
    amal = world.person()
    card = a_card(world, amal)

    frozen = world.bank.cards.freeze(amal.actor, card.id, "lost")

    assert (frozen.status, frozen.frozen_reason) == (CardStatus.FROZEN, "lost")
    with pytest.raises(errors.CardAlreadyFrozen):
        world.bank.cards.freeze(amal.actor, card.id)


def test_given_a_frozen_card_when_unfrozen_then_the_code_comes_first(world):
    amal = world.person()
    card = world.bank.cards.freeze(amal.actor, a_card(world, amal).id)

    done = stepped_up(world, amal, lambda: world.bank.cards.unfreeze(amal.actor, card.id))

    assert done.purpose == "card_unfreeze"
    assert world.bank.cards.get(amal.actor, card.id).status is CardStatus.ACTIVE


def test_given_a_card_in_use_when_unfrozen_then_no_code_is_sent_for_nothing(world):
    amal = world.person()
    card = a_card(world, amal)

    with pytest.raises(errors.CardNotFrozen):
        world.bank.cards.unfreeze(amal.actor, card.id)

    assert world.bank.step_up.pending(amal.actor) is None


def test_given_a_limit_when_raised_then_a_code_and_when_lowered_then_none(world):
    amal = world.person()
    card = a_card(world, amal)

    stepped_up(world, amal, lambda: world.bank.cards.set_limit(amal.actor, card.id, 200_000))
    raised = world.bank.cards.get(amal.actor, card.id).limit_day_minor
    lowered = world.bank.cards.set_limit(amal.actor, card.id, 50_000).limit_day_minor

    assert (raised, lowered) == (200_000, 50_000)


def test_given_a_limit_beyond_the_bank_when_asked_for_then_it_is_invalid(world):
    amal = world.person()
    card = a_card(world, amal)

    for limit_minor in (-1, 500_001):
        with pytest.raises(errors.InvalidAmount):
            world.bank.cards.set_limit(amal.actor, card.id, limit_minor)


def test_given_a_lost_card_when_replaced_then_the_old_ends_and_the_same_key_makes_no_third(world):
    amal = world.person()
    old = a_card(world, amal)

    def act():
        return world.bank.cards.replace(amal.actor, old.id, "lost", idempotency_key="k")

    done = stepped_up(world, amal, act)
    again = act()

    assert again.id == done.record_id
    cards = {card.id: card.status for card in world.bank.cards.list(amal.actor)}
    assert cards == {old.id: CardStatus.REPLACED, again.id: CardStatus.ACTIVE}
    with pytest.raises(errors.CardNotActive):
        world.bank.cards.freeze(amal.actor, old.id)


def test_given_a_pin_letter_when_ordered_then_it_is_posted_and_never_shown(world):
    amal = world.person()
    card = a_card(world, amal)

    done = stepped_up(world, amal, lambda: world.bank.cards.order_pin_letter(amal.actor, card.id))

    assert done.facts == {"date": (world.clock().date() + timedelta(days=5)).isoformat()}
    assert world.store.read(lambda uow: uow.pin_letters.count(card_id=card.id)) == 1


def test_given_a_journey_when_told_then_it_is_kept_and_an_absurd_one_is_not(world):
    amal = world.person()
    card, today = a_card(world, amal), world.clock().date()

    told = world.bank.cards.set_travel(
        amal.actor, card.id, country="pt", from_date=today, to_date=today + timedelta(days=7)
    )

    assert told.country == "PT"
    for country, from_days, to_days in (("PT", 5, 4), ("PT", 0, 91), ("PT", -9, -1), ("P1", 0, 1)):
        with pytest.raises(errors.InvalidInput):
            world.bank.cards.set_travel(
                amal.actor, card.id, country=country,
                from_date=today + timedelta(days=from_days), to_date=today + timedelta(days=to_days),
            )


def test_given_two_cards_when_named_by_digits_or_kind_then_the_right_ones_are_found(world):
    amal = world.person()
    first = a_card(world, amal)
    world.clock.turn(days=1)
    second = a_card(world, amal, "1881")

    assert world.bank.cards.find(amal.actor, "the one ending 4242") == [first]
    assert world.bank.cards.find(amal.actor, "my debit card") == [first, second]
    assert world.bank.cards.find(amal.actor, "credit") == []


def test_given_somebody_elses_card_when_touched_then_it_does_not_exist(world):
    amal, mallory = world.person(), world.person()
    card = a_card(world, amal)

    for act in (
        lambda: world.bank.cards.freeze(mallory.actor, card.id),
        lambda: world.bank.cards.unfreeze(mallory.actor, card.id),
        lambda: world.bank.cards.set_limit(mallory.actor, card.id, 1),
        lambda: world.bank.cards.replace(mallory.actor, card.id, "lost", idempotency_key="k"),
        lambda: world.bank.cards.order_pin_letter(mallory.actor, card.id),
    ):
        with pytest.raises(errors.NotFound):
            act()


def test_given_a_challenge_of_one_customer_when_another_performs_it_then_it_does_not_exist(world):
    amal, mallory = world.person(), world.person()
    card = world.bank.cards.freeze(amal.actor, a_card(world, amal).id)
    with pytest.raises(errors.StepUpRequired) as asked:
        world.bank.cards.unfreeze(amal.actor, card.id)
    challenge = world.bank.step_up.get(amal.actor, asked.value.details["challenge_id"])
    proof = CodeProof(world.code(amal, asked.value))

    with pytest.raises(errors.NotFound):
        world.bank.step_up_acts.perform(mallory.actor, challenge, proof)

    assert world.bank.cards.get(amal.actor, card.id).status is CardStatus.FROZEN
