"""Random schedules through the service break no rule; with a rule taken out, the reading says so."""

from __future__ import annotations

import pytest

from benchmarks import campaign_schedules
from benchmarks.campaign_schedules import scheduled, violations_of


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(campaign_schedules, "PEOPLE", 60)
    monkeypatch.setattr(campaign_schedules, "CAMPAIGNS", 12)


def test_given_four_workers_when_people_withdraw_then_no_rule_is_broken(tmp_path):
    told = scheduled(tmp_path, 1_500, seed=5)

    assert violations_of(told) == {}
    assert told["looked at"] >= 1_500
    assert told["went"] > 100
    assert told["withdrawals"] > 10
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("rule", "instead", "found"), [
    ("bank.policies.contacting.cap_count", lambda: None, "cap"),
    ("bank.policies.contacting.is_quiet", lambda *_, **__: False, "quiet hours"),
    ("bank.policies.contacting.is_held_out", lambda *_: False, "held out"),
    ("bank.services.contacts._has_consent", lambda *_, **__: True, "no consent"),
    ("bank.services.consents.Consents.is_suppressed_in", lambda *_: False, "suppressed"),
    ("bank.policies.contacting.cost_minor", lambda *_: 0, "money miscounted"),
    ("bank.services.campaigns._recall_page_in", lambda *_: ("", 0), "left by its stop"),
])  # fmt: skip
def test_given_a_rule_taken_out_when_read_again_then_its_breach_is_counted(
    tmp_path, monkeypatch, rule, instead, found
):
    monkeypatch.setattr(rule, instead)

    # Some breaches need two threads to meet, and a busy machine may let them pass each other.
    runs = (violations_of(scheduled(tmp_path, 1_500, seed=seed)) for seed in range(5, 25))
    assert any(run[f"violation: {found}"] for run in runs)
