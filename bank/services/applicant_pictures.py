"""Pictures of an application: which document, its sides, the face, the challenge at the camera.

    choose_document ─▶ attach (each asks for a look) … ─▶ start_liveness ─▶ attach_liveness
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from bank.domain.actors import Actor
from bank.domain.applications import Application, DocumentChoice, wanted_pictures
from bank.domain.errors import Conflict, InvalidInput, RateLimited
from bank.domain.evidence import EvidenceKind
from bank.domain.identity_jobs import IdentityJob, JobKind
from bank.policies.onboarding import number
from bank.ports import UnitOfWork
from bank.services.applicant_room import ApplicantRoom

#: A recording is sent after its time; a slow line may take this long.
_UPLOAD_GRACE_S = 90
_DAY_S = 86_400


class ApplicantPictures(ApplicantRoom):
    """What an applicant shows."""

    def choose_document(self, actor: Actor, document_type: str) -> Application:
        """Choose which document is shown; pictures of another one are no longer asked for.

        Raises InvalidInput, ApplicationClosed.
        """
        if document_type not in tuple(DocumentChoice):
            raise InvalidInput(field="document_type", allowed=", ".join(DocumentChoice))

        def work(uow: UnitOfWork) -> Application:
            application = self.book.collecting_in(uow, actor)
            if application.document_type == document_type:
                return application
            kept = {
                kind: one
                for kind, one in application.pictures.items()
                if not kind.startswith("document_")
            }
            return self.save_in(
                uow, actor, application, "document", {"type": document_type},
                document_type=document_type, evidence=kept,
            )  # fmt: skip

        return self.store.write(work)

    def attach(self, actor: Actor, evidence_id: str) -> IdentityJob:
        """Put a kept picture into the application and ask for a look at it.

        Raises InvalidInput (a kind that is not wanted), ApplicationClosed, NotFound.
        """

        def work(uow: UnitOfWork) -> IdentityJob:
            application = self.book.collecting_in(uow, actor)
            one = self.evidence.claim_in(uow, evidence_id, application=application)
            wanted = wanted_pictures(application) if application.document_type else ()
            if one.kind.value not in wanted:
                raise InvalidInput(field="kind", allowed=", ".join(wanted) or "document_type")
            after = self.save_in(
                uow, actor, application, "picture", {"kind": one.kind},
                evidence=application.pictures | {one.kind.value: one.id},
                retry=_without(application.retry, one.kind.value),
            )  # fmt: skip
            return self.jobs.submit_in(
                uow, kind=JobKind.LOOK, evidence_ids=[one.id], application_id=after.id,
                conversation_id=after.conversation_id,
            )  # fmt: skip

        return self.store.write(work)

    def start_liveness(self, actor: Actor, steps: Sequence[str], limit_s: int) -> str:
        """Keep a new challenge in place of an open one; return its id.

        Raises RateLimited after `draws_a_day` orders: whoever holds a film would draw on until
        it fits.
        """
        challenge_id = f"lc_{secrets.token_hex(8)}"

        def work(uow: UnitOfWork) -> None:
            application = self.book.collecting_in(uow, actor)
            now_s = self.clock().timestamp()
            drawn_at_s = [
                at_s for at_s in (application.challenge or {}).get("drawn_at_s", ())
                if now_s - at_s < _DAY_S
            ]  # fmt: skip
            if len(drawn_at_s) >= number("liveness", "draws_a_day"):
                raise RateLimited(retry_after_s=int(_DAY_S - (now_s - drawn_at_s[0])) + 1)
            challenge = {
                "id": challenge_id, "steps": list(steps), "limit_s": limit_s,
                "started_at_s": now_s, "drawn_at_s": [*drawn_at_s, now_s],
            }  # fmt: skip
            self.save_in(uow, actor, application, "liveness_start", None, challenge=challenge)

        self.store.write(work)
        return challenge_id

    def attach_liveness(
        self, actor: Actor, evidence_id: str, *, challenge_id: str
    ) -> Application:
        """Put the recording of the open challenge into the application.

        Raises Conflict: another challenge, one that was answered, or its time was over.
        """

        def work(uow: UnitOfWork) -> Application:
            application = self.book.collecting_in(uow, actor)
            challenge = application.challenge or {}
            if challenge.get("id") != challenge_id or challenge.get("evidence_id"):
                raise Conflict(field="challenge_id")
            took_s = self.clock().timestamp() - challenge["started_at_s"]
            if took_s > challenge["limit_s"] + _UPLOAD_GRACE_S:
                raise Conflict(field="challenge_id", because="too_late")
            one = self.evidence.claim_in(uow, evidence_id, application=application)
            if one.kind is not EvidenceKind.LIVENESS:
                raise InvalidInput(field="kind", allowed=EvidenceKind.LIVENESS)
            return self.save_in(
                uow, actor, application, "liveness", None,
                evidence=application.pictures | {one.kind.value: one.id},
                challenge=challenge | {"evidence_id": one.id},
                retry=_without(application.retry, EvidenceKind.LIVENESS.value),
            )  # fmt: skip

        return self.store.write(work)


def _without(retry: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """Return the codes that are not about this kind of picture."""
    return tuple(code for code in retry if not code.endswith(f"@{kind}"))
