"""Messenger accounts are linked by a code; notices are told once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from bank.domain.actors import VISITOR, a_customer
from bank.domain.errors import CodeExpired, NotAuthenticated, NotFound, RateLimited, WrongCode
from bank.domain.links import clean_link_code
from bank.domain.money import Money
from bank.domain.notices import NOTICE_TTL_DAYS
from bank.services.notices import Notices
from tests.bank.people.world import NOON, World


def test_given_a_code_when_typed_into_the_messenger_then_the_account_is_the_customers(world: World):
    amal = world.customer()
    code = world.bank.links.make_code(a_customer(amal.id))

    world.bank.links.redeem("telegram", "4711", f" {code.lower().replace('-', ' ')} ")

    assert world.bank.links.find("telegram", "4711") == amal.id
    assert world.bank.links.find("slack", "4711") is None
    held = world.store.read(lambda uow: repr((uow.channel_links.list(), uow.link_codes.list())))
    assert "4711" not in held


def test_given_a_used_code_then_it_links_nothing_more(world: World):
    code = world.bank.links.make_code(a_customer(world.customer().id))
    world.bank.links.redeem("telegram", "4711", code)

    with pytest.raises(WrongCode):
        world.bank.links.redeem("telegram", "666", code)


def test_given_an_old_or_replaced_code_then_it_links_nothing(world: World):
    amal = a_customer(world.customer().id)
    replaced = world.bank.links.make_code(amal)
    old = world.bank.links.make_code(amal)
    world.clock.pass_s(601)

    with pytest.raises(WrongCode):
        world.bank.links.redeem("telegram", "4711", replaced)
    with pytest.raises(CodeExpired):
        world.bank.links.redeem("telegram", "4711", old)


def test_given_five_wrong_codes_then_this_account_must_wait(world: World):
    code = world.bank.links.make_code(a_customer(world.customer().id))
    for number in range(5):
        with pytest.raises(WrongCode):
            world.bank.links.redeem("telegram", "666", f"0000-000{number}")

    with pytest.raises(RateLimited):
        world.bank.links.redeem("telegram", "666", code)


def test_given_a_visitor_then_there_is_no_code_and_given_a_link_it_can_be_removed(world: World):
    amal = a_customer(world.customer().id)
    world.bank.links.redeem("telegram", "4711", world.bank.links.make_code(amal))

    with pytest.raises(NotAuthenticated):
        world.bank.links.make_code(VISITOR)
    assert world.bank.links.remove(amal, "telegram") == 1
    assert world.bank.links.find("telegram", "4711") is None


def test_the_look_alikes_of_a_code_are_read_as_meant():
    assert clean_link_code("oil0 1111") == "0110-1111"


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


QUIET = SimpleNamespace(month_to_date=eur(50_000), usual_by_now=eur(50_000))


@dataclass
class FakeInsights:
    """What the accounts of the tests say."""

    charges: list
    low: object = None
    back: tuple = ()
    path: object = field(default_factory=lambda: QUIET)

    def recurring(self, actor):
        return self.charges

    def low_balance(self, actor):
        return self.low

    def refunds(self, actor, since_utc):
        assert since_utc == NOON - timedelta(days=3)
        return self.back

    def spending_path(self, actor):
        return self.path


def charge(now: int, before: int | None):
    return SimpleNamespace(
        merchant="Streamy",
        category="subscriptions",
        amount=eur(-now),
        previous_amount=eur(-before) if before else None,
    )


def notices_of(world: World, insights: FakeInsights) -> Notices:
    return Notices(world.store, clock=world.clock, insights=insights)


def test_given_a_dearer_subscription_when_looked_twice_then_it_is_told_once(world: World):
    amal = world.customer()
    notices = notices_of(world, FakeInsights([charge(1_299, 999), charge(999, None)]))

    assert (notices.make_due([amal.id]), notices.make_due([amal.id])) == (1, 0)

    [notice] = notices.pending(amal.id)
    assert notice.kind == "recurring_changed"
    assert notice.facts == {"merchant": "Streamy", "amount": "12.99 EUR", "previous": "9.99 EUR"}
    assert [change.kind for change in world.bank.conversations.changes(0)] == ["notice"]


@pytest.mark.parametrize(("now", "before"), [(1_009, 999), (999, 1_299), (150, 100), (999, None)])
def test_given_a_charge_that_hardly_rose_then_nothing_is_told(world: World, now, before):
    assert notices_of(world, FakeInsights([charge(now, before)])).make_due(["cu_1"]) == 0


def test_given_money_back_and_a_low_balance_then_both_are_facts_without_words(world: World):
    insights = FakeInsights(
        [],
        low=SimpleNamespace(
            account=SimpleNamespace(id="ac_1", name="Current"),
            expected=eur(-1_200),
            date=date(2026, 3, 9),
        ),
        back=(
            SimpleNamespace(
                id="po_1", amount_minor=2_500, currency="EUR", merchant="Shoes", description=""
            ),
        ),
        path=SimpleNamespace(month_to_date=eur(90_000), usual_by_now=eur(50_000)),
    )
    notices = notices_of(world, insights)

    assert notices.make_due(["cu_1"]) == 2  # the path is not told on the 2nd of a month

    assert {notice.kind: notice.facts for notice in notices.pending("cu_1")} == {
        "low_balance": {"account": "Current", "expected": "-12.00 EUR", "date": "2026-03-09"},
        "money_back": {"amount": "25.00 EUR", "merchant": "Shoes"},
    }


def test_given_a_dear_month_when_it_is_late_enough_in_it_then_the_path_is_told(world: World):
    dear = SimpleNamespace(month_to_date=eur(90_000), usual_by_now=eur(50_000))

    insights = FakeInsights([], path=dear)
    insights.refunds = lambda actor, since_utc: []
    notices = notices_of(world, insights)

    world.clock.now_utc = NOON.replace(day=20)

    assert notices.make_due(["cu_1"]) == 1
    assert notices.pending("cu_1")[0].facts == {"spent": "900.00 EUR", "usual": "500.00 EUR"}


def test_given_a_notice_when_two_processes_tell_it_then_one_does(world: World):
    notices = notices_of(world, FakeInsights([charge(1_299, 999)]))
    notices.make_due(["cu_1"])
    [notice] = notices.pending("cu_1")

    assert [notices.mark_told(notice.id) for _ in range(2)] == [True, False]
    assert notices.pending("cu_1") == []
    with pytest.raises(NotFound):
        notices.mark_told("no_such")


def test_given_a_notice_nobody_heard_for_two_weeks_then_it_is_not_told(world: World):
    notices = notices_of(world, FakeInsights([charge(1_299, 999)]))
    notices.make_due(["cu_1"])
    world.clock.pass_s(NOTICE_TTL_DAYS * 86_400)

    assert notices.pending("cu_1") == []


def test_given_nobody_named_then_everybody_who_has_a_chat_is_looked_at(world: World):
    amal = world.customer()
    world.customer("berta")
    world.chat(amal)
    notices = notices_of(world, FakeInsights([charge(1_299, 999)]))

    assert notices.make_due() == 1
    assert len(notices.pending(amal.id)) == 1
