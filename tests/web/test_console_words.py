"""The console's catalogue: every code of the bank that staff meet has a sentence there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from analytics.retention.handing import REASON
from bank.domain.evidence import EvidenceKind
from bank.domain.findings import Breakdown, Weight
from bank.domain.readings import ReadingState, Why
from identity.liveness.challenges import STEPS
from web.console.language import languages, learnable_intents
from web.utterances import DOMAIN_DIR, load_utterances

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
    return sorted({*escalations["priority"], *disputes["reasons"], *said, REASON})


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


@pytest.mark.parametrize("intent", learnable_intents())
def test_given_an_intent_when_staff_choose_it_then_it_has_words(intent: str) -> None:
    titles = load_utterances(DOMAIN_DIR)

    assert f"intent.{intent}" in WORDS or titles.say(f"utter_wish_{intent}")


@pytest.mark.parametrize(
    "key",
    [
        *(f"why.{why}" for why in Why),
        *(f"state.{state}" for state in ReadingState),
        *(f"name.{language}" for language in languages()),
        *(f"decided.{state}" for state in ReadingState if state is not ReadingState.OPEN),
    ],
)
def test_given_a_word_of_a_reading_when_shown_then_it_is_not_a_code(key: str) -> None:
    assert WORDS[f"language.{key}"]
