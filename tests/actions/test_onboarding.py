"""Becoming a customer: what is read from words, what is kept where, and words for every fault.

The conversations themselves are in tests/dialogue/**/onboarding_*.yml.
"""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.domain_parts import response_names
from actions.onboarding import OpenAccount
from actions.onboarding_answers import find_field
from actions.onboarding_asking import again_response
from actions.onboarding_dates import read_birth_date
from actions.onboarding_names import cut, cuts, read_names, read_surname_of
from actions.onboarding_places import find_country, read_address
from actions.onboarding_steps import FIXES, STEPS, WORDED, next_step
from actions.onboarding_told import retry_responses
from bank.bootstrap import make_bank
from bank.domain.applications import DETAILS
from bank.security.turns import Turn, mint_turn
from bank.services.application_details import parse_detail
from bank.storage.memory import MemoryStore
from bank.yaml_text import read_yaml
from identity import quality
from tests.actions.running import TURN_KEY, TURNS, a_tracker, run

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 28)
ALL = ("street", "postcode", "city")
#: Soft, with an error rate: nobody is asked to mend them.
HINTS = {"black_and_white_copy", "screen_moire"}


# --- names ---


@pytest.mark.parametrize(
    ("text", "given_names", "surname"),
    [
        ("I'm Ana Costa", "Ana", "Costa"),
        ("hi, my name is Maria Souza", "Maria", "Souza"),
        ("name: Li Wei", "Li", "Wei"),
        ("Ludwig van der Berg", "Ludwig", "van der Berg"),
        ("Costa, Ana Maria", "Ana Maria", "Costa"),
        ("Can Yılmaz", "Can", "Yılmaz"),
        ("Siobhan O'Connor please", "Siobhan", "O'Connor"),
        ("first name Hugo and surname Martin", "Hugo", "Martin"),
        ("my last name is Petrova and my first name is Elena", "Elena", "Petrova"),
        ("no, my surname is Souza, not Sousa", None, "Souza"),
    ],
)
def test_given_a_name_in_a_sentence_when_read_then_its_parts_are_told_apart(
    text, given_names, surname
):
    named = read_names(text)

    assert named is not None
    assert (named.given_names, named.surname) == (given_names, surname)


@pytest.mark.parametrize(
    "text",
    ["why do you need it", "I don't want to say", "12345", "", "Robert'); DROP TABLE x;--", "yes",
     "my name is wrong", "<b>Ana</b> Costa"],
)  # fmt: skip
def test_given_no_name_when_read_then_none_is_made_up(text):
    assert read_names(text) is None


WORDS = st.lists(
    st.text("abcdefghijklmnopqrstuvwxyzäéñøşž", min_size=3, max_size=9).map(str.capitalize),
    min_size=3,
    max_size=6,
)


@given(words=WORDS, data=st.data())
def test_given_several_words_when_the_surname_is_chosen_then_no_word_is_lost(words, data):
    words = tuple(words)
    count = data.draw(st.integers(1, len(cuts(words))))

    named = cut(words, count)

    assert f"{named.given_names} {named.surname}".split() == list(words)
    assert named.surname == cuts(words)[count - 1]


def test_given_the_surname_in_words_when_read_then_the_rest_is_the_given_name():
    words = ("Ana", "Maria", "Silva", "Costa")

    assert read_surname_of("the last two are my surname", words).surname == "Silva Costa"
    assert read_surname_of("it's costa", words).given_names == "Ana Maria Silva"
    assert read_surname_of("I do not know", words) is None


# --- birth dates ---


@given(day=st.dates(date(1930, 1, 1), date(2008, 1, 1)))
def test_given_a_day_in_a_clear_form_when_read_then_it_is_that_day(day):
    for text in (
        f"{day:%Y-%m-%d}", f"{day:%d.%m.%Y}", f"born on {day.day} {day:%B} {day.year}",
        f"{day:%B} {day.day}, {day.year}", f"the {day.day}th of {day:%b} {day.year}",
    ):  # fmt: skip
        born = read_birth_date(text, today=TODAY)
        assert born is not None, text
        assert born.day == day, text


@given(day=st.dates(date(1930, 1, 1), date(2008, 1, 1)))
def test_given_slashes_when_read_then_the_day_is_among_the_readings(day):
    born = read_birth_date(f"{day:%d/%m/%Y}", today=TODAY)

    assert born is not None
    assert day in (born.either or (born.day,))
    assert (born.either is not None) == (day.day <= 12 and day.day != day.month)


@pytest.mark.parametrize("text", ["31 February 1990", "1990-13-01", "tomorrow", "I am 36", "1991"])
def test_given_no_day_when_read_then_none_is_made_up(text):
    assert read_birth_date(text, today=TODAY) is None


