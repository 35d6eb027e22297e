"""Identity checks for systems and staff: the same words as `florin identity`, over HTTP.

    read      image [, back]               kind, MRZ, fields, check digits, findings
    compare   first, second                faces, similarity, same person?
    verify    selfie, document [, back]    the decision with its reasons; nobody is onboarded
    screen    {"name", "born", "country"}  candidates of the lists with scores and reasons

Pictures go the way of an applicant's: cleaned here, judged by the identity process, erased within
the hour. KYC staff only; every call is in the audit.
"""

from __future__ import annotations

import asyncio
import time
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from aiohttp import BodyPartReader, web
from pydantic import ConfigDict, StringConstraints

from bank.domain.errors import NotPermitted, Unavailable
from bank.domain.identity_jobs import ENDED, JobKind, JobState
from bank.domain.staff import Role
from identity.intake import FILE_LIMIT_BYTES, CleanPicture
from identity.screening import screen as find_hits
from web.api.errors import RequestRefused
from web.chat.multipart import open_multipart, read_part
from web.chat.uploads import clean, refused_picture
from web.guard import Answer, Body, Caller, Door, Knock
from web.keys import LISTS

#: Names of the parts of each call, and the kind of evidence each is kept as; "?" may be missing.
PARTS = {
    JobKind.READ: {"image": "document_front", "back?": "document_back"},
    JobKind.COMPARE: {"first": "selfie", "second": "portrait"},
    JobKind.JUDGE: {"selfie": "selfie", "document": "document_front", "back?": "document_back"},
}
KEEP_S = 3600
WAIT_S = 60.0
POLL_S = 0.1


class Checked(Answer):
    """What the checks say; its keys are those of `florin identity … --json`."""

    model_config = ConfigDict(frozen=True, extra="allow")


class ScreenName(Body):
    name: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    born: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None


async def read(knock: Knock) -> web.Response:
    return await _check(knock, JobKind.READ)


async def compare(knock: Knock) -> web.Response:
    return await _check(knock, JobKind.COMPARE)


async def verify(knock: Knock) -> web.Response:
    return await _check(knock, JobKind.JUDGE)


async def screen(knock: Knock) -> web.Response:
    """Search the lists in force for a name."""
    _require_desk(knock)
    body: ScreenName = knock.body

    def work() -> dict[str, Any]:
        lists = knock.request.app[LISTS].current()
        hits = find_hits(lists, body.name, born=_day(body.born), country=body.country)
        return {"list_version": lists.version, "hits": [hit.to_json() for hit in hits]}

    return web.json_response(await asyncio.to_thread(work))


async def _check(knock: Knock, kind: JobKind) -> web.Response:
    """Hand the pictures to the identity process and wait for what it says.

    Raises RequestRefused (a picture that cannot be used), Unavailable (no answer in WAIT_S).
    """
    _require_desk(knock)
    parts = await _read_parts(knock.request, kind)
    pictures = [(evidence, await clean(knock.request.app, raw)) for evidence, raw in parts]
    job_id = await asyncio.to_thread(_submit, knock, kind, pictures)
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        job = await asyncio.to_thread(knock.bank.identity_jobs.get, knock.actor, job_id)
        if job.state is JobState.FAILED:
            raise RequestRefused("checks_failed", HTTPStatus.UNPROCESSABLE_ENTITY)
        if job.state in ENDED:
            answer = await asyncio.to_thread(
                knock.bank.identity_jobs.result, knock.actor, job_id
            )
            return web.json_response(answer)
        await asyncio.sleep(POLL_S)
    raise Unavailable(job_id=job_id)


def _submit(knock: Knock, kind: JobKind, pictures: list[tuple[str, CleanPicture]]) -> str:
    kept = [
        knock.bank.evidence.keep(
            None, evidence, one.jpeg, width=one.width, height=one.height, sha256=one.sha256,
            keep_s=KEEP_S,
        ).id
        for evidence, one in pictures
    ]  # fmt: skip
    return knock.bank.identity_jobs.submit(knock.actor, kind=kind, evidence_ids=kept).id


async def _read_parts(request: web.Request, kind: JobKind) -> list[tuple[str, bytes]]:
    """Return (evidence kind, bytes) of each part, in the order of PARTS. Raises RequestRefused."""
    wanted = {name.rstrip("?"): evidence for name, evidence in PARTS[kind].items()}
    found: dict[str, bytes] = {}
    try:
        reader = await open_multipart(request)
        for _ in range(len(wanted) + 1):
            part = await reader.next()
            if part is None:
                break
            if isinstance(part, BodyPartReader) and part.name in wanted:
                found[part.name] = await read_part(part, FILE_LIMIT_BYTES)
    except (ValueError, AssertionError) as fault:
        raise refused_picture("not_multipart") from fault
    missing = [name for name in PARTS[kind] if not name.endswith("?") and name not in found]
    if missing:
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, **{missing[0]: "missing"})
    return [(wanted[name], found[name]) for name in wanted if name in found]


def _require_desk(knock: Knock) -> None:
    if not knock.actor.roles & {Role.KYC, Role.SUPERVISOR}:
        raise NotPermitted(actor=knock.actor.kind)


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, born="no_such_day") from fault


DOORS = [
    Door("POST", "/api/identity/read", Caller.STAFF, read,
         "Read a document (multipart: image, back)", answer=Checked),
    Door("POST", "/api/identity/compare", Caller.STAFF, compare,
         "Compare two faces (multipart: first, second)", answer=Checked),
    Door("POST", "/api/identity/verify", Caller.STAFF, verify,
         "Judge pictures without onboarding anybody (multipart: selfie, document, back)",
         answer=Checked),
    Door("POST", "/api/identity/screen", Caller.STAFF, screen,
         "Search the sanctions and PEP lists for a name", body=ScreenName, answer=Checked),
]  # fmt: skip
