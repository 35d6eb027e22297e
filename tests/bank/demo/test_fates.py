"""Fates: the same for the same person, consistent with what is told as true of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta

import numpy as np
import pytest

from bank.demo.fates import CAMPAIGNS, HOLD_OUT_SHARE, OFFERS, STEP, Fate, fate_of
from bank.demo.frauds import CHANCES, kind_of
from bank.demo.labels import DELAY_DAYS
from bank.demo.paper import Paper, paper_town
from bank.demo.people import invent
from bank.demo.truth import Truth, campaign_rows, churn_rows, effect_rows

NOW = datetime(2026, 5, 20, 10, 30, tzinfo=UTC)
BEGAN = datetime.combine((NOW - timedelta(days=548)).date(), time(), UTC)
PEOPLE = 2_500


@pytest.fixture(scope="module")
def fates() -> list[tuple[str, Fate]]:
    return [
        (str(number), fate_of(invent(7, number, to_date=NOW.date()), seed=7, began_utc=BEGAN,
                              now_utc=NOW))
        for number in range(PEOPLE)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def paper() -> tuple[Truth, list[Paper]]:
    truth = Truth(7, NOW)
    return truth, list(paper_town(150, now_utc=NOW, truth=truth, at_once=60))


def test_given_a_person_then_their_fate_is_the_same_every_time_and_another_seed_s_is_not(
    fates,
) -> None:
    person = invent(7, 17, to_date=NOW.date())

    again = fate_of(person, seed=7, began_utc=BEGAN, now_utc=NOW)

    assert again == fates[17][1]
    assert again != fate_of(person, seed=8, began_utc=BEGAN, now_utc=NOW)


def test_given_many_then_as_many_leave_as_their_chances_say(fates) -> None:
    rows = [row for row in churn_rows(fates) if (NOW - row["as_of_utc"]).days >= 90]
    said = np.array([row["churn_probability"] for row in rows])
    left = np.array([row["leaves_within_90d"] for row in rows], np.float64)

    for low, high in ((0.0, 0.02), (0.02, 0.1), (0.1, 1.01)):
        band = (said >= low) & (said < high)
        spread = 4 * np.sqrt(3 * said[band].mean() / band.sum())  # outcomes overlap threefold
        assert abs(left[band].mean() - said[band].mean()) < spread + 0.002, (low, high)


def test_given_many_then_between_a_tenth_and_a_quarter_have_left(fates) -> None:
    share = np.mean([fate.closed_at_utc is not None for _, fate in fates])

    assert 0.10 < share < 0.25


def test_given_somebody_who_left_then_no_step_begins_after_and_nothing_is_voiced_after(
    fates,
) -> None:
    for _, fate in fates:
        last = fate.closed_at_utc or NOW
        assert all(step.at_utc < last for step in fate.steps)
        assert all(at < last for at in fate.complaints)
        assert all(at < last for at, _ in fate.fees)
        assert fate.joined_at_utc < last


def test_given_campaigns_then_offers_come_only_in_them_and_never_to_those_held_out(fates) -> None:
    begins = {NOW - STEP * back for back in CAMPAIGNS}
    rows = campaign_rows(fates)

    offered = [step for _, fate in fates for step in fate.steps if step.offer]
    assert {step.at_utc for step in offered} <= begins
    assert not any(row["offer"] for row in rows if row["is_held_out"])
    held = np.mean([fate.temper.is_held_out for _, fate in fates])
    assert abs(held - HOLD_OUT_SHARE) < 0.03
    assert {row["offer"] for row in rows} == {"", *OFFERS}


def test_given_effects_then_each_is_what_the_offer_takes_off_the_chance_and_some_wake_dogs(
    fates,
) -> None:
    rows = effect_rows(fates)

    for row in rows:
        assert row["effect"] == pytest.approx(row["probability_without"] - row["probability_with"])
        assert 0 <= row["probability_with"] <= 1
    by_offer = {offer: [r["effect"] for r in rows if r["offer"] == offer] for offer in OFFERS}
    assert np.mean(by_offer["rate_bonus"]) > 0
    assert min(by_offer["call"]) < 0 < max(by_offer["call"])


def test_given_the_paper_town_then_balances_never_fall_below_zero_and_leavers_end_at_none(
    paper,
) -> None:
    for part in paper[1]:
        assert min(one.balance_after_minor for one in part.postings) >= 0
        closed = {one.id: one.closed_at_utc for one in part.accounts if one.closed_at_utc}
        held = Counter[str]()
        for one in part.postings:
            held[one.account_id] += one.amount_minor
            if one.account_id in closed:
                assert one.booked_at_utc <= closed[one.account_id]
        assert all(held[account] == 0 for account in closed)


def test_given_the_paper_town_then_findings_come_days_after_and_name_postings_that_left(
    paper,
) -> None:
    truth, parts = paper
    postings = {one.id: one for part in parts for one in part.postings}
    findings = [one for part in parts for one in part.findings]

    assert findings
    for one in findings:
        days = (one.found_at_utc - postings[one.posting_id].booked_at_utc) / timedelta(days=1)
        assert DELAY_DAYS[0] <= days <= DELAY_DAYS[1]
        assert postings[one.posting_id].amount_minor < 0
        assert one.found_at_utc <= NOW
    planted = {row["posting_id"] for row in truth.frauds}
    assert planted <= set(postings)
    assert {kind_of(row["episode"]) for row in truth.frauds} <= {*CHANCES, "terminal"}


def test_given_the_size_of_a_town_then_a_person_lives_the_same_life(paper) -> None:
    again = next(iter(paper_town(3, now_utc=NOW, truth=Truth(7, NOW))))

    def told(part: Paper, who: str) -> list[tuple[object, ...]]:
        ids = {one.id for one in part.accounts if one.customer_id == who}
        return [(one.booked_at_utc, one.amount_minor, one.merchant)
                for one in part.postings if one.account_id in ids]  # fmt: skip

    who = again.customers[2]
    assert told(again, who) == told(paper[1][0], who)
