"""Rates of a matcher: counted right, and good enough on real photos where they are at hand."""

from __future__ import annotations

import os
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from identity.face.error_rates import rates
from identity.face.evaluating import Pair, evaluate_lfw, evaluate_pairs, read_lfw
from identity.specimens.faces import render_face
from identity.tables import interval

FACES = Path(os.environ.get("FLORIN_DATA_DIR", "../shared/data")) / "faces"

GENUINE = [0.2, 0.3, 0.4, 0.62]
IMPOSTOR = [0.5, 0.7, 0.8, 0.9]


def some_rates(threshold):
    return rates(np.array(GENUINE + IMPOSTOR), np.array([True] * 4 + [False] * 4), threshold)


def test_given_distances_when_rated_then_each_error_is_counted_in_its_own_kind():
    at = some_rates(0.55)

    assert at["fmr"]["share"] == 0.25
    assert at["fnmr"]["share"] == 0.25
    assert at["accuracy"]["share"] == 0.75


def test_given_distances_when_rated_then_the_best_threshold_is_found():
    at = some_rates(0.1)

    assert at["best_accuracy"] == 0.875
    assert at["best_at_distance"] in (0.4, 0.62)
    assert at["eer"] == 0.25


def test_given_no_stranger_may_pass_when_rated_then_the_customers_refused_for_it_are_counted():
    assert some_rates(0.55)["fnmr_at_fmr_0.001"]["count"] == 1


@given(count=st.integers(1, 5000), share=st.floats(0, 1))
def test_an_interval_holds_its_share_and_stays_between_none_and_all(count, share):
    hits = round(share * count)

    low, high = interval(hits, count)

    assert 0 <= low <= hits / count + 1e-12
    assert hits / count - 1e-12 <= high <= 1


def test_given_lfws_own_list_when_read_then_both_kinds_of_line_are_pairs(tmp_path):
    listed = tmp_path / "pairs.txt"
    listed.write_text("10\t300\nAda_L\t1\t4\nAda_L\t2\tGrace_H\t13\n", encoding="utf-8")

    assert read_lfw(listed, tmp_path) == [
        Pair(tmp_path / "Ada_L" / "Ada_L_0001.jpg", tmp_path / "Ada_L" / "Ada_L_0004.jpg", True),
        Pair(
            tmp_path / "Ada_L" / "Ada_L_0002.jpg", tmp_path / "Grace_H" / "Grace_H_0013.jpg", False
        ),
    ]


@pytest.fixture(scope="module")
def a_small_lfw(tmp_path_factory):
    """Three drawn people as LFW lays them out; pairs.txt names a photo that is not there."""
    folder = tmp_path_factory.mktemp("lfw")
    for name, seed in (("Ada_L", 7), ("Grace_H", 14)):
        (folder / name).mkdir()
        for number in (1, 2):
            photo = render_face(seed, size_px=250, sitting=number)
            Image.fromarray(photo).save(folder / name / f"{name}_{number:04d}.jpg", quality=92)
    lines = ("2\t1", "Ada_L\t1\t2", "Ada_L\t1\tGrace_H\t2", "Grace_H\t1\t2",
             "Grace_H\t1\tAda_L\t2", "Ada_L\t1\t9")  # fmt: skip
    (folder / "pairs.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_given_a_folder_laid_out_as_lfw_when_measured_then_its_own_pairs_are(a_small_lfw):
    measured = evaluate_lfw(a_small_lfw)

    assert measured["pairs"] == {
        "genuine": 2, "impostor": 2, "photos_without_face": 0, "missing": 1,
    }  # fmt: skip
    assert measured["ours"]["accuracy"]["share"] == 1.0
    assert measured["ours"]["fmr"]["high"] < 1.0
    assert set(measured["ours"]["folds_accuracy"]) == {"mean", "deviation"}


def test_given_a_folder_without_pairs_when_measured_then_it_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        evaluate_lfw(tmp_path)


@pytest.mark.skipif(not FACES.is_dir(), reason="FLORIN_DATA_DIR/faces is not here")
def test_given_photos_of_public_figures_when_compared_then_few_errors_are_made():
    people = sorted(one for one in FACES.iterdir() if one.is_dir())[:4]
    photos = [
        (person.name, photo) for person in people for photo in sorted(person.glob("*.jpg"))[:2]
    ]
    pairs = [
        Pair(one, two, name == other)
        for (name, one), (other, two) in product(photos, photos)
        if one < two
    ]

    measured = evaluate_pairs(pairs, beside_plain=False)["ours"]

    assert measured["accuracy"]["share"] >= 0.97
    assert measured["fmr"]["count"] == 0
