"""The client of Rasa's channel: the agreed shape, one retry with the same turn, clear failure."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bank.domain.errors import AssistantUnavailable
from web.assistant import RasaAssistant

GOOD = {
    "message_id": "m1",
    "replies": [
        {
            "text": "Sure?", "buttons": [{"title": "Yes", "payload": "/affirm"}], "image": None,
            "kind": "text", "data": {}, "utter": "utter_x",
        }
    ],
    "nlu": {"intent": "pay", "confidence": 0.9, "ranking": [], "entities": []},
    "actions": [{"name": "utter_x", "policy": "RulePolicy", "confidence": 1.0}],
    "replayed": False,
}  # fmt: skip


class FakeRasa:
    """The channel's address with scripted answers; remembers the bodies it got."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.bodies = []
        self.server = None

    async def __aenter__(self):
        app = web.Application()
        app.router.add_post("/webhooks/florin/turn", self._turn)
        app.router.add_get("/webhooks/florin/", self._health)
        self.server = TestServer(app)
        await self.server.start_server()
        self.client = RasaAssistant(str(self.server.make_url("/")), timeout_s=0.3)
        return self

    async def __aexit__(self, *_):
        await self.client.close()
        await self.server.close()

    async def _health(self, _request):
        return web.json_response({"status": "ok"})

    async def _turn(self, request):
        self.bodies.append(await request.json())
        answer = self.answers.pop(0)
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            return web.json_response(GOOD)
        if isinstance(answer, bytes):
            return web.Response(body=answer)
        if isinstance(answer, int):
            return web.json_response({"error": {"code": "x", "message": "y"}}, status=answer)
        return web.json_response(answer)


async def test_given_a_good_answer_when_asked_then_it_is_read_and_only_the_token_was_sent():
    async with FakeRasa(GOOD) as rasa:
        turn = await rasa.client.answer("a.jwt", message_id="m1")

        assert turn.replies[0].buttons[0].payload == "/affirm"
        assert turn.nlu["intent"] == "pay"
        assert rasa.bodies == [{"turn": "a.jwt"}]
        assert await rasa.client.is_ready()


@pytest.mark.parametrize(
    "bad",
    [503, 401, 1.0, b"not json", b"[]", {**GOOD, "replies": []}, {**GOOD, "message_id": "m2"},
     {**GOOD, "replies": [{"buttons": "x"}]}],
)  # fmt: skip
async def test_given_a_bad_answer_first_when_asked_then_the_same_turn_is_sent_once_more(bad):
    async with FakeRasa(bad, GOOD) as rasa:
        turn = await rasa.client.answer("a.jwt", message_id="m1")

        assert turn.replies[0].text == "Sure?"
        assert rasa.bodies == [{"turn": "a.jwt"}] * 2


@pytest.mark.parametrize("bad", [503, b"[]", {**GOOD, "replies": []}])
async def test_given_two_bad_answers_when_asked_then_it_is_unavailable_and_not_asked_again(bad):
    async with FakeRasa(bad, bad, GOOD) as rasa:
        with pytest.raises(AssistantUnavailable):
            await rasa.client.answer("a.jwt", message_id="m1")

        assert len(rasa.bodies) == 2


async def test_given_nobody_listens_when_asked_then_unavailable_and_not_ready(unused_tcp_port):
    client = RasaAssistant(f"http://127.0.0.1:{unused_tcp_port}", timeout_s=1)

    assert not await client.is_ready()
    with pytest.raises(AssistantUnavailable):
        await client.answer("a.jwt", message_id="m1")
    await client.close()
