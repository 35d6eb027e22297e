"""Nothing that is said of investments promises a gain."""

from __future__ import annotations

from pathlib import Path

import pytest

from bank.policies.promises import promises_in
from bank.yaml_text import read_yaml

PARTS = Path(__file__).parents[2] / "bot" / "domain"
FILES = sorted([*PARTS.glob("**/advice*.yml"), *PARTS.glob("**/offers.yml")])


@pytest.mark.parametrize("path", FILES, ids=lambda one: "/".join(one.parts[-2:]))
def test_given_a_sentence_on_investments_then_it_promises_nothing(path: Path) -> None:
    responses = read_yaml(path.read_text(encoding="utf-8"))["responses"]
    found = {
        name: promises_in(words)
        for name, variations in responses.items()
        for one in variations
        for words in (one["text"], *(button["title"] for button in one.get("buttons", [])))
        if promises_in(words)
    }
    assert found == {}


@pytest.mark.parametrize(
    "text",
    ["Guaranteed 20 % a year", "You can’t lose", "Es una ganancia segura", "It is risk-free",
     "GARANTÍA total", "the fund will rise"],
)  # fmt: skip
def test_given_a_promise_then_it_is_found(text: str) -> None:
    assert promises_in(text)


def test_given_the_files_of_advice_then_both_languages_are_read() -> None:
    assert {path.parent.name for path in FILES} == {"domain", "es"}
