"""The console's catalogue: every code of the bank that staff meet has a sentence there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

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
