"""Doors of an application: pictures, the liveness ceremony, codes, credentials, the way back."""

from __future__ import annotations

import json

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from bank.bootstrap import make_bank
from bank.domain.actors import SYSTEM
from bank.storage.memory import MemoryStore
from tests.web.applicants import (
    a_picture,
    a_verdict,
    an_applicant,
    an_application,
    confirm_address,
    mailed_link,
    sent_code,
    submitted,
    upload,
)
from tests.web.house import ScriptedAssistant, bearer, error_code, make_settings, start_chat
from web.app import make_app
from web.limits import LimitRules


async def test_given_an_applicant_when_a_picture_is_sent_then_it_is_sealed_clean_and_looked_at(branch):
    token, actor = await an_applicant(branch)
    exif = Image.Exif()
    exif[0x010E] = "GPS-SECRET"

    response = await upload(branch.client, token, a_picture(exif=exif))
    answer = await response.json()

    assert response.status == 201, answer
    assert (answer["kind"], answer["width"], answer["height"]) == ("document_front", 40, 30)
    assert branch.bank.onboarding.current(actor).pictures == {"document_front": answer["upload_id"]}
    assert branch.bank.identity_jobs.get(SYSTEM, answer["job_id"]).kind == "look"
    files = [path.read_bytes() for path in branch.settings.home_dir.rglob("*ev_*") if path.is_file()]
    assert files
    assert not any(raw.startswith(b"\xff\xd8") or b"GPS-SECRET" in raw for raw in files)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
async def test_given_a_format_of_phones_and_screens_when_sent_then_it_is_taken(branch, kind):
    token, _ = await an_applicant(branch)

    response = await upload(branch.client, token, a_picture((64, 64), kind))

    assert response.status == 201, await response.text()


async def test_given_no_application_when_a_picture_is_sent_then_it_is_not_kept(branch):
    token, _ = await start_chat(branch.client)

    response = await upload(branch.client, token, a_picture())

    assert (response.status, error_code(await response.json())) == (409, "application_missing")
    assert branch.bank.store.read(lambda uow: uow.evidence.list()) == []


_BROKEN = {
    "empty": (b"", "invalid_picture", "empty"),
    "executable": (b"MZ\x90\x00" + b"\x00" * 400, "invalid_picture", "not_a_picture"),
    "pdf": (b"%PDF-1.7\n" + b"x" * 300, "invalid_picture", "unsupported_format"),
    "torn": (a_picture((400, 300))[:700], "invalid_picture", "broken"),
    "36 megapixels": (a_picture((6000, 6000), "PNG"), "invalid_picture", "too_many_pixels"),
    "8 MB and 1": (b"x" * (8 * 1024 * 1024 + 1), "too_large", None),
}


@pytest.mark.parametrize("name", _BROKEN)
async def test_given_something_that_is_no_picture_when_sent_then_its_own_code_and_sentence(branch, name):
    raw, code, why = _BROKEN[name]
    token, _ = await an_applicant(branch)

    response = await upload(branch.client, token, raw)
    error = (await response.json())["error"]

    assert (error["code"], error["details"].get("why")) == (code, why)
    assert error["message"].endswith(".")
    assert "…" not in error["message"]
    assert branch.bank.store.read(lambda uow: uow.evidence.list()) == []


async def test_given_an_unknown_kind_when_sent_then_invalid_input(branch):
    token, _ = await an_applicant(branch)

    response = await upload(branch.client, token, a_picture(), "tax_return")

    assert (response.status, error_code(await response.json())) == (400, "invalid_input")


async def test_given_one_picture_for_two_things_when_sent_then_it_is_said(branch):
    token, actor = await an_applicant(branch)
    await upload(branch.client, token, a_picture())

    response = await upload(branch.client, token, a_picture(), "selfie")
    error = (await response.json())["error"]

    assert (error["code"], error["details"]["why"]) == ("invalid_picture", "used_twice")
    assert set(branch.bank.onboarding.current(actor).pictures) == {"document_front"}
    kinds = sorted(one.kind for one in branch.bank.store.read(lambda uow: uow.evidence.list()))
    assert kinds == ["document_front", "selfie"]  # kept all the same: a case may want to see it


