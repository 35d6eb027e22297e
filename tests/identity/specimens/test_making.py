"""Specimens: the truth about them is the truth, and a tamper is one thing wrong."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.document.mrz import parse_lines, transliterate
from identity.specimens import CONTRADICTIONS, KINDS, TODAY, Tamper, make_specimen

SEEDS = st.integers(0, 10_000)
FLAT = {"photographed": False}


@pytest.mark.parametrize("kind", KINDS)
def test_given_a_kind_when_made_then_its_zone_holds_and_says_the_fields(kind):
    specimen = make_specimen(1, kind=kind, **FLAT)
    mrz = parse_lines(specimen.lines, today=TODAY)

    assert mrz is not None
    assert mrz.is_valid
    assert mrz.format is KINDS[kind].format
    assert dict(mrz.fields) == dict(specimen.fields)
    assert (specimen.back is not None) == KINDS[kind].has_back


@settings(max_examples=4, deadline=None)
@given(SEEDS)
def test_the_same_seed_makes_the_same_picture(seed):
    first, second = make_specimen(seed), make_specimen(seed)

    assert np.array_equal(first.front, second.front)
    assert first.fields == second.fields


@settings(max_examples=12, deadline=None)
@given(SEEDS, st.sampled_from(list(KINDS)))
def test_an_honest_document_is_in_force_and_its_holder_of_age(seed, kind):
    fields = make_specimen(seed, kind=kind, **FLAT).fields
    born, expires = (date.fromisoformat(fields[name]) for name in ("birth_date", "expiry_date"))

    assert expires >= TODAY
    assert (TODAY - born).days > 18 * 365


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.sampled_from(CONTRADICTIONS))
def test_a_contradiction_shows_in_the_truth(seed, tamper):
    specimen = make_specimen(seed, tamper=tamper, **FLAT)
    mrz = parse_lines(specimen.lines, today=TODAY)
    names = ("surname", "number", "birth_date", "expiry_date")
    differ = {
        name for name in names if _plain(specimen.visual[name]) != _plain(specimen.fields[name])
    }

    assert mrz is not None
    assert mrz.is_valid == (tamper is not Tamper.CHECK_DIGIT)
    if tamper.value in names:
        assert tamper.value in differ


@pytest.mark.parametrize("tamper", list(Tamper))
def test_given_a_tamper_when_made_then_the_rest_is_drawn_all_the_same(tamper):
    specimen = make_specimen(5, tamper=tamper, **FLAT)

    assert specimen.tamper is tamper
    assert specimen.front.dtype == np.uint8
    assert specimen.front.std() > 10


def test_given_an_unknown_kind_or_tamper_when_made_then_refused():
    with pytest.raises(KeyError):
        make_specimen(1, kind="library_card")
    with pytest.raises(ValueError, match="coffee"):
        make_specimen(1, tamper="coffee")


def test_given_two_seeds_when_photographed_then_people_and_pictures_differ():
    one, two = make_specimen(1), make_specimen(2)

    assert one.fields["number"] != two.fields["number"]
    assert one.front.shape != two.front.shape or not np.array_equal(one.front, two.front)


def _plain(text):
    return text if any(letter.isdigit() for letter in text) else transliterate(text)
