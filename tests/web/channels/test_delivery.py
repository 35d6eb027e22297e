"""A service that is out, busy or final: lines are late, once, or given up; turns never repeat."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bank.domain.actors import SYSTEM
from bank.domain.conversations import NewMessage, Sender
from bank.domain.messenger_chats import TRIES_MOST
from tests.web.house import eventually
from web.channels.doors import DELIVERIES
from web.keys import METRICS

GREETING = "event EXTERNAL_greet"


async def test_given_two_faults_then_the_line_is_tried_again_and_arrives_once(town):
    town.service.faults.extend([(503, {}), (429, {"Retry-After": "0.02"})])

    await town.driver.say("hello")
    await town.settled()

    assert town.service.texts == [GREETING, "heard: hello"]


async def test_given_an_outage_then_lines_wait_in_order_and_the_turn_is_not_repeated(town):
    town.service.is_out = True

    for _ in range(3):  # the service delivers again what it thinks we missed
        assert (await town.driver.say("pay Ana 10", message_id="66")).status == 200
    await eventually(lambda: town.chat().tries >= 1)
    assert town.service.shown == []

    town.service.is_out = False
    town.clock.pass_s(30)
    await town.service.wait_for(2)

    assert town.service.texts == [GREETING, "heard: pay Ana 10"]
    assert [turn.text for turn in town.assistant.turns if turn.payload is None] == ["pay Ana 10"]


async def test_given_an_outage_without_end_then_the_line_is_given_up_and_the_next_goes_out(town):
    await town.driver.say("hello")
    await town.settled()
    arrived_count = len(town.service.shown)
    town.service.is_out = True
    conversation_id = town.chat().conversation_id

    with capture_logs() as logs:
        town.bank.conversations.append(SYSTEM, conversation_id, NewMessage(Sender.BOT, "first"))
        for tries in range(1, TRIES_MOST):
            await eventually(lambda at_least=tries: town.chat().tries >= at_least)
            town.clock.pass_s(601)
        await eventually(lambda: town.chat().sent_seq == 4)
        town.service.is_out = False
        town.bank.conversations.append(SYSTEM, conversation_id, NewMessage(Sender.BOT, "second"))
        await town.service.wait_for(arrived_count + 1)

    assert town.service.texts[-1] == "second"
    given_up = [log for log in logs if log["event"] == "messenger_line_given_up"]
    assert [(log["seq"], log["log_level"]) for log in given_up] == [(4, "error")]
    assert b'florin_messenger_lines_given_up_total{channel="%s"} 1.0' % town.name.encode() in (
        town.app[METRICS].render()
    )
    assert ("bot", "first") in town.said()  # staff still read it


async def test_given_a_final_refusal_then_the_line_is_given_up_at_once(town):
    await town.driver.say("hello")
    await town.settled()
    town.service.faults.append((403, {}))
    calls_count = town.service.calls_count

    with capture_logs() as logs:
        await town.driver.say("blocked?")
        await town.settled()

    assert town.service.calls_count == calls_count + 1
    assert [log["reason"] for log in logs if log["event"] == "messenger_line_given_up"] == ["http_403"]


async def test_given_any_log_then_no_token_address_or_text_is_in_it(town):
    town.linked()
    town.service.is_out = True
    with capture_logs() as logs:
        await town.driver.say("my secret wish")
        await eventually(lambda: town.chat().tries >= 1)
        await town.service.server.close()
        town.clock.pass_s(60)
        await eventually(lambda: town.chat().tries >= 2)

    assert [log for log in logs if log["event"] == "messenger_send_postponed"]
    for secret in ("4242:telegram", "twilio-auth", "xoxb", town.driver.external_id, "secret wish"):
        assert secret not in repr(logs)


async def test_given_a_long_pause_the_service_asks_for_then_it_is_kept(town):
    town.service.faults.append((429, {"Retry-After": "120"}))
    await town.driver.say("hello")
    await eventually(lambda: town.chat().tries == 1)

    calls_count = town.service.calls_count
    town.clock.pass_s(60)
    await eventually(lambda: town.bank.messenger_chats.list_due() == [])
    assert town.service.calls_count == calls_count
    town.clock.pass_s(61)
    await town.service.wait_for(2)


async def test_given_two_processes_then_one_sends(town):
    await town.driver.say("hello")
    await town.settled()
    town.bank.conversations.append(
        SYSTEM, town.chat().conversation_id, NewMessage(Sender.BOT, "once")
    )
    chats = town.bank.messenger_chats

    claims = [chats.claim(town.chat().id) for _ in range(3)]

    assert sum(claim is not None for claim in claims) <= 1
    town.clock.pass_s(130)  # whoever claimed here died: the line goes out after its lease
    town.app[DELIVERIES].wake(town.chat().id)
    await eventually(lambda: town.service.texts.count("once") == 1)


async def test_given_a_notice_then_a_linked_account_hears_it_unasked(town):
    from bank.domain.notices import Notice, NoticeKind, NoticeState  # noqa: PLC0415

    customer = town.linked()
    await town.driver.say("hello")
    await town.settled()
    now_utc = town.clock()
    notice = Notice(
        "no_1", customer.id, NoticeKind.LOW_BALANCE, "k", {"account": "Everyday"},
        NoticeState.PENDING, now_utc, now_utc.replace(year=now_utc.year + 1),
    )  # fmt: skip
    town.bank.store.write(lambda uow: uow.notices.add(notice))
    town.clock.pass_s(90)  # a moment of quiet

    await eventually(lambda: "event EXTERNAL_notice" in town.service.texts, timeout_s=6)

    assert town.bank.notices.pending(customer.id) == []


@pytest.mark.parametrize("service_name", ["telegram"], indirect=True)
async def test_given_an_account_silent_for_a_day_then_it_is_not_written_to_unasked(town):
    town.linked()
    await town.driver.say("hello")
    assert len(town.bank.messenger_chats.list_open()) == 1

    town.clock.pass_s(25 * 3600)

    assert town.bank.messenger_chats.list_open() == []


async def test_given_the_assistant_is_out_then_there_is_one_apology(town):
    from tests.web.house import APOLOGY, fails  # noqa: PLC0415

    town.assistant.script = fails
    for _ in range(2):
        assert (await town.driver.say("hello", message_id="12")).status == 200
    await town.settled()

    assert town.service.texts == [APOLOGY]


async def test_given_the_database_is_busy_then_the_service_is_asked_to_deliver_again(
    town, monkeypatch
):
    from bank.domain.errors import DatabaseBusy  # noqa: PLC0415

    await town.driver.say("hello")
    await town.settled()
    begin = town.bank.turns.begin
    failing = iter([DatabaseBusy()])

    def busy_once(*args, **more):
        for fault in failing:
            raise fault
        return begin(*args, **more)

    monkeypatch.setattr(town.bank.turns, "begin", busy_once)
    first = await town.driver.say("pay Ana 10", message_id="70")
    second = await town.driver.say("pay Ana 10", message_id="70")
    await town.settled()

    assert (first.status, second.status) == (503, 200)
    assert town.service.texts[-1] == "heard: pay Ana 10"
