"""The checks put together: pictures and claims in, findings and a decision out.

    look     one picture, at once: can it be used? (retry guidance within a second or two)
    read     a document
    compare  two faces, one to one
    verify   document + selfie + frames + claims ─▶ findings ─▶ decision, with every reason
    screen   a name against the lists

Each stage adds findings and none of them hides another: a blurred picture is still read and
compared, so a person who reviews the case sees all there is. Pure but for the models they load;
pictures are RGB arrays, nothing is kept.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from bank.domain.findings import Breakdown, Finding, Weight
from identity import authenticity, quality
from identity.claims import Claims
from identity.decision import Decision, decide, risk_of
from identity.document.reader import read_document
from identity.document.reading import DocumentReading, Picture
from identity.face import matching, portraits
from identity.liveness.challenges import Challenge
from identity.liveness.judging import LivenessResult, judge
from identity.liveness.watching import Frame
from identity.screening import ScreeningLists, load_lists
from identity.screening import screen as find_hits

_NO_FIELDS: Mapping[str, str] = {}
#: Where the screening lists of a home are.
LISTS_FOLDER = "lists"
#: Kinds of picture `look` knows.
SELFIE, FRONT, BACK = "selfie", "document_front", "document_back"


@dataclass(frozen=True, slots=True)
class Applicant:
    """What one applicant sent. `frames` is None where no liveness challenge was made."""

    selfie: Picture | None
    front: Picture
    back: Picture | None
    frames: Sequence[Frame] | None
    claims: Claims
    challenge: Challenge | None = None
    asks_liveness: bool = True
    attempts_count: int = 0
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found. `portrait` is the crop of the document that was compared."""

    decision: Decision
    findings: tuple[Finding, ...]
    reading: DocumentReading
    comparison: tuple[Mapping[str, Any], ...]
    scores: Mapping[str, Mapping[str, float]]
    screening: Mapping[str, Any]
    portrait: Picture | None
    ms: int
    extras: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as commands, doors and cases keep it."""
        return {
            "decision": self.decision.outcome.value,
            "outcome": self.decision.outcome.value,
            "reasons": [{"code": one.code, "text": one.text} for one in self.decision.reasons],
            "risk": self.decision.risk.value,
            "four_eyes": self.decision.four_eyes,
            "findings": [one.to_json() for one in self.findings],
            "document_type": self.reading.document_type.value,
            "mrz": mrz_json(self.reading),
            "fields": dict(self.reading.fields),
            "comparison": [dict(row) for row in self.comparison],
            "scores": {name: dict(score) for name, score in self.scores.items()},
            "screening": dict(self.screening),
            "ms": self.ms,
        }


def look(picture: Picture, kind: str) -> list[Finding]:
    """Return what the customer can mend about one picture, and hints about it."""
    found = list(quality.look_at(picture, kind=kind))
    if kind == SELFIE:
        found += matching.look_at_selfie(picture)
    return found


def read(front: Picture, back: Picture | None = None, *, today: date) -> dict[str, Any]:
    """Return a document's reading with its findings, as `florin identity read` prints it."""
    began = time.perf_counter()
    reading = read_document(front, back)
    found = [
        *quality.look_at(front, kind=FRONT),
        *authenticity.examine(reading, front=front, back=back, claims=Claims(), today=today),
    ]
    return {
        "document_type": reading.document_type.value,
        "mrz": mrz_json(reading),
        "fields": dict(reading.fields),
        "visual": dict(reading.visual),
        "barcode": dict(reading.barcode) if reading.barcode else None,
        "findings": [one.to_json() for one in merged([*reading.findings, *found])],
        "ms": _ms(began),
    }


def compare(first: Picture, second: Picture) -> dict[str, Any]:
    """Return how alike the largest faces of two pictures are, as `florin identity compare` prints.

    `similarity` and `distance` are None where one picture shows no face.
    """
    began = time.perf_counter()
    result = matching.compare_pictures(first, second)
    alike = result.comparison
    return {
        "faces": list(result.faces),
        "distance": alike.distance if alike else None,
        "similarity": alike.similarity if alike else None,
        "same_person": alike.same_person if alike else None,
        "threshold": matching.THRESHOLD.distance,
        "findings": [one.to_json() for one in result.findings],
        "ms": _ms(began),
    }


def verify(applicant: Applicant, *, lists: ScreeningLists, today: date) -> Verdict:
    """Check everything an applicant sent and decide. Never raises on a picture."""
    began = time.perf_counter()
    reading = read_document(applicant.front, applicant.back)
    found: list[Finding] = [*quality.look_at(applicant.front, kind=FRONT), *reading.findings]
    if applicant.back is not None:
        found += quality.look_at(applicant.back, kind=BACK)
    found += authenticity.examine(
        reading, front=applicant.front, back=applicant.back, claims=applicant.claims, today=today
    )
    scores: dict[str, dict[str, float]] = {}
    portrait = None
    if applicant.selfie is not None:
        found += quality.look_at(applicant.selfie, kind=SELFIE)
        portrait = portraits.portrait_of(reading, applicant.front)
        found += _faces(applicant.selfie, portrait, scores)
        found += _liveness(applicant, scores)
    hits, screening = screen_claims(applicant.claims, lists=lists, fields=reading.fields)
    found += hits
    findings = tuple(merged(found))
    decision = decide(
        findings,
        risk=risk_of(findings, country=_residence(applicant.claims), purpose=applicant.purpose),
        attempts_count=applicant.attempts_count,
    )
    return Verdict(
        decision=decision,
        findings=findings,
        reading=reading,
        comparison=tuple(authenticity.compare_fields(reading, applicant.claims)),
        scores=scores,
        screening=screening,
        portrait=portrait,
        ms=_ms(began),
    )


