"""Assessing a payment: model and rules each raise an alert; a snooze silences a rule alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from analytics.fraud.assessing import assess
from analytics.fraud.events import DAY_S
from analytics.fraud.features import CARDS
from analytics.fraud.models import FraudModel
from analytics.fraud.rules import load_thresholds
from analytics.fraud.snoozes import Snooze
from analytics.fraud.state import State
from tests.analytics.fraud.streams import BEGIN_S, a_payment

COLUMN = CARDS.names.index("c_ratio_habit")
LARGE = a_payment(99, amount_minor=9_000, at_s=BEGIN_S + 20 * DAY_S)


class RatioMember:
    """Log-odds that are the ratio to the habit, less 4: 4.5 times gives P = 0.62."""

    kind = "ratio"

    def log_odds(self, matrix):
        return matrix[:, COLUMN] - 4

    def contributions(self, matrix):
        parts = np.zeros_like(matrix)
        parts[:, COLUMN] = matrix[:, COLUMN]
        return parts, np.full(len(matrix), -4.0)


@pytest.fixture
def state() -> State:
    state = State()
    for number in range(20):
        state.add(a_payment(number, amount_minor=2_000, at_s=BEGIN_S + number * DAY_S))
    return state


def _assessed(state, payment=LARGE, *, alert_at=0.99, snoozes=()):
    return assess(
        payment, state=state, model=FraudModel(CARDS, [RatioMember()]), alert_at=alert_at,
        rules=load_thresholds(), snoozes=snoozes,
    )  # fmt: skip


def test_given_a_break_of_habit_when_assessed_then_the_rule_alerts_and_both_say_why(state):
    found = _assessed(state)

    assert found.is_alert
    assert found.probability == pytest.approx(1 / (1 + np.exp(-0.5)))
    assert found.sentences() == [
        "The amount is 4.5 times the customer's habit.",
        "The model weighs an amount 4.5 times the customer's habit.",
    ]


def test_given_the_rule_snoozed_when_assessed_then_only_the_model_may_alert(state):
    now = datetime.fromtimestamp(LARGE.at_s, UTC)
    snooze = Snooze("habit_break", "a wedding", "st_noor", now, now + timedelta(days=1))

    quiet = _assessed(state, snoozes=[snooze])
    loud = _assessed(state, snoozes=[snooze], alert_at=0.6)

    assert (quiet.is_alert, loud.is_alert) == (False, True)
    assert quiet.findings == ()
    assert [finding.rule for finding, _ in quiet.silenced] == ["habit_break"]


def test_given_an_ordinary_payment_when_assessed_then_there_is_no_alert(state):
    found = _assessed(state, a_payment(99, at_s=BEGIN_S + 20 * DAY_S))

    assert not found.is_alert
    assert found.findings == ()


def test_assessing_twice_says_the_same(state):
    assert _assessed(state) == _assessed(state)
