"""How good the checks of documents are, measured on specimens through the whole chain.

    specimen ─▶ quality, reader ─▶ authenticity ─▶ decision     half honest, half tampered
        └───────────── truth ──────────────┴──▶ figures with 95 % intervals

A tamper counts as caught when the document is not approved; `named` is the share where the finding
meant for it stands among the findings, so a lucky retry does not pass for understanding. Honest
photographs are `fair` ones, as a guided capture gives. Long runs are kept in a file and add up.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

from identity.authenticity import kept
from identity.authenticity.judging import Case, Result, judge_case
from identity.decision import Outcome
from identity.specimens import CONTRADICTIONS, KINDS, Tamper
from identity.tables import interval

Progress = Callable[[float], None]

#: Findings that name a tamper.
NAMED_BY: dict[Tamper, frozenset[str]] = {
    Tamper.CHECK_DIGIT: frozenset({"check_digit_failed", "mrz_repair_doubtful"}),
    Tamper.NAME: frozenset({"zones_differ"}),
    Tamper.BIRTH_DATE: frozenset({"zones_differ"}),
    Tamper.NUMBER: frozenset({"zones_differ"}),
    Tamper.EXPIRY_DATE: frozenset({"zones_differ"}),
    Tamper.OTHER_MRZ: frozenset({"zones_differ"}),
    Tamper.PORTRAIT: frozenset({"ela"}),
    Tamper.ZONE_FONT: frozenset({"zone_font"}),
    Tamper.COPY_MOVE: frozenset({"copy_move"}),
    Tamper.EXPIRED: frozenset({"document_expired"}),
    Tamper.UNDERAGE: frozenset({"underage"}),
    Tamper.IMPOSSIBLE_DATE: frozenset({"impossible_date"}),
    Tamper.UNKNOWN_ISSUER: frozenset({"issuer_unknown"}),
    Tamper.SPECIMEN_WORD: frozenset({"specimen_word"}),
    Tamper.UTOPIA: frozenset({"specimen_issuer"}),
    Tamper.SCREEN: frozenset({"screen_moire"}),
    Tamper.GREY_COPY: frozenset({"black_and_white_copy"}),
    Tamper.MIRRORED: frozenset({"picture_mirrored"}),
}


def evaluate_documents(
    count: int = 5_000,
    seed: int = 1,
    *,
    first: int = 0,
    keep: Path | None = None,
    processes: int = 2,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Return the figures of `count` documents from the `first` on. `progress` gets 0 to 1.

    keep: a file of judged documents. Those in it are not judged again, new ones are added, and the
    figures are of all in it, so that runs of several ranges or seeds add up.

    Minutes to hours: about two and a half CPU seconds a document.
    """
    cases = make_cases(count, seed, first=first)
    code = kept.code_digest()
    known = {} if keep is None else kept.load_results(keep, code=code)
    todo = [case for case in cases if case not in known]
    for done, result in enumerate(_run(todo, processes), start=1):
        known[result.case] = result
        if keep is not None:
            kept.append_result(keep, result, code=code)
        progress(done / len(todo))
    return summarise(list(known.values()), seed=seed)


def make_cases(count: int, seed: int, *, first: int = 0) -> list[Case]:
    """Return the documents: every second honest, tampers and kinds in turn.

    A range of documents is the same whether made alone or as part of a longer one.
    """
    kinds, tampers = list(KINDS), list(Tamper)
    cases = []
    for at in range(first, first + count):
        tamper = None if at % 2 == 0 else tampers[(at // 2) % len(tampers)]
        # Every tamper meets every kind: the kinds move on when all tampers have had their turn.
        turn = at // 2 if tamper is None else at // 2 // len(tampers) + at // 2
        cases.append(Case(seed * 1_000_003 + at, kinds[turn % len(kinds)], tamper))
    return cases


def summarise(results: Sequence[Result], *, seed: int) -> dict[str, Any]:
    """Return the figures: honest, each tamper, reading, time."""
    honest = [one for one in results if one.case.tamper is None]
    stopped = [one for one in honest if one.outcome is not Outcome.APPROVED]
    to_people = [one for one in stopped if one.outcome is not Outcome.NEEDS_RETRY]
    contradictions = [one for one in results if one.case.tamper in CONTRADICTIONS]
    times = sorted(one.cpu_s for one in results)
    return {
        "documents": len(results),
        "seed": seed,
        "honest": {
            "count": len(honest),
            "outcomes": dict(Counter(one.outcome.value for one in honest)),
            "to_people": _rate(len(to_people), len(honest)),
            "stopped": _rate(len(stopped), len(honest)),
            "reasons": dict(Counter(code for one in stopped for code in set(one.reasons))),
            "hints": dict(Counter(code for one in honest for code in one.hints)),
            "by_kind": {
                kind: _rate(
                    sum(one.case.kind == kind for one in stopped),
                    sum(one.case.kind == kind for one in honest),
                )
                for kind in KINDS
            },
        },
        "contradictions_caught": _rate(
            sum(one.outcome is not Outcome.APPROVED for one in contradictions),
            len(contradictions),
        ),
        "tampers": {
            tamper.value: _tampered([one for one in results if one.case.tamper is tamper], tamper)
            for tamper in Tamper
        },
        "reading": {
            "zone_exact": _rate(sum(one.read_exact for one in honest), len(honest)),
            "key_fields": _rate(sum(one.read_key for one in honest), len(honest)),
        },
        "cpu_s": {
            "median": round(median(times), 2) if times else None,
            "p95": round(times[int(0.95 * (len(times) - 1))], 2) if times else None,
        },
        "missed": [
            {"seed": one.case.seed, "kind": one.case.kind, "tamper": one.case.tamper}
            for one in contradictions
            if one.outcome is Outcome.APPROVED
        ],
    }


def _tampered(results: Sequence[Result], tamper: Tamper) -> dict[str, Any]:
    caught = [one for one in results if one.outcome is not Outcome.APPROVED]
    named = [one for one in results if NAMED_BY[tamper] & set(one.codes)]
    return {
        "count": len(results),
        "caught": _rate(len(caught), len(results)),
        "named": _rate(len(named), len(results)),
        "outcomes": dict(Counter(one.outcome.value for one in results)),
    }


def _rate(hits: int, count: int) -> dict[str, Any]:
    low, high = interval(hits, count)
    share = hits / count if count else None
    return {
        "hits": hits,
        "of": count,
        "share": None if share is None else round(share, 4),
        "interval": [round(low, 4), round(high, 4)],
    }


def _run(cases: Sequence[Case], processes: int) -> Iterable[Result]:
    if processes <= 1:
        yield from map(judge_case, cases)
        return
    # One thread each: the processes share the cores already. Spawned, so that they see it.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge_case, cases, chunksize=4)
