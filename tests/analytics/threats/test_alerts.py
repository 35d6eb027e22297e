"""The same alert at most once a minute, and none of them lost."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from analytics.threats.alerts import Quieter
from analytics.threats.sinks import Remembering, Several
from tests.analytics.threats.builders import NOON, an_alert


def at(seconds: float, **changes):
    return an_alert(at_utc=NOON + timedelta(seconds=seconds), **changes)


def test_given_the_same_alert_sixty_times_in_a_minute_then_one_passes_and_one_says_how_many():
    sink = Remembering()
    quieter = Quieter(sink)

    for second in range(60):
        quieter.raise_alert(at(second, count=second))
    quieter.flush()

    assert [alert.count for alert in sink.alerts] == [0, 59]
    assert sink.alerts[1].evidence["repeated_count"] == 59


def test_given_another_subject_then_it_passes_at_once():
    sink = Remembering()
    quieter = Quieter(sink)

    quieter.raise_alert(at(0))
    quieter.raise_alert(at(0, subject="cu_other"))

    assert len(sink.alerts) == 2


def test_given_a_clock_set_back_by_a_day_then_the_alert_is_not_silenced_for_a_day():
    sink = Remembering()
    quieter = Quieter(sink)

    quieter.raise_alert(at(0))
    quieter.raise_alert(at(-86_400))

    assert len(sink.alerts) == 2


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 600)), max_size=80))
def test_every_alert_is_in_some_count_and_none_repeats_within_its_minute(raised):
    sink = Remembering()
    quieter = Quieter(sink)

    for subject, second in sorted(raised, key=lambda one: one[1]):
        quieter.raise_alert(at(second, subject=str(subject)))
    before_end = list(sink.alerts)
    quieter.flush()

    assert sum(one.evidence.get("repeated_count", 1) for one in sink.alerts) == len(raised)
    for subject in range(4):
        passed = [one.at_utc for one in before_end if one.subject == str(subject)]
        steps = [later - earlier for earlier, later in pairwise(passed)]
        assert all(step >= timedelta(minutes=1) for step in steps)


def test_given_ten_thousand_different_alerts_then_memory_is_bounded():
    quieter = Quieter(Remembering())

    for number in range(10_000):
        quieter.raise_alert(at(0, subject=str(number)))

    assert len(quieter._known) <= 4_096


def test_given_a_sink_that_fails_then_the_others_hear():
    class Broken:
        def raise_alert(self, alert):
            raise OSError

    heard = Remembering()

    try:
        Several([Broken(), heard]).raise_alert(an_alert())
        raise AssertionError
    except OSError:
        assert len(heard.alerts) == 1


def test_an_alert_is_json():
    told = an_alert().as_json()

    assert told["at_utc"] == "2026-03-02T12:00:00.000Z"
    assert told["severity"] == "high"
