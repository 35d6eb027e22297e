"""Recordings of a ceremony before the camera, as a door takes them: times and small pictures.

    multipart: times, frame, frame … ─▶ few, small, in rising time ─▶ re-encoded clean ─▶ one file

What they show is judged by the identity process (identity/liveness, identity/face_keys.py).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import pairwise

from aiohttp import BodyPartReader, web

from identity.intake import PictureRefused, clean_picture
from identity.liveness.packing import FRAME_LIMIT_BYTES, FRAMES_MOST, FramesRefused, pack_frames
from web.api.errors import RequestRefused
from web.chat.multipart import open_multipart, read_part
from web.chat.uploads import refused_picture
from web.keys import DECODERS

TIMES_LIMIT_BYTES = 4096
#: All frames of one recording; a frame of 640 × 480 has some 50 kB.
RECORDING_LIMIT_BYTES = 12 * 1024 * 1024
FRAME_PIXELS_MOST = 1_000_000
FRAMES_FEWEST = 8  # fewer than two a second show no movement
AT_MOST_MS = 120_000


@dataclass(frozen=True, slots=True)
class Recording:
    """Clean frames as one file (identity/liveness/packing.py); width and height of the first."""

    packed: bytes
    width: int
    height: int
    sha256: str
    frames_count: int


async def read_recording(request: web.Request) -> Recording:
    """Return the recording of a request's body. Raises RequestRefused."""
    times, raws = await _read_parts(request)
    async with request.app[DECODERS]:
        return await asyncio.to_thread(_pack, times, raws)


async def _read_parts(request: web.Request) -> tuple[list[int], list[bytes]]:
    """Return times and frames as they were sent. Raises RequestRefused."""
    times, raws, total_bytes = b"", [], 0
    try:
        reader = await open_multipart(request)
        while (part := await reader.next()) is not None:
            if not isinstance(part, BodyPartReader):
                continue
            if part.name == "times":
                times = await read_part(part, TIMES_LIMIT_BYTES)
            elif part.name == "frame":
                raws.append(await read_part(part, FRAME_LIMIT_BYTES))
                total_bytes += len(raws[-1])
            if len(raws) > FRAMES_MOST or total_bytes > RECORDING_LIMIT_BYTES:
                raise RequestRefused("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except (ValueError, AssertionError) as fault:
        raise refused_picture("not_multipart") from fault
    return _parse_times(times, len(raws)), raws


def _parse_times(raw: bytes, frames_count: int) -> list[int]:
    """Return the milliseconds of each frame, rising. Raises RequestRefused."""
    try:
        times = json.loads(raw or b"null")
    except ValueError:
        times = None
    good = (
        isinstance(times, list)
        and len(times) == frames_count >= FRAMES_FEWEST
        and all(type(at_ms) is int and 0 <= at_ms <= AT_MOST_MS for at_ms in times)
        and all(first < second for first, second in pairwise(times))
    )
    if not good:
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, times="frames_and_times")
    return list(times)


def _pack(times: Sequence[int], raws: Sequence[bytes]) -> Recording:
    """Return the clean frames as one file. Raises RequestRefused."""
    kept: list[tuple[bytes, int]] = []
    size = (0, 0)
    try:
        for raw, at_ms in zip(raws, times, strict=True):
            picture = clean_picture(raw)
            if picture.width * picture.height > FRAME_PIXELS_MOST:
                raise refused_picture("too_many_pixels")
            size = size if kept else (picture.width, picture.height)
            kept.append((picture.jpeg, at_ms))
        packed = pack_frames(kept)
    except PictureRefused as fault:
        raise refused_picture(fault.reason) from fault
    except FramesRefused as fault:
        raise refused_picture("too_large") from fault
    digest = hashlib.sha256(packed).hexdigest()
    return Recording(packed, *size, sha256=digest, frames_count=len(kept))
