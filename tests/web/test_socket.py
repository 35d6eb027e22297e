"""The live chat and the live console: nothing lost on reconnect, takeover seen within a second."""

from __future__ import annotations

import asyncio
import time

from tests.web.house import bearer, says, start_chat


async def _open(branch, token, *, after=0):
    socket = await branch.client.ws_connect("/api/chat/ws")
    await socket.send_json({"type": "hello", "token": token, "after": after})
    return socket


async def _until(socket, wanted, *, timeout_s=3.0):
    """Read frames until `wanted(frame)`; returns all of them."""
    frames = []
    async with asyncio.timeout(timeout_s):
        while True:
            frames.append(await socket.receive_json())
            if wanted(frames[-1]):
                return frames


def _is_line(sender, text):
    return lambda f: f["type"] == "message" and (f["from"], f["text"]) == (sender, text)


async def test_given_a_first_hello_when_connected_then_the_assistant_opens_the_conversation(branch):
    token, _ = await start_chat(branch.client)

    socket = await _open(branch, token)

    await _until(socket, _is_line("bot", "event EXTERNAL_greet"))


async def test_given_a_message_when_said_then_ack_and_answer_arrive_in_order(branch):
    token, _ = await start_chat(branch.client)
    await branch.say(token, "before")
    socket = await _open(branch, token, after=2)

    await socket.send_json({"type": "say", "message_id": "m2", "text": "hi"})
    frames = await _until(socket, _is_line("bot", "heard: hi"))

    assert {"type": "ack", "message_id": "m2"} in frames
    seqs = [frame["seq"] for frame in frames if frame["type"] == "message"]
    assert seqs == [3, 4]


async def test_given_a_lost_connection_when_back_with_its_number_then_the_rest_comes(branch):
    token, _ = await start_chat(branch.client)
    first = await _open(branch, token)
    await _until(first, lambda f: f["type"] == "message")
    await first.close()
    await branch.say(token, "while away")

    second = await _open(branch, token, after=1)
    frames = await _until(second, _is_line("bot", "heard: while away"))

    assert [f["seq"] for f in frames if f["type"] == "message"] == [2, 3]


async def test_given_the_same_message_twice_when_said_then_one_answer(branch):
    token, _ = await start_chat(branch.client)
    await branch.say(token, "before")
    socket = await _open(branch, token, after=2)

    for _ in range(2):
        await socket.send_json({"type": "say", "message_id": "m2", "text": "hi"})
    await socket.send_json({"type": "say", "message_id": "m3", "text": "end"})
    frames = await _until(socket, _is_line("bot", "heard: end"))

    assert sum(_is_line("bot", "heard: hi")(frame) for frame in frames) == 1


async def test_given_a_wrong_token_when_saying_hello_then_refused_and_closed(branch):
    socket = await _open(branch, "no-such-token")

    frame = await socket.receive_json()

    assert (frame["type"], frame["code"]) == ("error", "session_expired")
    assert (await socket.receive()).type.name in ("CLOSE", "CLOSED", "CLOSING")


async def test_given_a_logout_elsewhere_when_something_happens_then_the_old_socket_sees_nothing(branch):
    token, _ = await start_chat(branch.client)
    socket = await _open(branch, token)
    await _until(socket, lambda f: f["type"] == "message")

    await branch.client.post("/api/chat/logout", headers=bearer(token))
    frames = await _until(socket, lambda f: f["type"] == "error")

    assert frames[-1]["code"] == "session_expired"


async def test_given_nonsense_frames_when_sent_then_errors_and_the_socket_lives(branch):
    token, _ = await start_chat(branch.client)
    await branch.say(token, "before")
    socket = await _open(branch, token, after=2)

    for raw in ("{", "[]", '{"type":"say"}', '{"type":"drop tables"}', '{"type":"say","message_id":"x","text":5}'):
        await socket.send_str(raw)
        await _until(socket, lambda f: f["type"] == "error")
    await socket.send_json({"type": "ping"})

    await _until(socket, lambda f: f["type"] == "pong")


async def test_given_a_takeover_when_done_then_the_customer_sees_the_name_within_a_second(branch):
    token, started = await start_chat(branch.client)
    socket = await _open(branch, token)
    await _until(socket, lambda f: f["type"] == "speaker")
    session = branch.bank.sessions.verify(token)
    case = branch.bank.conversations.handoff(
        session.actor(), started["conversation_id"], "customer_asked", "w"
    )
    mila = await branch.staff()
    began_s = time.monotonic()

    await mila.post(f"/api/cases/{case.id}/take-over")
    frames = await _until(socket, lambda f: f["type"] == "speaker")

    assert frames[-1] == {"type": "speaker", "speaker": "staff", "name": "Mila"}
    assert time.monotonic() - began_s < 1.0


async def test_given_a_slow_assistant_when_two_chat_then_neither_waits_for_the_other(branch):
    gate = asyncio.Event()

    async def script(turn):
        if turn.text == "slow":
            await gate.wait()
        return [says(f"heard: {turn.text}")]

    branch.assistant.script = script
    slow_token, _ = await start_chat(branch.client)
    quick_token, _ = await start_chat(branch.client)
    slow = asyncio.create_task(branch.say(slow_token, "slow"))

    async with asyncio.timeout(2):
        quick = await branch.say(quick_token, "quick")

    assert quick["replies"][0]["text"] == "heard: quick"
    gate.set()
    assert (await slow)["replies"][0]["text"] == "heard: slow"


async def test_given_an_open_console_when_a_customer_writes_then_case_and_line_arrive_live(branch):
    token, started = await start_chat(branch.client)
    mila = await branch.staff()
    console = await mila.ws_connect("/api/console/ws")
    await asyncio.sleep(0.3)
    session = branch.bank.sessions.verify(token)

    case = branch.bank.conversations.handoff(
        session.actor(), started["conversation_id"], "customer_asked", "w"
    )
    await _until(console, lambda f: f["type"] == "case" and f["case"]["id"] == case.id)
    await mila.post(f"/api/cases/{case.id}/take-over")
    await branch.say(token, "hello?")
    frames = await _until(
        console, lambda f: f["type"] == "message" and f["message"]["text"] == "hello?"
    )

    assert frames[-1]["case_id"] == case.id


async def test_given_a_foreign_page_when_opening_a_socket_then_refused(branch):
    mila = await branch.staff()

    for client, path in ((mila, "/api/console/ws"), (branch.client, "/api/chat/ws")):
        response = await client.get(
            path, headers={"Origin": "https://evil.example", "Upgrade": "websocket",
                           "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
        )  # fmt: skip
        assert response.status == 403
