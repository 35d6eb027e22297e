"""The console: claim, take over, answer, hand back; one owner, private notes."""

from __future__ import annotations

import asyncio

import pyotp

from bank.domain.actors import SYSTEM
from tests.web.house import PASSWORD, bearer, error_code, make_staff, start_chat


async def _case(branch, *, text="I want a person"):
    """A visitor's chat with a handoff case; returns token, case id."""
    token, started = await start_chat(branch.client)
    await branch.say(token, text)
    session = branch.bank.sessions.verify(token)
    case = branch.bank.conversations.handoff(
        session.actor(), started["conversation_id"], "customer_asked", "asked twice"
    )
    return token, case.id


async def test_given_a_case_when_worked_to_the_end_then_customer_and_staff_see_their_sides(branch):
    token, case_id = await _case(branch)
    mila = await branch.staff()

    claimed = await (await mila.post(f"/api/cases/{case_id}/claim")).json()
    taken = await mila.post(f"/api/cases/{case_id}/take-over")
    reply = await mila.post(
        f"/api/cases/{case_id}/reply", json={"text": "Hello, Mila here", "message_id": "s1"}
    )
    to_staff = await branch.say(token, "thank you", "m2")
    back = await mila.post(f"/api/cases/{case_id}/hand-back", json={"summary": "all settled"})
    to_bot = await branch.say(token, "and now?", "m3")
    done = await mila.post(f"/api/cases/{case_id}/resolve", json={"outcome": "solved"})

    assert claimed["mine"]
    assert claimed["assignee_name"] == "Mila Novak"
    assert [taken.status, reply.status, back.status, done.status] == [200, 200, 200, 200]
    assert (to_staff["speaker"], to_staff["replies"]) == ("staff", [])
    assert to_bot["replies"][0]["text"] == "heard: and now?"
    history = await (await branch.client.get("/api/chat/history", headers=bearer(token))).json()
    told = [(line["from"], line["name"], line["kind"]) for line in history["messages"]]
    assert ("staff", "Mila", "text") in told
    assert ("system", None, "staff_joined") in told
    assert ("system", None, "staff_left") in told
    assert told.index(("system", None, "staff_left")) < len(told) - 1
    assert (await done.json())["outcome"] == "solved"


async def test_given_somebody_elses_case_when_replying_then_409_case_not_owned(branch):
    _, case_id = await _case(branch)
    mila, omar = await branch.staff("mila"), await branch.staff("omar")
    await mila.post(f"/api/cases/{case_id}/take-over")

    claim = await omar.post(f"/api/cases/{case_id}/claim")
    reply = await omar.post(
        f"/api/cases/{case_id}/reply", json={"text": "me too", "message_id": "s1"}
    )

    for response in (claim, reply):
        assert (response.status, error_code(await response.json())) == (409, "case_not_owned")


async def test_given_fifty_staff_when_racing_for_one_case_then_one_owner(branch):
    _, case_id = await _case(branch)
    staff = [await branch.staff(f"agent{number:02d}") for number in range(50)]

    answers = await asyncio.gather(
        *(client.post(f"/api/cases/{case_id}/claim") for client in staff)
    )

    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200, *[409] * 49]


async def test_given_a_note_when_written_then_no_customer_stream_has_it(branch):
    token, case_id = await _case(branch)
    mila = await branch.staff()
    await mila.post(f"/api/cases/{case_id}/take-over")

    noted = await mila.post(f"/api/cases/{case_id}/note", json={"text": "seems VERYUPSET"})
    history = await branch.client.get("/api/chat/history", headers=bearer(token))
    detail = await (await mila.get(f"/api/cases/{case_id}")).json()

    assert noted.status == 200
    assert "VERYUPSET" not in await history.text()
    assert "VERYUPSET" in str(detail["events"])


async def test_given_a_transcript_when_read_by_staff_then_the_reading_stands_beside_the_words(branch):
    _, case_id = await _case(branch)
    mila = await branch.staff()

    lines = (await (await mila.get(f"/api/cases/{case_id}/transcript")).json())["messages"]

    assert lines[0]["from"] == "customer"
    assert lines[0]["nlu"]["intent"] == "inform"
    assert lines[0]["nlu"]["actions"][0]["policy"] == "RulePolicy"
    assert lines[1]["nlu"] is None


async def test_given_a_queue_of_another_role_when_asked_for_then_the_case_does_not_exist(branch):
    case = branch.bank.cases.open(
        SYSTEM, kind="alert", queue="alerts", subject="s", reason_code="r", why="w"
    )
    agent = await branch.staff("mila", roles=("agent",))

    one = await agent.get(f"/api/cases/{case.id}")
    inbox = await (await agent.get("/api/cases")).json()

    assert one.status == 404
    assert case.id not in str(inbox)


async def test_given_staff_without_code_when_logging_in_then_totp_required(branch):
    make_staff(branch.bank)

    response = await branch.client.post(
        "/api/staff/login", json={"name": "mila", "password": PASSWORD},
        headers={"X-Florin-CSRF": "1"},
    )  # fmt: skip

    assert (response.status, error_code(await response.json())) == (401, "totp_required")


async def test_given_the_code_when_logging_in_then_a_cookie_no_script_can_read(branch):
    make_staff(branch.bank)
    response = await branch.client.post(
        "/api/staff/login",
        json={"name": "mila", "password": PASSWORD, "code": pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").now()},
        headers={"X-Florin-CSRF": "1"},
    )

    assert response.status == 200, await response.text()
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert (await response.json())["first_name"] == "Mila"


async def test_given_staff_without_authenticator_when_logging_in_then_it_is_set_up(branch):
    branch.bank.staff.create(
        SYSTEM, login_name="neu", full_name="Neu Ling", roles=("agent",), password=PASSWORD
    )
    body = {"name": "neu", "password": PASSWORD}
    csrf = {"X-Florin-CSRF": "1"}

    first = await branch.client.post("/api/staff/login", json=body, headers=csrf)
    details = (await first.json())["error"]["details"]
    code = pyotp.TOTP(details["secret"]).now()
    second = await branch.client.post(
        "/api/staff/totp/confirm", json={**body, "code": code}, headers=csrf
    )

    assert first.status == 401
    assert details["otpauth_uri"].startswith("otpauth://totp/")
    assert details["qr_svg"].startswith("<svg")
    assert second.status == 200
    assert "florin_staff" in second.headers["Set-Cookie"]
