"""Two names: the laws of the score, its reasons, and names no one expects."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from identity.screening import explain_pair, name_pair_score
from identity.screening.latin import latin
from identity.screening.names import NameKind, TokenKind, parse_name

WORDS = st.sampled_from(
    "Ottilie Brandner Konrad Feldwieser Sasha Aleksandr Zelenkov Mohammed Muhammad al-Quwairi bin "
    "van der Molenaar J. K Ivanovich Петрович Жуков محمد القويري 彭小龙 김정은 Dr. Jr. Ltd Trading "
    "Orvand 7 Seven OOO & the Müllerstein O'Mulvaney Abdul Rahman Abdulrahman".split()
)
NAMES = st.lists(WORDS, min_size=1, max_size=5).map(" ".join)
KINDS = st.sampled_from([NameKind.PERSON, NameKind.ORGANISATION, NameKind.VESSEL, None])
TEXTS = st.text(max_size=40)


@given(NAMES, NAMES, KINDS)
@settings(max_examples=150, deadline=None)
def test_the_score_is_symmetric_and_between_0_and_1(a, b, kind):
    score = name_pair_score(a, b, kind)

    assert 0.0 <= score <= 1.0
    assert score == pytest.approx(name_pair_score(b, a, kind))


@given(NAMES, KINDS)
@settings(max_examples=100, deadline=None)
def test_every_name_that_is_not_empty_is_itself(name, kind):
    assume(set(name.split()) != {"&"})  # signs alone are an empty name, which is nobody's
    assert name_pair_score(name, name, kind) == pytest.approx(1.0)


@given(TEXTS, TEXTS, KINDS)
@settings(max_examples=150, deadline=None)
def test_no_text_breaks_the_score(a, b, kind):
    assert 0.0 <= name_pair_score(a, b, kind) <= 1.0
    assert name_pair_score(a, b, kind) == pytest.approx(name_pair_score(b, a, kind))


@given(
    st.lists(
        st.sampled_from("Ottilie Brandner Konrad Feldwieser Zelenkov Quwairi".split()),
        min_size=1,
        max_size=4,
    ),
    st.randoms(),
)
@settings(max_examples=60, deadline=None)
def test_the_order_of_words_decides_nothing(words, rng: random.Random):
    shuffled = list(words)
    rng.shuffle(shuffled)

    assert name_pair_score(" ".join(words), " ".join(shuffled), "person") == pytest.approx(1.0)


@given(NAMES)
@settings(max_examples=60, deadline=None)
def test_case_decides_nothing(name):
    assert name_pair_score(name, name.upper(), "person") == pytest.approx(
        name_pair_score(name, name.lower(), "person")
    )


@given(
    st.sampled_from(
        ["Łucja Wiśniowska", "José Ibáñez", "Søren Kjær", "Ümit Özyürekli", "Nguyễn Văn Tước"]
    )
)
@settings(deadline=None)
def test_diacritics_decide_nothing(name):
    assert name_pair_score(name, latin(name), "person") == 1.0
    assert name_pair_score(unicodedata.normalize("NFD", name), name, "person") == 1.0


@pytest.mark.parametrize("name", ["", "   ", "🙂🙂", "\u200f\u200e", "-,.;", "\x00"])
def test_given_nothing_that_names_when_scored_then_zero_even_with_itself(name):
    assert name_pair_score(name, name, "person") == 0.0
    assert parse_name(name).is_empty


@pytest.mark.parametrize("name", ["al bin", "Dr.", "van der", "Ltd", "12345", "X"])
def test_given_only_small_words_when_parsed_then_they_are_the_name(name):
    assert not parse_name(name).is_empty
    assert name_pair_score(name, name, "person") == 1.0


def test_given_300_and_more_letters_when_scored_then_the_name_is_cut():
    long = " ".join(f"Ottilie{n}" for n in range(200))

    assert len(parse_name(long).tokens) <= 16
    assert name_pair_score(long, long, "person") == 1.0


def test_given_marks_of_direction_when_parsed_then_they_are_gone():
    assert latin("\u202bOttilie\u202c\u200f Brand\u200dner") == "ottilie brandner"


@pytest.mark.parametrize(
    ("a", "b", "code"),
    [
        ("Ottilie Brandner", "Brandner Ottilie", "other_order"),
        ("Quwairi, Abdul Rahman", "Abdulrahman Quwairi", "joined_words"),
        ("Abdul Rahman Quwairi", "Abdulrahman Quwairi", "other_spaces"),
        ("Sergei Khromushev", "Sergej Khromushev", "transliterated_words"),
        ("Sasha Zelenkov", "Aleksandr Zelenkov", "variant_words"),
        ("محمد Zelenkov", "Mohammed Zelenkov", "bare_words"),
        ("K. Feldwieser", "Konrad Feldwieser", "initials"),
        ("Konrad Fledwieser", "Konrad Feldwieser", "misspelt_words"),
        ("Maxi Feldwieser", "Maximilian Feldwieser", "shortened_words"),
        ("Konrad Feldwieser", "Konrad Johannes Feldwieser", "missing_words"),
        ("Konrad Feldwieser", "Ottilie Feldwieser", "contradicting_words"),
        ("Feldwieser", "Konrad Feldwieser", "single_word"),
    ],
)
def test_given_two_names_when_explained_then_the_reason_is_named(a, b, code):
    score, reasons = explain_pair(a, b, "person")

    assert code in [one.code for one in reasons]
    assert score == pytest.approx(1.0 + sum(one.score for one in reasons), abs=1e-9)
    assert all(one.text.endswith(".") for one in reasons)


def test_given_company_forms_when_parsed_then_they_weigh_nothing():
    name = parse_name("Industrias Robledal, S.A. de C.V.", NameKind.ORGANISATION)

    assert [token.text for token in name.spoken] == ["industry", "robledal"]
    assert name.forms == {"public"}


def test_given_a_word_with_digits_in_disguise_when_scored_then_it_is_read():
    assert name_pair_score("0ttilie Br4ndner", "Ottilie Brandner", "person") >= 0.8


def test_given_a_patronymic_when_parsed_then_it_is_one():
    kinds = {token.text: token.kind for token in parse_name("Zelenkov Ivan Petrovich").tokens}

    assert kinds["petrovich"] is TokenKind.PATRONYMIC


@pytest.mark.parametrize(
    ("bare", "full"),
    [
        ("فرناندو بيريز", "Fernando Pérez"),  # p is written b
        ("فيكتور زيلينكوف", "Viktor Zelenkov"),  # v is written f
        ("بابلو جارسيا", "Pablo Garsia"),  # hard g is written j
    ],
)
def test_given_letters_that_arabic_has_not_when_scored_then_the_nearest_is_taken_for_them(
    bare, full
):
    assert name_pair_score(bare, full, "person") >= 0.8


def test_given_other_consonants_in_arabic_when_scored_then_they_are_another_name():
    assert name_pair_score("فرناندو ديريز", "Fernando Pérez", "person") < 0.8


def test_given_two_names_with_a_stroke_between_when_scored_then_either_is_found_with_its_reason():
    score, reasons = explain_pair("Army of Reeds", "Red Heron/Army of Reeds", "organisation")

    assert 0.8 <= score < 1.0
    assert "one_of_two_names" in [one.code for one in reasons]
    assert score == pytest.approx(1.0 + sum(one.score for one in reasons))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Orvand", "Orvand Import/Export Robledal"),  # a trade, not a second name
        ("Nordhavn", "Nordhavn Kestrel A/S"),  # a company form
        ("Zelenkov", "Quwairi/Zelenkov"),  # people's names: perhaps one person's two
    ],
)
def test_given_strokes_for_other_reasons_when_parsed_then_the_name_is_one(a, b):
    kind = NameKind.PERSON if a == "Zelenkov" else NameKind.ORGANISATION

    assert parse_name(b, kind).parts == ()
    assert "one_of_two_names" not in [one.code for one in explain_pair(a, b, kind)[1]]


@given(NAMES, NAMES, NAMES)
@settings(max_examples=60, deadline=None)
def test_a_second_name_behind_a_stroke_never_lowers_what_the_first_scores_alone(a, b, c):
    assume("/" not in a + b + c)
    joined = name_pair_score(a, f"{b}/{c}", NameKind.ORGANISATION)
    has_parts = bool(parse_name(f"{b}/{c}", NameKind.ORGANISATION).parts)

    assert not has_parts or joined >= name_pair_score(a, b, NameKind.ORGANISATION) - 0.05 - 1e-9
