"""Promotion: the bank's two people and the registry's folder say the same, whatever breaks."""

from __future__ import annotations

import pytest

from analytics.errors import BrokenModel, NoSuchModel, NotApproved
from analytics.registry import Fate, Registry
from analytics.registry.promotion import Swaps
from bank.domain.errors import Conflict, SecondPersonNeeded
from tests.analytics.registry.logistic import a_card, constant, load
from tests.bank.people.world import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def swaps(world, tmp_path) -> Swaps:
    registry = Registry(tmp_path, load=load)
    registry.add("churn", constant(0.2), a_card())
    registry.add("churn", constant(0.3), a_card(parent="x"))
    return Swaps(registry, world.bank.promotions)


@pytest.fixture
def people(world):
    return world.staff("ines", ("model_owner",)), world.staff("omar", ("model_owner",))


def versions(swaps: Swaps) -> list[str]:
    return [one.version for one in swaps.registry.versions("churn")]


def serving(swaps: Swaps) -> str:
    return swaps.registry.champion("churn").version


def promoted(swaps: Swaps, people, version: str):
    return swaps.approve(
        people[1], swaps.propose_promotion(people[0], "churn", version, reason="better")
    )


def test_given_one_person_then_nothing_serves_that_did_not(swaps, people):
    first, second = versions(swaps)

    waiting = swaps.propose_promotion(people[0], "churn", second, reason="better")

    assert serving(swaps) == first
    with pytest.raises(SecondPersonNeeded):
        swaps.approve(people[0], waiting)
    assert serving(swaps) == first


def test_given_two_people_then_it_serves_and_both_records_name_each_other(swaps, people):
    _, second = versions(swaps)

    done = promoted(swaps, people, second)

    pointer = swaps.registry.pointer("churn")
    assert (pointer.version, pointer.promotion) == (second, done.id)
    assert done.carried_out_at_utc is not None
    assert done.card_digest == pointer.card_digest


def test_given_a_promotion_then_the_roll_back_takes_two_people_too_and_marks_the_fate(
    swaps, people
):
    first, second = versions(swaps)
    promoted(swaps, people, second)

    waiting = swaps.propose_rollback(people[1], "churn", reason="complaints doubled")
    assert serving(swaps) == second
    swaps.approve(people[0], waiting)

    assert serving(swaps) == first
    assert swaps.registry.get("churn", second).card.fate is Fate.ROLLED_BACK
    assert swaps.registry.pointer("churn").before == second


def test_given_a_card_changed_after_the_proposal_then_the_second_word_is_refused(swaps, people):
    first, second = versions(swaps)
    waiting = swaps.propose_promotion(people[0], "churn", second, reason="better")
    card = swaps.registry.get("churn", second).folder / "card.json"
    card.write_text(card.read_text().replace('"seed": 7', '"seed": 8'))

    with pytest.raises(Conflict):
        swaps.approve(people[1], waiting)
    assert serving(swaps) == first


def test_given_files_changed_after_the_proposal_then_the_refusal_names_the_file(swaps, people):
    first, second = versions(swaps)
    waiting = swaps.propose_promotion(people[0], "churn", second, reason="better")
    (swaps.registry.get("churn", second).folder / "model.json").write_text("{}")

    with pytest.raises(BrokenModel, match=r"model\.json"):
        swaps.approve(people[1], waiting)
    assert serving(swaps) == first


def test_given_a_process_that_died_between_word_and_swap_then_finish_carries_it_out(
    swaps, people, world
):
    first, second = versions(swaps)
    waiting = swaps.propose_promotion(people[0], "churn", second, reason="better")
    world.bank.promotions.approve(
        people[1], waiting.id, card_digest=waiting.card_digest, from_version=first
    )
    assert serving(swaps) == first

    assert swaps.finish("churn").carried_out_at_utc is not None
    assert serving(swaps) == second
    assert swaps.finish("churn") is None


def test_given_a_process_that_died_after_the_swap_then_finish_only_writes_it_down(
    swaps, people, world
):
    first, second = versions(swaps)
    waiting = swaps.propose_promotion(people[0], "churn", second, reason="better")
    word = {"card_digest": waiting.card_digest, "from_version": first}
    world.bank.promotions.approve(people[1], waiting.id, **word)
    swaps.registry.swap(
        "churn", to=second, instead_of=first, card_digest=waiting.card_digest,
        promotion=waiting.id,
    )  # fmt: skip
    before = swaps.registry.pointer_path("churn").read_text()

    assert swaps.finish("churn").carried_out_at_utc is not None
    assert swaps.registry.pointer_path("churn").read_text() == before


def test_given_the_version_that_serves_when_proposed_then_it_is_refused(swaps, people):
    with pytest.raises(NotApproved):
        swaps.propose_promotion(people[0], "churn", serving(swaps), reason="again")


def test_given_nothing_served_before_when_rolled_back_then_there_is_nothing_to_go_to(swaps, people):
    with pytest.raises(NoSuchModel):
        swaps.propose_rollback(people[0], "churn", reason="harm")


def test_given_the_champion_changed_meanwhile_then_the_proposal_is_void(swaps, people):
    _, second = versions(swaps)
    waiting = swaps.propose_promotion(people[0], "churn", second, reason="better")
    third = swaps.registry.add("churn", constant(0.4), a_card())
    swaps.registry.swap(
        "churn", to=third, instead_of=serving(swaps), promotion="pm_other",
        card_digest=swaps.registry.get("churn", third).card.digest,
    )  # fmt: skip

    with pytest.raises(Conflict) as refusal:
        swaps.approve(people[1], waiting)
    assert refusal.value.details == {"reason": "champion_changed"}
    assert serving(swaps) == third
