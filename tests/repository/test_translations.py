"""Every sentence of the bank in every language: the same facts, the same buttons, nothing left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bank.domain.accounts import AccountKind, AccountStatus
from bank.domain.cards import CardKind, CardStatus
from bank.domain.ledger import Category
from bank.domain.periods import Cadence
from bank.policies.notices import CHOOSABLE
from bank.policies.onboarding import purposes
from bank.services.products import Products
from bank.yaml_text import read_yaml

PARTS = Path(__file__).parents[2] / "bot" / "domain"
LANGUAGES = sorted(path.name for path in PARTS.glob("[a-z][a-z]"))
SKILLS = sorted(path.name for path in PARTS.glob("*.yml"))
#: Texts and titles that are the same in two languages.
SAME = {"es": {"IBAN", "No"}}
#: Words a messenger takes literally (web/channels): they are never translated.
LITERAL = ("link ABCD-1234", "unlink", "selfie", "front", "back")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def responses(path):
    content = read_yaml(path.read_text(encoding="utf-8")) if path.exists() else None
    return (content or {}).get("responses") or {}


def variations(language):
    """Yield (name, English, translated) of every variation."""
    for skill in SKILLS:
        translated = responses(PARTS / language / skill)
        for name, ours in responses(PARTS / skill).items():
            yield from ((name, one, two) for one, two in zip(ours, translated[name], strict=True))


def words_of(variation):
    return [variation.get("text", ""), *(one["title"] for one in variation.get("buttons", []))]


def test_given_the_folders_of_languages_then_spanish_is_among_them():
    assert "es" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("skill", SKILLS)
def test_given_a_skill_then_all_its_responses_are_translated_in_the_same_order(skill, language):
    ours, translated = responses(PARTS / skill), responses(PARTS / language / skill)

    assert list(translated) == list(ours)
    assert {name: len(many) for name, many in translated.items()} == {
        name: len(many) for name, many in ours.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_translation_then_it_names_the_same_facts(language):
    different = [
        name
        for name, one, two in variations(language)
        if sorted(_PLACEHOLDER.findall(one["text"])) != sorted(_PLACEHOLDER.findall(two["text"]))
    ]

    assert different == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_translation_then_its_buttons_do_the_same_in_the_same_order(language):
    def payloads(variation):
        return [one["payload"] for one in variation.get("buttons", [])]

    assert [name for name, one, two in variations(language) if payloads(one) != payloads(two)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_translation_then_what_a_page_draws_is_the_same(language):
    def drawn(variation):
        return {key: part for key, part in variation.items() if key not in ("text", "buttons")}

    assert [name for name, one, two in variations(language) if drawn(one) != drawn(two)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_translation_then_nothing_is_left_in_english(language):
    same = {
        (name, left)
        for name, one, two in variations(language)
        for left, right in zip(words_of(one), words_of(two), strict=True)
        if left.casefold() == right.casefold() and left not in SAME[language]
    }

    assert same == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_word_a_messenger_takes_literally_then_it_stands_in_the_translation(language):
    lost = [
        (name, word)
        for name, one, two in variations(language)
        if name.startswith("utter_web_messenger")
        for word in LITERAL
        if re.search(rf"\b{word}\b", one["text"]) and word not in two["text"]
    ]

    # "back" is a direction elsewhere, and a word to type only where a photo is asked about.
    assert [(n, w) for n, w in lost if n == "utter_web_messenger_photo_which" or w != "back"] == []


def test_given_the_spanish_then_it_speaks_politely_and_opens_what_it_closes():
    odd = []
    for name, _, spanish in variations("es"):
        for text in words_of(spanish):
            opens = text.count("¿"), text.count("«")
            closes = text.count("?"), text.count("»")
            familiar = re.search(r"\b(tú|tu|tus|ti|contigo|tienes|puedes|quieres)\b", text.lower())
            if opens != closes or familiar or "!" in text or '"' in text:
                odd.append((name, text))

    assert odd == []


def codes_of_the_bank():
    products = Products()
    fees, rates, loans = products.fees(), products.rates(), products.loans()
    yield from (("category", one) for one in Category)
    yield from (("cadence", one) for one in Cadence)
    yield from (("account_kind", one) for one in AccountKind if one is not AccountKind.INTERNAL)
    yield from (("account_status", one) for one in AccountStatus if one is not AccountStatus.ACTIVE)
    yield from (("card_kind", one) for one in CardKind)
    yield from (("card_status", one) for one in CardStatus if one is not CardStatus.ACTIVE)
    yield from (("purpose", one) for one in purposes())
    yield from (("product", one.code) for one in (*fees, *rates, *loans))
    yield from (("topic", one.topic) for one in fees)
    yield from (("topic", one.kind) for one in rates)
    yield from (("topic", one.purpose) for one in loans)
    yield from (("per", one.per) for one in fees if one.per)
    yield from (("notice_kind", one) for one in CHOOSABLE)
    yield from (("limit_period", one) for one in ("transfer", "day"))


def test_given_a_code_a_customer_may_read_then_it_has_a_label():
    needed = {f"utter_label_{kind}_{code}" for kind, code in codes_of_the_bank()}

    assert needed - set(responses(PARTS / "labels.yml")) == set()


def test_given_a_label_of_a_code_then_the_bank_has_that_code():
    known = {f"utter_label_{kind}_{code}" for kind, code in codes_of_the_bank()}
    labelled = set(responses(PARTS / "labels.yml"))
    of_tables = {one for one in labelled if re.match(r"utter_label_(table|column)_", one)}

    assert labelled - of_tables - known == set()
