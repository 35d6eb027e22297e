"""Hits: who is found, what a birth date and a country do, what is said about it."""

from __future__ import annotations

from datetime import date

import pytest

from identity.screening import HitState, invented_lists, screen
from identity.screening.matching import FeatureMismatch, Threshold, default_threshold
from identity.screening.names import NameKind
from tests.identity.screening.builders import some_lists

LISTS = some_lists()


def ids(hits):
    return [hit.entry_id for hit in hits]


@pytest.mark.parametrize(
    ("name", "entry_id"),
    [
        ("Viktor Zelenkov", "ofac:101"),
        ("Виктор Тимофеевич Зеленков", "ofac:101"),
        ("Zelenkow Wiktor", "ofac:101"),
        ("Victor Zelenkoff", "ofac:101"),
        ("Abd al Rahman Quwairi", "ofac:102"),
        ("عبد الرحمن القويري", "ofac:102"),
        ("K. J. Feldwieser", "ofac:105"),
        ("Qamar al Zumurrudi", "un:QDi.901"),
        ("قمر الزمردي", "un:QDi.901"),
        ("Orvand Petroleum", "ofac:103"),
        ("Crescent Moth Exchange Ltd", "un:TAe.902"),
        ("Heron Star 2", "ofac:104"),
        ("Zlata Nezabudkina", "pep:7"),
    ],
)
def test_given_a_spelling_of_a_listed_name_when_screened_then_it_is_the_first_hit(name, entry_id):
    assert ids(screen(LISTS, name))[:1] == [entry_id]


@pytest.mark.parametrize(
    "name",
    [
        "Ottilie Brandner",
        "Viktor Brandner",
        "Heron Star 3",
        "Zelenkov",
        "",
        "🙂",
        "al bin",
        "1",
        "x" * 300,
        "\u200f",
    ],
)
def test_given_another_name_when_screened_then_there_is_no_hit(name):
    assert screen(LISTS, name) == []


def test_given_the_same_birth_date_when_screened_then_the_score_rises_and_says_so():
    plain = screen(LISTS, "Victor Zelenkoff")[0]
    born = screen(LISTS, "Victor Zelenkoff", born=date(1961, 3, 12))[0]

    assert born.score > plain.score
    assert "birth_date_agrees" in [one.code for one in born.reasons]


def test_given_another_birth_year_when_screened_then_a_doubtful_name_is_no_hit():
    assert screen(LISTS, "Victor Zelenkof", born=date(1990, 1, 1)) == []


def test_given_another_birth_year_when_the_rare_name_agrees_entirely_then_it_stays_a_hit():
    hit = screen(LISTS, "Konrad Johannes Feldwieser", born=date(1990, 1, 1))[0]

    assert hit.score < 0.9
    assert "birth_date_contradicts" in [one.code for one in hit.reasons]


@pytest.mark.parametrize(
    ("born", "code"),
    [
        (date(1961, 3, 12), "birth_date_agrees"), (date(1961, 12, 3), "birth_date_swapped"),
        (date(1962, 7, 7), "birth_year_agrees"), (date(1960, 7, 7), "birth_year_near"),
        (date(1961, 7, 7), "birth_year_near"), (date(1970, 1, 1), "birth_date_contradicts"),
    ],
)  # fmt: skip
def test_given_a_birth_date_when_judged_then_the_kindest_listed_date_counts(born, code):
    hit = screen(LISTS, "Viktor Timofeyevich Zelenkov", born=born)[0]

    assert code in [one.code for one in hit.reasons]


def test_given_another_country_when_screened_then_the_score_falls():
    here = screen(LISTS, "Viktor Zelenkov", country="RU")[0]
    there = screen(LISTS, "Viktor Zelenkov", country="DE")[0]

    assert here.score > there.score
    assert "country_contradicts" in [one.code for one in there.reasons]


def test_given_a_weak_alias_when_it_is_all_that_agrees_then_the_list_s_doubt_is_told():
    hit = screen(LISTS, "Abu Fayruz")[0]

    assert "weak_name" in [one.code for one in hit.reasons]
    assert hit.primary_name == "QAMAR FAYRUZ AL-ZUMURRUDI"


def test_given_a_kind_when_screened_then_only_that_kind_is_searched():
    assert screen(LISTS, "Orvand Petroleum", kind=NameKind.PERSON) == []


def test_given_a_hit_when_printed_then_it_has_name_source_score_and_reasons():
    data = screen(LISTS, "Viktor Zelenkov")[0].to_json()

    assert {"name", "source", "score", "reasons"} <= data.keys()
    assert data["source"] == "OFAC SDN"
    assert data["reasons"][0].keys() == {"code", "text", "score"}
    assert data["state"] == HitState.IN_REVIEW


def test_given_the_reasons_when_added_then_they_are_the_score():
    for hit in screen(LISTS, "Victor Zelenkoff", born=date(1961, 3, 12), country="DE"):
        assert hit.score == pytest.approx(min(1.0, 1.0 + sum(one.score for one in hit.reasons)))


def test_given_the_invented_list_when_screened_then_the_demonstration_has_a_hit():
    assert screen(invented_lists(), "Bohdan Krasnoglazov")
    assert screen(invented_lists(), "Mort Quixley", born=date(1958, 11, 2))


def test_given_a_threshold_of_other_features_when_loaded_then_it_is_refused(monkeypatch):
    monkeypatch.setattr("identity.screening.matching.features_digest", lambda: "others")
    default_threshold.cache_clear()

    with pytest.raises(FeatureMismatch):
        default_threshold()

    monkeypatch.undo()
    default_threshold.cache_clear()
    assert isinstance(default_threshold(), Threshold)
