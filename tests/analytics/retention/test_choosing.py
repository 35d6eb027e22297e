"""Plans: who gets an offer, who never does, what the plan brings beside other ways to choose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadTable
from analytics.retention.choosing import NO_STRATEGY, Avoided, avoided_of, choose
from analytics.retention.holdout import is_held_out, place_of
from analytics.retention.strategies import (
    PROTECTED,
    Condition,
    Customer,
    Strategy,
    StrategyBook,
    is_protected,
    load_strategies,
    parse_strategies,
)
from analytics.retention.uplift import Uplift
from tests.analytics.retention.simulated import ARMS, SCHEMA, a_world

KEY = b"k" * 32


def a_customer(name="cu_1", **more):
    given = {
        "churn_probability": 0.4, "value_minor": 100_000, "consents": frozenset({"marketing"}),
        "products": frozenset({"savings"}), "facts": {"fees_minor_180d": 500.0},
        **more,
    }  # fmt: skip
    return Customer(name, **given)


def a_book(*strategies, **more):
    given = {"version": "t", "currency": "EUR", "holdout_share": 0.1, "helps_chance_least": 0.7,
             "never_on_open_case": ("fraud", "complaint", "hardship"), **more}  # fmt: skip
    return StrategyBook(strategies=strategies, **given)


CALL = Strategy("call", "a call", cost_minor=1_000, channel="marketing", prior_share=0.2)


def nobody(_customer_id):
    return False


def plan_of(customers, *, avoided=None, error=0.01, budget_minor=10**9, book=None, **more):
    effects = {}
    if avoided is not None:
        shape = (len(customers),)
        effects["call"] = Avoided(np.full(shape, avoided), np.full(shape, error), "trial")
    return choose(
        customers, effects, budget_minor=budget_minor, book=book or a_book(CALL),
        **{"is_held_out": nobody, **more},
    )  # fmt: skip


def test_given_an_offer_that_pays_when_planned_then_it_is_made_and_the_sentence_says_why():
    (row,) = plan_of([a_customer()], avoided=0.1).rows

    assert (row.strategy, row.code) == ("call", "offer")
    assert (row.worth_minor, row.cost_minor) == (9_000, 1_000)  # 0.1 × 1,000.00 − 10.00
    assert "40% likely to leave, 10.0 points less" in row.sentence
    assert "Costs 10.00 EUR, expected to bring 90.00 EUR" in row.sentence


@pytest.mark.parametrize(
    ("more", "avoided", "code"),
    [
        ({"open_cases": frozenset({"fraud"})}, 0.2, "open_case"),
        ({"open_cases": frozenset({"complaint"})}, 0.2, "open_case"),
        ({"open_cases": frozenset({"hardship"})}, 0.2, "open_case"),
        ({"consents": frozenset()}, 0.2, "no_consent"),
        ({}, -0.05, "would_harm"),
        ({}, 0.0, "would_harm"),
        ({"value_minor": 5_000}, 0.1, "not_worth"),
    ],
)
def test_given_a_reason_against_it_when_planned_then_no_offer_is_made(more, avoided, code):
    (row,) = plan_of([a_customer(**more)], avoided=avoided).rows

    assert (row.strategy, row.code, row.cost_minor) == (NO_STRATEGY, code, 0)
    assert row.sentence.startswith("No offer: ")


def test_given_an_effect_that_may_be_none_when_planned_then_no_offer_is_made():
    (row,) = plan_of([a_customer()], avoided=0.1, error=0.3).rows

    assert row.code == "unsure"


def test_given_too_little_budget_when_planned_then_the_others_are_told_so():
    customers = [a_customer(f"cu_{i}", value_minor=100_000 + i) for i in range(5)]

    plan = plan_of(customers, avoided=0.1, budget_minor=2_500)

    assert [row.code for row in plan.rows] == ["no_budget"] * 3 + ["offer"] * 2
    assert plan.cost_minor == 2_000
    assert plan.bound_minor >= plan.worth_minor


def test_given_a_capacity_when_planned_then_no_more_offers_are_made():
    customers = [a_customer(f"cu_{i}") for i in range(6)]

    assert plan_of(customers, avoided=0.1, capacity={"call": 2}).offers_count == 2


def test_given_no_trial_when_planned_then_the_prior_share_of_the_risk_is_used():
    (row,) = plan_of([a_customer(churn_probability=0.5)]).rows

    assert row.avoided == pytest.approx(0.2 * 0.5)
    assert "not yet measured" in row.sentence


@pytest.mark.parametrize(("error", "between"), [(0.001, (0.19, 0.2)), (1.0, (0.04, 0.05))])
def test_given_a_trial_and_a_prior_when_planned_then_the_surer_one_weighs_more(error, between):
    # The prior says 0.1 × 0.4, give or take 0.05 × 0.4; the trial says 0.2.
    book = a_book(Strategy("call", "a call", 10, prior_share=0.1, prior_sd=0.05))

    (row,) = plan_of([a_customer()], avoided=0.2, error=error, book=book).rows

    assert between[0] < row.avoided < between[1]


def test_given_a_boasting_effect_when_planned_then_nobody_is_kept_who_would_not_have_left():
    (row,) = plan_of([a_customer(churn_probability=0.02)], avoided=0.5).rows

    assert row.avoided == pytest.approx(0.02)


def test_given_somebody_held_out_when_planned_then_nothing_is_offered_but_the_plan_is_remembered():
    rows = plan_of([a_customer("cu_1"), a_customer("cu_2")], avoided=0.1,
                   is_held_out=lambda who: who == "cu_1").rows  # fmt: skip

    assert (rows[0].strategy, rows[0].planned, rows[0].code) == (NO_STRATEGY, "call", "held_out")
    assert (rows[1].strategy, rows[1].planned) == ("call", "call")


def test_given_what_is_no_fit_when_planned_then_product_and_facts_are_asked():
    book = a_book(
        Strategy("rate", "a rate", 10, products=("savings",), prior_share=0.3),
        Strategy("fees", "no fees", 20, when=(Condition("fees_minor_180d", at_least=1),),
                 prior_share=0.2),
    )  # fmt: skip
    customers = [
        a_customer("cu_saver", facts={}),
        a_customer("cu_payer", products=frozenset()),
        a_customer("cu_other", products=frozenset(), facts={"fees_minor_180d": 0.0}),
    ]

    rows = plan_of(customers, book=book).rows

    assert [row.strategy for row in rows] == ["rate", "fees", NO_STRATEGY]
    assert rows[2].code == "does_not_fit"


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 10**6), st.floats(-0.5, 0.5)),
        min_size=1, max_size=12,
    ),
    st.integers(0, 20_000),
)  # fmt: skip
def test_no_plan_spends_more_than_its_budget_or_wakes_a_sleeping_dog(people, budget_minor):
    customers = [
        a_customer(f"cu_{i}", churn_probability=p, value_minor=v)
        for i, (p, v, _) in enumerate(people)
    ]
    effect = np.array([e for *_, e in people])

    plan = choose(
        customers, {"call": Avoided(effect, np.full(len(effect), 0.01), "trial")},
        budget_minor=budget_minor, is_held_out=nobody, book=a_book(CALL),
    )  # fmt: skip

    assert plan.cost_minor <= budget_minor
    assert all(e > 0 for e, row in zip(effect, plan.rows, strict=True) if row.code == "offer")
    assert all(row.worth_minor > 0 for row in plan.rows if row.code == "offer")


def test_given_a_trial_when_planned_by_uplift_then_it_keeps_more_value_than_risk_or_chance():
    learnt, world = a_world(6_000, arms=3), a_world(2_000, seed=9, arms=3)
    effects = Uplift.fit(
        learnt.table, learnt.arm, learnt.outcome, SCHEMA, arms=ARMS, learners=("logistic",),
        halves=4,
    ).effect(world.table)  # fmt: skip
    book = a_book(Strategy("a", "a", 2_000), Strategy("b", "b", 1_000), helps_chance_least=0.6)
    customers = [a_customer(f"cu_{i}", churn_probability=p) for i, p in enumerate(world.without)]
    budget = 600_000

    plan = choose(
        customers,
        {name: avoided_of(effects, arm, source="trial") for arm, name in ((1, "a"), (2, "b"))},
        budget_minor=budget, is_held_out=nobody, book=book,
    )  # fmt: skip
    oracle = choose(
        customers,
        {
            name: Avoided(-world.effect[:, arm], np.zeros(2_000), "truth")
            for arm, name in ((0, "a"), (1, "b"))
        },
        budget_minor=budget, is_held_out=nobody, book=book,
    )  # fmt: skip

    by_plan, best = (true_worth(one, world, book) for one in (plan, oracle))
    rng = np.random.default_rng(3)
    by_risk = worth_in_order(np.argsort(-world.without), world, book, budget)
    by_chance = worth_in_order(rng.permutation(2_000), world, book, budget)
    assert by_plan > 1.3 * max(by_risk, by_chance)
    assert 0.8 * best < by_plan <= best


def true_worth(plan, world, book):
    """Return what a plan truly brings, in minor units."""
    names = [one.name for one in book.strategies]
    return sum(
        -world.effect[i, names.index(row.strategy)] * 100_000 - row.cost_minor
        for i, row in enumerate(plan.rows) if row.strategy != NO_STRATEGY
    )  # fmt: skip


def worth_in_order(order, world, book, budget):
    """Return what offering `a` in an order brings, until the budget is spent."""
    some = order[: budget // book.strategies[0].cost_minor]
    return float(np.sum(-world.effect[some, 0] * 100_000 - book.strategies[0].cost_minor))


def test_the_hold_out_is_the_same_in_every_run_and_says_nothing_about_anybody():
    world = a_world(20_000)
    ids = [f"cu_{i:06d}" for i in range(20_000)]

    held = np.array([is_held_out(one, key=KEY, share=0.1) for one in ids])

    assert held[:50].tolist() == [is_held_out(one, key=KEY, share=0.1) for one in ids[:50]]
    assert abs(held.mean() - 0.1) < 0.008
    for name in ("fees", "lonely", "is_new", "noise_1"):
        assert abs(np.corrcoef(held, world.table[name])[0, 1]) < 0.03
    assert abs(np.corrcoef(held, np.arange(20_000))[0, 1]) < 0.03


def test_given_another_key_when_drawn_then_others_are_held_out():
    places = [place_of(f"cu_{i}", key=KEY) for i in range(2_000)]
    others = [place_of(f"cu_{i}", key=b"another") for i in range(2_000)]

    assert abs(np.corrcoef(places, others)[0, 1]) < 0.1


@given(st.text(max_size=30), st.floats(0, 1), st.floats(0, 1))
def test_raising_the_share_only_adds_people(customer_id, one, other):
    few, many = sorted((one, other))

    if is_held_out(customer_id, key=KEY, share=few):
        assert is_held_out(customer_id, key=KEY, share=many)
    assert is_held_out(customer_id, key=KEY, share=1.0)
    assert not is_held_out(customer_id, key=KEY, share=0.0)


def test_the_list_that_comes_along_is_read_and_its_campaign_names_are_there():
    book = load_strategies()

    names = {one.name for one in book.strategies}
    assert {"rate_bonus", "fee_waiver", "call", "product_fix", "education"} == names
    assert all(one.channel or one.name == "product_fix" for one in book.strategies)
    assert not any(is_protected(c.fact) for one in book.strategies for c in one.when)


@pytest.mark.parametrize("name", sorted(PROTECTED))
def test_given_a_fact_about_who_somebody_is_when_made_then_it_is_refused(name):
    with pytest.raises(BadTable, match="no offer may rest on it"):
        a_customer(facts={f"customer_{name}": 1.0})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('when = [{ fact = "age_years", at_most = 30 }]', "who somebody is"),
        ("margin_share = 2.0", "margin_share is 2"),
        ("capacity = -1", "capacity is -1"),
    ],
)
def test_given_a_list_that_breaks_a_rule_when_read_then_it_is_refused(line, said):
    head = 'version="1"\ncurrency="EUR"\nholdout_share=0.1\nhelps_chance_least=0.7\n'
    text = f'{head}never_on_open_case=[]\n[strategies.x]\ntitle="x"\ncost_minor=1\n{line}\n'

    with pytest.raises(BadTable, match=said):
        parse_strategies(text)
