"""The split domain: parts are merged, languages added, duplicates refused with both places named."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.importer import (
    DuplicateInDomain,
    NotATranslation,
    SplitDomainImporter,
    add_language,
    merge_domains,
)


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


# --- a second language ---

ENGLISH = "responses: {utter_hi: [{text: Hi}], utter_bye: [{text: Bye, custom: {kind: x}}]}\n"
SLOT = (
    "slots: {language: {type: text, influence_conversation: false, mappings: [{type: custom}]}}\n"
)


def a_domain(folder, *, es):
    """Return the raw domain of one English file and these Spanish ones, by file name."""
    domain = merge_domains([write(folder, "a.yml", ENGLISH + SLOT)])
    (folder / "es").mkdir()
    add_language(domain, "es", [write(folder / "es", name, text) for name, text in es.items()])
    return domain


def test_given_a_translation_when_added_then_it_is_a_variation_of_its_language_alone(tmp_path):
    domain = a_domain(tmp_path, es={"a.yml": "responses: {utter_hi: [{text: Hola}]}\n"})

    assert domain["responses"]["utter_hi"] == [
        {"text": "Hi"},
        {"text": "Hola", "condition": [{"type": "slot", "name": "language", "value": "es"}]},
    ]
    assert domain["responses"]["utter_bye"] == [{"text": "Bye", "custom": {"kind": "x"}}]


@pytest.mark.parametrize(
    ("language", "said"), [(None, "Hi"), ("en", "Hi"), ("es", "Hola"), ("fr", "Hi")]
)
async def test_given_the_language_of_a_conversation_when_rasa_speaks_then_it_is_spoken(
    tmp_path, language, said
):
    raw = a_domain(tmp_path, es={"a.yml": "responses: {utter_hi: [{text: Hola}]}\n"})
    domain = Domain.from_dict(raw)
    tracker = DialogueStateTracker("cv_1", domain.slots)
    tracker.update(SlotSet("language", language), domain)

    reply = await TemplatedNaturalLanguageGenerator(domain.responses).generate(
        "utter_hi", tracker, output_channel="florin"
    )

    assert reply["text"] == said


async def test_given_no_translation_when_rasa_speaks_spanish_then_the_english_is_said(tmp_path):
    domain = Domain.from_dict(
        a_domain(tmp_path, es={"a.yml": "responses: {utter_hi: [{text: Hola}]}\n"})
    )
    tracker = DialogueStateTracker("cv_1", domain.slots)
    tracker.update(SlotSet("language", "es"), domain)

    reply = await TemplatedNaturalLanguageGenerator(domain.responses).generate(
        "utter_bye", tracker, output_channel="florin"
    )

    assert reply["text"] == "Bye"


@pytest.mark.parametrize(
    ("files", "kind", "told"),
    [
        ({"x.yml": "responses: {utter_gone: [{text: a}]}\n"}, NotATranslation, "utter_gone"),
        ({"x.yml": "intents: [greet]\n"}, NotATranslation, "intents"),
        ({"x.yml": "slots: {language: {type: text}}\n"}, NotATranslation, "slots"),
        (
            {
                "x.yml": "responses: {utter_hi: [{text: a}]}\n",
                "y.yml": "responses: {utter_hi: [{text: b}]}\n",
            },
            DuplicateInDomain,
            "y.yml",
        ),
    ],
)
def test_given_what_is_no_translation_when_added_then_the_file_is_named(
    tmp_path, files, kind, told
):
    with pytest.raises(kind) as refusal:
        a_domain(tmp_path, es=files)

    assert "x.yml" in str(refusal.value)
    assert told in str(refusal.value)


def test_given_folders_of_two_letters_when_imported_then_each_is_a_language(tmp_path):
    parts = tmp_path / "bot" / "domain"
    for name, text in {
        "skill.yml": ENGLISH + SLOT,
        "es/skill.yml": "responses: {utter_hi: [{text: Hola}]}\n",
        "fr/skill.yml": "responses: {utter_hi: [{text: Salut}]}\n",
        "drafts/skill.yml": "responses: {utter_hi: [{text: nothing}]}\n",
    }.items():
        path = parts / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    contents_page = write(tmp_path, "domain.yml", 'version: "3.1"\n')

    domain = SplitDomainImporter(None, str(contents_page)).get_domain()

    assert [one["text"] for one in domain.responses["utter_hi"]] == ["Hi", "Hola", "Salut"]


def test_given_our_own_domain_when_imported_then_every_response_has_one_spanish_variation_a_text():
    root = Path(__file__).parents[2]

    domain = SplitDomainImporter(None, str(root / "domain.yml")).get_domain()

    spoken = {
        name: [len([one for one in variations if is_spanish(one)]), len(variations)]
        for name, variations in domain.responses.items()
    }
    assert spoken
    assert [name for name, (spanish, all_) in spoken.items() if 2 * spanish != all_] == []


def test_given_the_entity_language_when_slots_are_mapped_then_it_is_remembered_for_the_conversation():
    root = Path(__file__).parents[2]

    domain = SplitDomainImporter(None, str(root / "domain.yml")).get_domain()

    [slot] = [one for one in domain.slots if one.name == "language"]
    assert slot.mappings == [{"type": "from_entity", "entity": "language"}]
    assert not slot.influence_conversation
    assert "language" in domain.entities


def is_spanish(variation):
    return variation.get("condition") == [{"type": "slot", "name": "language", "value": "es"}]
