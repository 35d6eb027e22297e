"""The book of applications: how one is found, opened, changed and stored.

Details and verdicts are sealed for their application and their column. `set_digest` names exactly
what a verdict is about; whoever changes a detail or a picture changes it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.applications import (
    DETAILS,
    RUNNING,
    Application,
    ApplicationState,
    Path,
    needed_picture,
    needs_liveness,
)
from bank.domain.errors import (
    AlreadyCustomer,
    ApplicationClosed,
    ApplicationMissing,
    NotAuthenticated,
    NotPermitted,
)
from bank.domain.ids import ConversationId, make_id
from bank.policies.onboarding import number
from bank.ports import Clock, Digests, UnitOfWork, Vault


class ApplicationBook:
    """Shared by the rooms of onboarding; works in its callers' transactions."""

    def __init__(self, *, clock: Clock, vault: Vault, digests: Digests) -> None:
        self._clock = clock
        self._vault = vault
        self._digests = digests

    def new_in(self, uow: UnitOfWork, conversation_id: str) -> Application:
        """Add an application in which nothing is said yet."""
        now_utc, application_id = self._clock(), make_id("ap")
        application = Application(
            id=application_id,
            conversation_id=ConversationId(conversation_id),
            state=ApplicationState.COLLECTING,
            details_enc=self._seal(application_id, "details", {}),
            started_at_utc=now_utc,
            changed_at_utc=now_utc,
            expires_at_utc=self.expiry_utc(),
        )
        uow.applications.add(application)
        return application

    def find_in(self, uow: UnitOfWork, actor: Actor) -> Application | None:
        """Return the open application of the actor's conversation, or None.

        Open: running, or approved and still without a login.
        """
        newest = self.newest_in(uow, actor)
        if newest is None or not is_open(newest):
            return None
        return newest

    def newest_in(self, uow: UnitOfWork, actor: Actor) -> Application | None:
        """Return the application of the actor's conversation: the open one, else the newest."""
        return self.newest_of_in(uow, chat_of(actor))

    def newest_of_in(self, uow: UnitOfWork, conversation_id: str) -> Application | None:
        """Return the application of a conversation: the open one, else the newest."""
        found: list[Application] = uow.applications.list(
            conversation_id=conversation_id, order_by="started_at_utc", descending=True, limit=20
        )
        # A resumed one began before others that ended here.
        return next((one for one in found if is_open(one)), found[0] if found else None)

    def expiry_utc(self) -> datetime:
        """Return when an application ends that is waiting for its applicant from now on."""
        return self._clock() + timedelta(days=number("application", "expires_days"))

    def open_in(self, uow: UnitOfWork, actor: Actor) -> Application:
        """Return the open application, locked. Raises ApplicationMissing."""
        found = self.find_in(uow, actor)
        if found is None:
            raise ApplicationMissing
        application: Application = uow.applications.get(found.id, lock=True)
        return application

    def collecting_in(self, uow: UnitOfWork, actor: Actor) -> Application:
        """Return the open application that may be changed. Raises ApplicationClosed."""
        application = self.open_in(uow, actor)
        if application.state is not ApplicationState.COLLECTING:
            raise ApplicationClosed(status=application.state)
        return application

    def save_in(self, uow: UnitOfWork, application: Application, **changes: Any) -> Application:
        """Store the application with these changes, as its next version."""
        after = replace(
            application,
            **changes,
            changed_at_utc=self._clock(),
            version=application.version + 1,
        )
        uow.applications.save(after)
        return after

    def details(self, application: Application) -> dict[str, str]:
        """Return what was told so far."""
        return dict(self._open(application.id, "details", application.details_enc))

    def seal_details(self, application: Application, details: Mapping[str, str]) -> bytes:
        return self._seal(application.id, "details", details)

    def verdict(self, application: Application) -> dict[str, Any]:
        """Return the newest verdict; empty before there is one."""
        if application.verdict_enc is None:
            return {}
        return dict(self._open(application.id, "verdict", application.verdict_enc))

    def seal_verdict(self, application: Application, verdict: Mapping[str, Any]) -> bytes:
        return self._seal(application.id, "verdict", verdict)

    def seal_note(self, application_id: str, note: str) -> bytes:
        return self._vault.seal(note.encode(), place=f"applications|{application_id}|note")

    def open_note(self, application_id: str, sealed: bytes) -> str:
        return self._vault.open(sealed, place=f"applications|{application_id}|note").decode()

    def set_digest(self, application: Application) -> str:
        """Return the name of exactly this set of details and pictures."""
        told = {
            "details": self.details(application),
            "pictures": application.pictures,
            "path": application.path,
            "document_type": application.document_type,
        }
        text = json.dumps(told, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def digest(self, purpose: str, text: str) -> str:
        """Return the keyed digest by which twins of something are found."""
        return self._digests.digest(f"application/{purpose}", text.casefold().strip())

    def missing(self, application: Application) -> tuple[str, ...]:
        """Return what is still to be given, in the order it is asked."""
        told = self.details(application)
        missing = [] if application.terms_at_utc else ["terms"]
        missing += [] if application.path else ["path"]
        missing += [name for name in DETAILS if not told.get(name)]
        missing += [] if application.contact_at_utc else ["contact"]
        if application.path == Path.PERSON:
            return tuple(missing)
        if not application.document_type:
            return (*missing, "document_type")
        picture = needed_picture(application)
        missing += [picture] if picture else []
        missing += ["liveness"] if needs_liveness(application) else []
        return tuple(missing)

    def _seal(self, application_id: str, column: str, value: Mapping[str, Any]) -> bytes:
        text = json.dumps(value, ensure_ascii=False, default=str)
        return self._vault.seal(text.encode(), place=f"applications|{application_id}|{column}")

    def _open(self, application_id: str, column: str, sealed: bytes) -> dict[str, Any]:
        clear = self._vault.open(sealed, place=f"applications|{application_id}|{column}")
        value: dict[str, Any] = json.loads(clear)
        return value


def is_open(application: Application) -> bool:
    """Say whether the applicant can still do something with it."""
    waits_for_login = (
        application.state is ApplicationState.APPROVED and application.login_at_utc is None
    )
    return application.state in RUNNING or waits_for_login


def chat_of(actor: Actor) -> str:
    """Return the conversation the application lives in. Raises NotAuthenticated, NotPermitted."""
    if actor.kind not in (ActorKind.VISITOR, ActorKind.CUSTOMER):
        raise NotPermitted(actor=actor.kind)
    if actor.conversation_id is None:
        raise NotAuthenticated
    return actor.conversation_id


def require_visitor(actor: Actor) -> None:
    """Refuse somebody who is a customer already. Raises AlreadyCustomer."""
    if actor.kind is ActorKind.CUSTOMER:
        raise AlreadyCustomer
