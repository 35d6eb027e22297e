"""Multipart bodies, read part by part and never beyond what a door allows."""

from __future__ import annotations

from http import HTTPStatus

from aiohttp import BodyPartReader, MultipartReader, web

from web.api.errors import RequestRefused


async def open_multipart(request: web.Request) -> MultipartReader:
    """Return the body's reader. Raises RequestRefused; ValueError or AssertionError on nonsense."""
    if not request.content_type.startswith("multipart/"):
        raise RequestRefused("unsupported_media_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    return await request.multipart()


async def read_part(part: BodyPartReader, limit_bytes: int) -> bytes:
    """Return one part. Raises RequestRefused("too_large") as soon as it is."""
    raw = bytearray()
    while chunk := await part.read_chunk():
        raw += chunk
        if len(raw) > limit_bytes:
            raise RequestRefused("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return bytes(raw)
