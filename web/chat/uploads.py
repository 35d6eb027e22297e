"""Pictures a customer sends: judged by decoding them, kept as a clean re-encoding.

    multipart ─▶ ≤ 8 MB ─▶ header: JPEG, PNG, WebP, one frame, ≤ 24 MP ─▶ decode ─▶ JPEG without
                                                                         metadata ─▶ sealed file

What the name or the declared type says is not looked at. Files are sealed with a key of their
own purpose; the place is the file's name, so one cannot stand for another.
"""

from __future__ import annotations

import asyncio
import io
import os
import tempfile
import warnings
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from aiohttp import BodyPartReader, web
from PIL import Image, ImageOps

from bank.domain.errors import DiskFull, NotAuthenticated
from bank.domain.ids import make_id
from web.api.errors import RequestRefused
from web.guard import Answer, Caller, Door, Knock
from web.keys import BANK, LIMITS, SETTINGS

KINDS = ("selfie", "document_front", "document_back")
FILE_LIMIT_BYTES = 8 * 1024 * 1024
PIXELS_MOST = 24_000_000
PARTS_MOST = 4
FORMATS = ("JPEG", "PNG", "WEBP")
JPEG_QUALITY = 92


class Uploaded(Answer):
    upload_id: str
    kind: Literal["selfie", "document_front", "document_back"]
    width: int
    height: int


async def upload(knock: Knock) -> Uploaded:
    """Take one picture of this conversation's customer."""
    session = knock.require_session()
    knock.request.app[LIMITS].check("upload", session.id)
    kind, raw = await _read_parts(knock.request)
    conversation_id = session.conversation_id
    if conversation_id is None:
        raise NotAuthenticated
    return await keep_picture(knock.request.app, conversation_id, kind, raw)


async def keep_picture(
    app: web.Application, conversation_id: str, kind: str, raw: bytes
) -> Uploaded:
    """Judge, clean, seal and keep a picture; messengers' photos come here as well.

    Raises RequestRefused("invalid_picture"), DiskFull.
    """
    clean, width, height = await asyncio.to_thread(clean_picture, raw)
    upload_id = make_id("up")
    place = f"uploads|{conversation_id}|{upload_id}|{kind}"
    sealed = app[BANK].vault.seal(clean, place=place)
    folder = app[SETTINGS].home_dir / "uploads" / conversation_id
    await asyncio.to_thread(_keep, folder / f"{upload_id}.{kind}", sealed)
    return Uploaded.model_validate(
        {"upload_id": upload_id, "kind": kind, "width": width, "height": height}
    )


def clean_picture(raw: bytes) -> tuple[bytes, int, int]:
    """Return the picture re-encoded without metadata, with width and height.

    Raises RequestRefused("invalid_picture"): no such format, too many pixels or frames, broken.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(raw), formats=FORMATS) as picture:
                # The header alone: nothing is decoded before the size is known.
                _check_header(picture)
                picture.load()
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except RequestRefused:
        raise
    # Pillow raises almost anything on a broken file, SyntaxError on a PNG among them.
    except Exception as fault:
        raise _refused("not_decodable") from fault
    out = io.BytesIO()
    upright.save(out, format="JPEG", quality=JPEG_QUALITY)
    return out.getvalue(), upright.width, upright.height


def _check_header(picture: Image.Image) -> None:
    if picture.width * picture.height > PIXELS_MOST:
        raise _refused("too_many_pixels")
    if getattr(picture, "n_frames", 1) != 1:
        raise _refused("several_frames")


async def _read_parts(request: web.Request) -> tuple[str, bytes]:
    if not request.content_type.startswith("multipart/"):
        raise RequestRefused("unsupported_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    kind, raw = "", b""
    try:
        reader = await request.multipart()
        for _ in range(PARTS_MOST):
            part = await reader.next()
            if part is None:
                break
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "kind":
                kind = (await _read_part(part, 64)).decode("ascii", "replace")
            elif part.name == "file":
                raw = await _read_part(part, FILE_LIMIT_BYTES)
    except (ValueError, AssertionError) as fault:
        raise _refused("not_multipart") from fault
    if kind not in KINDS:
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, kind="one_of_kinds")
    return kind, raw


async def _read_part(part: BodyPartReader, limit_bytes: int) -> bytes:
    raw = bytearray()
    while chunk := await part.read_chunk():
        raw += chunk
        if len(raw) > limit_bytes:
            raise RequestRefused("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(raw)


def _keep(path: Path, sealed: bytes) -> None:
    """Write whole or not at all. Raises DiskFull."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as fault:
        raise DiskFull from fault


def _refused(reason: str) -> RequestRefused:
    return RequestRefused("invalid_picture", HTTPStatus.BAD_REQUEST, why=reason)


DOORS = [
    Door(
        "POST", "/api/chat/uploads", Caller.VISITOR, upload,
        "Send a picture (multipart: kind, file)", answer=Uploaded, status=201,
    ),
]  # fmt: skip
