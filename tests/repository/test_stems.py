"""One stem through all rooms, and nothing said in the dialogue that is not defined."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from bank.domain import errors
from bank.yaml_text import read_yaml

ROOT = Path(__file__).parents[2]
#: Stems that are not skills: they belong to all of them.
SHARED = {
    # told by the bank, never asked for: no language of its own
    "nlu_data/rules": {"notices"},
    "bot/domain": {"refusals", "web", "fallback"},
}


#: Modules of actions that are a part of a skill's room, because the skill outgrew one file.
PARTS = {
    "card_limits": "cards", "travel": "cards", "recurring": "insights", "loans": "products",
    "transfer_history": "transfers", "step_ups": "login", "onboarding_status": "onboarding",
    "fallback": "conversation", "ready_answers": "answers",
}  # fmt: skip


def stems(folder, suffix):
    return {p.stem for p in (ROOT / folder).glob(f"*{suffix}")} - SHARED.get(folder, set())


def domain():
    merged = {}
    for path in sorted((ROOT / "bot" / "domain").glob("*.yml")):
        for key, value in read_yaml(path.read_text(encoding="utf-8")).items():
            if isinstance(value, dict):
                merged.setdefault(key, {}).update(value)
            elif isinstance(value, list):
                merged.setdefault(key, []).extend(value)
    return merged


def names_of(items):
    return {next(iter(item)) if isinstance(item, dict) else item for item in items}


def refusals():
    def walk(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from walk(child)

    # Bases that only group others are never raised, so they need no sentence.
    return [
        e
        for e in walk(errors.BankError)
        if not e.__subclasses__()
        or e.__name__ in ("NotAuthenticated", "InvalidInput", "Conflict", "Unavailable")
    ]


def test_given_a_skill_with_rules_then_its_language_and_domain_have_the_same_stem():
    skills = stems("nlu_data/rules", ".yml")

    assert skills
    assert skills - stems("nlu_data/nlu", ".yml") == set()
    assert skills - stems("bot/domain", ".yml") == set()


def test_given_a_module_with_actions_then_its_domain_file_has_the_same_stem():
    skills = {
        PARTS.get(path.stem, path.stem)
        for path in (ROOT / "actions").glob("*.py")
        if "\nACTIONS" in path.read_text(encoding="utf-8")
    }

    assert skills
    assert skills - {p.stem for p in (ROOT / "bot/domain").glob("*.yml")} == set()


@pytest.mark.parametrize("refusal", refusals(), ids=lambda e: e.code)
def test_given_a_refusal_then_the_customer_has_a_sentence_for_it(refusal):
    assert f"utter_{refusal.code}" in domain()["responses"]


def test_given_the_refusals_then_no_two_share_a_code():
    codes = [e.code for e in refusals()]

    assert sorted(codes) == sorted(set(codes))


def test_given_the_domain_then_every_action_exists_and_every_action_is_in_the_domain():
    named = names_of(domain().get("actions", []))
    custom = {name for name in named if name.startswith(("action_", "validate_"))}

    from actions.registry import action_classes  # noqa: PLC0415

    # Rasa's own actions may be overridden by name; then they stand in the domain too.
    assert custom == {action.action_name for action in action_classes()}


def test_given_the_rules_and_stories_then_everything_they_say_is_a_response():
    responses = set(domain()["responses"])
    said = set()
    for folder in ("rules", "stories"):
        for path in (ROOT / "nlu_data" / folder).glob("*.yml"):
            document = read_yaml(path.read_text(encoding="utf-8")) or {}
            for story in document.get("rules", []) + document.get("stories", []):
                said |= {
                    step["action"]
                    for step in story["steps"]
                    if str(step.get("action", "")).startswith("utter_")
                }

    assert said - responses == set()


def test_given_the_rules_then_every_intent_has_examples_or_comes_from_web():
    nlu = set()
    for path in (ROOT / "nlu_data" / "nlu").glob("*.yml"):
        nlu |= {
            b["intent"]
            for b in read_yaml(path.read_text(encoding="utf-8"))["nlu"]
            if "intent" in b
        }
    declared = names_of(domain()["intents"])

    # Events of web (EXTERNAL_…) and button payloads are never typed, so they have no examples.
    typed = {i for i in declared if not i.startswith("EXTERNAL_")}
    assert nlu - declared == set()
    # `two_wishes` is what bot/components/wishes.py answers when a message holds two intents.
    assert typed - nlu - {"two_wishes"} == set()


def test_given_the_python_of_the_doors_then_no_sentence_to_the_customer_stands_in_it():
    """A reply's words live in bot/domain: `utter_message(text=…)` is never used."""
    for path in (ROOT / "actions").glob("*.py"):
        assert "utter_message(text=" not in path.read_text(encoding="utf-8"), path.name


def test_given_every_module_of_the_bank_then_it_imports_alone():
    for path in sorted((ROOT / "bank").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if "migrations" not in name and not name.endswith("__init__"):
            assert inspect.ismodule(importlib.import_module(name)), name
