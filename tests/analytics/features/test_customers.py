"""Features of a customer: what a window holds, and that nothing later than the moment is in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import LooksAhead
from analytics.features import books as columns
from analytics.features.books import DAY_US, NEVER_US, Accounts, Books, Postings
from analytics.features.customers import SCHEMA, customer_features

NOW = 500 * DAY_US
KINDS = ("is_salary", "is_fixed", "is_fee", "is_transfer", "is_refund", "is_own")


def postings(rows: list[tuple[int, int, int, str]]) -> Postings:
    """Return lines of (account, time, amount, kind), each with the balance after it."""
    ordered = sorted(rows, key=lambda row: (row[0], row[1]))
    balance, after = dict[int, int](), list[int]()
    for account, _, amount, _ in ordered:
        balance[account] = balance.get(account, 0) + amount
        after.append(balance[account])
    return Postings(
        account=np.array([row[0] for row in ordered], np.int64),
        at_us=np.array([row[1] for row in ordered], np.int64),
        amount_minor=np.array([row[2] for row in ordered], np.int64),
        balance_after_minor=np.array(after, np.int64),
        **{kind: np.array([row[3] == kind for row in ordered], np.bool_) for kind in KINDS},
    )


def books(
    lines: list[tuple[int, int, int, str]] = [],  # noqa: B006  never changed
    *,
    closed_us: tuple[int, int] = (NEVER_US, NEVER_US),
    complaints: list[tuple[int, int, int]] = [],  # noqa: B006
    logins: list[tuple[int, int, int]] = [],  # noqa: B006
) -> Books:
    """Two customers, a and b, with one current account each, opened on day 0."""
    return Books(
        customers=("a", "b"),
        accounts=Accounts(
            np.array([0, 1]), np.array([0, 0]), np.array(closed_us),
            np.array([True, True]), np.array([False, False]),
        ),
        postings=postings(lines),
        cards=columns.moments([(0, 0, 1)]),
        complaints=columns.moments(complaints),
        cases=columns.moments(complaints),
        login_days=columns.moments(logins),
    )  # fmt: skip


def days_ago(days: float) -> int:
    return NOW - int(days * DAY_US)


def test_given_payments_then_each_window_holds_its_own_and_own_savings_are_no_payment() -> None:
    lines = [
        (0, days_ago(400), 100_000, "is_salary"), (0, days_ago(100), -1_000, ""),
        (0, days_ago(40), -2_000, ""), (0, days_ago(10), -3_000, ""),
        (0, days_ago(10), -50_000, "is_own"), (0, days_ago(5), -700, "is_fee"),
        (0, days_ago(3), -9_000, "is_transfer"), (1, days_ago(2), 5_000, "is_transfer"),
    ]  # fmt: skip

    row = customer_features(books(lines), as_of_us=NOW).loc["a"]

    assert (row["payments_30d_count"], row["payments_90d_count"]) == (1, 2)
    assert (row["spent_minor_90d"], row["sent_minor_30d"], row["fees_90d_count"]) == (
        5_000,
        9_000,
        1,
    )
    assert (row["balance_minor"], row["payment_age_days"]) == (34_300, 10)
    assert row["payments_change"] == pytest.approx(np.log(3 / 2))


def test_given_pay_that_stopped_then_it_says_so_and_who_never_had_any_is_unknown() -> None:
    lines = [(0, days_ago(60), 200_000, "is_salary"), (1, days_ago(60), 200_000, "is_transfer")]

    table = customer_features(books(lines), as_of_us=NOW)

    assert (table.loc["a", "salary_stopped"], table.loc["a", "salary_age_days"]) == (1, 60)
    assert table.loc["b", "salary_stopped"] == 0
    assert np.isnan(table.loc["b", "salary_age_days"])


def test_given_a_closed_account_then_the_customer_is_gone_and_before_that_is_there() -> None:
    closed = books(closed_us=(days_ago(10), NEVER_US))

    assert list(customer_features(closed.until(NOW), as_of_us=NOW).index) == ["b"]
    before = days_ago(20)
    assert list(customer_features(closed.until(before), as_of_us=before).index) == ["a", "b"]


@pytest.mark.parametrize(
    "later",
    [
        books([(0, NOW + 1, -100, "")]),
        books(closed_us=(NOW + 1, NEVER_US)),
        books(complaints=[(0, NOW + 1, 1)]),
        books(logins=[(1, NOW + 1, 1)]),
    ],
)
def test_given_anything_later_than_the_moment_then_features_refuse_and_until_cuts_it(
    later: Books,
) -> None:
    with pytest.raises(LooksAhead):
        customer_features(later, as_of_us=NOW)

    cut = customer_features(later.until(NOW), as_of_us=NOW)
    assert cut.equals(customer_features(books(), as_of_us=NOW))


LINE = st.tuples(
    st.integers(0, 1), st.integers(1, 600 * DAY_US), st.integers(-500_000, 500_000),
    st.sampled_from(("", *KINDS)),
)  # fmt: skip
EVENT = st.tuples(st.integers(0, 1), st.integers(1, 600 * DAY_US), st.just(1))


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=25), st.lists(EVENT, max_size=8), st.lists(EVENT, max_size=8),
       st.integers(1, 590 * DAY_US))  # fmt: skip
def test_no_later_event_ever_changes_the_table_of_a_moment(
    lines, complaints, logins, as_of
) -> None:
    everything = books(lines, complaints=complaints, logins=logins)
    known = books(
        [one for one in lines if one[1] <= as_of],
        complaints=[one for one in complaints if one[1] <= as_of],
        logins=[one for one in logins if one[1] <= as_of],
    )

    made = customer_features(everything.until(as_of), as_of_us=as_of)

    assert made.equals(customer_features(known, as_of_us=as_of))


@settings(max_examples=60, deadline=None)
@given(st.lists(LINE, max_size=25), st.lists(EVENT, max_size=8), st.lists(EVENT, max_size=8))
def test_a_customer_s_row_is_the_same_alone_and_among_others(lines, complaints, logins) -> None:
    both = books(lines, complaints=complaints, logins=logins).until(NOW)
    keep = both.accounts.customer == 1
    alone = replace(
        both,
        customers=("b",),
        accounts=replace(columns.cut(both.accounts, keep), customer=np.array([0])),
        postings=_renumbered(columns.cut(both.postings, both.postings.account == 1)),
        **{name: _alone(getattr(both, name)) for name in ("cards", "complaints", "cases",
                                                          "login_days")},
    )  # fmt: skip

    among, single = (customer_features(one, as_of_us=NOW).loc[["b"]] for one in (both, alone))

    assert among.equals(single)
    assert columns.join([alone]).customers == ("b",)


def _renumbered(lines: Postings) -> Postings:
    return replace(lines, account=np.zeros_like(lines.account))


def _alone(events: columns.Moments) -> columns.Moments:
    mine = columns.cut(events, events.customer == 1)
    return replace(mine, customer=np.zeros_like(mine.customer))


def test_given_the_schema_then_every_column_has_a_sentence_and_is_made_in_its_order() -> None:
    made = customer_features(books(), as_of_us=NOW)

    assert tuple(made.columns) == SCHEMA.names
    assert all("{value}" in one.phrase for one in SCHEMA.columns)
