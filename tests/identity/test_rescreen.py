"""Screening all customers again: a hit is one case, however often it is found."""

from dataclasses import replace

from identity.rescreen import screen_customers
from identity.screening import ScreeningLists, invented_lists
from tests.bank.people.world import World


def listed_name(lists: ScreeningLists) -> str:
    return next(entry for entry in lists.entries if entry.kind.value == "person").names[0].text


def test_given_a_listed_customer_when_screened_twice_then_one_case_for_compliance():
    world, lists = World(), invented_lists()
    listed = world.customer("amal")
    named = replace(listed, full_name=listed_name(lists))
    world.store.write(lambda uow: uow.customers.save(named))
    world.customer("bea")

    found = [screen_customers(world.bank, lists) for _ in range(2)]

    cases = world.store.read(lambda uow: uow.cases.list(kind="alert"))
    assert found[0] == found[1] >= 1
    assert {one.customer_id for one in cases} == {listed.id}
    assert len(cases) == found[0]


def test_given_lists_that_did_not_change_when_screened_then_nobody_is_looked_at():
    world, lists = World(), invented_lists()
    world.customer("amal")

    assert screen_customers(world.bank, lists, previous=lists) == 0
