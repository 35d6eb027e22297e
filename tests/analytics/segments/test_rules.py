"""Rules: built by hand, checked, written and read again."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import FeatureMismatch
from analytics.segments.features import NAMES
from analytics.segments.rules import COMPARISONS, BadRule, Condition, InSegments, Rule

_CONDITIONS = st.one_of(
    st.builds(
        Condition, st.sampled_from(NAMES), st.sampled_from(COMPARISONS),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    st.builds(InSegments, st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple)),
)  # fmt: skip
TABLE = pd.DataFrame({"savings_share": [0.2, 0.5, 0.9]}, index=["a", "b", "c"])


@given(st.lists(_CONDITIONS, min_size=1, max_size=20))
def test_whatever_is_built_reads_back_as_it_was_written(conditions: list) -> None:
    rule = Rule("Savers", tuple(conditions))

    assert Rule.from_json(rule.as_json()) == rule


@pytest.mark.parametrize(
    ("comparison", "inside"),
    [("at_least", "bc"), ("more_than", "c"), ("at_most", "ab"), ("less_than", "a")],
)
def test_given_a_comparison_then_the_border_is_on_the_right_side(
    comparison: str, inside: str
) -> None:
    rule = Rule("Savers", (Condition("savings_share", comparison, 0.5),))

    assert "".join(TABLE.index[rule.members(TABLE)]) == inside


def test_given_two_conditions_then_both_must_hold_and_segments_count_too() -> None:
    rule = Rule("Some", (Condition("savings_share", "at_least", 0.5), InSegments(("sg_1",))))
    segments = pd.Series({"c": "sg_2", "b": "sg_1", "a": "sg_1"})

    assert rule.members(TABLE, segments).tolist() == [False, True, False]
    with pytest.raises(FeatureMismatch):
        rule.members(TABLE)


@pytest.mark.parametrize(
    "told",
    [
        None, [], {"name": "x"}, {"name": "x", "all": []}, {"name": " ", "all": [{"segment": ["a"]}]},
        {"name": "x", "all": [{"segment": []}]}, {"name": "x", "all": [{"segment": [1]}]},
        {"name": "x", "all": {"feature": "tenure_days"}},
        {"name": "x", "all": [{"feature": ["tenure_days"], "is": "at_least", "value": 1}]},
        {"name": "x", "all": [{"feature": "tenure_days", "is": "like", "value": 1}]},
        {"name": "x", "all": [{"feature": "tenure_days", "is": "at_least", "value": "1"}]},
        {"name": "x", "all": [{"feature": "tenure_days", "is": "at_least", "value": True}]},
        {"name": "x", "all": [{"feature": "tenure_days", "is": "at_least", "value": float("nan")}]},
        {"name": "x", "all": [{"segment": ["a"]}] * 21},
        {"name": "x", "all": [{"segment": ["a"]}], "or": []},
    ],
)  # fmt: skip
def test_given_anything_else_then_it_is_refused_with_a_sentence(told: object) -> None:
    with pytest.raises(BadRule, match=r"\w+ \w+"):
        Rule.from_json(told)
