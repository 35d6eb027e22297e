"""Logins: which attacks are seen, and which ordinary days are not taken for one."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from analytics.threats.alerts import Alert
from analytics.threats.events import Login
from analytics.threats.logins import LoginWatch
from tests.analytics.threats.builders import (
    BERLIN,
    MADRID,
    NOON_S,
    THRESHOLDS,
    a_failure,
    a_login,
    kinds,
)

_HOUR_S = 3_600


def taken(watch: LoginWatch, *logins: Login) -> list[Alert]:
    return [alert for login in logins for alert in watch.take(login)]


def a_watch_that_knows(accounts: int, *, source_ip: str = "", days: int = 5) -> LoginWatch:
    """Each account logs in daily from its own device and address, or all from one."""
    watch = LoginWatch(THRESHOLDS)
    for day in range(days):
        for one in range(accounts):
            at_s = NOON_S + (day - days) * 86_400 + one
            watch.take(
                a_login(
                    account=f"cu_{one}", device=f"d{one}", at_s=at_s,
                    source_ip=source_ip or f"10.0.{one // 250}.{one % 250}",
                )
            )  # fmt: skip
    return watch


def test_given_eight_wrong_passwords_on_one_account_then_it_is_brute_force():
    watch = LoginWatch(THRESHOLDS)

    found = taken(watch, *(a_failure(at_s=NOON_S + place) for place in range(9)))

    assert kinds(found) == {"brute_force"}
    assert found[-1].count == 9
    assert found[-1].technique == "T1110.001"
    assert found[-1].subject == "cu_amal"


def test_given_five_wrong_passwords_and_the_right_one_then_nothing_is_said():
    watch = a_watch_that_knows(1)

    found = taken(
        watch,
        *(a_login(account="cu_0", device="d0", succeeded=False, at_s=NOON_S + n) for n in range(5)),
        a_login(account="cu_0", device="d0", at_s=NOON_S + 9),
    )

    assert found == []


def test_given_failures_spread_over_a_day_then_it_is_no_brute_force():
    watch = LoginWatch(THRESHOLDS)

    assert taken(watch, *(a_failure(at_s=NOON_S + n * _HOUR_S) for n in range(24))) == []


def test_given_many_accounts_quickly_from_one_address_then_it_is_stuffing():
    watch = LoginWatch(THRESHOLDS)

    found = taken(watch, *(a_failure(account=f"cu_{n}", at_s=NOON_S + n) for n in range(30)))

    assert "credential_stuffing" in kinds(found)
    assert found[-1].source_ip == "203.0.113.5"
    assert found[-1].evidence["accounts_count"] == 30


def test_given_many_accounts_slowly_from_one_address_then_it_is_spraying():
    watch = LoginWatch(THRESHOLDS)

    found = taken(watch, *(a_failure(account=f"cu_{n}", at_s=NOON_S + n * 120) for n in range(20)))

    assert kinds(found) == {"password_spraying"}


def test_given_an_office_behind_one_address_when_some_mistype_then_nothing_is_said():
    watch = a_watch_that_knows(120, source_ip="198.51.100.1")
    draw = random.Random(3)

    found = []
    for minute in range(90):
        account = draw.randrange(120)
        login = a_login(
            account=f"cu_{account}", device=f"d{account}", source_ip="198.51.100.1",
            at_s=NOON_S + minute * 20, succeeded=draw.random() > 0.25,
        )  # fmt: skip
        found += watch.take(login)

    assert found == []


def test_given_an_office_nobody_knows_yet_when_most_succeed_then_nothing_is_said():
    watch = LoginWatch(THRESHOLDS)
    logins = (
        a_login(
            account=f"cu_{n}", device=f"d{n}", source_ip="198.51.100.1", at_s=NOON_S + n,
            succeeded=n % 4 != 0,
        )
        for n in range(100)
    )  # fmt: skip

    assert taken(watch, *logins) == []


def test_given_the_day_after_a_password_reset_then_failures_on_known_devices_are_no_attack():
    watch = a_watch_that_knows(400)

    found = []
    for one in range(400):
        own = {"account": f"cu_{one}", "device": f"d{one}"}
        source_ip = f"10.0.{one // 250}.{one % 250}"
        for failed in range(3):
            login = a_login(
                **own, source_ip=source_ip, at_s=NOON_S + one + failed / 10, succeeded=False
            )
            found += watch.take(login)
        found += watch.take(a_login(**own, source_ip=source_ip, at_s=NOON_S + one + 0.5))

    assert found == []


def test_given_stuffing_from_a_thousand_addresses_then_it_is_seen_as_one():
    watch = a_watch_that_knows(400)

    found = taken(
        watch,
        *(
            a_failure(account=f"cu_{n}", source_ip=f"192.0.{n // 250}.{n % 250}", at_s=NOON_S + n)
            for n in range(300)
        ),
    )

    assert kinds(found) == {"distributed_stuffing"}
    assert found[-1].subject == "logins"
    assert found[-1].source_ip == ""


def test_given_madrid_an_hour_after_berlin_on_another_device_then_the_travel_is_impossible():
    watch = LoginWatch(THRESHOLDS)

    found = taken(
        watch,
        a_login(place=BERLIN),
        a_login(place=MADRID, device="other", at_s=NOON_S + _HOUR_S),
    )

    assert kinds(found) == {"impossible_travel"}
    assert 1_800 < found[0].evidence["distance_km"] < 1_950


def test_given_the_same_device_elsewhere_then_its_address_jumped_and_nobody_travelled():
    watch = LoginWatch(THRESHOLDS)

    assert not taken(watch, a_login(place=BERLIN), a_login(place=MADRID, at_s=NOON_S + _HOUR_S))


def test_given_a_day_to_travel_then_it_is_possible():
    watch = LoginWatch(THRESHOLDS)
    later = a_login(place=MADRID, device="other", at_s=NOON_S + 24 * _HOUR_S)

    assert not taken(watch, a_login(place=BERLIN), later)


def test_given_a_clock_that_runs_back_then_travel_is_still_measured():
    watch = LoginWatch(THRESHOLDS)
    earlier = a_login(place=MADRID, device="other", at_s=NOON_S - 60)

    assert kinds(taken(watch, a_login(place=BERLIN), earlier)) == {"impossible_travel"}


def test_given_a_new_device_then_it_is_mentioned_and_after_failures_it_is_grave():
    watch = a_watch_that_knows(2)

    plain = taken(watch, a_login(account="cu_0", device="new"))
    after = taken(
        watch,
        *(a_failure(account="cu_1", at_s=NOON_S + n) for n in range(4)),
        a_login(account="cu_1", device="new", at_s=NOON_S + 5),
    )

    assert [(one.kind, one.severity.name) for one in plain] == [("new_device", "LOW")]
    assert [(one.kind, one.severity.name) for one in after] == [("new_device", "HIGH")]
    assert after[0].count == 5


def test_given_a_flood_of_invented_accounts_and_addresses_then_memory_is_bounded():
    small = {**THRESHOLDS, "memory": {"sources": 50, "accounts": 50}}
    watch = LoginWatch(small)

    for one in range(5_000):
        watch.take(a_failure(account=f"x{one}", source_ip=f"s{one}", at_s=NOON_S + one / 1_000))

    assert len(watch._sources) == 50
    assert len(watch._accounts) == 50
    assert watch.forgotten_count == 2 * (5_000 - 50)


@given(
    st.lists(
        st.tuples(
            st.floats(-1e12, 1e12), st.sampled_from("abc"), st.sampled_from("123"), st.booleans(),
            st.sampled_from(["", "d", "e"]), st.sampled_from([None, BERLIN, MADRID]),
        ),
        max_size=60,
    )
)  # fmt: skip
def test_whatever_the_times_a_login_is_taken_and_evidence_counts(rows):
    watch = LoginWatch(THRESHOLDS)

    for at_s, account, source, succeeded, device, place in rows:
        for alert in watch.take(Login(at_s, account, source, succeeded, device, place)):
            assert alert.count >= 1
            assert alert.sentence
