"""Questions without an answer: counted once, redacted, bounded, forgotten."""

from __future__ import annotations

import pytest

from bank.domain.actors import VISITOR
from bank.domain.errors import NotAuthenticated
from tests.bank.articles.writing import MILA
from tests.bank.builders import World


@pytest.fixture
def world() -> World:
    return World()


def waiting(world: World) -> list[tuple[str, int]]:
    return [(one.text, one.times) for one in world.bank.articles.questions.list(MILA)]


def test_given_one_question_twice_when_listed_then_it_is_one_with_its_count(world):
    world.bank.articles.unanswered(VISITOR, "Do you rent out boats?", language="en")
    world.bank.articles.unanswered(VISITOR, "do you rent out  BOATS", language="en")

    assert waiting(world) == [("Do you rent out boats?", 2)]


def test_given_numbers_and_addresses_when_kept_then_they_are_masked_and_sealed(world):
    world.bank.articles.unanswered(
        VISITOR, "Why can ana@example.org not pay 0532013000?", language="en"
    )

    assert waiting(world) == [("Why can ••• not pay •••?", 1)]
    [row] = world.bank.store.read(lambda uow: uow.unanswered_questions.list())
    assert b"pay" not in row.text_enc


def test_given_no_question_when_kept_then_nothing_is(world):
    for text in ("?!", "12", "x" * 400):
        world.bank.articles.unanswered(VISITOR, text, language="en")

    assert waiting(world) == []


def test_given_too_many_when_another_comes_then_the_one_asked_longest_ago_goes(world, monkeypatch):
    monkeypatch.setattr("bank.policies.articles.questions_most", lambda: 2)
    for text in ("may I one", "may I two", "may I three"):
        world.clock.turn(seconds=1)
        world.bank.articles.unanswered(VISITOR, text, language="en")

    assert [text for text, _ in waiting(world)] == ["may I three", "may I two"]


def test_given_months_when_purged_then_only_what_was_asked_lately_stays(world):
    world.bank.articles.unanswered(VISITOR, "an old question", language="en")
    world.clock.turn(days=80)
    world.bank.articles.unanswered(VISITOR, "a new question", language="en")
    world.clock.turn(days=11)

    assert world.bank.articles.questions.purge() == 1
    assert waiting(world) == [("a new question", 1)]


def test_given_a_question_put_aside_when_listed_then_it_is_gone_and_stays_gone(world):
    world.bank.articles.unanswered(VISITOR, "Do you rent out boats?", language="en")
    [question] = world.bank.articles.questions.list(MILA)

    assert world.bank.articles.questions.dismiss(MILA, [question.id]) == 1
    world.bank.articles.unanswered(VISITOR, "Do you rent out boats?", language="en")
    assert waiting(world) == []
    with pytest.raises(NotAuthenticated):
        world.bank.articles.questions.list(VISITOR)
