"""Twins: the same document, person, address or picture, seen before under another name.

Found by keyed digests only; faces are compared one to one and never searched for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bank.domain.applications import Application, ApplicationState
from bank.policies.onboarding import Twins
from bank.ports import UnitOfWork

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
    return Twins(
        document=ids([one for one in document if one not in rejected]),
        person=ids([one for one in person if one.state in accepted]),
        email=ids([*(one for one in email if one.state in accepted), *customers]),
        picture=sorted(
            {
                one.application_id
                for one in pictures
                if one.application_id not in (None, application.id)
            }
        ),
        rejected=ids(rejected),
    )