def test_given_what_was_read_when_stored_then_the_bank_reads_the_same():
    for text in ("3 May 1990", "03.05.1990", "May 3rd, '90", "3 mai 1990"):
        born = read_birth_date(text, today=TODAY)
        assert parse_detail("birth_date", born.day.isoformat(), today=TODAY) == "1990-05-03"


# --- addresses ---


@pytest.mark.parametrize(
    ("text", "street", "postcode", "city"),
    [
        ("Rua Augusta 12, 1100-053 Lisboa", "Rua Augusta 12", "1100-053", "Lisboa"),
        ("Rua Augusta 12 1100-053 Lisboa", "Rua Augusta 12", "1100-053", "Lisboa"),
        ("I live at Via Roma 3 in 00184 Roma", "Via Roma 3", "00184", "Roma"),
        ("10115 Berlin, Hauptstraße 5", "Hauptstraße 5", "10115", "Berlin"),
        ("10 Downing Street, London SW1A 2AA", "10 Downing Street", "SW1A 2AA", "London"),
        ("Keizersgracht 100, 1015 AA Amsterdam", "Keizersgracht 100", "1015 AA", "Amsterdam"),
        ("Storgatan 5, 111 22 Stockholm", "Storgatan 5", "111 22", "Stockholm"),
        ("350 Fifth Avenue, New York NY 10118", "350 Fifth Avenue", "10118", "New York NY"),
        ("14 rue de Rivoli, 75001 Paris, France", "14 rue de Rivoli", "75001", "Paris"),
        ("Hauptstraße 1234", "Hauptstraße 1234", None, None),
        ("flat 3, 25 Queen's Road", "flat 3, 25 Queen's Road", None, None),
        ("Calle Mayor 8, Madrid", "Calle Mayor 8", None, "Madrid"),
        ("why do you need that?", None, None, None),
    ],
)
def test_given_an_address_when_read_then_its_parts_are_told_apart(text, street, postcode, city):
    found = read_address(text, ALL)

    assert (found.get("street"), found.get("postcode"), found.get("city")) == (
        street, postcode, city,
    )  # fmt: skip


@given(text=st.text(max_size=120))
def test_given_any_words_when_read_then_nothing_breaks_and_nothing_is_added(text):
    found = read_address(text, ALL)

    assert set(found) <= set(ALL)
    assert all(value for value in found.values())
    read_names(text)
    read_birth_date(text, today=TODAY)
    find_country(text)
    assert find_field(text) is None or find_field(text) in FIXES


@pytest.mark.parametrize(
    ("text", "code"),
    [("I live in Portugal", "PT"), ("Deutschland", "DE"), ("uk", "GB"), ("Portgual", "PT"),
     ("in the united states", "US"), ("Atlantis", None), ("no", None)],
)  # fmt: skip
def test_given_a_country_when_read_then_it_is_its_code(text, code):
    assert find_country(text) == code


# --- corrections ---


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("no, my birthday is 3 May 1990", "birth_date"),
        ("the street is wrong", "street"),
        ("I want to change my email", "email"),
        ("another e-mail address", "email"),
        ("I'd rather use my ID card", "document_type"),
        ("let me take the selfie again", "selfie"),
        ("why do you need my address", None),
        ("it is for my phone bills", None),
        ("I don't want to send a selfie", None),
        ("Baker Street 5", None),
    ],
)
def test_given_a_correction_when_heard_then_its_field_is_known(text, field):
    assert find_field(text) == field


# --- the order, and where things are kept ---


def test_given_what_the_bank_misses_when_asked_then_the_summary_stands_before_pictures():
    missing = ["terms", "path", *DETAILS, "contact", "document_type"]
    order = []
    while missing:
        order.append(next_step(missing, is_checked="summary" in order))
        asked = {"names": 2, "address": 3, "summary": 0}.get(order[-1], 1)
        missing = missing[asked:]

    assert order == [
        "terms", "path", "names", "birth_date", "address", "country", "purpose", "email",
        "contact", "summary", "document_type",
    ]  # fmt: skip
    assert set(order) <= STEPS
    assert WORDED <= STEPS


async def test_given_an_answer_when_heard_then_the_bank_has_it_and_no_slot_does():
    bank = make_bank(MemoryStore())
    action = OpenAccount(bank, TURNS)
    slots: dict[str, object] = {}
    said = [
        ("open_account", "I want to become a customer"), ("affirm", "yes"),
        ("tell_details", "the selfie way"), ("tell_details", "I'm Ana Costa"),
        ("tell_details", "3 May 1990"), ("tell_details", "Rua Augusta 12, 1100-053 Lisboa"),
    ]  # fmt: skip

    for number, (intent, text) in enumerate(said):
        tracker = a_tracker(intent=intent, text=text, message_id=f"m{number}", **slots)
        events, _ = await run(action, tracker)
        slots |= {one["name"]: one["value"] for one in events if one["event"] == "slot"}

    actor = TURNS.actor_of(tracker)
    assert bank.onboarding.details(actor)["surname"] == "Costa"
    kept = json.dumps(slots)
    assert not [word for word in ("Ana", "Costa", "1990", "Augusta", "Lisboa") if word in kept]
    assert slots["onboarding_step"] == "country"
    assert slots["open_words"] == "action_open_account"


