"""Somebody who finds every alert genuine: another person's case, and never their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bank.domain import errors
from bank.domain.cases import VERDICT_RUN, CaseKind
from tests.bank.builders import World
from tests.bank.services.desk import OFFICER, SUPERVISOR, Sure

RUN = 15


@pytest.fixture
def world() -> World:
    return World()


def decides(world, outcomes, actor=OFFICER):
    """Let held payments come and be decided, a minute each."""
    world.bank.protection.use(Sure(9.0))
    people = [world.person(funds_minor=900_000) for _ in outcomes]
    payees = [world.payee(one, is_new=True) for one in people]
    world.clock.turn(days=2)
    for outcome, person, payee in zip(outcomes, people, payees, strict=True):
        held = world.confirm(person, world.propose(person, 300_000, payee_id=payee.id))
        (case,) = [
            one
            for one in world.bank.cases.list(actor, queue="alerts")
            if one.idempotency_key == f"payment_held:{held.id}"
        ]
        world.bank.cases.claim(actor, case.id)
        world.bank.alert_desk.decide(actor, case.id, outcome)
        world.clock.turn(minutes=1)


def runs(world, actor=SUPERVISOR):
    return [one for one in world.bank.cases.list(actor) if one.reason_code == VERDICT_RUN]


def test_given_an_officer_who_finds_everything_genuine_then_a_supervisor_has_one_case(world):
    decides(world, ["genuine"] * (RUN + 3))

    (case,) = runs(world)
    assert (case.kind, case.queue) == (CaseKind.ALERT, "oversight")
    assert OFFICER.id in case.why
    assert runs(world, OFFICER) == []


def test_given_one_fewer_then_nothing(world):
    decides(world, ["genuine"] * (RUN - 1))

    assert runs(world) == []


def test_given_a_fraud_found_in_between_then_the_run_begins_anew(world):
    decides(world, [*["genuine"] * 10, "fraud", *["genuine"] * 10])

    assert runs(world) == []


def test_given_a_supervisor_who_does_it_then_they_cannot_take_their_own_case(world):
    decides(world, ["genuine"] * RUN, SUPERVISOR)
    (case,) = runs(world)

    with pytest.raises(errors.NotPermitted):
        world.bank.cases.claim(SUPERVISOR, case.id)

    other = replace(SUPERVISOR, id="st_9")
    world.bank.cases.claim(other, case.id)
    assert world.bank.cases.resolve(other, case.id, "looked_at").outcome == "looked_at"
