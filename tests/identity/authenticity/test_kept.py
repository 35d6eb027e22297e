"""Judged documents kept in a file: runs go on, add up, and forget what other code said."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from identity.authenticity import evaluating, kept
from identity.authenticity.judging import Case, Result
from identity.decision import Outcome
from identity.specimens import Tamper


def a_result(seed, tamper=None):
    return judged_as(Case(seed, "passport", tamper))


def judged_as(case):
    return Result(case, Outcome.NEEDS_RETRY, ("glare",), (), ("glare",), True, False, 1.25)


def test_given_kept_results_when_loaded_then_they_are_the_same(tmp_path):
    path = tmp_path / "runs" / "documents.jsonl"
    results = [a_result(1), a_result(2, Tamper.NUMBER)]

    for one in results:
        kept.append_result(path, one, code="here")

    assert kept.load_results(path, code="here") == {one.case: one for one in results}


def test_given_results_of_other_code_when_loaded_then_they_do_not_count(tmp_path):
    path = tmp_path / "documents.jsonl"
    kept.append_result(path, a_result(1), code="before")

    assert kept.load_results(path, code="now") == {}
    assert kept.load_results(tmp_path / "nothing.jsonl", code="now") == {}


def test_given_a_run_that_was_cut_off_when_it_goes_on_then_only_the_broken_line_is_lost(tmp_path):
    path = tmp_path / "documents.jsonl"
    kept.append_result(path, a_result(1), code="here")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"code": "here", "case": {"se')

    kept.append_result(path, a_result(3), code="here")

    assert [case.seed for case in kept.load_results(path, code="here")] == [1, 3]


def test_given_a_kept_run_when_more_is_asked_for_then_only_the_rest_is_judged(
    tmp_path, monkeypatch
):
    judged = []

    def judge(case):
        judged.append(case)
        return judged_as(case)

    monkeypatch.setattr(evaluating, "judge_case", judge)
    path = tmp_path / "documents.jsonl"

    evaluating.evaluate_documents(4, 5, keep=path, processes=1)
    figures = evaluating.evaluate_documents(6, 5, keep=path, processes=1)
    again = evaluating.evaluate_documents(2, 5, first=6, keep=path, processes=1)

    assert len(judged) == 8
    assert len(set(judged)) == 8
    assert figures["documents"] == 6
    assert again["documents"] == 8


@given(st.integers(0, 60), st.integers(0, 60), st.integers(1, 9))
def test_two_ranges_are_the_documents_of_the_whole(first, count, seed):
    parts = [
        *evaluating.make_cases(first, seed),
        *evaluating.make_cases(count, seed, first=first),
    ]

    assert parts == evaluating.make_cases(first + count, seed)


def test_the_code_has_a_digest_that_stays():
    assert kept.code_digest() == kept.code_digest()
    assert len(kept.code_digest()) == 16
