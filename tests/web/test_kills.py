"""Whatever dies in the middle of a turn: one answer or one apology for each message id."""

from __future__ import annotations

import asyncio
import random

import pytest

from bank.domain.errors import AssistantUnavailable, DatabaseBusy
from tests.web.house import APOLOGY, make_house, says


async def test_given_an_assistant_that_fails_at_random_when_300_turns_run_then_one_answer_each():
    chance = random.Random(7)

    async def script(turn):
        await asyncio.sleep(0)
        match chance.randrange(6):
            case 0:
                raise AssistantUnavailable(reason="killed")
            case 1:
                return []
            case 2:
                raise RuntimeError("a bug")
        return [says(f"heard: {turn.text}")]

    house = make_house(script)
    sessions = [house.visitor() for _ in range(10)]

    async def send(session, number):
        for _ in range(20):  # a page that goes on with the same id until it has an answer
            try:
                return await house.desk.handle(session, message_id=f"m{number}", text=f"t{number}")
            except RuntimeError:
                continue
        raise AssertionError("never answered")

    await asyncio.gather(
        *(send(session, number) for session in sessions for number in range(30))
    )

    for session in sessions:
        lines = house.lines(session)
        for number in range(30):
            about = [line for line in lines if line.message_id == f"m{number}"]
            assert [line.sender.value for line in about] == ["customer", "bot"]
            assert about[1].text in (f"heard: t{number}", APOLOGY)


@pytest.mark.parametrize("failing", ["begin", "append_in", "finish_saying"])
async def test_given_a_busy_database_when_a_turn_breaks_then_the_same_id_runs_again(
    failing, monkeypatch
):
    house = make_house()
    session = house.visitor()
    service = house.bank.conversations if failing == "append_in" else house.bank.turns

    def busy(*_args, **_more):
        raise DatabaseBusy

    with monkeypatch.context() as patch:
        patch.setattr(service, failing, busy)
        with pytest.raises(DatabaseBusy):
            await house.desk.handle(session, message_id="m1", text="hello")
    result = await house.desk.handle(session, message_id="m1", text="hello")

    assert [reply.text for reply in result.replies] == ["heard: hello"]
    assert house.said(session) == [("customer", "hello"), ("bot", "heard: hello")]


async def test_given_the_caller_goes_away_when_a_turn_runs_then_a_retry_is_answered_once():
    gate = asyncio.Event()

    async def script(turn):
        await gate.wait()
        return [says("at last")]

    house = make_house(script)
    session = house.visitor()
    running = asyncio.create_task(house.desk.handle(session, message_id="m1", text="hello"))
    await asyncio.sleep(0.05)

    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    gate.set()
    result = await house.desk.handle(session, message_id="m1", text="hello")

    assert [reply.text for reply in result.replies] == ["at last"]
    assert house.said(session) == [("customer", "hello"), ("bot", "at last")]
