"""Articles by staff: two people publish, two who edit one text lose nothing, what is served."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bank.domain.actors import VISITOR
from bank.domain.articles import ArticleState
from bank.domain.errors import (
    BankError,
    Conflict,
    InvalidInput,
    InvalidText,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    SecondPersonNeeded,
)
from bank.domain.staff import Role
from bank.policies.articles import validate
from tests.bank.articles.writing import (
    MILA,
    NOOR,
    SUSI,
    TODAY,
    a_text,
    in_review,
    published,
    somebody,
)
from tests.bank.builders import World


@pytest.fixture
def world() -> World:
    return World()


def served(world: World):
    return list(world.bank.articles.published()[1])


def test_given_a_draft_when_a_second_person_publishes_then_it_is_served_and_the_number_grows(world):
    before, _ = world.bank.articles.published()
    waiting = in_review(world)
    assert (world.bank.articles.published()[0], served(world)) == (before, [])

    done = world.bank.articles.publish(SUSI, waiting.id, edit=waiting.edit)

    assert world.bank.articles.published()[0] > before
    assert served(world) == [done]
    assert (done.version, done.made_by, done.reviewed_by) == (1, MILA.id, SUSI.id)


def test_given_ones_own_text_when_published_then_it_takes_somebody_else(world):
    made = world.bank.articles.begin(SUSI, a_text(), base_version=0)
    waiting = world.bank.articles.submit(SUSI, made.id, edit=made.edit)

    with pytest.raises(SecondPersonNeeded):
        world.bank.articles.publish(SUSI, waiting.id, edit=waiting.edit)

    assert served(world) == []


def test_given_a_supervisor_who_wrote_a_part_when_another_finishes_then_neither_publishes(world):
    made = world.bank.articles.begin(SUSI, a_text(), base_version=0)
    text = a_text(body="## New card\n\nA new card costs 6 EUR.")
    made = world.bank.articles.save(MILA, made.id, text, edit=made.edit)
    waiting = world.bank.articles.submit(MILA, made.id, edit=made.edit)

    with pytest.raises(SecondPersonNeeded):
        world.bank.articles.publish(SUSI, waiting.id, edit=waiting.edit)


def test_given_two_who_edit_one_text_when_the_later_saves_then_a_conflict_names_the_newer(world):
    made = world.bank.articles.begin(MILA, a_text(), base_version=0)
    first = a_text(body="## New card\n\nIt costs 6 EUR.")
    saved = world.bank.articles.save(NOOR, made.id, first, edit=made.edit)

    with pytest.raises(Conflict) as refusal:
        world.bank.articles.save(MILA, made.id, a_text(), edit=made.edit)

    assert refusal.value.details["reason"] == "edited_meanwhile"
    assert refusal.value.details["staff_id"] == NOOR.id
    assert world.bank.articles.get(MILA, made.id) == saved  # nothing was overwritten


def test_given_a_text_in_work_when_another_is_begun_then_it_is_shown_that_one_waits(world):
    made = world.bank.articles.begin(MILA, a_text(), base_version=0)

    with pytest.raises(Conflict) as refusal:
        world.bank.articles.begin(NOOR, a_text(title="Card fees"), base_version=0)

    assert refusal.value.details["revision_id"] == made.id


def test_given_an_article_published_meanwhile_when_one_begins_from_the_older_then_conflict(world):
    published(world)

    with pytest.raises(Conflict) as refusal:
        world.bank.articles.begin(NOOR, a_text(), base_version=0)

    assert refusal.value.details["reason"] == "published_meanwhile"


def test_given_a_newer_version_when_published_then_the_older_is_retired(world):
    older = published(world)
    newer = published(world, body="## New card\n\nA new card costs 7 EUR.")

    assert newer.version == older.version + 1
    assert served(world) == [newer]
    assert world.bank.articles.get(SUSI, older.id).state is ArticleState.RETIRED


def test_given_a_version_for_a_later_day_when_published_then_the_one_before_holds_too(world):
    older = published(world)
    newer = published(world, valid_from=TODAY + timedelta(days=30))

    assert {one.id for one in served(world)} == {older.id, newer.id}


def test_given_a_shipped_article_when_a_later_version_is_published_then_the_shipped_holds_too(
    world,
):
    made = world.bank.articles.begin(
        MILA, a_text(valid_from=TODAY + timedelta(days=30)), base_version=3
    )
    waiting = world.bank.articles.submit(MILA, made.id, edit=made.edit)

    world.bank.articles.publish(SUSI, waiting.id, edit=waiting.edit, shipped=(3, a_text()))

    assert sorted(one.version for one in served(world)) == [3, 4]


def test_given_a_published_article_when_retired_then_it_is_over_and_stands_before_the_shipped(
    world,
):
    published(world)

    world.bank.articles.retire(SUSI, "card-fees")

    [gone] = served(world)
    assert gone.article_id == "card-fees"
    assert gone.valid_until < TODAY


def test_given_a_shipped_article_when_retired_then_the_same_and_once(world):
    world.bank.articles.retire(SUSI, "card-fees", shipped=(1, a_text()))

    [gone] = served(world)
    assert gone.valid_until < TODAY
    with pytest.raises(NotFound):
        world.bank.articles.retire(SUSI, "card-fees", shipped=(1, a_text()))
    published(world)  # and it may come back
    assert [one.state for one in served(world)] == [ArticleState.PUBLISHED]


def test_given_a_text_in_review_when_sent_back_then_it_is_a_draft_with_the_note(world):
    waiting = in_review(world)

    back = world.bank.articles.send_back(SUSI, waiting.id, edit=waiting.edit, note="Which card?")

    assert (back.state, back.note) == (ArticleState.DRAFT, "Which card?")
    with pytest.raises(Conflict):
        world.bank.articles.publish(SUSI, back.id, edit=back.edit)


def test_given_a_text_in_review_when_saved_then_refused(world):
    waiting = in_review(world)

    with pytest.raises(Conflict):
        world.bank.articles.save(MILA, waiting.id, a_text(), edit=waiting.edit)


def test_given_no_right_when_tried_then_refused(world):
    waiting = in_review(world)
    articles = world.bank.articles

    with pytest.raises(NotPermitted):
        articles.publish(NOOR, waiting.id, edit=waiting.edit)
    with pytest.raises(NotPermitted):
        articles.begin(somebody("adam", Role.ADMIN), a_text(article_id="x"), base_version=0)
    with pytest.raises(NotAuthenticated):
        articles.list(VISITOR)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "empty"),
        ("no heading at all", "no_headings"),
        ("## A\n\n<script>x</script>", "markup"),
        ("## A\n\n![x](/library/x)", "markup"),
        ("## A\n\n[here](https://evil.example)", "foreign_link"),
        ("## A\n\nzero\u200bwidth", "hidden_characters"),
        ("## A\n\n" + "x" * 30_001, "too_long"),
        ("## " + "x" * 121 + "\n\ny", "headings"),
    ],
)
def test_given_what_may_not_stand_in_a_body_when_validated_then_the_reason(body, reason):
    with pytest.raises(InvalidText) as refusal:
        validate(a_text(body=body))

    assert refusal.value.details["reason"] == reason


@pytest.mark.parametrize(
    "changes",
    [
        {"article_id": "../x"}, {"language": "fr"}, {"title": " "}, {"owner": "<b>"},
        {"valid_until": TODAY - timedelta(days=4000)},
    ],
)  # fmt: skip
def test_given_a_field_that_cannot_be_when_validated_then_it_is_named(changes):
    with pytest.raises(InvalidInput) as refusal:
        validate(a_text(**changes))

    assert refusal.value.details["field"] in changes


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "save", "submit", "send_back", "publish", "retire", "drop"]),
        st.sampled_from([MILA, NOOR, SUSI, somebody("tom", Role.SUPERVISOR)]),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None)
@given(_STEPS)
def test_whatever_staff_do_nothing_is_served_that_one_person_alone_let_through(steps):
    world = World()
    articles = world.bank.articles
    for act, actor in steps:
        held = articles.history(SUSI, "card-fees")
        newest = held[0] if held else None
        holds = [one.version for one in held if one.state is ArticleState.PUBLISHED]
        try:
            if act == "begin":
                articles.begin(actor, a_text(), base_version=max(holds, default=0))
            elif act == "retire":
                articles.retire(actor, "card-fees")
            elif newest is not None and act == "save":
                articles.save(actor, newest.id, a_text(), edit=newest.edit)
            elif newest is not None and act == "send_back":
                articles.send_back(actor, newest.id, edit=newest.edit, note="again")
            elif newest is not None:
                getattr(articles, act)(actor, newest.id, edit=newest.edit)
        except BankError:
            continue
        after = articles.history(SUSI, "card-fees")
        assert sum(one.state in ("draft", "in_review") for one in after) <= 1
        for one in articles.published()[1]:
            if one.state is ArticleState.PUBLISHED:
                assert one.reviewed_by is not None
                assert one.reviewed_by not in one.written_by


def test_given_a_revision_when_read_from_the_store_then_it_is_what_was_written(world):
    made = in_review(world, valid_until=TODAY)

    assert world.bank.articles.get(MILA, made.id) == replace(made)