def screen(
    lists: ScreeningLists, name: str, *, born: date | None = None, country: str | None = None
) -> dict[str, Any]:
    """Return the candidates for a name, as `florin identity screen` prints them."""
    hits = find_hits(lists, name, born=born, country=country)
    return {"list_version": lists.version, "hits": [hit.to_json() for hit in hits]}


def load_lists_of(home_dir: Path) -> ScreeningLists:
    """Return the lists of this home, or the invented one where none was fetched yet."""
    return load_lists(home_dir / LISTS_FOLDER)


def mrz_json(reading: DocumentReading) -> dict[str, Any] | None:
    """Return the machine-readable zone as commands print it."""
    if reading.mrz is None:
        return None
    return {
        "format": reading.mrz.format.value,
        "lines": list(reading.mrz.lines),
        "checks": dict(reading.mrz.checks),
        "repaired": [list(one) for one in reading.mrz.repaired],
    }


def merged(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings once each, the heaviest first; of twins the higher score stays."""
    order = list(Weight)
    best: dict[tuple[str, str], Finding] = {}
    for one in findings:
        known = best.get((one.code, one.about))
        if known is None or (one.score or 0.0) > (known.score or 0.0):
            best[one.code, one.about] = one
    return sorted(best.values(), key=lambda one: (-order.index(one.weight), one.code, one.about))


def _faces(
    selfie: Picture, portrait: Picture | None, scores: dict[str, dict[str, float]]
) -> list[Finding]:
    if portrait is None:
        return [
            Finding(
                "no_portrait", Breakdown.FACE_COMPARISON, Weight.RETRY,
                "No portrait was found on the document.", about=FRONT,
            )
        ]  # fmt: skip
    result = matching.compare_pictures(selfie, portrait)
    if result.comparison is not None:
        scores["similarity"] = {
            "value": round(result.comparison.similarity, 4),
            "threshold": round(matching.THRESHOLD.similarity, 4),
        }
    return [
        replace(one, about=FRONT) if one.about == "portrait" else one for one in result.findings
    ]


def _liveness(applicant: Applicant, scores: dict[str, dict[str, float]]) -> list[Finding]:
    if applicant.frames is None or applicant.challenge is None:
        if not applicant.asks_liveness:
            return []
        return [
            Finding(
                "liveness_not_done", Breakdown.LIVENESS, Weight.REVIEW,
                "No liveness challenge was made.",
            )
        ]  # fmt: skip
    result: LivenessResult = judge(
        applicant.frames, applicant.challenge, selfie=applicant.selfie
    )
    scores["liveness"] = {"value": round(result.score, 4), "threshold": 0.5}
    return list(result.findings)


def screen_claims(
    claims: Claims, *, lists: ScreeningLists, fields: Mapping[str, str] = _NO_FIELDS
) -> tuple[list[Finding], dict[str, Any]]:
    """Search for the name that was told, and for the one on the document where they differ.

    `fields` are a reading's; empty where no document was shown.
    """
    born = parse_iso(fields.get("birth_date", "")) or claims.birth_date
    names = {
        " ".join(part for part in (given, surname) if part).strip()
        for given, surname in (
            (fields.get("given_names", ""), fields.get("surname", "")),
            (claims.given_names, claims.surname),
        )
    } - {""}
    best: dict[str, Any] = {}
    for name in sorted(names):
        for hit in find_hits(lists, name, born=born, country=claims.country):
            if hit.entry_id not in best or hit.score > best[hit.entry_id].score:
                best[hit.entry_id] = hit
    hits = sorted(best.values(), key=lambda hit: -hit.score)
    findings = [
        Finding(
            "screening_candidate", Breakdown.SCREENING, Weight.REVIEW,
            f"{hit.name} on {hit.list_name}: {'; '.join(one.text for one in hit.reasons)}",
            score=hit.score, about=hit.entry_id,
        )
        for hit in hits
    ]  # fmt: skip
    return findings, {"list_version": lists.version, "hits": [hit.to_json() for hit in hits]}


def sha256_of(content: bytes) -> str:
    """Return the digest by which a kept picture is known."""
    return hashlib.sha256(content).hexdigest()


def _residence(claims: Claims) -> str:
    return claims.country or ""


def parse_iso(text: str) -> date | None:
    """Return the date of an ISO text, None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _ms(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)
