"""The liveness ceremony's doors: a challenge, then the frames recorded while it was performed.

    {} ─▶ {challenge_id, steps, limit_s} ─▶ … performed before the camera … ─▶ times + frames
                                                     kept as one evidence, judged with the rest ◀┘

The order of the steps is made here, by chance, so a recording made before cannot know it. The
time limit is counted by the bank's clock from the challenge on. Frames are judged by the identity
process (identity/liveness); how they are read: web/chat/recordings.py.
"""

from __future__ import annotations

import asyncio
import secrets

from bank.domain.errors import NotAuthenticated
from identity.liveness.challenges import make_challenge
from web.chat.recordings import read_recording
from web.chat.uploads import require_application
from web.guard import Answer, Body, Caller, Door, Knock
from web.keys import DESK, LIMITS


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
    film = await read_recording(knock.request)

    def keep() -> str:
        kept = knock.bank.evidence.keep(
            conversation_id,
            "liveness",
            film.packed,
            width=film.width,
            height=film.height,
            sha256=film.sha256,
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
    return FramesKept(upload_id=upload_id, frames_count=film.frames_count)


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
