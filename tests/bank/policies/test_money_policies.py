"""Policies: who may do what, what money is worth elsewhere, what a loan costs."""

from __future__ import annotations

from decimal import Decimal

import hypothesis.strategies as st
import pytest
from hypothesis import given

from bank.domain import errors
from bank.domain.actors import SYSTEM, VISITOR, Actor, ActorKind, a_customer
from bank.domain.fx import convert
from bank.domain.money import CURRENCY_DIGITS, Money
from bank.domain.products import annuity_minor, apr_percent
from bank.policies import access, disputes, fx, products
from bank.policies.tables import load_table
from bank.services.products import Products

CURRENCIES = st.sampled_from(sorted(CURRENCY_DIGITS))
STAFF = Actor(ActorKind.STAFF, "st_1", roles=frozenset({"agent"}))
OWNER_ONLY = [
    action for action, words in load_table("access")["actions"].items() if words == ["owner"]
]


@pytest.mark.parametrize("action", OWNER_ONLY)
def test_given_an_owners_act_when_anybody_else_asks_then_it_is_refused_with_a_reason(action):
    assert access.decide(a_customer("cu_1"), action, owner_id="cu_1").allowed
    for actor, reason in (
        (a_customer("cu_2"), access.NOT_OWNER),
        (VISITOR, access.KIND_NOT_ALLOWED),
        (STAFF, access.KIND_NOT_ALLOWED),
        (SYSTEM, access.KIND_NOT_ALLOWED),
    ):
        decision = access.decide(actor, action, owner_id="cu_1")
        assert (decision.allowed, decision.reason) == (False, reason)


def test_given_an_act_without_a_rule_when_asked_then_nobody_may():
    for actor in (a_customer("cu_1"), VISITOR, STAFF, SYSTEM):
        assert access.decide(actor, "vault.open").reason == access.NO_RULE


def test_given_a_role_when_its_act_is_asked_then_only_that_role_may():
    clerk = Actor(ActorKind.STAFF, "st_2", roles=frozenset({"kyc"}))

    assert access.decide(STAFF, "cards.freeze", owner_id="cu_1").reason == "staff:agent"
    assert not access.decide(clerk, "cards.freeze", owner_id="cu_1").allowed


def test_given_a_customer_without_an_owned_record_when_required_then_others_do_not_exist():
    with pytest.raises(errors.NotFound):
        access.require(a_customer("cu_1"), "accounts.get", owner_id="cu_2")


@pytest.mark.parametrize(
    ("source", "to", "amount"),
    [
        (Money(10_000, "EUR"), "USD", Money(10_699, "USD")),    # 100 * 1.0862 * 0.985 = 106.9907
        (Money(10_000, "EUR"), "JPY", Money(16_100, "JPY")),    # 100 * 163.45 * 0.985 = 16099.825
        (Money(10_000, "EUR"), "KWD", Money(32_890, "KWD")),    # 100 * 0.33391 * 0.985 = 32.890135
        (Money(10_000, "JPY"), "EUR", Money(6_026, "EUR")),     # 10000 / 163.45 * 0.985 = 60.2631
        (Money(5_000, "EUR"), "EUR", Money(5_000, "EUR")),
    ],
)  # fmt: skip
def test_given_an_amount_when_converted_then_digits_and_margin_are_right(source, to, amount):
    assert convert(source, to, table=fx.rate_table()).amount == amount


@given(amount_minor=st.integers(1, 10**9), there=CURRENCIES, back=CURRENCIES)
def test_there_and_back_never_gains(amount_minor: int, there: str, back: str):
    money = Money(amount_minor, back)
    table = fx.rate_table()

    away = convert(money, there, table=table)
    # One rounding each way: half a unit there is worth at most that much back.
    half_unit = convert(Money(1, there), back, table=table).amount.amount_minor + 2
    home = convert(away.amount, back, table=table)

    assert home.amount.amount_minor <= amount_minor + half_unit


def test_given_every_loan_when_quoted_then_the_payments_add_up_and_the_apr_is_not_below_the_rate():
    for loan in products.list_loans():
        for months in (loan.months_min, loan.months_max):
            quote = products.quote(loan, loan.amount_max, months)
            paid = quote.payment.amount_minor * (months - 1) + quote.last_payment.amount_minor
            assert quote.total.amount_minor == paid + quote.fee.amount_minor
            assert quote.total == quote.amount + quote.interest + quote.fee
            assert abs(quote.last_payment.amount_minor - quote.payment.amount_minor) <= months
            assert quote.apr_percent >= loan.rate_percent


def test_given_ten_thousand_at_six_percent_when_repaid_in_a_year_then_the_textbook_figures_come():
    # 10,000.00 at 6 % nominal over 12 months: 860.66 a month, effective 6.17 %.
    payment = annuity_minor(principal_minor=1_000_000, rate_percent=Decimal(6), months=12)

    assert payment == 86_066
    assert apr_percent(paid_out_minor=1_000_000, payments_minor=[payment] * 12) == Decimal("6.17")


@pytest.mark.parametrize(
    ("amount_minor", "months"), [(99_999, 12), (7_500_001, 12), (500_000, 5), (500_000, 181)]
)
def test_given_a_loan_nobody_offers_when_quoted_then_it_is_invalid(amount_minor, months):
    with pytest.raises(errors.InvalidInput):
        Products().loan_quote(Money(amount_minor, "EUR"), months)


def test_given_the_price_list_when_read_then_topics_branches_and_hours_are_there():
    bank = Products()

    assert {fee.topic for fee in bank.fees("card")} == {"card"}
    assert {rate.kind for rate in bank.rates()} == {"savings", "overdraft", "mortgage", "loan"}
    assert bank.hours("harbour")[0].weekday == "monday"
    assert bank.hours("Harbour")[-1].opens is None
    with pytest.raises(errors.NotFound):
        bank.hours("moon")


def test_given_the_reasons_when_listed_then_each_has_a_deadline_and_a_kind():
    for reason in disputes.list_reasons():
        assert reason.deadline_days > 0
        assert reason.kinds
