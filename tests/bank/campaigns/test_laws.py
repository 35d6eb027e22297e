"""Laws of contacting: whatever the order, whatever the hour, whoever it is."""

from __future__ import annotations

import ast
import random
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bank.domain.actors import SYSTEM
from bank.domain.audience_rules import FEATURES
from bank.domain.campaigns import CampaignState, MessageClass, SendState
from bank.domain.experiments import Arm, always_valid, smallest, uplift
from bank.policies import contacting as policy
from bank.policies.contacting import MARKETING_ONLY, Asked, Reason
from bank.policies.tables import load_table
from tests.bank.campaigns.town import KEYRING, NOON, Town

ROOT = Path(__file__).parents[3]
#: The modules of the wall in pyproject.toml that touch tables.
ROOMS = (
    "audience_features", "audiences", "campaign_reach", "campaign_results", "campaign_sends",
    "campaigns", "consents", "contacts", "offer_rates", "offers",
)  # fmt: skip
READABLE = {
    "accounts", "campaign_sends", "campaigns", "cards", "channel_links", "consents", "customers",
    "holdings", "login_days", "notice_choices", "offer_answers", "offerless_talks", "outbox",
    "postings", "suppressions",
}  # fmt: skip
SUSPICION = (
    "risk", "alert", "fraud", "sar", "suspic", "finding", "block", "dispute", "complaint",
    "hardship", "sanction", "pep", "case", "health", "religion",
)  # fmt: skip

moments = st.datetimes(
    min_value=NOON.replace(tzinfo=None) - timedelta(days=700),
    max_value=NOON.replace(tzinfo=None) + timedelta(days=700),
).map(lambda one: one.replace(tzinfo=UTC))
countries = st.sampled_from([*sorted(load_table("contacting")["time_zones"]), "ZZ"])
asked = st.builds(
    Asked,
    message_class=st.sampled_from(MessageClass),
    state=st.sampled_from(CampaignState),
    starts_at_utc=moments, ends_at_utc=moments, now_utc=moments, country=countries,
    has_consent=st.booleans(), is_suppressed=st.booleans(), is_held_out=st.booleans(),
    cap_count=st.none() | st.integers(0, 4), sent_lately_count=st.integers(0, 5),
    cost_minor=st.integers(0, 9), budget_left_minor=st.integers(-5, 20),
    missing=st.frozensets(st.sampled_from([Reason.NO_ADDRESS, Reason.MISSING_FACT])),
)  # fmt: skip


@given(asked)
def test_marketing_goes_only_with_consent_by_day_below_the_cap_within_the_budget(one):
    if one.message_class is MessageClass.MARKETING and policy.may_send(one).may:
        assert one.has_consent
        assert not one.is_suppressed
        assert not one.is_held_out
        assert one.cap_count is None or one.sent_lately_count < one.cap_count
        assert one.cost_minor <= one.budget_left_minor
        zones = load_table("contacting")["time_zones"].get(one.country, ["Europe/Berlin"])
        for zone in zones:
            local = one.now_utc.astimezone(ZoneInfo(zone))
            assert 9 <= local.hour < 20
            assert local.weekday() != 6


@given(asked)
def test_service_and_security_are_never_held_back_by_marketing_rules(one):
    for owed in (MessageClass.SERVICE, MessageClass.SECURITY):
        verdict = policy.may_send(replace(one, message_class=owed))

        assert MARKETING_ONLY.isdisjoint(verdict.reasons)


@given(asked)
def test_a_message_is_tried_again_later_and_only_for_reasons_that_pass(one):
    verdict = policy.may_send(one)

    if verdict.again_at_utc is not None:
        assert one.now_utc < verdict.again_at_utc < one.ends_at_utc
        assert set(verdict.reasons) <= policy.PASSING


@given(moments, countries)
def test_the_next_loud_moment_is_not_quiet_and_comes_within_three_days(now_utc, country):
    loud = policy.next_loud_utc(now_utc, country=country)

    assert now_utc <= loud <= now_utc + timedelta(days=3)
    assert not policy.is_quiet(loud, country=country)


