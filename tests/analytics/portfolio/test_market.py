"""The market file: what is read, what is filled, what is refused with column and row."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from analytics.errors import BadTable
from analytics.portfolio.errors import NoPrices
from analytics.portfolio.market import GAP_DAYS_MAX, Closes, read_closes
from tests.analytics.portfolio.worlds import closes_of, ids, returns_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def a_file(tmp_path, columns: dict, days=None):
    count = len(next(iter(columns.values())))
    days = days or [f"2026-11-{day:02d}" for day in range(1, count + 1)]
    path = tmp_path / "closes.csv"
    pd.DataFrame({"day": days} | columns).to_csv(path, index=False)
    return path


def test_given_a_tidy_file_when_read_then_closes_are_whole_numbers_by_day(tmp_path):
    closes = read_closes(a_file(tmp_path, {"in_a": [100, 101], "in_b": [7, 8]}), now_utc=NOW)

    assert closes.instrument_ids == ("in_a", "in_b")
    assert closes.minor.tolist() == [[100, 7], [101, 8]]
    assert closes.days.tolist()[0].isoformat() == "2026-11-01"


def test_given_a_parquet_file_when_read_then_it_is_the_same(tmp_path):
    path = a_file(tmp_path, {"in_a": [100, 101, 99]})
    parquet = tmp_path / "closes.parquet"
    pd.read_csv(path, parse_dates=["day"]).to_parquet(parquet)

    assert (read_closes(parquet, now_utc=NOW).minor == read_closes(path, now_utc=NOW).minor).all()


def test_given_days_out_of_order_when_read_then_they_are_sorted(tmp_path):
    path = a_file(tmp_path, {"in_a": [3, 1, 2]}, ["2026-11-03", "2026-11-01", "2026-11-02"])

    assert read_closes(path, now_utc=NOW).minor[:, 0].tolist() == [1, 2, 3]


def test_given_a_short_hole_when_read_then_the_close_before_holds_and_ends_stay_empty(tmp_path):
    column = [None, 100, None, None, 102, None]

    closes = read_closes(a_file(tmp_path, {"in_a": column, "in_b": [5] * 6}), now_utc=NOW)

    assert closes.minor[:, 0].tolist() == [0, 100, 100, 100, 102, 0]


@pytest.mark.parametrize(
    ("column", "code", "row"),
    [
        ([100, 0, 100], "out_of_range", 2),
        ([100, -5, 100], "out_of_range", 2),
        ([100, 100.5, 100], "out_of_range", 2),
        ([100, "ten", 100], "wrong_type", 2),
        ([100, 1000, 1000], "jump", 2),
        ([1000, 1000, 100], "jump", 3),
        ([100] + [None] * (GAP_DAYS_MAX + 1) + [100], "gap", GAP_DAYS_MAX + 3),
    ],
)
def test_given_a_bad_close_when_read_then_column_and_row_are_named(tmp_path, column, code, row):
    path = a_file(tmp_path, {"in_good": [50] * len(column), "in_bad": column})

    with pytest.raises(BadTable) as refusal:
        read_closes(path, now_utc=NOW)

    (problem,) = refusal.value.problems
    assert (problem.code, problem.column, problem.rows[0]) == (code, "in_bad", row)
    assert "in_bad" in str(refusal.value)
    assert f"row {row}" in str(refusal.value)


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (["2026-11-01", "2026-11-01"], "duplicate_id"),
        (["2026-11-01", "2026-11-21"], "future_time"),
        (["2026-11-01", "soon"], "wrong_type"),
    ],
)
def test_given_a_bad_day_when_read_then_its_row_is_named(tmp_path, days, code):
    with pytest.raises(BadTable) as refusal:
        read_closes(a_file(tmp_path, {"in_a": [1, 1]}, days), now_utc=NOW)

    assert [(one.code, one.rows) for one in refusal.value.problems] == [(code, (2,))]


def test_given_no_day_column_or_no_file_when_read_then_it_is_refused(tmp_path):
    path = tmp_path / "closes.csv"
    path.write_text("in_a\n100\n")

    for one in (path, tmp_path / "none.csv"):
        with pytest.raises(BadTable):
            read_closes(one, now_utc=NOW)


def test_given_a_moment_when_asked_then_nothing_of_that_day_or_later_is_known():
    closes = closes_of(returns_of(0.1, days=5))

    seen = closes.until(datetime(2020, 1, 3, 9, tzinfo=UTC))

    assert seen.days.tolist()[-1].isoformat() == "2020-01-02"
    assert len(seen.minor) == 2


def test_given_closes_when_returns_are_asked_then_they_are_those_they_came_from():
    returns = returns_of(0.1, 0.2, days=400)

    found = closes_of(returns, start_minor=10**9).log_returns(ids(2), days=300)

    assert np.allclose(found, returns[-300:], atol=1e-7)


def test_given_no_prices_or_old_ones_when_returns_are_asked_then_the_instrument_is_named():
    whole = closes_of(returns_of(0.1, 0.2, 0.3, days=400))
    minor = whole.minor.copy()
    minor[-50:, 1] = 0  # delisted
    minor[:-100, 2] = 0  # too young
    closes = Closes(whole.days, whole.instrument_ids, minor)

    for asked, named in ((["in_1"], "in_1"), (["in_2"], "in_2"), (["in_9"], "in_9")):
        with pytest.raises(NoPrices) as refusal:
            closes.log_returns([*ids(1), *asked])
        assert refusal.value.instrument_ids == (named,)
    with pytest.raises(NoPrices):
        closes.log_returns([])
