"""Twins: the same document, person, address or picture, seen before under another name.

Found by keyed digests only; faces are compared one to one and never searched for.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from bank.domain.applications import Application, ApplicationState
from bank.domain.customers import Customer
from bank.policies.onboarding import Twins, findings_about, lowered
from bank.ports import UnitOfWork
from bank.services.application_book import ApplicationBook

#: States whose pictures, documents and people count as seen before.
_LIVE = (
    ApplicationState.CHECKING, ApplicationState.IN_REVIEW, ApplicationState.APPROVED,
    ApplicationState.REJECTED,
)  # fmt: skip


def twins_in(
    uow: UnitOfWork, application: Application, *, details: Mapping[str, str]
) -> Twins:
    """Look for the same document, person, address or picture elsewhere."""

    def others(field: str) -> list[Application]:
        digest = getattr(application, field)
        if digest is None:
            return []
        filters = {"state": _LIVE, field: digest}
        found: list[Application] = uow.applications.list(limit=10, **filters)
        return [one for one in found if one.id != application.id]

    def ids(found: Sequence[Any]) -> list[str]:
        return sorted({one.id for one in found})

    email = others("email_digest")
    person = others("person_digest")
    document = others("document_digest")
    customers = uow.customers.list(email=details.get("email", "-"), limit=10)
    mine = uow.evidence.list(application_id=application.id)
    digests = tuple({one.digest for one in mine})
    pictures = uow.evidence.list(digest=digests, limit=50) if digests else []
    rejected = [
        one
        for one in (*email, *person, *document)
        if one.state is ApplicationState.REJECTED
    ]
    accepted = (ApplicationState.APPROVED,)
    known = _same_person(uow, details)
    return Twins(
        document=ids([one for one in document if one not in rejected]),
        person=ids([*(one for one in person if one.state in accepted), *known]),
        email=ids([*(one for one in email if one.state in accepted), *customers]),
        picture=sorted(_elsewhere(uow, application, [one.application_id for one in pictures])),
        rejected=ids(rejected),
    )


def with_twins_in(
    uow: UnitOfWork, book: ApplicationBook, application: Application, verdict: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the verdict with what the bank's own records say now, which never improves it."""
    held = verdict.get("findings", [])
    known = {one["code"] for one in held}
    twins = twins_in(uow, application, details=book.details(application))
    own = [one for one in findings_about(twins) if one.code not in known]
    if not own:
        return {**verdict, "findings": held}
    reasons = [{"code": one.code, "text": one.text} for one in own]
    kept = [one for one in verdict.get("reasons", []) if one["code"] != "all_checks_passed"]
    return {
        **verdict,
        "outcome": lowered(str(verdict["outcome"]), own),
        "findings": [*(one.to_json() for one in own), *held],
        "reasons": [*reasons, *kept],
    }


def news_in(
    uow: UnitOfWork, book: ApplicationBook, application: Application
) -> dict[str, Any] | None:
    """Return what changes in an application by what the bank has learnt since its verdict."""
    held = book.verdict(application)
    if not held:
        return None
    now = with_twins_in(uow, book, application, held)
    if len(now["findings"]) == len(held["findings"]):
        return None
    codes = ",".join(sorted(one["code"] for one in now["findings"]))
    digest = hashlib.sha256(f"{application.set_digest}|{codes}".encode()).hexdigest()
    return {"set_digest": digest, "verdict_enc": book.seal_verdict(application, now)}


def _same_person(uow: UnitOfWork, details: Mapping[str, str]) -> list[Customer]:
    """Return customers of this name and birth date, whatever way they came."""
    born = details.get("birth_date")
    name = _plain(f"{details.get('given_names', '')} {details.get('surname', '')}")
    found: list[Customer] = uow.customers.list(birth_date=born, limit=200) if born else []
    return [one for one in found if _plain(one.full_name) == name]


def _elsewhere(
    uow: UnitOfWork, application: Application, application_ids: Sequence[str | None]
) -> set[str]:
    """Return the applications that count: not this one, nor what its applicant gave up earlier."""
    others = {one for one in application_ids if one is not None} - {application.id}
    counted = set()
    for other_id in others:
        other: Application | None = uow.applications.find(other_id)
        is_own = (
            other is not None
            and other.state not in _LIVE
            and other.person_digest == application.person_digest
        )
        if not is_own:
            counted.add(other_id)
    return counted


def _plain(name: str) -> str:
    """Return a name without case, marks and double spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())
