"""Pictures a customer sends: judged by decoding them, kept as evidence of their application.

    multipart, ≤ 8 MB ─▶ an open application? ─▶ intake: decode, re-encode clean ─▶ sealed evidence
                              └─ no: application_missing                              │
                                      job `look` ◀── attached to the application ◀────┘

What the name or the declared type says is not looked at. What the look finds is told in the chat,
by web/verdicts.py. Messengers' photos come through `keep_picture` as well.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal

from aiohttp import BodyPartReader, web

from bank.domain.actors import Actor
from bank.domain.errors import ApplicationMissing, NotAuthenticated
from identity.intake import FILE_LIMIT_BYTES, CleanPicture, PictureRefused, clean_picture
from web.api.errors import RequestRefused
from web.chat.multipart import open_multipart, read_part
from web.guard import Answer, Caller, Door, Knock
from web.keys import BANK, DECODERS, LIMITS

if TYPE_CHECKING:
    from bank.bootstrap import Bank
    from bank.domain.applications import Application
    from bank.domain.evidence import Evidence

KINDS = ("selfie", "document_front", "document_back")
PARTS_MOST = 4
KIND_LIMIT_BYTES = 64
#: A picture of 24 megapixels takes a second and 150 MB to decode: never many at once.
DECODED_AT_ONCE = 2


class Uploaded(Answer):
    """The picture as it is kept; `job_id` is the look at it that has been asked for."""

    upload_id: str
    job_id: str
    kind: Literal["selfie", "document_front", "document_back"]
    width: int
    height: int


async def upload(knock: Knock) -> Uploaded:
    """Take one picture for this conversation's application."""
    session = knock.require_session()
    knock.request.app[LIMITS].check("upload", session.id)
    kind, raw = await _read_parts(knock.request)
    return await keep_picture(knock.request.app, session.actor(), kind, raw)


async def keep_picture(app: web.Application, actor: Actor, kind: str, raw: bytes) -> Uploaded:
    """Judge, clean and keep a picture, and ask for a look at it.

    Raises RequestRefused (invalid_picture, too_large), ApplicationMissing, BankError.
    """
    bank = app[BANK]
    application = await asyncio.to_thread(require_application, bank, actor)
    picture = await clean(app, raw)

    def keep() -> Uploaded:
        kept = bank.evidence.keep(
            actor.conversation_id,
            kind,
            picture.jpeg,
            width=picture.width,
            height=picture.height,
            sha256=picture.sha256,
        )
        if is_used_twice(bank, application, kept):
            raise refused_picture("used_twice")
        job = bank.onboarding.attach(actor, kept.id)
        return Uploaded.model_validate(
            {
                "upload_id": kept.id,
                "job_id": job.id,
                "kind": kind,
                "width": picture.width,
                "height": picture.height,
            }
        )

    return await asyncio.to_thread(keep)


async def clean(app: web.Application, raw: bytes) -> CleanPicture:
    """Return the picture re-encoded without metadata. Raises RequestRefused."""
    try:
        async with app[DECODERS]:
            return await asyncio.to_thread(clean_picture, raw)
    except PictureRefused as fault:
        raise refused_picture(fault.reason) from fault


def refused_picture(why: str) -> RequestRefused:
    """Return the refusal for what intake or a door found; each has its own sentence."""
    if why == "too_large":
        return RequestRefused("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return RequestRefused(
        "invalid_picture", HTTPStatus.BAD_REQUEST, why=why, reason=f"picture_{why}"
    )


def require_application(bank: Bank, actor: Actor) -> Application:
    """Return the open application of this conversation. Raises ApplicationMissing. Blocking."""
    if actor.conversation_id is None:
        raise NotAuthenticated
    application = bank.onboarding.current(actor)
    if application is None:
        raise ApplicationMissing
    return application


def is_used_twice(bank: Bank, application: Application, kept: Evidence) -> bool:
    """Whether the very same picture is in this application already, as another kind. Blocking."""
    others = [one for kind, one in application.pictures.items() if kind != kept.kind]
    return any(bank.evidence.get(one).digest == kept.digest for one in others)


async def _read_parts(request: web.Request) -> tuple[str, bytes]:
    kind, raw = "", b""
    try:
        reader = await open_multipart(request)
        for _ in range(PARTS_MOST):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "kind":
                kind = (await read_part(part, KIND_LIMIT_BYTES)).decode("ascii", "replace")
            elif part.name == "file":
                raw = await read_part(part, FILE_LIMIT_BYTES)
    except (ValueError, AssertionError) as fault:
        raise refused_picture("not_multipart") from fault
    if kind not in KINDS:
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, kind="one_of_kinds")
    return kind, raw


DOORS = [
    Door(
        "POST", "/api/chat/uploads", Caller.VISITOR, upload,
        "Send a picture for the open application (multipart: kind, file)",
        answer=Uploaded, status=201,
    ),
]  # fmt: skip
