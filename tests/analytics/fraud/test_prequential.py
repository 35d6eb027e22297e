"""Windows of time: what may be learnt, who is judged."""

from __future__ import annotations

import numpy as np

from analytics.fraud.prequential import Stream, Window


def _stream(*payments: tuple[int, int, int]) -> Stream:
    """(day, customer, fraud)."""
    day, customer, fraud = (np.array(each) for each in zip(*payments, strict=True))
    return Stream(day, customer, fraud.astype(np.int8))


def test_given_a_window_when_split_then_the_delay_is_in_neither_part():
    stream = _stream(*((day, 1, 0) for day in range(30)))

    window = Window(known_until=10)

    assert stream.day[window.train_rows(stream)].tolist() == list(range(3, 10))
    assert stream.day[window.test_rows(stream)].tolist() == list(range(17, 24))


def test_given_a_customer_found_defrauded_in_training_when_tested_then_they_are_not_judged():
    stream = _stream((9, 1, 1), (17, 1, 0), (17, 2, 0))

    assert stream.customer[Window(10).test_rows(stream)].tolist() == [2]


def test_given_a_fraud_in_the_delay_when_its_label_comes_in_then_the_customer_leaves_that_day():
    stream = _stream((11, 1, 1), (17, 1, 0), (18, 1, 0), (19, 1, 0), (20, 1, 0))

    judged = stream.day[Window(10).test_rows(stream)].tolist()

    assert judged == [17, 18]  # the label of day 11 is known on day 19: 12 - 1 + 7 + 1


def test_given_a_longer_training_when_tested_then_the_test_is_the_same():
    random = np.random.default_rng(1)
    stream = Stream(
        np.sort(random.integers(0, 60, 3_000)),
        random.integers(0, 50, 3_000),
        (random.random(3_000) < 0.01).astype(np.int8),
    )
    window = Window(known_until=40)

    longer = window.longer(28)

    np.testing.assert_array_equal(longer.test_rows(stream), window.test_rows(stream))
    assert len(longer.train_rows(stream)) > 3 * len(window.train_rows(stream))
