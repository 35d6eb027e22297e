"""Evidence: kept sealed, opened by the checks and by KYC staff only, erased when its time is over.

    keep ─▶ sealed file (its id is part of the seal's place) ─▶ record
    open ─▶ SYSTEM, or staff of the KYC desk: then an audit entry says who looked

The same picture of the same kind in one conversation is kept once. Files are written before the
record: a crash between the two leaves a file nobody can name, never a record without its file.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from bank.domain.actors import Actor, ActorKind
from bank.domain.applications import RUNNING, Application, ApplicationState
from bank.domain.errors import NotFound
from bank.domain.evidence import Evidence, EvidenceKind
from bank.domain.ids import ConversationId, make_id
from bank.domain.staff import Role
from bank.policies.onboarding import keep_for
from bank.ports import Auditor, Clock, Digests, Files, Store, UnitOfWork, Vault

ERASED_AT_ONCE = 200


class EvidenceRoom:
    """Pictures of applicants."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        files: Files,
        vault: Vault,
        digests: Digests,
        audit: Auditor,
    ) -> None:
        self._store = store
        self._clock = clock
        self._files = files
        self._vault = vault
        self._digests = digests
        self._audit = audit

    def keep(
        self,
        conversation_id: str | None,
        kind: EvidenceKind | str,
        clean: bytes,
        *,
        width: int,
        height: int,
        sha256: str,
        application_id: str | None = None,
        keep_s: int | None = None,
    ) -> Evidence:
        """Keep one clean picture. The same one again, for the same purpose, returns the first.

        Raises DiskFull.

        `keep_s` is for pictures of no application: they are erased after it.
        """
        kind, digest = EvidenceKind(kind), self._digests.digest("evidence", sha256)
        known = self._store.read(
            lambda uow: self._known_in(uow, conversation_id, kind, digest, application_id)
        )
        if known is not None:
            return known
        now_utc = self._clock()
        kept_for = (
            keep_for(ApplicationState.COLLECTING) if keep_s is None else timedelta(seconds=keep_s)
        )
        one = Evidence(
            id=make_id("ev"),
            conversation_id=ConversationId(conversation_id) if conversation_id else None,
            application_id=application_id,
            kind=kind,
            digest=digest,
            width=width,
            height=height,
            size_bytes=len(clean),
            kept_at_utc=now_utc,
            erase_at_utc=now_utc + kept_for,
        )
        self._files.put(one.id, self._vault.seal(clean, place=place_of(one.id)))
        self._store.write(lambda uow: uow.evidence.add(one))
        return one

    def get(self, evidence_id: str) -> Evidence:
        """Return the record. Raises NotFound."""
        found: Evidence = self._store.read(lambda uow: uow.evidence.get(evidence_id))
        return found

    def open(self, actor: Actor, evidence_id: str) -> bytes:
        """Return the clean picture. Raises NotFound: erased, unknown, or not for this actor.

        What a customer recorded for a face key is for the checks: no person opens it.
        """
        if actor.kind is not ActorKind.SYSTEM and not actor.roles & {Role.KYC, Role.SUPERVISOR}:
            raise NotFound(table="evidence")
        one = self.get(evidence_id)
        is_private = one.kind is EvidenceKind.FACE and actor.kind is not ActorKind.SYSTEM
        if one.erased_at_utc is not None or is_private:
            raise NotFound(table="evidence")
        if actor.kind is not ActorKind.SYSTEM:
            self._store.write(
                lambda uow: self._audit.append_in(
                    uow, actor, "evidence.read", one.id, "done", "kyc_desk", {"kind": one.kind}
                )
            )
        return self._vault.open(self._files.get(one.id), place=place_of(one.id))

    def claim_in(self, uow: UnitOfWork, evidence_id: str, *, application: Application) -> Evidence:
        """Say which application a picture belongs to.

        Raises NotFound: it is another's, came in another conversation, or is erased.
        """
        one: Evidence = uow.evidence.get(evidence_id)
        is_new = one.application_id is None and one.conversation_id == application.conversation_id
        if one.erased_at_utc is not None or not (is_new or one.application_id == application.id):
            raise NotFound(table="evidence")
        until_utc = self._clock() + keep_for(ApplicationState.COLLECTING)
        claimed = replace(one, application_id=application.id, erase_at_utc=until_utc)
        uow.evidence.save(claimed)
        return claimed

    def let_go_in(self, uow: UnitOfWork, evidence_ids: Collection[str]) -> None:
        """Have these pictures erased at once: consent to them was taken back."""
        for evidence_id in evidence_ids:
            one: Evidence = uow.evidence.get(evidence_id)
            uow.evidence.save(replace(one, erase_at_utc=self._clock()))

    def is_seen_in(self, uow: UnitOfWork, one: Evidence) -> bool:
        """Say whether the same bytes came before, in whatever place; erased or not."""
        return any(other.id != one.id for other in uow.evidence.list(digest=one.digest, limit=2))

    def list_of_in(self, uow: UnitOfWork, application_id: str) -> list[Evidence]:
        """Return every picture of an application, oldest first."""
        found: list[Evidence] = uow.evidence.list(
            application_id=application_id, order_by="kept_at_utc"
        )
        return found

    def keep_until_in(
        self, uow: UnitOfWork, application_id: str, *, until_utc: datetime
    ) -> None:
        """Move the end of all pictures of an application."""
        for one in self.list_of_in(uow, application_id):
            if one.erased_at_utc is None:
                uow.evidence.save(replace(one, erase_at_utc=until_utc))

    def erase_due(self) -> int:
        """Erase the pictures whose time is over; returns how many. Their records stay.

        Pictures an open application still stands on are kept on, however long it takes.
        """
        now_utc = self._clock()
        self._store.write(self._keep_needed_in)
        due: list[Evidence] = self._store.read(lambda uow: _due_in(uow, now_utc))
        for one in due:
            self._files.remove(one.id)

        def work(uow: UnitOfWork) -> None:
            for one in due:
                uow.evidence.save(replace(one, erased_at_utc=now_utc))

        if due:
            self._store.write(work)
        return len(due)

    def erase(self, evidence_ids: Collection[str]) -> None:
        """Erase these pictures now, in a write of its own. Their records stay."""
        now_utc = self._clock()
        for evidence_id in evidence_ids:
            self._files.remove(evidence_id)

        def work(uow: UnitOfWork) -> None:
            for evidence_id in evidence_ids:
                one: Evidence = uow.evidence.get(evidence_id)
                if one.erased_at_utc is None:
                    uow.evidence.save(replace(one, erased_at_utc=now_utc))

        self._store.write(work)

    def _keep_needed_in(self, uow: UnitOfWork) -> None:
        now_utc = self._clock()
        for one in _due_in(uow, now_utc):
            application: Application | None = (
                uow.applications.find(one.application_id) if one.application_id else None
            )
            if application is None or application.state not in RUNNING:
                continue
            is_judged = application.state is not ApplicationState.COLLECTING
            if one.id in application.pictures.values() or (
                is_judged and one.kind is EvidenceKind.PORTRAIT
            ):
                until_utc = now_utc + keep_for(ApplicationState.COLLECTING)
                uow.evidence.save(replace(one, erase_at_utc=until_utc))

    @staticmethod
    def _known_in(
        uow: UnitOfWork,
        conversation_id: str | None,
        kind: EvidenceKind,
        digest: str,
        application_id: str | None,
    ) -> Evidence | None:
        """Return the same picture, unless it belongs to an application that has ended."""
        found: list[Evidence] = uow.evidence.list(
            conversation_id=conversation_id, kind=kind, digest=digest, erased_at_utc=None
        )
        for one in found:
            if one.application_id in (None, application_id):
                return one
            held: Application | None = uow.applications.find(one.application_id)
            if application_id is None and held is not None and held.state in RUNNING:
                return one
        return None


def _due_in(uow: UnitOfWork, now_utc: datetime) -> list[Evidence]:
    found: list[Evidence] = uow.evidence.list(
        erase_at_utc__lte=now_utc, erased_at_utc=None, limit=ERASED_AT_ONCE
    )
    return found


def place_of(evidence_id: str) -> str:
    """Return the place a picture is sealed for."""
    return f"evidence|{evidence_id}|picture"
