"""A face over HTTP: offered by the bank, recorded for one act, judged behind the wall, used once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from bank.domain.actors import a_customer
from bank.domain.challenges import CodeProof
from bank.domain.errors import StepUpRequired
from bank.domain.face_keys import FaceEnrolment, FaceStanding
from tests.bank.people.faces import PASSED, REFUSED, offer_faces
from tests.web.applicants import a_picture, a_verdict, an_application, submitted
from tests.web.house import PASSWORD, bearer, error_code, eventually, make_customer, start_chat
from tests.web.money import FUNDS_MINOR, Amal, a_branch

FACE = "/api/chat/face"


@pytest.fixture
async def amal(tmp_path, monkeypatch) -> AsyncIterator[Amal]:
    offer_faces(monkeypatch)
    async with a_branch(tmp_path) as somebody:
        yield somebody


def keep_key(amal: Amal) -> None:
    """What consent, a code and a recording have led to."""
    now_utc = amal.clock()
    leave = FaceEnrolment(amal.id, consent_at_utc=now_utc, expires_at_utc=now_utc + timedelta(1))
    amal.bank.store.write(
        lambda uow: amal.bank.face_keys.add_in(uow, leave, template=b"numbers", model="drawn 1")
    )
    amal.clock.pass_s(1)


async def waiting(amal: Amal, amount_minor: int = 4_000) -> str:
    """A transfer that waits for a proof: its challenge."""
    transfer_id = (await (await amal.propose(amount_minor)).json())["id"]
    asked = await (await amal.confirm(transfer_id)).json()
    return asked["error"]["details"]["challenge_id"]


async def begun(amal: Amal, challenge_id: str | None = None) -> dict[str, Any]:
    response = await amal.post(FACE, {"challenge_id": challenge_id} if challenge_id else {})
    assert response.status == 201, await response.text()
    return await response.json()


async def send(amal: Amal, trial_id: str, *, mark: int = 0, count: int = 12):
    form = aiohttp.FormData()
    form.add_field("times", json.dumps([n * 200 for n in range(count)]))
    for number in range(count):
        form.add_field("frame", a_picture((64, 48), mark=(number + mark) % 5), filename="f.jpg")
    return await amal.client.post(f"{FACE}/{trial_id}/frames", data=form, headers=bearer(amal.token))


def judged(amal: Amal, trial_id: str, answer) -> None:
    trial = amal.bank.face_trials.get(a_customer(amal.id), trial_id)
    amal.bank.face_answers.record(trial.job_id, answer)


async def offered(amal: Amal, challenge_id: str) -> bool:
    return (await (await amal.get(FACE, challenge_id=challenge_id)).json())["offered"]


async def test_given_a_kept_face_when_an_act_waits_then_it_is_offered(amal):
    challenge_id = await waiting(amal)
    assert not await offered(amal, challenge_id)

    keep_key(amal)

    assert await offered(amal, challenge_id)


async def test_given_a_bank_that_takes_no_faces_when_asked_then_nothing_is_offered(
    amal, monkeypatch
):
    keep_key(amal)
    challenge_id = await waiting(amal)
    offer_faces(monkeypatch, allowed=False)

    assert not await offered(amal, challenge_id)
    refused = await amal.post(FACE, {"challenge_id": challenge_id})
    assert (refused.status, error_code(await refused.json())) == (403, "face_not_offered")


async def test_given_a_face_that_matches_when_used_then_the_transfer_is_posted_once(amal):
    keep_key(amal)
    challenge_id = await waiting(amal)
    made = await begun(amal, challenge_id)
    assert (len(made["steps"]), made["limit_s"]) == (3, 15)
    sent = await send(amal, made["trial_id"])
    assert (sent.status, (await sent.json())["state"]) == (202, "judging")
    judged(amal, made["trial_id"], PASSED)
    stands = await (await amal.get(f"{FACE}/{made['trial_id']}")).json()
    assert (stands["state"], stands["text"]) == ("passed", "")

    proof = {"challenge_id": challenge_id, "face": made["trial_id"]}
    first = await (await amal.post("/api/chat/step-up", proof)).json()
    again = await (await amal.post("/api/chat/step-up", proof)).json()

    assert (first["outcome"], again["outcome"]) == ("done", "done")
    assert amal.balances() == (FUNDS_MINOR - 4_000, FUNDS_MINOR - 4_000)
    lines = await (await amal.get("/api/chat/history")).json()
    assert "Confirmed with your face." in [line["text"] for line in lines["messages"]]


async def test_given_a_face_that_does_not_match_when_asked_then_a_sentence_and_no_score(amal):
    keep_key(amal)
    challenge_id = await waiting(amal)
    made = await begun(amal, challenge_id)
    await send(amal, made["trial_id"])

    judged(amal, made["trial_id"], REFUSED)

    stands = await (await amal.get(f"{FACE}/{made['trial_id']}")).json()
    assert set(stands) == {"trial_id", "state", "text", "again"}
    assert stands["state"] == "refused"
    assert stands["text"].startswith("I could not confirm that it is you.")
    assert stands["again"]
    proof = {"challenge_id": challenge_id, "face": made["trial_id"]}
    answer = await (await amal.post("/api/chat/step-up", proof)).json()
    assert (answer["outcome"], answer["details"]["tries_left"]) == ("face_not_accepted", "3")
    assert amal.balances()[0] == FUNDS_MINOR


async def test_given_codes_that_can_be_mended_when_refused_then_their_own_words(amal):
    keep_key(amal)
    made = await begun(amal, await waiting(amal))
    await send(amal, made["trial_id"])

    judged(amal, made["trial_id"], replace(REFUSED, codes=("liveness_face_lost",)))

    stands = await (await amal.get(f"{FACE}/{made['trial_id']}")).json()
    assert stands["text"].startswith("Your face left the picture.")


async def test_given_three_recordings_for_one_act_when_refused_then_no_more_of_them(amal):
    keep_key(amal)
    challenge_id = await waiting(amal)
    for mark in range(3):
        made = await begun(amal, challenge_id)
        sent = await send(amal, made["trial_id"], mark=mark)
        assert sent.status == 202, await sent.text()
        judged(amal, made["trial_id"], REFUSED)

    stands = await (await amal.get(f"{FACE}/{made['trial_id']}")).json()
    refused = await amal.post(FACE, {"challenge_id": challenge_id})

    assert not stands["again"]
    assert error_code(await refused.json()) == "face_not_offered"


async def test_given_a_recording_sent_twice_or_again_for_another_trial_then_conflict(amal):
    keep_key(amal)
    challenge_id = await waiting(amal)
    made = await begun(amal, challenge_id)
    await send(amal, made["trial_id"])

    twice = await send(amal, made["trial_id"])
    other = await send(amal, (await begun(amal, challenge_id))["trial_id"])

    assert (twice.status, other.status) == (409, 409)
    assert (await other.json())["error"]["details"]["because"] == "seen_before"


async def test_given_too_few_frames_when_sent_then_refused_and_nothing_is_judged(amal):
    keep_key(amal)
    made = await begun(amal, await waiting(amal))

    sent = await send(amal, made["trial_id"], count=7)

    assert (sent.status, error_code(await sent.json())) == (400, "invalid_input")
    assert amal.bank.identity_jobs.take() is None


async def test_given_somebody_elses_trial_when_looked_at_or_used_then_it_does_not_exist(amal):
    keep_key(amal)
    challenge_id = await waiting(amal)
    made = await begun(amal, challenge_id)
    make_customer(amal.bank, "mallory")
    token, _ = await start_chat(amal.client, customer="mallory", password=PASSWORD)
    mallory = replace(amal, token=token)

    stands = await mallory.get(f"{FACE}/{made['trial_id']}")
    sent = await send(mallory, made["trial_id"])

    assert (stands.status, sent.status) == (404, 404)
    assert not await offered(mallory, challenge_id)


async def test_given_no_leave_when_a_face_is_to_be_kept_then_refused(amal):
    refused = await amal.post(FACE)

    assert (refused.status, error_code(await refused.json())) == (403, "face_not_offered")


async def test_given_consent_and_a_code_when_the_recording_is_judged_then_the_bot_is_told(amal):
    _approve(amal)
    actor = amal.bank.sessions.verify(amal.token).actor()
    with pytest.raises(StepUpRequired) as asked:
        amal.bank.face_keys.ask(actor)
    challenge = amal.bank.step_up.get(actor, asked.value.details["challenge_id"])
    amal.bank.step_up_acts.perform(actor, challenge, CodeProof(amal.code()))
    made = await begun(amal)
    await send(amal, made["trial_id"])

    judged(amal, made["trial_id"], PASSED)

    told = await eventually(
        lambda: [
            turn.payload for turn in amal.assistant.turns
            if turn.payload and turn.payload["intent"] == "EXTERNAL_face_judged"
        ]
    )  # fmt: skip
    assert told == [
        {"intent": "EXTERNAL_face_judged", "entities": {"outcome": "passed", "codes": ""}}
    ]
    assert amal.bank.face_keys.standing(actor) is FaceStanding.KEPT


def _approve(amal: Amal) -> None:
    """An application of this customer, approved by selfie and document."""
    bank = amal.bank
    _, session = bank.sessions.start_visitor()
    an_application(bank, session.actor())
    bank.onboarding.set_detail(session.actor(), "email", "a.haddad@example.org")
    alike = {"similarity": {"value": 0.95, "threshold": 0.9}}
    bank.verdicts.record_verdict(
        submitted(bank, session.actor()), a_verdict("approved", scores=alike)
    )
    application = bank.onboarding.current(session.actor())

    def work(uow):
        uow.applications.save(replace(application, customer_id=amal.id))

    bank.store.write(work)
    amal.clock.pass_s(1)