async def test_given_a_messenger_when_a_picture_is_needed_then_a_photo_is_asked_and_no_card():
    bank = make_bank(MemoryStore())
    action = OpenAccount(bank, TURNS)
    turn = Turn("cv_1", "m1", "…", channel="telegram")
    tracker = a_tracker(
        intent="resume_application", token=mint_turn(TURN_KEY, turn), onboarding_checked=True
    )
    actor = TURNS.actor_of(tracker)
    _answer_everything(bank, actor)

    _, said = await run(action, tracker)

    assert said == ["utter_onboarding_ask_document_front_messenger"]


def test_given_no_page_when_a_step_needs_one_then_it_has_other_words():
    names = response_names()

    for step in ("document_front", "document_back", "selfie", "liveness", "credentials"):
        assert f"utter_onboarding_ask_{step}_messenger" in names


# --- words for what was found ---


def test_given_a_fault_that_can_be_mended_then_there_are_words_for_it():
    codes = set(quality.CODES) - HINTS
    for path in (ROOT / "identity").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        codes |= set(re.findall(r"\"([a-z_]+)\",(?:\s|\w|\.)*Weight\.RETRY", text))
        if path.parent.name == "liveness":
            codes |= {f"liveness_{one}" for one in re.findall(r"_retry\(\"([a-z_]+)\"", text)}

    wordless = {code for code in codes if retry_responses([code]) != [
        f"utter_onboarding_retry_{code}"
    ]}  # fmt: skip
    assert wordless == set()


@given(codes=st.lists(st.text(max_size=30), max_size=6))
def test_given_any_codes_when_told_then_a_few_sentences_that_exist(codes):
    found = retry_responses(codes)

    assert 1 <= len(found) <= 2
    assert set(found) <= response_names()


@given(field=st.sampled_from(sorted(STEPS | FIXES)), because=st.text(max_size=20))
def test_given_an_answer_that_cannot_be_used_then_there_is_a_sentence(field, because):
    assert again_response(field, because) in response_names()


def test_given_the_status_words_then_suspicion_is_in_none_of_them():
    texts = {
        name: " ".join(one.get("text", "") for one in variants)
        for name, variants in _responses().items()
        if name.startswith(("utter_onboarding_status_", "utter_onboarding_retry"))
    }

    assert len(texts) > 6
    for name, text in texts.items():
        assert not re.search(r"suspic|fraud|forg|fake|sanction|doubt|match", text, re.IGNORECASE), (
            name
        )


async def test_given_nothing_open_when_somebody_tells_a_name_then_nothing_is_begun():
    bank = make_bank(MemoryStore())
    tracker = a_tracker(intent="tell_details", text="I'm Ana Costa")

    _, said = await run(OpenAccount(bank, TURNS), tracker)

    assert said == ["utter_conversation_nothing_open"]
    assert bank.onboarding.current(TURNS.actor_of(tracker)) is None


def test_given_the_steps_then_every_question_has_its_sentence():
    names = response_names()
    asides = {"submit", "which_surname", "which_day"}

    unasked = [step for step in STEPS - asides if f"utter_onboarding_ask_{step}" not in names]
    assert unasked == []


def _answer_everything(bank, actor):
    bank.onboarding.start(actor)
    bank.onboarding.give_consent(actor)
    bank.onboarding.choose_path(actor, biometrics=True)
    told = {
        "given_names": "Ana", "surname": "Costa", "birth_date": "1990-05-03",
        "street": "Rua Augusta 12", "postcode": "1100-053", "city": "Lisboa", "country": "PT",
        "purpose": "salary", "email": "ana@example.org",
    }  # fmt: skip
    for name, text in told.items():
        bank.onboarding.set_detail(actor, name, text)
    bank.onboarding.send_code(actor)
    [mail] = bank.store.read(lambda uow: uow.outbox.list(to="ana@example.org"))
    code = re.search(r"\d{6}", mail.subject)
    bank.onboarding.confirm_code(actor, code[0])
    bank.onboarding.choose_document(actor, "passport")


def _responses():
    path = ROOT / "bot" / "domain" / "onboarding.yml"
    return read_yaml(path.read_text(encoding="utf-8"))["responses"]

