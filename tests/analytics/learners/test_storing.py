"""Models as files: what is refused, and why."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from analytics.errors import BrokenModel, FeatureMismatch
from analytics.learners import load
from analytics.learners.storing import NAME
from analytics.tables.columns import Schema
from tests.analytics.learners.conftest import RECIPES, SCHEMA, a_table


@pytest.fixture(scope="module")
def saved(fitted, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name in ("lightgbm", "forest", "logistic"):
        fitted[name].save(folder / name)
    return folder


@pytest.fixture
def folder(saved, tmp_path):
    return shutil.copytree(saved / "lightgbm", tmp_path / "copy")


def test_given_no_model_when_loaded_then_it_is_refused(tmp_path):
    with pytest.raises(BrokenModel, match=r"no model\.json"):
        load(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"format": 1}'])
def test_given_a_model_json_that_is_not_ours_when_loaded_then_it_is_refused(folder, text):
    (folder / NAME).write_text(text)

    with pytest.raises(BrokenModel):
        load(folder)


def test_given_a_file_less_when_loaded_then_it_is_named(folder):
    (folder / "0_lightgbm.txt").unlink()

    with pytest.raises(BrokenModel, match=r"0_lightgbm\.txt .* is missing"):
        load(folder)


def test_given_one_byte_changed_when_loaded_then_it_is_refused(folder):
    path = folder / "0_lightgbm.txt"
    path.write_text(path.read_text().replace("0", "1", 1))

    with pytest.raises(BrokenModel, match="not the file that was saved"):
        load(folder)


def test_given_a_file_beside_the_folder_when_named_then_it_is_not_read(folder):
    told = json.loads((folder / NAME).read_text())
    told["members"][0]["sha256"] = {"../elsewhere.txt": "0" * 64}
    (folder / NAME).write_text(json.dumps(told))

    with pytest.raises(BrokenModel, match="missing"):
        load(folder)


def test_given_the_member_of_another_model_when_loaded_then_its_features_do_not_fit(
    folder, tmp_path
):
    table, labels = a_table()
    RECIPES["lightgbm"].fit(table, labels, SCHEMA.without(["plan"])).save(tmp_path / "other")
    ours, theirs = (json.loads((one / NAME).read_text()) for one in (folder, tmp_path / "other"))
    shutil.copy(tmp_path / "other" / "0_lightgbm.txt", folder)
    (folder / NAME).write_text(json.dumps({**ours, "members": theirs["members"]}))

    with pytest.raises(FeatureMismatch, match=r"takes 3 features.* has 4"):
        load(folder)


def test_given_the_caller_s_features_when_they_differ_then_the_refusal_says_how(saved):
    other = Schema((*SCHEMA.without(["plan"]).columns, replace(SCHEMA.columns[0], name="age")))

    with pytest.raises(FeatureMismatch, match="lacks plan; it has age besides"):
        load(saved / "logistic", schema=other)
    with pytest.raises(FeatureMismatch, match="order or kinds"):
        load(saved / "logistic", schema=Schema(SCHEMA.columns[::-1]))


def test_given_the_caller_s_features_when_they_are_the_model_s_then_it_loads(saved):
    table, _ = a_table(10)

    model = load(saved / "forest", schema=SCHEMA)

    assert np.all(np.isfinite(model.probability(table)))


def test_given_a_folder_with_something_in_it_when_saved_then_nothing_is_overwritten(fitted, folder):
    with pytest.raises(AssertionError, match="not empty"):
        fitted["logistic"].save(folder)
