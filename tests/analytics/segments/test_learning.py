"""Learning a version: how many, what they are called, kept beside each other, carried on."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BrokenModel, CannotLearn, FeatureMismatch, NoSuchModel
from analytics.segments import drawing, storing
from analytics.segments.choosing import agreement
from analytics.segments.features import FEATURES, NAMES
from analytics.segments.handing import HEADS, csv_of
from analytics.segments.learning import Segmentation, learn
from analytics.segments.matching import matched, movement, overlap
from analytics.segments.profiles import Profile
from analytics.segments.scaling import CUT, learn_scaling
from analytics.segments.shapes import Mixture, fit
from analytics.segments.words import LANGUAGES, description_of, names_of
from tests.analytics.segments.groups import EACH, NOON, customers

_NUMBERS = (2, 3, 4)


@pytest.fixture(scope="module")
def found() -> Segmentation:
    return learn(customers()[0], as_of_utc=NOON, numbers=_NUMBERS)


def test_given_three_kinds_of_customers_then_three_stable_segments_are_they(
    found: Segmentation,
) -> None:
    table, kinds = customers()

    assert found.shape.count == 3
    assert found.facts["is_stable"]
    assert len(next(one for one in found.facts["tried"] if one["count"] == 3)["aris"]) == 20
    assert agreement(found.groups(table), kinds) > 0.98
    assert [one.customers_count for one in found.profiles] == sorted(
        (one.customers_count for one in found.profiles), reverse=True
    )


def test_given_a_narrow_group_beside_a_wide_one_then_the_mixture_beats_k_means() -> None:
    rng = np.random.default_rng(5)
    kinds = np.repeat([0, 1], 600)
    rows = rng.normal(size=(1200, 2)) * np.where(kinds == 0, 0.3, 3.0)[:, None]
    rows[:, 0] += 4.0 * kinds

    mixed, cut = (fit(rows, 2, method=how).assign(rows) for how in ("mixture", "kmeans"))

    assert agreement(mixed, kinds) > 0.9
    assert agreement(cut, kinds) < 0.8


def test_given_a_mixture_then_its_densities_sum_to_one_over_the_plane() -> None:
    factors = np.array([np.diag([1.0, 2.0]), [[1.5, 0.7], [0.0, 0.8]]])
    shape = Mixture(np.array([0.3, 0.7]), np.array([[0.0, 0.0], [1.0, -1.0]]), factors)
    steps = np.linspace(-9, 9, 241)
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)

    mass = np.exp(shape.log_densities(grid)).sum() * (steps[1] - steps[0]) ** 2

    assert mass == pytest.approx(1.0, abs=1e-3)


def test_given_too_few_customers_then_nothing_is_learnt() -> None:
    with pytest.raises(CannotLearn, match="too few"):
        learn(customers(20)[0], as_of_utc=NOON)
    with pytest.raises(CannotLearn, match="no customers"):
        learn(customers()[0].iloc[:0], as_of_utc=NOON)


def test_given_a_table_without_a_feature_or_with_a_hole_then_it_is_refused(
    found: Segmentation,
) -> None:
    table, _ = customers(4)

    with pytest.raises(FeatureMismatch, match="tenure_days"):
        found.assign(table.drop(columns="tenure_days"))
    with pytest.raises(FeatureMismatch, match="not finite"):
        found.assign(table.assign(tenure_days=np.nan))


def test_given_columns_in_another_order_when_assigned_then_nothing_changes(
    found: Segmentation,
) -> None:
    table, _ = customers(30)

    pd.testing.assert_series_equal(found.assign(table[list(NAMES)[::-1]]), found.assign(table))


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_whatever_the_values_scaled_ones_are_finite_and_bounded(values: list[float]) -> None:
    table = np.repeat(np.array(values)[:, None], 2, axis=1)

    scaled = learn_scaling(table, np.array([0.0, 100.0])).of(table)

    assert np.isfinite(scaled).all()
    assert np.abs(scaled).max() <= CUT


def test_given_one_millionaire_then_nobody_else_moves() -> None:
    plain = np.arange(1.0, 100.0)[:, None]
    rich = plain.copy()
    rich[-1] = 1e15

    apart = learn_scaling(plain, np.ones(1)).of(plain) - learn_scaling(rich, np.ones(1)).of(rich)

    assert np.abs(apart[:-1]).max() == 0.0


def test_given_codes_then_every_language_has_words_for_each() -> None:
    codes = {f"{one.name}.{way}" for one in FEATURES for way in ("high", "low")}

    assert all(set(words.codes) == codes for words in LANGUAGES.values())


def test_given_segments_then_names_differ_and_say_what_sets_them_apart(
    found: Segmentation,
) -> None:
    names = names_of(found.profiles)

    assert len(set(names.values())) == 3
    table, kinds = customers()
    saver = found.assign(table)[kinds == 1].mode()[0]
    codes = {t.code for one in found.profiles if one.id == saver for t in one.traits}
    assert {"payments_a_month.low", "login_days_a_month.low"} <= codes
    told = description_of(next(one for one in found.profiles if one.id == saver))
    assert f"{EACH} customers, 33% of all." in told


def test_given_segments_that_nothing_sets_apart_then_their_names_still_differ() -> None:
    alike = [Profile(f"sg_{n}", n, 1, 0.5, (0.0,) * 15, (0.0,) * 15, ()) for n in range(3)]

    assert len(set(names_of(tuple(alike)).values())) == 3


def test_given_a_version_when_kept_then_it_assigns_as_before_and_stays_beside_the_next(
    found: Segmentation, tmp_path: Path
) -> None:
    table, _ = customers()

    first, second = storing.keep(found, tmp_path), storing.keep(found, tmp_path)

    assert storing.versions(tmp_path) == (first.version, second.version)
    assert storing.current(tmp_path) == second.version
    again = storing.load(tmp_path, first.version)
    pd.testing.assert_series_equal(again.assign(table), found.assign(table))
    assert again.profiles == found.profiles
    storing.serve(tmp_path, first.version)
    kept = storing.find(tmp_path)
    assert kept is not None
    assert kept.version == first.version
    assert list(tmp_path.glob(".draft-*")) == []


def test_given_a_file_that_was_changed_then_the_version_is_refused(
    found: Segmentation, tmp_path: Path
) -> None:
    kept = storing.keep(found, tmp_path)
    path = tmp_path / kept.version / storing.ARRAYS
    path.write_bytes(path.read_bytes() + b"\0")

    with pytest.raises(BrokenModel, match="not the file"):
        storing.load(tmp_path, kept.version)
    with pytest.raises(NoSuchModel):
        storing.load(tmp_path, "../elsewhere")
    assert storing.find(tmp_path / "nothing") is None


def test_given_a_later_version_then_segments_keep_their_ids_and_a_new_one_gets_a_new_id(
    found: Segmentation,
) -> None:
    table, kinds = customers(seed=2)
    same = learn(table, as_of_utc=NOON + timedelta(days=30), before=found, numbers=(3,))
    fewer = learn(table[kinds != 0], as_of_utc=NOON, before=found, ever=("sg_9",), numbers=(2, 3))

    then, now = found.assign(table), same.assign(table)
    assert (then == now).mean() > 0.98
    assert {one.id for one in fewer.profiles} <= {"sg_1", "sg_2", "sg_3", "sg_10", "sg_11"}


@given(st.permutations(range(5)), st.integers(0, 2**16))
@settings(max_examples=30, deadline=None)
def test_groups_that_only_changed_their_order_are_matched_back(order: list[int], seed: int) -> None:
    groups = np.random.default_rng(seed).permutation(np.repeat(np.arange(5), 8))

    pairs = matched(overlap(groups, np.array(order)[groups], shape=(5, 5)))

    assert pairs == {now: was for was, now in enumerate(order)}


def test_given_two_moments_then_everybody_is_counted_once_comers_and_leavers_too() -> None:
    before = pd.Series({"a": "sg_1", "b": "sg_1", "c": "sg_2", "gone": "sg_2"})
    after = pd.Series({"a": "sg_1", "b": "sg_2", "c": "sg_2", "new": "sg_1"})

    moved = movement(before, after, ids_before=("sg_1", "sg_2"), ids_after=("sg_1", "sg_2"))

    assert moved.counts.tolist() == [[1, 1, 0], [0, 1, 1], [1, 0, 0]]
    assert moved.stayed_share == pytest.approx(2 / 3)


def test_given_segments_then_three_pictures_say_in_words_what_they_show(
    found: Segmentation,
) -> None:
    table, _ = customers()
    ids, names = [one.id for one in found.profiles], names_of(found.profiles)
    now = found.assign(table)
    moved = movement(now, now.iloc[30:], ids_before=ids, ids_after=ids)

    drawn = [drawing.draw_scatter(found, table), drawing.draw_profiles(found),
             drawing.draw_movement(moved, names)]  # fmt: skip

    assert all(one.png.startswith(b"\x89PNG") for one in drawn)
    assert all(name in one.alt for name in names.values() for one in drawn)
    assert "not here any more: 30" in drawn[2].alt


def test_given_a_hand_over_then_every_customer_is_a_line_and_no_cell_is_a_formula(
    found: Segmentation,
) -> None:
    segments = pd.Series({"cu_1": found.profiles[0].id, "=cmd()": found.profiles[1].id})

    text = csv_of(segments, found, names_of(found.profiles), as_of_utc="2026-05-20T12:00:00Z")

    lines = text.splitlines()
    assert lines[0] == ",".join(HEADS)
    assert len(lines) == 3
    assert lines[2].startswith("'=cmd()")
