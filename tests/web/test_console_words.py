"""The console's catalogue: every code of the bank that staff meet has a sentence there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from bank.domain.evidence import EvidenceKind
from bank.domain.findings import Breakdown, Weight
from identity.liveness.challenges import STEPS

ROOT = Path(__file__).resolve().parents[2]
WORDS = json.loads((ROOT / "web/static/i18n/en.json").read_text(encoding="utf-8"))


def _reason_codes() -> list[str]:
    policies = ROOT / "bank" / "policies"
    escalations = tomllib.loads((policies / "escalation.toml").read_text(encoding="utf-8"))
    disputes = tomllib.loads((policies / "disputes.toml").read_text(encoding="utf-8"))
    said = re.findall(
        r'reason_code(?::[^=]+)? = "(\w+)"',
        "".join(path.read_text(encoding="utf-8") for path in (ROOT / "actions").glob("*.py")),
    )
    return sorted({*escalations["priority"], *disputes["reasons"], *said})


@pytest.mark.parametrize("code", _reason_codes())
def test_given_a_reason_code_when_staff_read_it_then_it_is_a_sentence(code: str) -> None:
    assert re.fullmatch(r"The [a-z].+[a-z]", WORDS[f"reason.{code}"])


def test_given_the_codes_of_the_actions_when_collected_then_the_known_ones_are_among_them() -> None:
    assert {"customer_asked", "complaint", "unrecognised"} <= set(_reason_codes())


def _decision_codes() -> list[str]:
    table = tomllib.loads((ROOT / "bank/policies/onboarding.toml").read_text(encoding="utf-8"))
    return sorted({code for codes in table["staff_reasons"].values() for code in codes})


@pytest.mark.parametrize("code", _decision_codes())
def test_given_a_reason_for_a_decision_when_offered_then_it_has_words(code: str) -> None:
    assert WORDS[f"kyc.reason.{code}"]


@pytest.mark.parametrize("word", [*Breakdown, *Weight, *EvidenceKind, *STEPS])
def test_given_a_word_of_the_identity_checks_when_shown_then_it_is_not_a_code(word: str) -> None:
    keys = (f"kyc.breakdown.{word}", f"kyc.weight.{word}", f"kyc.evidence.{word}")

    assert any(key in WORDS for key in (*keys, f"liveness.step.{word}"))