async def test_given_two_hundred_uploads_in_a_minute_when_sent_then_429_with_a_sentence(tmp_path):
    settings = make_settings(tmp_path)
    bank = make_bank(MemoryStore(), settings=settings)
    app = make_app(bank, settings, assistant=ScriptedAssistant(), rules=LimitRules())
    async with TestClient(TestServer(app)) as client:
        token, _ = await start_chat(client)
        an_application(bank, bank.sessions.verify(token).actor())
        statuses = []
        for number in range(200):
            response = await upload(client, token, a_picture(mark=number % 3) if number < 25 else b"x")
            statuses.append(response.status)
        error = (await response.json())["error"]

    assert statuses[:20] == [201] * 20
    assert set(statuses[20:]) == {429}
    assert error["code"] == "rate_limited"
    assert "a lot of pictures" in error["message"]
    assert "…" not in error["message"]


# --- liveness ---


async def _challenge(branch, token):
    response = await branch.client.post("/api/chat/liveness", json={}, headers=bearer(token))
    assert response.status == 200, await response.text()
    return await response.json()


async def _send_frames(branch, token, challenge_id, frames, times):
    form = aiohttp.FormData()
    form.add_field("times", json.dumps(times))
    for raw in frames:
        form.add_field("frame", raw, filename="frame.jpg", content_type="image/jpeg")
    return await branch.client.post(
        f"/api/chat/liveness/{challenge_id}/frames", data=form, headers=bearer(token)
    )


def _film(count=12):
    return [a_picture((64, 48), mark=n % 4) for n in range(count)], [n * 200 for n in range(count)]


async def test_given_a_challenge_when_its_frames_come_then_they_are_kept_and_the_bot_goes_on(branch):
    token, actor = await an_applicant(branch)
    made = await _challenge(branch, token)
    frames, times = _film()

    response = await _send_frames(branch, token, made["challenge_id"], frames, times)

    assert response.status == 201, await response.text()
    assert (await response.json())["frames_count"] == 12
    assert len(made["steps"]) >= 2
    assert made["limit_s"] > 0
    assert "liveness" in branch.bank.onboarding.current(actor).pictures
    turn = branch.assistant.turns[-1]
    assert turn.payload == {"intent": "EXTERNAL_liveness_done", "entities": {"outcome": "done"}}


async def test_given_a_recording_when_sent_a_second_time_then_it_is_refused(branch):
    token, _ = await an_applicant(branch)
    made = await _challenge(branch, token)
    await _send_frames(branch, token, made["challenge_id"], *_film())

    again = await _send_frames(branch, token, made["challenge_id"], *_film())
    other = await _send_frames(branch, token, "lc_of_somebody_else", *_film())

    assert (again.status, other.status) == (409, 409)


@pytest.mark.parametrize(
    ("frames", "times", "code"),
    [
        (*_film(3), "invalid_input"),
        (_film()[0], [0] * 12, "invalid_input"),
        (_film()[0], [n * 200 for n in range(11)], "invalid_input"),
        (_film()[0], ["a"] * 12, "invalid_input"),
        ([b"no picture"] * 12, _film()[1], "invalid_picture"),
        ([a_picture((1300, 900))] * 12, _film()[1], "invalid_picture"),
        (*_film(61), "too_large"),
    ],
    ids=["too few", "no time passes", "a time missing", "no times", "no pictures", "large", "61"],
)
async def test_given_a_recording_that_cannot_be_one_when_sent_then_refused(branch, frames, times, code):
    token, _ = await an_applicant(branch)
    made = await _challenge(branch, token)

    response = await _send_frames(branch, token, made["challenge_id"], frames, times)

    assert error_code(await response.json()) == code
    assert branch.bank.store.read(lambda uow: uow.evidence.list()) == []


# --- the code to the address ---


async def test_given_a_code_that_waits_when_typed_then_only_the_bank_has_it(branch):
    token, actor = await an_applicant(branch)
    branch.bank.onboarding.send_code(actor, via="email")
    code = sent_code(branch.bank)
    wrong = "000000" if code != "000000" else "111111"

    await branch.say(token, wrong, "m1")
    refused = branch.assistant.turns[-1]
    await branch.say(token, code, "m2")
    confirmed = branch.assistant.turns[-1]

    assert refused.payload["intent"] == "EXTERNAL_contact_refused"
    assert refused.payload["entities"]["code"] == "wrong_code"
    assert confirmed.payload["intent"] == "EXTERNAL_contact_confirmed"
    assert "contact" not in branch.bank.onboarding.missing(actor)
    history = await branch.client.get("/api/chat/history", headers=bearer(token))
    said = await history.text()
    assert code not in said
    assert wrong not in said
    assert all(code not in f"{turn.text} {turn.payload}" for turn in branch.assistant.turns)


