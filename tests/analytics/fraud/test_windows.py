"""Windows of hours: exact after any steps, and back from a snapshot."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from analytics.fraud.windows import HourWindows, Peak

SPANS = (2, 24, 168)
events = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 900)), min_size=1, max_size=60)


def _hours(steps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return (hour, amount) from (hours since the last, amount)."""
    hour, found = 0, []
    for wait, amount in steps:
        hour += wait
        found.append((hour, amount))
    return found


@given(events)
def test_totals_are_those_of_counting_every_event_anew(steps):
    windows, past = HourWindows(SPANS), []

    for hour, amount in _hours(steps):
        windows.add(hour, amount, amount * amount)
        past.append((hour, amount))
        inside = [[each for at, each in past if at > hour - span] for span in SPANS]

        assert windows.totals == [
            [len(each), sum(each), sum(one * one for one in each)] for each in inside
        ]


@given(events)
def test_the_peak_is_the_largest_of_its_span(steps):
    peak, past = Peak(24), []

    for hour, amount in _hours(steps):
        peak.add(hour, amount)
        past.append((hour, amount))

        assert peak.at(hour) == max(each for at, each in past if at > hour - 24)


@given(events, events)
def test_a_snapshot_goes_on_as_if_nothing_had_happened(before, after):
    windows = HourWindows(SPANS)
    for hour, amount in _hours(before):
        windows.add(hour, amount)
    again = HourWindows.from_json(SPANS, json.loads(json.dumps(windows.as_json())))

    for hour, amount in _hours(after):
        windows.add(hour + 500, amount)
        again.add(hour + 500, amount)

        assert again.totals == windows.totals


def test_given_an_event_of_the_past_when_added_then_it_counts_in_the_newest_hour():
    windows = HourWindows(SPANS)
    windows.add(1_000, 5)

    windows.add(10, 7)

    assert windows.roll(1_001)[0] == [2, 12, 0]
    assert windows.roll(1_002)[0] == [0, 0, 0]


def test_given_years_of_events_when_counted_then_few_buckets_are_kept():
    windows = HourWindows(SPANS)

    for hour in range(20_000):
        windows.add(hour, 1)

    assert len(windows._buckets) <= SPANS[-1] + 33
