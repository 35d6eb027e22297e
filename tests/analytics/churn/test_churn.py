"""Churn: rows look forward, learning goes forward in time, and who somebody is never matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from analytics import dataset, firstrun, learners, tenants
from analytics.churn.reasons import reasons_of, sentence
from analytics.churn.rows import (
    HORIZON_DAYS,
    LEFT_LATER,
    MONTHS_SEEN,
    moments_of,
    rows_of,
    rows_of_bank,
)
from analytics.churn.scoring import score_customer
from analytics.churn.survival import Hazards
from analytics.churn.training import censored, check_unprotected, hazards_of
from analytics.errors import CannotLearn
from analytics.features.customers import SCHEMA
from analytics.tables.columns import Column, Kind
from bank.domain.actors import SYSTEM
from bank.domain.errors import NotFound
from tests.analytics.churn.people import MOMENTS, churn_rows
from tests.bank.builders import NOON, World


def learnt() -> firstrun.Learnt:
    """Learn as the product does, from invented customers."""
    rows = churn_rows(250)
    table = rows.table.reset_index(names="customer_id")
    table[tenants.MOMENT] = rows.times
    table[MONTHS_SEEN], table[LEFT_LATER] = rows.months_seen, rows.left_later
    one = replace(tenants.tenant("churn"), quick=learners.recipe("lightgbm_defaults"))
    return firstrun.learn_from(one, (table, rows.labels, SCHEMA))


@pytest.fixture(scope="module")
def model():
    return learnt().model


def test_given_a_history_then_the_newest_moment_has_its_days_complete_and_all_are_apart() -> None:
    moments = moments_of(NOON - timedelta(days=400), NOON)

    assert moments[-1] == NOON - timedelta(days=HORIZON_DAYS)
    assert moments[0] >= NOON - timedelta(days=340)
    assert {b - a for a, b in pairwise(moments)} == {timedelta(days=30)}
    assert moments_of(NOON - timedelta(days=100), NOON) == []


def test_given_somebody_who_leaves_then_rows_say_so_only_in_the_days_before() -> None:
    world = World()
    leaver, stayer = world.person(funds_minor=0), world.person(funds_minor=0)
    moments = [world.clock() + timedelta(days=days) for days in (1, 100, 130)]
    world.clock.turn(days=150)
    for account in (leaver.current, leaver.savings):
        world.bank.accounts.close(SYSTEM, account.id)
    world.clock.turn(days=90)
    books = dataset.read_books(world.store, to_utc=world.clock())

    rows = rows_of(books, moments, now_utc=world.clock())

    told = {
        (who, str(at)): int(label)
        for who, at, label in zip(rows.table.index, rows.times.date, rows.labels, strict=True)
    }
    days = [str(moment.date()) for moment in moments]
    assert [told[leaver.id, day] for day in days] == [0, 1, 1]
    assert [told[stayer.id, day] for day in days] == [0, 0, 0]
    first = rows.table.index.get_loc(leaver.id)
    seen = rows.months_seen[first][0] if isinstance(first, np.ndarray) else rows.months_seen[first]
    assert rows.left_later.sum() == 3
    assert seen == pytest.approx(149 / 30)


def test_given_a_young_bank_then_it_says_how_much_history_is_missing() -> None:
    world = World()
    world.book(world.person().current.id, -100, merchant="Shop")

    with pytest.raises(CannotLearn, match="too short"):
        rows_of_bank(world.store, world.clock())


def test_given_rows_then_nothing_learnt_from_overlaps_with_what_is_measured() -> None:
    found = learnt()

    assert set(found.test[tenants.MOMENT]) == {MOMENTS[-1]}
    ended = pd.Timestamp(found.learnt.to_utc)
    assert ended + timedelta(days=HORIZON_DAYS) <= MOMENTS[-1]


def test_given_a_later_leaving_then_hazards_do_not_know_of_it_when_the_test_begins() -> None:
    rows = churn_rows(20)

    known = censored(rows, MOMENTS[-1])

    room = (MOMENTS[-1] - rows.times).days / 30
    assert (known.months_seen <= room + 1e-9).all()
    assert not known.left_later[rows.months_seen > room].any()
    early = rows.months_seen <= room
    assert np.array_equal(known.left_later[early], rows.left_later[early])


def test_given_what_became_of_customers_after_the_test_began_then_hazards_are_the_same() -> None:
    rows = churn_rows(250)
    table = rows.table.assign(as_of_utc=rows.times)
    room = (MOMENTS[-1] - rows.times).days / 30
    told = table.assign(months_seen=rows.months_seen, left_later=rows.left_later)
    later = np.where(rows.months_seen > room, rows.months_seen + 5, rows.months_seen)
    other = table.assign(
        months_seen=later, left_later=np.where(rows.months_seen > room, 0, rows.left_later)
    )

    assert hazards_of(told, MOMENTS[-1]).as_json() == hazards_of(other, MOMENTS[-1]).as_json()


def test_given_what_leaving_follows_from_then_the_model_finds_it_and_says_why() -> None:
    found = learnt()

    leaves = found.said[found.labels == 1].mean()
    assert leaves > 3 * found.said[found.labels == 0].mean()
    [why] = reasons_of(found.model, found.test.iloc[[int(np.argmax(found.said))]])
    assert why[0].feature == "login_days_30d_count"
    assert why[0].sentence.startswith("logged in on ")
    assert [one.log_odds for one in why] == sorted((one.log_odds for one in why), reverse=True)


def test_given_the_features_then_none_says_who_somebody_is() -> None:
    check_unprotected(list(SCHEMA.names))

    for name in ("age_years", "birth_date", "gender", "country", "nationality", "full_name"):
        with pytest.raises(CannotLearn):
            check_unprotected([*SCHEMA.names, name])


@pytest.mark.parametrize(
    "other",
    [
        {"birth_date": "1931-01-01"},
        {"country": "PL"},
        {"full_name": "Zoe Zu", "given_name": "Zoe"},
        {"locale": "es"},
        {"email": "z@example.org", "phone": "+49 9"},
    ],
)
def test_given_another_age_country_or_name_then_the_score_is_the_same(model, other) -> None:
    world = World()
    person = world.person()
    for days in (3, 20, 70):
        world.book(person.current.id, -2_000, merchant="Shop", days_ago=days)
    world.clock.turn(days=3)
    before = score_customer(world.store, model, person.id, as_of_utc=world.clock())

    world.store.write(
        lambda uow: uow.customers.save(replace(uow.customers.get(person.id), **other))
    )

    assert score_customer(world.store, model, person.id, as_of_utc=world.clock()) == before


def test_given_nobody_or_nobody_s_account_then_there_is_no_score(model) -> None:
    world = World()
    person = world.person(funds_minor=0)
    for account in (person.current, person.savings):
        world.bank.accounts.close(SYSTEM, account.id)

    for who in (person.id, "cu_nobody"):
        with pytest.raises(NotFound):
            score_customer(world.store, model, who, as_of_utc=world.clock())


def test_given_hazards_and_a_score_then_the_when_fits_to_ninety_days(model) -> None:
    world = World()
    person = world.person()
    hazards = Hazards.fit(churn_rows(250))

    score = score_customer(world.store, model, person.id, as_of_utc=world.clock(), hazards=hazards)

    assert score.when is not None
    assert len(score.when.stays) == 12
    assert 0 <= score.probability <= 1


@pytest.mark.parametrize(
    ("unit", "value", "told"),
    [
        ("EUR minor units", 123_456.0, "1,234.56 EUR"),
        ("log ratio", np.log(0.25), "25 % of the usual"),
        ("share", 0.5, "50 %"),
        ("days", 12.4, "12"),
    ],
)
def test_given_a_unit_then_a_reason_speaks_in_it(unit, value, told) -> None:
    assert (
        sentence(Column("x", Kind.NUMBER, unit, phrase="it is {value}"), value) == f"it is {told}"
    )


def test_given_an_unknown_value_then_the_reason_says_what_that_means() -> None:
    column = next(one for one in SCHEMA.columns if one.name == "login_age_days")

    assert sentence(column, np.nan) == "no login in the last 180 days"
