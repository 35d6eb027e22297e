"""What was asked: heard in one message, or changed from the question before."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from actions.facts import stretch
from actions.questions import Question, changed, heard, remembered


class Tracker:
    """As much of a tracker as questions read."""

    def __init__(self, text: str = "", entities: list[dict[str, Any]] | None = None, **known: Any):
        self.latest_message = {"text": text, "entities": entities or []}
        self.slots = known

    def get_slot(self, name: str) -> Any:
        return self.slots.get(name)


def an(entity: str, value: Any) -> dict[str, Any]:
    return {"entity": entity, "value": value}


MARCH = an("period", {"from": "2026-03-01", "to": "2026-04-01", "grain": "month"})
HUNDRED = an("amount", {"amount": "100", "currency": "EUR"})


def test_given_category_and_period_when_heard_then_both_are_asked_for() -> None:
    asked = heard(Tracker("groceries in March", [an("category", "groceries"), MARCH]))

    assert (asked.category, asked.from_day, asked.to_day) == (
        "groceries", "2026-03-01", "2026-04-01",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("over 100 euros", 10_000, None),
        ("less than 100 euros", None, 10_000),
        ("about 100 euros", 9_000, 11_000),
        ("the 100 euro thing", 10_000, 10_000),
    ],
)
def test_given_one_amount_when_heard_then_the_words_around_it_bound_it(
    text: str, least: int | None, most: int | None
) -> None:
    asked = heard(Tracker(text, [HUNDRED]))

    assert (asked.min_minor, asked.max_minor) == (least, most)


def test_given_two_amounts_when_heard_then_they_are_the_bounds() -> None:
    fifty = an("amount", {"amount": "50", "currency": None})

    asked = heard(Tracker("between 100 and 50", [HUNDRED, fifty]))

    assert (asked.min_minor, asked.max_minor) == (5_000, 10_000)


def test_given_an_unknown_category_when_heard_then_it_is_not_asked_for() -> None:
    assert heard(Tracker("x", [an("category", "unicorns")])) == Question()


def test_given_a_new_month_when_changed_then_the_category_stays() -> None:
    before = Question(from_day="2026-03-01", to_day="2026-04-01", category="groceries")
    now = Question(from_day="2026-02-01", to_day="2026-03-01")

    after = changed(before, now)

    assert (after.category, after.from_day) == ("groceries", "2026-02-01")


def test_given_a_shop_when_changed_then_the_category_goes() -> None:
    before = Question(from_day="2026-03-01", to_day="2026-04-01", category="groceries")

    after = changed(before, Question(merchant="Rewe"))

    assert (after.category, after.merchant, after.from_day) == (None, "Rewe", "2026-03-01")


def test_given_a_question_when_kept_in_slots_then_it_is_remembered_whole() -> None:
    asked = Question("2026-03-01", "2026-04-01", "groceries", None, "savings", 100, 200)

    slots = {event["name"]: event["value"] for event in asked.events("action_x", 3)}

    assert remembered(Tracker(**slots)) == asked


@pytest.mark.parametrize(
    ("first", "after", "words"),
    [
        (date(2026, 3, 1), date(2026, 4, 1), "March 2026"),
        (date(2026, 1, 1), date(2027, 1, 1), "2026"),
        (date(2026, 3, 5), date(2026, 3, 6), "5 March 2026"),
        (date(2026, 3, 5), date(2026, 4, 1), "5 March 2026 - 31 March 2026"),
    ],
)
def test_given_days_when_said_then_a_month_goes_by_its_name(
    first: date, after: date, words: str
) -> None:
    assert stretch(first, after) == words
