"""Rules: each fires where it should, says why, and keeps quiet where something is unknown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from analytics.errors import BadTable
from analytics.fraud.features import ALL, named
from analytics.fraud.rules import RULES, Finding, check, load_thresholds
from analytics.fraud.snoozes import LONGEST, Snooze, SnoozeRefused, heard
from analytics.fraud.state import State
from tests.analytics.fraud.streams import a_payment

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)

#: Rule → a row that is just enough, and what of it is one too little.
JUST_ENOUGH = {
    "compromised_payee": ({"p_ordinary_fraud_14d": 2, "p_run_length": 1}, {"p_run_length": 0}),
    "repeated_surprises": ({"c_surprises_14d": 2, "c_ratio_habit": 2.5}, {"c_surprises_14d": 1}),
    "habit_break": ({"c_lifetime": 10, "c_ratio_habit": 4.0}, {"c_ratio_habit": 3.9}),
    "new_payee_large": (
        {"c_pair_count": 0, "c_ratio_habit": 3.0, "amount_minor": 10_000},
        {"c_pair_count": 1},
    ),
    "new_device_large": (
        {"d_pair_count": 0, "c_ratio_habit": 3.0, "amount_minor": 10_000},
        {"amount_minor": 9_999},
    ),
    "impossible_travel": ({"g_speed_kmh": 901, "g_from_last_km": 100}, {"g_speed_kmh": 900}),
    "velocity": ({"c_count_1h": 4}, {"c_count_1h": 3}),
    "night_burst": ({"c_count_1h": 2, "night": 1}, {"night": 0}),
    "structuring": ({"c_below_limit_7d": 3}, {"c_below_limit_7d": 2}),
    "shared_device": ({"d_customers": 4}, {"d_customers": 3}),
}
QUIET = dict.fromkeys(ALL.names, 0.0) | {"d_pair_count": 9.0, "c_pair_count": 9.0}


def test_every_rule_is_tried_here():
    assert set(JUST_ENOUGH) == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_given_just_enough_when_checked_then_the_rule_alone_speaks(name):
    enough, too_little = JUST_ENOUGH[name]

    findings = check(QUIET | enough, load_thresholds())
    quiet = check(QUIET | enough | too_little, load_thresholds())

    assert name in [each.rule for each in findings]
    assert name not in [each.rule for each in quiet]
    sentence = next(each.sentence for each in findings if each.rule == name)
    assert sentence.endswith(".") and any(letter.isdigit() or letter == " " for letter in sentence)


def test_given_a_first_payment_ever_when_checked_then_no_rule_speaks():
    row = named(State().features(a_payment(amount_minor=10_000_000)))

    assert check(row, load_thresholds()) == []


@pytest.mark.parametrize(
    ("text", "named"),
    [("[unheard]\nof = 1\n", "unheard"), ("[velocity]\nspeed = 1\n", "velocity")],
)
def test_given_other_rules_or_thresholds_when_read_then_the_table_is_named(tmp_path, text, named):
    file = tmp_path / "rules.toml"
    file.write_text(text)

    with pytest.raises(BadTable, match=named):
        load_thresholds(file)


def _snooze(**other: object) -> Snooze:
    values: dict[str, object] = {
        "rule": "velocity",
        "reason": "a fair is in town",
        "by": "st_noor",
        "from_utc": NOON,
        "until_utc": NOON + timedelta(days=2),
    }
    return Snooze(**{**values, **other})  # type: ignore[arg-type]


def test_given_a_snooze_when_its_time_comes_and_goes_then_the_rule_is_silent_only_within():
    moments = [NOON - timedelta(seconds=1), NOON, NOON + timedelta(days=2)]

    silent = [_snooze().silences("velocity", customer="cu_1", at_utc=each) for each in moments]

    assert silent == [False, True, False]


def test_given_a_snooze_of_one_customer_when_others_pay_then_the_rule_speaks_for_them():
    finding, snooze = Finding("velocity", "Five."), _snooze(customer="cu_1")

    mine = heard([finding], [snooze], customer="cu_1", at_utc=NOON)
    theirs = heard([finding], [snooze], customer="cu_2", at_utc=NOON)

    assert mine == ([], [(finding, snooze)])
    assert theirs == ([finding], [])


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule": "unheard"},
        {"reason": "  "},
        {"by": ""},
        {"until_utc": NOON},
        {"until_utc": NOON + LONGEST + timedelta(seconds=1)},
        {"from_utc": datetime(2026, 11, 28, 12)},  # noqa: DTZ001
    ],
)
def test_given_half_a_snooze_when_made_then_it_is_refused(wrong):
    with pytest.raises(SnoozeRefused):
        _snooze(**wrong)


def test_a_snooze_comes_back_from_its_json():
    assert Snooze.from_json(_snooze(customer="cu_1").as_json()) == _snooze(customer="cu_1")
