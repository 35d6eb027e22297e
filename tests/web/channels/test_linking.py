"""Linking an account: the code shows that one person holds both; the link decides, always."""

from __future__ import annotations

import asyncio

from bank.domain.actors import a_customer
from bank.domain.challenges import CodeProof
from tests.web.house import PASSWORD, bearer, make_customer, start_chat
from web.channels.doors import DELIVERIES


async def logged_in(town, name="amal"):
    customer = make_customer(town.bank, name)
    token, _ = await start_chat(town.client, customer=name, password=PASSWORD)
    return customer, bearer(token)


async def new_code(town, headers) -> str:
    response = await town.client.post("/api/links/code", headers=headers)
    assert response.status == 200
    return (await response.json())["code"]


async def test_given_a_code_of_the_page_when_sent_in_the_messenger_then_the_account_is_linked(town):
    customer, headers = await logged_in(town)
    await town.driver.say("what is my balance?")
    code = await new_code(town, headers)

    await town.driver.say(f"link {code.lower()}")
    await town.driver.say("and now?")
    await town.settled()

    assert town.assistant.turns[-1].customer_id == customer.id
    assert any("now linked to you" in text for text in town.service.texts)
    # the wish from before is gone on with, in the same chat
    assert "event EXTERNAL_logged_in" in town.service.texts
    assert ("customer", "what is my balance?") in town.said()
    assert code not in repr(town.said())
    assert all(code not in turn.text for turn in town.assistant.turns)
    listed = await (await town.client.get("/api/links", headers=headers)).json()
    assert [link["channel"] for link in listed["links"]] == [town.name]


async def test_given_the_code_delivered_twice_then_the_second_says_nothing_of_a_used_code(town):
    _customer, headers = await logged_in(town)
    code = await new_code(town, headers)

    for _ in range(2):
        assert (await town.driver.say(f"link {code}", message_id="55")).status == 200
    await town.settled()

    assert len([text for text in town.service.texts if "now linked" in text]) == 1
    assert not any("does not fit" in text for text in town.service.texts)


async def test_given_a_wrong_code_then_nothing_is_linked_and_guessing_ends(town):
    make_customer(town.bank)
    for number in range(7):
        await town.driver.say(f"link 0000-00{number}Z")
    await town.driver.say("balance")

    assert town.assistant.turns[-1].customer_id is None
    assert sum("does not fit" in text for text in town.service.texts) == 5
    assert all("link" not in turn.text for turn in town.assistant.turns)


async def test_given_a_code_of_the_page_alone_then_it_is_understood_without_the_word(town):
    customer, headers = await logged_in(town)
    code = "I" * 9
    while not (any(c.isdigit() for c in code) and any(c.isalpha() for c in code)):
        code = await new_code(town, headers)

    await town.driver.say(code)
    await town.driver.say("balance")

    assert town.assistant.turns[-1].customer_id == customer.id


async def test_given_unlink_in_the_messenger_then_a_new_chat_begins_without_the_old_lines(town):
    town.linked()
    await town.driver.say("my secret salary")
    await town.settled()
    before = town.chat().conversation_id

    await town.driver.say("unlink")
    await town.driver.say("who am I?")
    await town.settled()

    assert town.chat().conversation_id != before
    assert town.assistant.turns[-1].customer_id is None
    assert "salary" not in repr(town.said())
    assert any("not linked to a customer any more" in text for text in town.service.texts)


async def test_given_unlinking_on_the_page_then_what_waits_is_not_sent_any_more(town):
    customer, headers = await logged_in(town)
    town.link(customer)
    await town.driver.say("hello")
    await town.settled()
    chat, seen_count = town.chat(), len(town.service.shown)

    response = await town.client.delete(f"/api/links/{town.name}", headers=headers)
    assert (await response.json()) == {"removed": 1}
    staff, _ = town.taken_over()
    town.bank.conversations.append(staff, chat.conversation_id, sender="staff", text="Your balance…")
    town.app[DELIVERIES].wake(chat.id)
    await asyncio.sleep(0.6)  # three polls of the feed: it would be out by now
    await town.driver.say("hello again")
    await town.settled()

    assert not any("Your balance" in one.text for one in town.service.shown[seen_count:])
    assert town.assistant.turns[-1].customer_id is None


async def test_given_a_second_customers_code_then_the_account_changes_hands_in_a_new_chat(town):
    amal = town.linked("amal")
    await town.driver.say("amals secret")
    bora = make_customer(town.bank, "bora")
    code = town.bank.links.make_code(a_customer(bora.id))

    await town.driver.say(f"link {code}")
    await town.driver.say("hello")
    await town.settled()

    assert town.assistant.turns[-1].customer_id == bora.id != amal.id
    assert "amals secret" not in repr(town.said())


async def test_given_a_visitor_or_no_session_when_asking_for_a_code_then_401(town):
    token, _ = await start_chat(town.client)

    assert (await town.client.post("/api/links/code", headers=bearer(token))).status == 401
    assert (await town.client.post("/api/links/code")).status == 401


async def test_given_another_messenger_when_unlinking_on_the_page_then_404(town):
    _customer, headers = await logged_in(town)

    assert (await town.client.delete("/api/links/icq", headers=headers)).status == 404


async def test_given_a_waiting_act_when_the_code_is_typed_then_rasa_never_sees_it(town, monkeypatch):
    town.linked()
    await town.driver.say("replace my card")
    customer_id = town.assistant.turns[-1].customer_id
    actor = a_customer(customer_id)
    challenge = town.bank.store.write(
        lambda uow: town.bank.step_up.challenge_in(
            uow, actor, purpose="card.replace", binding={"card_id": "cd_1"}
        )
    )
    proofs = []
    monkeypatch.setattr(
        type(town.bank.step_up_acts), "perform",
        lambda self, actor, held, proof: proofs.append((held.id, proof)),
    )  # fmt: skip

    await town.driver.say("123 456")
    await town.settled()

    assert proofs == [(challenge.id, CodeProof("123456"))]
    assert town.assistant.turns[-1].payload["intent"] == "EXTERNAL_step_up_done"
    assert "123456" not in repr(town.said()).replace(" ", "")


async def test_given_telegram_then_the_page_gets_an_address_that_opens_it_with_the_code(town):
    _customer, headers = await logged_in(town)

    made = await (await town.client.post("/api/links/code", headers=headers)).json()

    assert made["channels"] == [town.name]
    expected = f"https://t.me/florin_bot?start={made['code']}" if town.name == "telegram" else None
    assert made["open_url"] == expected


async def test_given_the_database_then_it_holds_neither_account_nor_address_in_clear(town):
    town.linked()
    await town.driver.say("hello")

    held = town.bank.store.read(
        lambda uow: repr((uow.messenger_chats.list(), uow.channel_links.list()))
    )
    assert town.driver.external_id not in held
