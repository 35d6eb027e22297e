"""Evidence: kept sealed, opened by the checks and by KYC staff only, erased when its time is over.

    keep ─▶ sealed file (its id is part of the seal's place) ─▶ record
    open ─▶ SYSTEM, or staff of the KYC desk: then an audit entry says who looked

The same picture of the same kind in one conversation is kept once. Files are written before the
record: a crash between the two leaves a file nobody can name, never a record without its file.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bank.domain.actors import Actor, ActorKind
from bank.domain.applications import ApplicationState
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
        """Keep one clean picture. The same one again returns the first. Raises DiskFull.

        `keep_s` is for pictures of no application: they are erased after it.
        """
        kind, digest = EvidenceKind(kind), self._digests.digest("evidence", sha256)
        known: Evidence | None = self._store.read(
            lambda uow: uow.evidence.first(
                conversation_id=conversation_id, kind=kind, digest=digest, erased_at_utc=None
            )
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
        """Return the clean picture. Raises NotFound: erased, unknown, or not for this actor."""
        if actor.kind is not ActorKind.SYSTEM and not actor.roles & {Role.KYC, Role.SUPERVISOR}:
            raise NotFound(table="evidence")
        one = self.get(evidence_id)
        if one.erased_at_utc is not None:
            raise NotFound(table="evidence")
        if actor.kind is not ActorKind.SYSTEM:
            self._store.write(
                lambda uow: self._audit.append_in(
                    uow, actor, "evidence.read", one.id, "done", "kyc_desk", {"kind": one.kind}
                )
            )
        return self._vault.open(self._files.get(one.id), place=place_of(one.id))

    def claim_in(self, uow: UnitOfWork, evidence_id: str, *, application_id: str) -> Evidence:
        """Say whose application a picture belongs to. Raises NotFound: it is another's."""
        one: Evidence = uow.evidence.get(evidence_id)
        if one.application_id not in (None, application_id):
            raise NotFound(table="evidence")
        claimed = replace(one, application_id=application_id)
        uow.evidence.save(claimed)
        return claimed

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
        """Erase the pictures whose time is over; returns how many. Their records stay."""
        now_utc = self._clock()
        due: list[Evidence] = self._store.read(
            lambda uow: uow.evidence.list(
                erase_at_utc__lte=now_utc, erased_at_utc=None, limit=ERASED_AT_ONCE
            )
        )
        for one in due:
            self._files.remove(one.id)

        def work(uow: UnitOfWork) -> None:
            for one in due:
                uow.evidence.save(replace(one, erased_at_utc=now_utc))

        if due:
            self._store.write(work)
        return len(due)


def place_of(evidence_id: str) -> str:
    """Return the place a picture is sealed for."""
    return f"evidence|{evidence_id}|picture"
