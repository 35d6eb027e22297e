"""The checking desk: takes jobs from the bank's queue, one at a time, and says what was found.

    take (a lease) ─▶ open the evidence ─▶ look | verify | read | compare | judge | face ─▶ record
       │                                        └─ raises: logged, tried again, at last a person
       └─ nothing there: wait POLL_S

It has no door. Whatever a picture does to a decoder, it does it here, where no customer waits and
nobody else's request is served; killed, it starts again and the lease brings the job back.
"""

from __future__ import annotations

import gc
import io
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import structlog
from PIL import Image

from bank.domain.actors import SYSTEM
from bank.domain.errors import BankError
from bank.domain.evidence import EvidenceKind
from bank.domain.face_keys import FaceAnswer, FaceTask
from bank.domain.identity_jobs import ATTEMPTS_MOST, FACE_KINDS, IdentityJob, JobKind
from identity import checks, face_keys
from identity.claims import Claims
from identity.document.reading import Picture
from identity.intake import decode
from identity.liveness.challenges import Challenge
from identity.liveness.packing import unpack_frames
from identity.liveness.watching import Frame
from identity.screening.in_force import ListsInForce

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

POLL_S = 0.15
#: Longer than any document takes, so that a busy machine does not have two judges at one job.
LEASE_S = 120
PORTRAIT_QUALITY = 92


