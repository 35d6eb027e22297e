"""Feedback of a desk is biased; weighing it by the chance of being looked at is not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from analytics.errors import CannotLearn
from analytics.fraud.events import DAY_S
from analytics.fraud.feedback import Feedback, Origin, fraud_rate, is_drawn, recall, reviewed
from tests.analytics.fraud.streams import BEGIN_S, a_payment

SHARE, SALT = 0.1, b"for this test"


def _desk(count=40_000, seed=3):
    """Payments with a suspicion the desk sees and one it does not; who was looked at, and truth."""
    random = np.random.default_rng(seed)
    seen, unseen = random.normal(size=count), random.normal(size=count)
    truth = random.random(count) < 1 / (1 + np.exp(5 - 1.2 * seen - 1.2 * unseen))
    alerted = seen > 1.3
    reported = truth & ~alerted & (random.random(count) < 0.3)
    feedback = []
    for number in range(count):
        payment = a_payment(number, at_s=BEGIN_S)
        drawn = is_drawn(payment.payment_id, share=SHARE, salt=SALT)
        known_s = BEGIN_S + DAY_S
        if alerted[number]:
            feedback.append(Feedback(payment, bool(truth[number]), Origin.ALERT, known_s))
        elif reported[number]:
            feedback.append(
                Feedback(payment, is_fraud=True, origin=Origin.REPORT, known_at_s=known_s)
            )
        elif drawn:
            feedback.append(Feedback(payment, bool(truth[number]), Origin.SAMPLE, known_s))
    return feedback, truth, alerted, np.column_stack([seen, unseen])


def _reviewed(feedback):
    return reviewed(feedback, share=SHARE, as_of_s=BEGIN_S + 30 * DAY_S, delay_s=7 * DAY_S)


def test_given_a_biased_desk_when_weighted_then_rate_and_recall_are_those_of_all_payments():
    feedback, truth, alerted, _ = _desk()

    found = _reviewed(feedback)

    numbers = np.array([int(one.payment_id[3:]) for one in found.payments])
    naive = found.labels.mean()
    assert naive > 1.5 * truth.mean()  # the bias is there to be removed
    assert fraud_rate(found) == pytest.approx(truth.mean(), rel=0.05)
    true_recall = (truth & alerted).sum() / truth.sum()
    assert recall(found, alerted[numbers]) == pytest.approx(true_recall, rel=0.07)


def test_given_a_biased_desk_when_learnt_with_weights_then_the_model_is_that_of_all_payments():
    feedback, truth, alerted, table = _desk()
    found = _reviewed(feedback)
    rows = table[[int(one.payment_id[3:]) for one in found.payments]]

    fair = LogisticRegression().fit(table, truth).predict_proba(table)[:, 1]
    weighted = LogisticRegression().fit(rows, found.labels, sample_weight=found.weights)
    unknown_as_honest = LogisticRegression().fit(table, truth & alerted)

    quiet = ~alerted
    off = abs(weighted.predict_proba(table)[quiet, 1].sum() / fair[quiet].sum() - 1)
    missed = abs(unknown_as_honest.predict_proba(table)[quiet, 1].sum() / fair[quiet].sum() - 1)
    assert off < 0.1
    assert missed > 0.3


def test_given_young_payments_or_late_words_when_asked_then_neither_takes_part():
    old, young = a_payment(1, at_s=BEGIN_S), a_payment(2, at_s=BEGIN_S + 5 * DAY_S)
    told = [
        Feedback(old, is_fraud=False, origin=Origin.ALERT, known_at_s=BEGIN_S + DAY_S),
        Feedback(old, is_fraud=True, origin=Origin.REPORT, known_at_s=BEGIN_S + 9 * DAY_S),
        Feedback(young, is_fraud=True, origin=Origin.ALERT, known_at_s=BEGIN_S + 6 * DAY_S),
    ]

    then = reviewed(told, share=SHARE, as_of_s=BEGIN_S + 8 * DAY_S, delay_s=7 * DAY_S)
    later = reviewed(told, share=SHARE, as_of_s=BEGIN_S + 20 * DAY_S, delay_s=7 * DAY_S)

    assert then.labels.tolist() == [0]
    assert later.labels.tolist() == [1, 1]  # the latest word, once
    assert later.weights.tolist() == [1, 1]


def test_given_a_sample_without_its_share_when_asked_then_it_is_refused():
    told = [Feedback(a_payment(), is_fraud=False, origin=Origin.SAMPLE, known_at_s=BEGIN_S)]

    with pytest.raises(CannotLearn):
        reviewed(told, share=0, as_of_s=BEGIN_S + 30 * DAY_S, delay_s=DAY_S)


def test_the_draw_is_the_share_and_always_the_same():
    ids = [f"tr_{number}" for number in range(5_000)]

    drawn = [is_drawn(each, share=SHARE, salt=SALT) for each in ids]

    assert np.mean(drawn) == pytest.approx(SHARE, abs=0.015)
    assert drawn == [is_drawn(each, share=SHARE, salt=SALT) for each in ids]
    assert drawn != [is_drawn(each, share=SHARE, salt=b"another") for each in ids]
