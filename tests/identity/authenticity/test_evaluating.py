"""Figures of documents: every tamper gets its turn, shares have intervals, and the chain runs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.authenticity.evaluating import (
    Case,
    Result,
    evaluate_documents,
    make_cases,
    summarise,
)
from identity.decision import Outcome
from identity.specimens import KINDS, Tamper
from identity.tables import interval


def a_result(tamper, outcome, *codes):
    return Result(Case(1, "passport", tamper), outcome, codes, (), codes, True, True, 1.0)


def test_given_many_documents_then_every_tamper_meets_every_kind_and_half_are_honest():
    cases = make_cases(400, 1)

    assert {(one.tamper, one.kind) for one in cases} >= {
        (tamper, kind) for tamper in Tamper for kind in KINDS
    }
    assert sum(one.tamper is None for one in cases) == 200
    assert len({one.seed for one in cases}) == 400
    assert not {one.seed for one in cases} & {one.seed for one in make_cases(400, 2)}


def test_given_an_approved_contradiction_then_it_is_missed_and_named():
    results = [
        a_result(None, Outcome.APPROVED),
        a_result(None, Outcome.NEEDS_RETRY, "glare"),
        a_result(Tamper.NUMBER, Outcome.APPROVED),
        a_result(Tamper.NUMBER, Outcome.NEEDS_REVIEW, "zones_differ"),
    ]

    figures = summarise(results, seed=1)

    assert figures["honest"]["stopped"]["share"] == 0.5
    assert figures["honest"]["reasons"] == {"glare": 1}
    assert figures["contradictions_caught"]["share"] == 0.5
    assert figures["tampers"]["number"]["named"]["share"] == 0.5
    assert [one["tamper"] for one in figures["missed"]] == [Tamper.NUMBER]


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share(hits, count):
    hits = min(hits, count)
    low, high = interval(hits, count)

    assert 0 <= low <= hits / count + 1e-9
    assert hits / count - 1e-9 <= high <= 1


@pytest.mark.timeout(280)
def test_given_a_small_sample_when_evaluated_through_the_whole_chain_then_no_contradiction_passes():
    seen = []

    figures = evaluate_documents(2, 5, processes=1, progress=seen.append)

    assert seen[-1] == 1.0
    assert figures["documents"] == 2
    assert figures["missed"] == []
