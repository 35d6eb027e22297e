"""How good the checks of documents are, measured on specimens through the whole chain.

    specimen ─▶ quality, reader ─▶ authenticity ─▶ decision     half honest, half tampered
        └───────────── truth ──────────────┴──▶ figures with 95 % intervals

A tamper counts as caught when the document is not approved; `named` is the share where the finding
meant for it stands among the findings, so a lucky retry does not pass for understanding. Honest
photographs are `fair` ones, as a guided capture gives.

One face, no selfie, no screening: those have figures of their own.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from statistics import median
from typing import Any

from identity import quality
from identity.authenticity.examining import examine
from identity.decision import Outcome, RiskTier, decide
from identity.document.reader import read_document
from identity.document.reading import DocumentReading
from identity.specimens import CONTRADICTIONS, KINDS, TODAY, Specimen, Tamper, make_specimen

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


@dataclass(frozen=True, slots=True)
class Case:
    seed: int
    kind: str
    tamper: Tamper | None


@dataclass(frozen=True, slots=True)
class Result:
    """What the chain made of one specimen. `read_exact`: the whole zone; `read_key`: its key."""

    case: Case
    outcome: Outcome
    codes: tuple[str, ...]
    hints: tuple[str, ...]
    reasons: tuple[str, ...]
    read_exact: bool
    read_key: bool
    cpu_s: float


def evaluate_documents(
    count: int = 5_000,
    seed: int = 1,
    *,
    processes: int = 2,
    progress: Progress = lambda _: None,
) -> dict[str, Any]:
    """Return the figures of `count` documents. `progress` gets 0 to 1.

    Minutes to hours: about three CPU seconds a document.
    """
    cases = make_cases(count, seed)
    results = []
    for done, result in enumerate(_run(cases, processes), start=1):
        results.append(result)
        progress(done / len(cases))
    return summarise(results, seed=seed)


def make_cases(count: int, seed: int) -> list[Case]:
    """Return the documents: every second honest, tampers and kinds in turn."""
    kinds, tampers = list(KINDS), list(Tamper)
    cases = []
    for at in range(count):
        tamper = None if at % 2 == 0 else tampers[(at // 2) % len(tampers)]
        # Every tamper meets every kind: the kinds move on when all tampers have had their turn.
        turn = at // 2 if tamper is None else at // 2 // len(tampers) + at // 2
        cases.append(Case(seed * 1_000_003 + at, kinds[turn % len(kinds)], tamper))
    return cases


def judge_case(case: Case) -> Result:
    """Return what the chain makes of one document."""
    specimen = make_specimen(case.seed, kind=case.kind, tamper=case.tamper)
    began = time.process_time()
    reading = read_document(specimen.front, specimen.back)
    found = [
        *quality.look_at(specimen.front, kind="document_front"),
        *(() if specimen.back is None else quality.look_at(specimen.back, kind="document_back")),
        *reading.findings,
        *examine(
            reading, front=specimen.front, back=specimen.back, claims=specimen.claims, today=TODAY
        ),
    ]
    decision = decide(found, risk=RiskTier.CDD)
    exact, key = _read(reading, specimen)
    return Result(
        case=case,
        outcome=decision.outcome,
        codes=tuple(sorted({one.code for one in found})),
        hints=tuple(sorted({one.code for one in found if one.weight == "hint" and _counts(one)})),
        reasons=tuple(one.code for one in decision.reasons),
        read_exact=exact,
        read_key=key,
        cpu_s=time.process_time() - began,
    )


def summarise(results: Sequence[Result], *, seed: int) -> dict[str, Any]:
    """Return the figures: honest, each tamper, reading, time."""
    honest = [one for one in results if one.case.tamper is None]
    stopped = [one for one in honest if one.outcome is not Outcome.APPROVED]
    contradictions = [one for one in results if one.case.tamper in CONTRADICTIONS]
    times = sorted(one.cpu_s for one in results)
    return {
        "documents": len(results),
        "seed": seed,
        "honest": {
            "count": len(honest),
            "outcomes": dict(Counter(one.outcome.value for one in honest)),
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


def interval(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share.

    >>> tuple(round(one, 3) for one in interval(0, 100))
    (0.0, 0.037)
    """
    if count == 0:
        return 0.0, 1.0
    z = 1.96
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    spread = z / (1 + z * z / count)
    spread *= (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return max(0.0, middle - spread), min(1.0, middle + spread)


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


def _read(reading: DocumentReading, specimen: Specimen) -> tuple[bool, bool]:
    if reading.mrz is None:
        return False, False
    key = ("number", "birth_date", "expiry_date")
    return (
        reading.mrz.lines == specimen.lines,
        all(reading.mrz.fields[name] == specimen.fields[name] for name in key),
    )


def _counts(finding: Any) -> bool:
    return finding.score is None or finding.score >= 0.5


def _run(cases: Sequence[Case], processes: int) -> Iterable[Result]:
    if processes <= 1:
        yield from map(judge_case, cases)
        return
    # One thread each: the processes share the cores already. Spawned, so that they see it.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(judge_case, cases, chunksize=4)
