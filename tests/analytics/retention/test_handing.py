"""A plan that is handed on: who is written to, who is called, and who is left alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from analytics.retention.choosing import Plan, PlanRow
from analytics.retention.handing import draft, open_calls, wishes_of, without_suspicion
from analytics.retention.strategies import load_strategies
from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM
from bank.domain.audiences import digest_of, is_named, validate_audience
from bank.domain.campaigns import CampaignState, MessageClass
from bank.domain.cases import CaseState
from bank.domain.errors import InvalidInput
from bank.storage.memory import MemoryStore

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


def a_row(number: int, planned: str, *, is_held_out: bool = False) -> PlanRow:
    gets = "nothing" if is_held_out else planned
    return PlanRow(
        f"cu_{number}", gets, planned, is_held_out, "offer", "Because.", 0.2, 0.1, 0.0, 0.2, 9, 5
    )


@pytest.fixture
def bank() -> Bank:
    return make_bank(MemoryStore(), clock=lambda: NOON)


@pytest.fixture
def plan() -> Plan:
    rows = (
        a_row(1, "rate_bonus"), a_row(2, "rate_bonus", is_held_out=True), a_row(3, "call"),
        a_row(4, "call", is_held_out=True), a_row(5, "nothing"), a_row(6, "education"),
    )  # fmt: skip
    return Plan(rows, "EUR", 100, 25, 45, 50)


def test_given_a_plan_when_drafted_then_what_is_written_awaits_a_second_person(bank, plan) -> None:
    made = draft(bank.campaigns, SYSTEM, plan, now_utc=NOON)

    assert [one.state for one in made] == [CampaignState.DRAFT] * 2
    assert all(one.message_class is MessageClass.MARKETING for one in made)
    assert made[0].audience["customer_ids"] == ["cu_1", "cu_2"]  # the hold-out stands there, too
    assert made[1].audience["customer_ids"] == ["cu_6"]
    assert draft(bank.campaigns, SYSTEM, plan, now_utc=NOON) == ()


def test_given_a_plan_of_calls_alone_then_there_is_no_campaign_for_everybody(plan) -> None:
    calls = Plan((plan.rows[2],), "EUR", 100, 5, 9, 9)

    assert wishes_of(calls, now_utc=NOON) == {}


def test_given_a_plan_when_handed_as_tasks_then_each_call_is_a_case_once(bank, plan) -> None:
    book = load_strategies()

    made = open_calls(bank.cases, SYSTEM, plan, book=book, now_utc=NOON)
    again = open_calls(bank.cases, SYSTEM, plan, book=book, now_utc=NOON)

    assert [(one.customer_id, one.state) for one in made] == [("cu_3", CaseState.OPEN)]
    assert [one.id for one in again] == [one.id for one in made]


def test_given_the_list_of_strategies_when_handed_on_then_no_suspicion_decides() -> None:
    kinds = set(without_suspicion(load_strategies()).never_on_open_case)

    assert not kinds & {"alert", "fraud"}
    assert {"complaint", "dispute", "hardship"} <= kinds


def test_given_a_named_list_then_nobody_else_fits_and_its_digest_is_its_own() -> None:
    audience = validate_audience({"customer_ids": ["cu_b", "cu_a", "cu_b"]})

    assert audience["customer_ids"] == ["cu_a", "cu_b"]
    assert audience["digest"] == digest_of(["cu_b", "cu_a"])
    assert [is_named(audience, one) for one in ("cu_a", "cu_b", "cu_c")] == [True, True, False]
    assert validate_audience(audience) == audience


@pytest.mark.parametrize(
    "audience",
    [{"customer_ids": []}, {"customer_ids": "cu_a"}, {"customer_ids": [1]}, {"digest": "x"},
     {"customer_ids": ["cu_a"], "digest": "x"}, {"customer_ids": ["everybody"]}],
)  # fmt: skip
def test_given_a_list_of_nobody_or_not_of_its_digest_then_it_is_refused(audience: dict) -> None:
    with pytest.raises(InvalidInput):
        validate_audience(audience)