def test_the_hold_out_has_its_share_and_never_moves():
    digests = [KEYRING.digest("contacting/hold_out", f"cu_{n}") for n in range(20_000)]
    held = [policy.is_held_out(one) for one in digests]

    # Five standard deviations of a binomial around 5 %.
    assert abs(sum(held) / len(held) - 0.05) < 5 * (0.05 * 0.95 / len(held)) ** 0.5
    assert held == [policy.is_held_out(one) for one in digests]


steps = st.lists(
    st.tuples(
        st.sampled_from(["make", "send", "withdraw", "give", "turn", "back"]),
        st.integers(0, 2),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(steps)
def test_no_order_of_events_breaks_the_cap_or_a_withdrawal(order):
    town = Town()
    people = [town.person() for _ in range(3)]
    agrees = dict.fromkeys((one.email for one in people), True)

    for act, which in order:
        person = people[which]
        match act:
            case "make":
                town.approved(starts_at_utc=town.clock())
            case "withdraw":
                town.withdraw(person)
                agrees[person.email] = False
            case "give":
                town.give(person)
                agrees[person.email] = True
            case "turn":
                town.clock.turn(hours=7 + 20 * which)
            case "back":
                town.clock.turn(minutes=-30)
            case _:
                _send_and_check(town, agrees)

    for person in people:
        sent = [one.sent_at_utc for one in town.sends(customer_id=person.id, state=SendState.SENT)]
        for moment in sent:
            week = [one for one in sent if moment - timedelta(days=7) < one <= moment]
            assert len(week) <= 3


def _send_and_check(town: Town, agrees: dict[str, bool]) -> None:
    before = {one.id for one in town.store.read(lambda uow: uow.outbox.list())}
    town.bank.campaign_sends.run_due()
    for item in town.store.read(lambda uow: uow.outbox.list()):
        if item.id not in before:
            assert agrees[item.to]
            assert not policy.is_quiet(town.clock(), country="DE")


@given(st.integers(1, 500), st.integers(1, 500), st.data())
def test_an_uplift_lies_in_its_interval_and_turns_with_its_arms(many, few, data):
    one = Arm(many, data.draw(st.integers(0, many)))
    two = Arm(few, data.draw(st.integers(0, few)))

    found, turned = uplift(one, two), uplift(two, one)

    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert abs(found.low + turned.high) < 1e-9


def test_given_no_effect_when_looked_at_after_every_hundred_then_few_are_fooled():
    rng = random.Random(3)
    always, naive, runs = 0, 0, 200
    for _ in range(runs):
        one = two = 0
        readings, is_fooled = [], False
        for look in range(1, 31):
            one += sum(rng.random() < 0.1 for _ in range(100))
            two += sum(rng.random() < 0.1 for _ in range(100))
            arms = Arm(100 * look, one), Arm(100 * look, two)
            readings.append(always_valid(*arms))
            is_fooled |= uplift(*arms).is_clear
        always += smallest(readings) <= 0.05
        naive += is_fooled

    assert always / runs <= 0.05
    assert naive / runs > 0.15  # which is why the other one is there


def test_the_features_of_an_audience_know_nothing_of_suspicion():
    assert [name for name in FEATURES if any(word in name for word in SUSPICION)] == []


def test_the_rooms_of_campaigns_read_no_table_but_their_own_and_the_customer():
    touched = set()
    for room in ROOMS:
        tree = ast.parse((ROOT / "bank" / "services" / f"{room}.py").read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "uow":
                touched.add(node.attr)
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) != "getattr", room

    assert touched == READABLE


def test_given_a_restricted_account_then_an_audience_sees_the_same_as_without():
    town = Town()
    person = town.person()
    account = town.bank.accounts.open(
        SYSTEM, customer_id=person.id, kind="savings", name="Rainy days", currency="EUR"
    )
    rule = {"feature": "has_savings", "op": "eq", "value": True}
    campaign = town.approved(audience={"rules": [rule]}, starts_at_utc=NOON)
    before = town.bank.audiences.page(campaign, after="")

    def restrict(uow):
        held = uow.accounts.get(account.id)
        uow.accounts.save(replace(held, status=type(held.status).RESTRICTED))

    town.store.write(restrict)

    assert town.bank.audiences.page(campaign, after="") == before
    assert before[1] == [person.id]
