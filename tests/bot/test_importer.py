"""The split domain: parts are merged, duplicates are refused with both places named."""

from __future__ import annotations

import pytest

from bot.importer import DuplicateInDomain, merge_domains


def write(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def test_given_two_skills_when_merged_then_the_domain_has_both(tmp_path):
    one = write(tmp_path, "a.yml", "intents: [greet]\nresponses: {utter_hi: [{text: Hi}]}\n")
    two = write(tmp_path, "b.yml", "intents: [bye]\nslots: {b_x: {type: any, mappings: []}}\n")

    merged = merge_domains([one, two])

    assert merged["intents"] == ["greet", "bye"]
    assert set(merged["responses"]) == {"utter_hi"}
    assert set(merged["slots"]) == {"b_x"}


@pytest.mark.parametrize(
    ("section", "first", "second"),
    [
        ("intents", "[greet]", "[{greet: {use_entities: []}}]"),
        ("actions", "[action_x]", "[action_x]"),
        ("slots", "{s: {type: any}}", "{s: {type: text}}"),
        ("responses", "{utter_x: [{text: a}]}", "{utter_x: [{text: b}]}"),
        ("forms", "{f: {required_slots: []}}", "{f: {required_slots: [a]}}"),
        ("entities", "[amount]", "[amount]"),
    ],
)
def test_given_a_thing_declared_twice_when_merged_then_both_files_are_named(
    tmp_path, section, first, second
):
    one = write(tmp_path, "one.yml", f"{section}: {first}\n")
    two = write(tmp_path, "two.yml", f"{section}: {second}\n")

    with pytest.raises(DuplicateInDomain) as refusal:
        merge_domains([one, two])

    assert "one.yml" in str(refusal.value)
    assert "two.yml" in str(refusal.value)
    assert section in str(refusal.value)