class Desk:
    """Works the queue until it is stopped."""

    def __init__(self, bank: Bank, *, lists: ListsInForce) -> None:
        self._bank = bank
        self._lists = lists
        self._stop = threading.Event()

    def run(self) -> None:
        """Work until `stop`. A fault of one job never ends the desk."""
        while not self._stop.is_set():
            try:
                worked = self.run_once()
            except BankError as refusal:  # a busy database: nothing was lost
                log.warning("identity.refused", code=refusal.code)
                worked = False
            if not worked:
                self._stop.wait(POLL_S)

    def stop(self) -> None:
        """Finish the running job and end."""
        self._stop.set()

    def run_once(self) -> bool:
        """Work one job; False where none waits."""
        job = self._bank.identity_jobs.take(LEASE_S)
        if job is None:
            return False
        try:
            self._work(job)
        except BankError:
            raise
        except Exception:  # whatever a picture did to a library
            log.exception("identity.job_failed", job_id=job.id, kind=job.kind)
            if job.attempts_count >= ATTEMPTS_MOST:
                is_face = job.kind in FACE_KINDS
                room = self._bank.face_answers if is_face else self._bank.verdicts
                room.record_failure(job.id)
        gc.collect()  # pictures are large; the next one needs the room
        return True

    def _work(self, job: IdentityJob) -> None:
        if job.kind in FACE_KINDS:
            task = self._bank.face_answers.task_of(job.id)
            answer = FaceAnswer(passed=False) if task is None else self._face(task)
            self._bank.face_answers.record(job.id, answer)
            return
        pictures = self._open(job)
        if job.kind is JobKind.LOOK:
            kind, picture = next(iter(pictures.items()))
            self._bank.verdicts.record_look(job.id, checks.look(decode(picture), kind))
        elif job.kind is JobKind.SCREEN:
            file = self._bank.verdicts.file_of(str(job.application_id))
            found, screening = checks.screen_claims(
                _claims(file.details), lists=self._lists.current()
            )
            self._bank.verdicts.record_screening(job.id, found, screening)
        elif job.kind is JobKind.VERIFY:
            self._bank.verdicts.record_verdict(job.id, self._verify(job, pictures))
        else:
            self._bank.identity_jobs.finish(job.id, self._answer(job, pictures))

    def _face(self, task: FaceTask) -> FaceAnswer:
        """Compare a customer's recording with the one face it is to be compared with."""
        frames = _unpacked(self._bank.evidence.open(SYSTEM, task.evidence_id))
        challenge = Challenge(task.steps, task.limit_s)
        if task.selfie_id is not None:
            selfie = decode(self._bank.evidence.open(SYSTEM, task.selfie_id))
            return face_keys.add(frames, challenge, selfie)
        assert task.template is not None, "a task has a selfie or a template"
        return face_keys.prove(frames, challenge, task.template, model=task.model)

    def _open(self, job: IdentityJob) -> dict[str, bytes]:
        """Return kind → picture; of several of one kind (compare) numbered ones."""
        opened: dict[str, bytes] = {}
        for evidence_id in job.evidence_ids:
            kind = self._bank.evidence.get(evidence_id).kind.value
            name = kind if kind not in opened else f"{kind}_{len(opened) + 1}"
            opened[name] = self._bank.evidence.open(SYSTEM, evidence_id)
        return opened

    def _verify(self, job: IdentityJob, pictures: Mapping[str, bytes]) -> dict[str, Any]:
        file = self._bank.verdicts.file_of(str(job.application_id))
        applicant = checks.Applicant(
            selfie=_picture(pictures, EvidenceKind.SELFIE),
            front=decode(pictures[EvidenceKind.DOCUMENT_FRONT]),
            back=_picture(pictures, EvidenceKind.DOCUMENT_BACK),
            frames=_frames(pictures),
            challenge=_challenge(file.challenge),
            claims=_claims(file.details),
            attempts_count=file.attempts_count,
            purpose=file.details.get("purpose", ""),
        )
        verdict = checks.verify(
            applicant, lists=self._lists.current(), today=self._bank.clock().date()
        )
        answer = verdict.to_json()
        if verdict.portrait is not None:
            answer["portrait_evidence_id"] = self._keep_portrait(job, verdict.portrait)
        return answer

    def _keep_portrait(self, job: IdentityJob, portrait: Picture) -> str:
        """Keep the crop of the document beside the other evidence, for the person who reviews."""
        out = io.BytesIO()
        Image.fromarray(portrait).save(out, format="JPEG", quality=PORTRAIT_QUALITY)
        height, width = portrait.shape[:2]
        kept = self._bank.evidence.keep(
            job.conversation_id, EvidenceKind.PORTRAIT, out.getvalue(), width=width,
            height=height, sha256=checks.sha256_of(out.getvalue()),
            application_id=job.application_id,
        )  # fmt: skip
        return kept.id

    def _answer(self, job: IdentityJob, pictures: Mapping[str, bytes]) -> dict[str, Any]:
        """Return what systems asked for: nothing is decided about anybody."""
        today = self._bank.clock().date()
        opened = [decode(one) for one in pictures.values()]
        if job.kind is JobKind.READ:
            return checks.read(opened[0], opened[1] if len(opened) > 1 else None, today=today)
        if job.kind is JobKind.COMPARE:
            return checks.compare(opened[0], opened[1])
        applicant = checks.Applicant(
            selfie=_picture(pictures, EvidenceKind.SELFIE),
            front=decode(pictures[EvidenceKind.DOCUMENT_FRONT]),
            back=_picture(pictures, EvidenceKind.DOCUMENT_BACK),
            frames=None, claims=Claims(), asks_liveness=False,
        )  # fmt: skip
        return checks.verify(applicant, lists=self._lists.current(), today=today).to_json()


def _claims(details: Mapping[str, str]) -> Claims:
    return Claims(
        given_names=details.get("given_names", ""),
        surname=details.get("surname", ""),
        birth_date=checks.parse_iso(details.get("birth_date", "")),
        country=details.get("country"),
        address=" ".join(details.get(name, "") for name in ("street", "postcode", "city")),
    )


def _picture(pictures: Mapping[str, bytes], kind: str) -> Picture | None:
    return decode(pictures[kind]) if kind in pictures else None


def _frames(pictures: Mapping[str, bytes]) -> list[Frame] | None:
    packed = pictures.get(EvidenceKind.LIVENESS)
    return None if packed is None else _unpacked(packed)


def _unpacked(packed: bytes) -> list[Frame]:
    return [Frame(decode(jpeg), at_ms) for jpeg, at_ms in unpack_frames(packed)]


def _challenge(kept: Mapping[str, Any]) -> Challenge | None:
    if not kept.get("steps"):
        return None
    return Challenge(tuple(kept["steps"]), int(kept["limit_s"]))
