"""One specimen through the whole chain, as a customer's document goes through it.

    case ─▶ specimen ─▶ quality, reader ─▶ authenticity ─▶ decision ─▶ Result

One face, no selfie, no screening: those have figures of their own. Time is CPU of reading and
judging, Tesseract's too where it is asked; making the specimen is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from identity import quality
from identity.authenticity.examining import examine
from identity.cpu import cpu_s
from identity.decision import Outcome, RiskTier, decide
from identity.document.reader import read_document
from identity.document.reading import DocumentReading
from identity.specimens import TODAY, Specimen, Tamper, make_specimen


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


def judge_case(case: Case) -> Result:
    """Return what the chain makes of one document."""
    specimen = make_specimen(case.seed, kind=case.kind, tamper=case.tamper)
    began = cpu_s()
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
        cpu_s=round(cpu_s() - began, 3),
    )


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