async def test_given_no_code_that_waits_when_six_digits_are_typed_then_they_are_words(branch):
    token, _ = await an_applicant(branch)

    await branch.say(token, "123456")

    assert branch.assistant.turns[-1].payload is None


# --- approved: name and password ---


async def _approved(branch):
    token, actor = await an_applicant(branch)
    branch.bank.verdicts.record_verdict(submitted(branch.bank, actor), a_verdict("approved"))
    return token, actor


async def test_given_an_approved_applicant_when_credentials_are_set_then_they_are_logged_in(branch):
    token, _ = await _approved(branch)

    response = await branch.client.post(
        "/api/chat/credentials",
        json={"login_name": "amal.haddad", "password": "a long enough one"},
        headers=bearer(token),
    )
    answer = await response.json()

    assert response.status == 200, answer
    assert answer["login_level"] == "password"
    assert answer["replies"][0]["text"] == "event EXTERNAL_credentials_set"
    accounts = await branch.client.get("/api/accounts", headers=bearer(answer["token"]))
    assert (await accounts.json())["accounts"][0]["available"]["text"] == "0.00 EUR"
    old = await branch.client.get("/api/chat/history", headers=bearer(token))
    assert old.status == 401
    turns = " ".join(f"{turn.text} {turn.payload}" for turn in branch.assistant.turns)
    assert "a long enough one" not in turns
    again = await start_chat(branch.client, customer="amal.haddad", password="a long enough one")
    assert again[1]["login_level"] == "password"


async def test_given_an_application_under_way_when_credentials_come_then_refused(branch):
    token, _ = await an_applicant(branch)

    response = await branch.client.post(
        "/api/chat/credentials", json={"login_name": "amal", "password": "a long enough one"},
        headers=bearer(token),
    )  # fmt: skip

    assert (response.status, error_code(await response.json())) == (409, "application_closed")


async def test_given_a_short_password_when_set_then_the_field_is_named(branch):
    token, _ = await _approved(branch)

    response = await branch.client.post(
        "/api/chat/credentials", json={"login_name": "amal", "password": "short"},
        headers=bearer(token),
    )  # fmt: skip
    error = (await response.json())["error"]

    assert (error["code"], error["details"]["field"]) == ("invalid_input", "password")


# --- the way back ---


async def _mailed_link(branch):
    token, actor = await an_applicant(branch)
    confirm_address(branch.bank, actor)
    branch.bank.onboarding.resume_link(actor)
    return token, mailed_link(branch.bank)


async def test_given_a_mailed_link_when_followed_then_the_application_goes_on_in_a_new_chat(branch):
    _, link = await _mailed_link(branch)

    response = await branch.client.post("/api/chat/resume", json={"token": link})
    answer = await response.json()

    assert response.status == 200, answer
    actor = branch.bank.sessions.verify(answer["token"]).actor()
    assert branch.bank.onboarding.details(actor)["surname"] == "Haddad"
    assert answer["replies"][0]["text"] == "event EXTERNAL_onboarding_resumed"
    page = await branch.client.get(f"/onboarding/resume?t={link}")
    assert page.status == 200
    assert link not in await page.text()


async def test_given_a_used_or_forged_link_when_followed_then_a_sentence_and_no_session(branch):
    _, link = await _mailed_link(branch)
    await branch.client.post("/api/chat/resume", json={"token": link})
    before = len(branch.bank.store.read(lambda uow: uow.sessions.list(ended_at_utc=None)))

    for token in (link, "-", "x" * 200):
        response = await branch.client.post("/api/chat/resume", json={"token": token})
        error = (await response.json())["error"]
        assert error["code"] == "link_invalid", error
        assert error["message"].endswith(".")
    after = len(branch.bank.store.read(lambda uow: uow.sessions.list(ended_at_utc=None)))
    assert after == before
