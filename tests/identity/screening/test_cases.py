"""Accuracy is data: cases.csv judged by people, run.csv frozen in git."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from identity.screening import default_threshold, name_pair_score
from identity.screening.evaluate import evaluate_pairs, evaluate_screening, load_cases
from tests.identity.screening import freeze

DATA = Path(os.environ.get("FLORIN_DATA_DIR", "../shared/data")) / "sanctions"


def test_given_the_frozen_run_when_the_cases_run_again_then_no_pair_changed_its_mind():
    with freeze.RUN.open(encoding="utf-8", newline="") as file:
        frozen = list(csv.reader(file))[1:]

    assert freeze.run_rows() == frozen, "read and freeze: python -m tests.identity.screening.freeze"


def test_given_our_strong_cases_when_scored_then_precision_and_recall_hold_and_baselines_are_beaten():
    cases = load_cases(freeze.CASES)

    result = evaluate_pairs(cases)

    assert len(cases) >= 150
    assert result["tiers"]["strong"]["precision"] >= 0.97
    assert result["tiers"]["strong"]["recall"] >= 0.95
    for baseline in result["baselines"].values():
        assert result["tiers"]["all"]["f1"] > baseline["all"]["f1"] + 0.05


def test_given_the_threshold_when_loaded_then_it_says_what_was_measured():
    threshold = default_threshold()

    assert threshold.cases_count >= 100
    assert threshold.is_hit(threshold.score)
    assert not threshold.is_hit(threshold.score - 0.001)


@pytest.mark.skipif(not DATA.is_dir(), reason="no evaluation data (FLORIN_DATA_DIR)")
def test_given_the_public_pairs_when_scored_then_the_strong_tier_holds():
    result = evaluate_pairs(load_cases(DATA / "name_bench_cases.csv"))

    assert result["tiers"]["strong"]["precision"] >= 0.97
    assert result["tiers"]["strong"]["recall"] >= 0.93
    for baseline in result["baselines"].values():
        assert result["tiers"]["all"]["f1"] > baseline["all"]["f1"] + 0.05


def test_given_a_folder_without_lists_when_evaluated_then_the_invented_list_is_measured(tmp_path):
    result = evaluate_screening(tmp_path)

    assert result["list_version"].startswith("invented-")
    assert result["self_retrieval"]["recall"] >= 0.95
    assert result["plain_customers"]["hit_rate"] == 0.0


def test_given_no_names_in_common_when_scored_then_zero():
    assert name_pair_score("Ottilie Brandner", "Qamar Zumurrudi") == 0.0
