"""Figures as tables: every cell is there, shares say what they are of, targets stand beside them."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity import tables
from identity.authenticity.evaluating import summarise
from identity.authenticity.judging import Case, Result
from identity.decision import Outcome
from identity.evaluate import PARTS
from identity.measured import tables_of
from identity.screening.evaluate import PairCase, evaluate_pairs
from identity.specimens import Tamper
from identity.tables import Row, Table, interval, markdown, share_of

CELLS = st.text(
    st.characters(categories=("L", "N", "P", "S"), include_characters=" \n"), max_size=9
)


def cells(line):
    return [cell.strip() for cell in line.strip("|").split("|")]


@given(st.lists(st.builds(Row, CELLS, CELLS, CELLS, CELLS), max_size=4))
def test_every_row_is_one_line_of_four_cells_and_all_are_of_one_width(rows):
    lines = [line for line in markdown(Table("t", tuple(rows))) if line.startswith("|")]

    assert len(lines) == len(rows) + 2
    assert {line.count("|") for line in lines} == {5}
    assert len({len(line) for line in lines}) == 1


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_stands_within_its_interval_and_names_what_it_is_of(hits, count):
    hits = min(hits, count)
    low, high = interval(hits, count)

    assert 0 <= low <= hits / count + 1e-9
    assert hits / count - 1e-9 <= high <= 1
    assert share_of(hits, count).endswith(f"{hits} of {count}")


def test_the_examples_of_the_module_hold():
    assert doctest.testmod(tables).failed == 0


def test_given_judged_documents_when_told_then_targets_missed_ones_and_names_are_there():
    case = Case(7, "passport", Tamper.NUMBER)
    results = [
        a_result(Case(1, "passport", None), Outcome.APPROVED),
        a_result(Case(2, "id_card", None), Outcome.NEEDS_REVIEW, "zones_differ"),
        a_result(case, Outcome.APPROVED),
    ]

    honest, tampered = tables_of("documents", summarise(results, seed=1))

    assert honest.rows[0].measured.endswith("1 of 2")
    assert honest.rows[0].target == "≤ 0.05"
    assert tampered.rows[0].measured.endswith("0 of 1")
    assert "passport 7" in tampered.notes[0]


def test_given_photos_when_told_then_each_tool_stands_beside_with_its_own_share():
    one = {"photos_count": 4, "found": 4, "key_fields": 3, "exact": 2, "cpu_s_median": 1.0,
           "cpu_s_p95": 2.0}  # fmt: skip
    other = {**one, "key_fields": 1}
    figures = {**one, "invented": 0, "blank_count": 6, "failing_count": 1,
               "baselines": {"pytesseract": other}}  # fmt: skip

    (table,) = tables_of("mrz", figures)

    assert table.rows[0].measured.endswith("3 of 4")
    assert table.rows[0].beside == "pytesseract 0.25"
    assert table.rows[2] == Row(
        "read where no zone is (6), or said to hold where printed wrong (1)", "0", "0"
    )


def test_given_judged_pairs_when_told_then_the_strong_tier_comes_first_with_its_targets():
    cases = [
        PairCase("Ottilie Brandner", "Brandner Ottilie", None, True, "strong", "order"),
        PairCase("Ottilie Brandner", "Qamar Zumurrudi", None, False, "medium", "other"),
    ]
    figures = {
        "pairs": evaluate_pairs(cases), "threshold": 0.8, "counts": {"person": 2}, "names": 3,
        "speed": {"p50_ms": 1.0, "p95_ms": 2.0}, "list_version": "invented-1",
        "self_retrieval": {"recall": 1.0, "queries": 1, "by_disturbance": {"dropped_middle": 1.0}},
        "plain_customers": {"people": 200, "hit_rate": 0.005},
    }  # fmt: skip

    pairs, kinds, lists = tables_of("screening", figures)

    assert [row.target for row in pairs.rows[:2]] == ["≥ 0.97", "≥ 0.95"]
    assert pairs.rows[0].what == "precision (strong, n = 1)"
    assert len(kinds.rows) == 2
    assert lists.rows[2].measured.endswith("1 of 200")


@pytest.mark.parametrize("part", ["faces", "liveness"])
def test_given_rates_with_intervals_when_told_then_they_are_not_made_anew(part):
    rate = {"share": 0.01, "low": 0.002, "high": 0.03, "count": 1}
    rates = {"at_distance": 0.55, "accuracy": rate, "fmr": rate, "fnmr": rate,
             "fnmr_at_fmr_0.001": rate}  # fmt: skip
    figures = {
        "pairs": {"genuine": 10, "impostor": 90},
        "threshold": {"distance": 0.55, "stated_fmr": 0.001, "source": "LFW"},
        "ours": rates, "plain": rates, "cpu_ms": {"4000x3000": {"detect": 100, "embed": 120}},
        "films": {"honest": 40, "of_each_attack": 40, "first_seed": 1},
        "bpcer": {"share": 0.01, "interval": (0.002, 0.03)},
        "not_stopped": {"screen_right": {"share": 0.9, "interval": (0.6, 0.98)}},
        "apcer": {"replay_in_order": {"share": 0.01, "interval": (0.002, 0.03)}},
    }  # fmt: skip

    (table,) = tables_of(part, figures)

    assert table.rows[0].measured == "0.0100 (0.0020 – 0.0300)"
    assert all(row.target for row in table.rows)


def test_given_rates_of_pictures_when_told_then_each_table_keeps_its_name():
    told = {"count": 1, "total": 20, "share": 0.05, "cpu_s": 0.2}

    (table,) = tables_of(
        "pictures", {"asked again": {"honest": told, "wrong_by_field": {"sex": 2}}}
    )

    assert table.title == "Pictures: asked again"
    assert [row.measured for row in table.rows] == ["0.050 (0.009 – 0.236), 1 of 20", "sex 2"]


def test_every_part_that_is_measured_can_be_told():
    for part in PARTS:
        with pytest.raises(KeyError):
            list(tables_of(part, {}) or [{}["nothing"]])


def a_result(case, outcome, *codes):
    return Result(case, outcome, codes, (), codes, True, True, 1.0)
