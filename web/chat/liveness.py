"""The liveness ceremony's doors: a challenge, then the frames recorded while it was performed.

    {} ─▶ {challenge_id, steps, limit_s} ─▶ … performed before the camera … ─▶ times + frames
                                                     kept as one evidence, judged with the rest ◀┘

The order of the steps is made here, by chance, so a recording made before cannot know it. The
time limit is counted by the bank's clock from the challenge on. Frames are judged by the identity
process (identity/liveness); here they are only pictures: small, few, re-encoded without metadata.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from http import HTTPStatus
from itertools import pairwise
from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, web

from bank.domain.errors import NotAuthenticated
from identity.intake import PictureRefused, clean_picture
from identity.liveness.challenges import make_challenge
from identity.liveness.packing import FRAME_LIMIT_BYTES, FRAMES_MOST, FramesRefused, pack_frames
from web.api.errors import RequestRefused
from web.chat.multipart import open_multipart, read_part
from web.chat.uploads import refused_picture, require_application
from web.guard import Answer, Body, Caller, Door, Knock
from web.keys import DECODERS, DESK, LIMITS

if TYPE_CHECKING:
    from collections.abc import Sequence

TIMES_LIMIT_BYTES = 4096
#: All frames of one recording; a frame of 640 × 480 has some 50 kB.
RECORDING_LIMIT_BYTES = 12 * 1024 * 1024
FRAME_PIXELS_MOST = 1_000_000
FRAMES_FEWEST = 8  # fewer than two a second show no movement
AT_MOST_MS = 120_000


class AskChallenge(Body):
    """Empty: what is to be done is the server's choice."""


class ChallengeMade(Answer):
    challenge_id: str
    steps: list[str]
    limit_s: int


class FramesKept(Answer):
    upload_id: str
    frames_count: int


async def challenge(knock: Knock) -> ChallengeMade:
    """Make a challenge for this application; one that was open before is over."""
    session = knock.require_session()
    knock.request.app[LIMITS].check("liveness", session.id)
    actor = session.actor()
    made = make_challenge(secrets.SystemRandom())

    def keep() -> str:
        require_application(knock.bank, actor)
        return str(knock.bank.onboarding.start_liveness(actor, made.steps, made.limit_s))

    challenge_id = await asyncio.to_thread(keep)
    return ChallengeMade(challenge_id=challenge_id, steps=list(made.steps), limit_s=made.limit_s)


async def frames(knock: Knock) -> FramesKept:
    """Take the recording of a challenge and let the assistant go on."""
    session = knock.require_session()
    app = knock.request.app
    app[LIMITS].check("liveness", session.id)
    actor = session.actor()
    if actor.conversation_id is None:
        raise NotAuthenticated
    conversation_id = actor.conversation_id
    challenge_id = knock.request.match_info["challenge_id"][:100]
    await asyncio.to_thread(require_application, knock.bank, actor)
    times, raws = await _read_recording(knock.request)
    async with app[DECODERS]:
        packed, width, height = await asyncio.to_thread(_pack, times, raws)

    def keep() -> str:
        kept = knock.bank.evidence.keep(
            conversation_id,
            "liveness",
            packed,
            width=width,
            height=height,
            sha256=hashlib.sha256(packed).hexdigest(),
        )
        knock.bank.onboarding.attach_liveness(actor, kept.id, challenge_id=challenge_id)
        return str(kept.id)

    upload_id = await asyncio.to_thread(keep)
    await app[DESK].event(
        actor,
        conversation_id=conversation_id,
        message_id=f"liveness-{challenge_id}",
        name="EXTERNAL_liveness_done",
        facts={"outcome": "done"},
    )
    return FramesKept(upload_id=upload_id, frames_count=len(raws))


async def _read_recording(request: web.Request) -> tuple[list[int], list[bytes]]:
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


def _pack(times: Sequence[int], raws: Sequence[bytes]) -> tuple[bytes, int, int]:
    """Return the clean frames as one file, and the size of the first. Raises RequestRefused."""
    kept: list[tuple[bytes, int]] = []
    size = (0, 0)
    try:
        for raw, at_ms in zip(raws, times, strict=True):
            picture = clean_picture(raw)
            if picture.width * picture.height > FRAME_PIXELS_MOST:
                raise refused_picture("too_many_pixels")
            size = size if kept else (picture.width, picture.height)
            kept.append((picture.jpeg, at_ms))
        return pack_frames(kept), *size
    except PictureRefused as fault:
        raise refused_picture(fault.reason) from fault
    except FramesRefused as fault:
        raise refused_picture("too_large") from fault


DOORS = [
    Door(
        "POST", "/api/chat/liveness", Caller.VISITOR, challenge,
        "Ask for a liveness challenge", body=AskChallenge, answer=ChallengeMade,
        body_optional=True,
    ),
    Door(
        "POST", "/api/chat/liveness/{challenge_id}/frames", Caller.VISITOR, frames,
        "Send the recording of a challenge (multipart: times, frame …)",
        answer=FramesKept, status=201,
    ),
]  # fmt: skip
