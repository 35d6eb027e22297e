"""Decision: what follows from the findings of an identity check. Pure, and in one order.

    1  a reject finding                         rejected      a proposal: a person confirms it
    2  a retry finding about a picture          needs_retry   it cannot be judged as it is …
       … the same, attempts used up             needs_review  … so a person tries
    3  a review finding                         needs_review
    4  a retry finding about the document       needs_retry   (expired): show another one
    5  several hints, or one very strong one    needs_review
    6  enhanced due diligence                   needs_review  two different people approve
    7  nothing of these                         approved

Judging stops at the first line that applies, and every finding of that line becomes a reason.
Outcomes stand in a row, approved < needs_review and needs_retry < rejected, and one finding more
never moves a case back in it. A picture nobody can judge comes before suspicion, so a better one
is asked first; a document that was judged and has expired comes after it.

No outcome refuses anybody: `rejected` and `needs_review` both wait for a person (`asks_person`).
The lists and numbers are `decision.toml`, a bank's own to keep.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from bank.domain.findings import Breakdown, Finding, Weight


class Outcome(StrEnum):
    APPROVED = "approved"
    NEEDS_REVIEW = "needs_review"
    NEEDS_RETRY = "needs_retry"
    REJECTED = "rejected"


class RiskTier(StrEnum):
    """Customer due diligence, or enhanced."""

    CDD = "cdd"
    EDD = "edd"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code that never changes and a sentence for staff."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Risk:
    """A tier with what put the applicant there; no reasons for CDD."""

    tier: RiskTier
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What the checks propose. `four_eyes`: approving takes two different people."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    risk: RiskTier
    four_eyes: bool

    @property
    def asks_person(self) -> bool:
        """Whether a person must look before anything more happens to the applicant."""
        return self.outcome in {Outcome.NEEDS_REVIEW, Outcome.REJECTED}


def decide(
    findings: Iterable[Finding], *, risk: Risk | RiskTier, attempts_count: int = 0
) -> Decision:
    """Return what follows from the findings, whatever their order.

    `attempts_count` is how many times this applicant was asked to try again before.
    """
    assert attempts_count >= 0, attempts_count
    known = risk if isinstance(risk, Risk) else Risk(risk)
    noticed = sorted(set(findings), key=lambda one: (one.code, one.about, one.text))
    outcome, reasons = _judge(noticed, known, attempts_count)
    edd = known.tier is RiskTier.EDD
    also = known.reasons if outcome is not Outcome.APPROVED and edd else ()
    return Decision(
        outcome=outcome,
        reasons=_once([*reasons, *also]),
        risk=known.tier,
        four_eyes=edd or outcome is Outcome.REJECTED,
    )


def risk_of(
    findings: Iterable[Finding],
    *,
    country: str = "",
    nationality: str = "",
    purpose: str = "",
    age_years: int | None = None,
    with_biometrics: bool = True,
) -> Risk:
    """Return the risk tier with its reasons. Countries are ISO 3166-1 alpha-2.

    >>> risk_of([], country="PT").tier, risk_of([], country="KP").reasons[0].code
    (<RiskTier.CDD: 'cdd'>, 'edd_country')
    """
    table = _table()["edd"]
    listed = {*table["call_for_action"], *table["increased_monitoring"]}
    reasons = []
    for place, means in ((country, "lives in"), (nationality, "is a national of")):
        if place.upper() in listed:
            text = f"The applicant {means} {place.upper()}, listed on {table['listed_on']}."
            reasons.append(Reason("edd_country", text))
    exposed = sorted({one.code for one in findings if one.code in table["codes"]})
    if exposed:
        text = "A politically exposed or listed person of this name exists."
        reasons.append(Reason("edd_screening", text))
    if purpose.strip().lower() in table["purposes"]:
        text = f"The account is meant for: {purpose.strip().lower()}."
        reasons.append(Reason("edd_purpose", text))
    if age_years is not None and not table["age_least"] <= age_years <= table["age_most"]:
        reasons.append(Reason("edd_age", f"The applicant is {age_years} years old."))
    if not with_biometrics:
        text = "No biometric comparison was made, by the applicant's choice."
        reasons.append(Reason("edd_no_biometrics", text))
    return Risk(RiskTier.EDD if reasons else RiskTier.CDD, tuple(reasons))


def _judge(
    findings: Sequence[Finding], risk: Risk, attempts_count: int
) -> tuple[Outcome, list[Reason]]:
    """Return the first line of the header that applies, with its reasons."""
    rejects, reviews = _of(findings, Weight.REJECT), _of(findings, Weight.REVIEW)
    retries = _of(findings, Weight.RETRY)
    pictures = [one for one in retries if not _is_about_document(one)]
    if rejects:
        return Outcome.REJECTED, _reasons([*rejects, *reviews])
    if retries and attempts_count >= _table()["decision"]["attempts_most"]:
        text = f"{attempts_count} attempts gave no usable picture of a valid document."
        used_up = Reason("attempts_used_up", text)
        return Outcome.NEEDS_REVIEW, [used_up, *_reasons([*retries, *reviews])]
    if pictures or (retries and not reviews):
        return Outcome.NEEDS_RETRY, _reasons(pictures or retries)
    doubts = _reasons(reviews) or _hinted(findings) or _enhanced(risk)
    if doubts:
        return Outcome.NEEDS_REVIEW, doubts
    return Outcome.APPROVED, [Reason("all_checks_passed", "Every check passed.")]


def _hinted(findings: Sequence[Finding]) -> list[Reason]:
    """Return the hints as reasons where they are enough to ask for a person, else nothing."""
    table = _table()["decision"]
    least = table["hint_score_least"]
    scored = [
        (least if one.score is None else one.score, one) for one in _of(findings, Weight.HINT)
    ]
    hints = [one for score, one in scored if score >= least]
    codes_count = len({one.code for one in hints})
    strongest = max((score for score, _ in scored), default=0.0)
    if codes_count < table["hints_count_review"] and strongest < table["hint_score_alone"]:
        return []
    text = "Soft hints came together." if codes_count > 1 else "One soft hint is very strong."
    return [Reason("hints", text), *_reasons(hints)]


def _enhanced(risk: Risk) -> list[Reason]:
    if risk.tier is RiskTier.CDD:
        return []
    text = "Enhanced due diligence: two different people approve."
    return [Reason("edd_needs_people", text)]


def _is_about_document(finding: Finding) -> bool:
    """Whether another document is asked for, not another picture: it was judged, and expired."""
    return finding.breakdown is Breakdown.AGE_VALIDATION


def _of(findings: Sequence[Finding], weight: Weight) -> list[Finding]:
    return [one for one in findings if one.weight is weight]


def _reasons(findings: Iterable[Finding]) -> list[Reason]:
    return [Reason(one.code, one.text) for one in findings]


def _once(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple(dict.fromkeys(reasons))


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files("identity").joinpath("decision.toml").read_text("utf-8"))
