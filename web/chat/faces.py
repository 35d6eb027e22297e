"""A customer's face at the doors: to keep a face key, and to confirm one waiting act with it.

    offer? ─▶ begin {challenge_id} ─▶ {trial_id, steps, limit_s} ─▶ … performed … ─▶ frames
                                                                                        │ job
    POST /api/chat/step-up {face: trial_id} ◀── passed ── GET the trial, again and again ◀┘

The steps are drawn here, for this act alone; the frames are judged by the identity process and
erased. What went wrong is told as a sentence; scores stay behind the wall. A trial to keep a key
(without challenge_id) is told in the chat, by web/verdicts.py.
"""

from __future__ import annotations

import asyncio
import secrets
from http import HTTPStatus

from bank.domain.face_keys import FaceTrial, TrialState
from identity.liveness.challenges import make_challenge
from web.chat.models import IdText
from web.chat.recordings import read_recording
from web.guard import Answer, Body, Caller, Door, Knock
from web.keys import LIMITS, UTTERANCES
from web.utterances import Utterances

ID_CHARS_MOST = 100
_RETRY = "utter_onboarding_retry_"
#: Said for a code without words of its own.
_UNCLEAR = "face_unclear"


class FaceOffer(Answer):
    """Whether a face may confirm this act now."""

    offered: bool


class BeginFace(Body):
    """`challenge_id` of the waiting act; without it, to keep a face key."""

    challenge_id: IdText | None = None


class FaceBegun(Answer):
    trial_id: str
    steps: list[str]
    limit_s: int


class FaceStanding(Answer):
    """`state` is open, judging, passed, refused, spent or failed; `text` says what to do about it.

    `again` says whether another recording may be made for the same act.
    """

    trial_id: str
    state: str
    text: str = ""
    again: bool = False


async def offer(knock: Knock) -> FaceOffer:
    """Say whether the approval card may offer a face beside code and passkey."""
    challenge_id = knock.request.query.get("challenge_id", "")[:ID_CHARS_MOST]
    offered = await asyncio.to_thread(
        knock.bank.face_trials.is_offered, knock.actor, challenge_id
    )
    return FaceOffer(offered=offered)


async def begin(knock: Knock) -> FaceBegun:
    """Draw steps for one recording; one that was begun before is over."""
    body: BeginFace = knock.body or BeginFace()
    knock.request.app[LIMITS].check("liveness", knock.require_session().id)
    made = make_challenge(secrets.SystemRandom())
    trial = await asyncio.to_thread(
        lambda: knock.bank.face_trials.start(
            knock.actor, steps=made.steps, limit_s=made.limit_s, step_up_id=body.challenge_id
        )
    )
    return FaceBegun(trial_id=trial.id, steps=list(trial.steps), limit_s=trial.limit_s)


async def frames(knock: Knock) -> FaceStanding:
    """Take the recording of a trial; it is judged and erased."""
    knock.request.app[LIMITS].check("liveness", knock.require_session().id)
    trial_id = _trial_id(knock)
    await asyncio.to_thread(knock.bank.face_trials.get, knock.actor, trial_id)
    film = await read_recording(knock.request)
    trial = await asyncio.to_thread(
        lambda: knock.bank.face_trials.attach(
            knock.actor, trial_id, film.packed, width=film.width, height=film.height,
            sha256=film.sha256,
        )
    )  # fmt: skip
    return FaceStanding(trial_id=trial.id, state=trial.state.value)


async def standing(knock: Knock) -> FaceStanding:
    """Say how a trial stands."""

    def look() -> tuple[FaceTrial, bool]:
        trial = knock.bank.face_trials.get(knock.actor, _trial_id(knock))
        return trial, _may_again(knock, trial)

    trial, again = await asyncio.to_thread(look)
    return FaceStanding(
        trial_id=trial.id,
        state=trial.state.value,
        text=_text(knock.request.app[UTTERANCES], trial),
        again=again,
    )


def _may_again(knock: Knock, trial: FaceTrial) -> bool:
    if trial.step_up_id is None or trial.state not in (TrialState.REFUSED, TrialState.FAILED):
        return False
    return knock.bank.face_trials.is_offered(knock.actor, trial.step_up_id)


def _text(words: Utterances, trial: FaceTrial) -> str:
    if trial.state is TrialState.FAILED:
        return words.say("utter_web_face_failed")
    if trial.state is not TrialState.REFUSED:
        return ""
    code = next(iter(trial.codes), _UNCLEAR)
    try:
        return words.say(f"{_RETRY}{code}")
    except KeyError:
        return words.say(f"{_RETRY}{_UNCLEAR}")


def _trial_id(knock: Knock) -> str:
    return knock.request.match_info["trial_id"][:ID_CHARS_MOST]


_C = Caller.CUSTOMER
DOORS = [
    Door(
        "GET", "/api/chat/face", _C, offer, "May a face confirm this act?",
        answer=FaceOffer, query=("challenge_id",),
    ),
    Door(
        "POST", "/api/chat/face", _C, begin, "Ask for the steps of one recording",
        body=BeginFace, answer=FaceBegun, body_optional=True, status=HTTPStatus.CREATED,
    ),
    Door(
        "POST", "/api/chat/face/{trial_id}/frames", _C, frames,
        "Send the recording of a trial (multipart: times, frame …)",
        answer=FaceStanding, status=HTTPStatus.ACCEPTED,
    ),
    Door(
        "GET", "/api/chat/face/{trial_id}", _C, standing, "How a trial stands",
        answer=FaceStanding,
    ),
]  # fmt: skip
