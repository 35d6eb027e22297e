"""The chats of accounts over both stores: whose they are, who sends, what a pause is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bank.bootstrap import Bank, make_bank
from bank.domain.actors import SYSTEM, a_customer
from bank.domain.conversations import NewMessage, Sender
from bank.storage.database import open_store
from bank.storage.memory import MemoryStore
from bank.storage.migrate import upgrade
from tests.web.channels.conftest import Clock
from tests.web.house import make_customer


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def bank(request, tmp_path, clock):
    if request.param == "memory":
        store = MemoryStore()
    else:
        url = f"sqlite:///{tmp_path / 'bank.db'}"
        upgrade(url)
        store = open_store(url)
    yield make_bank(store, clock=clock)
    store.close()


def link(bank: Bank, name: str, account: str = "7001") -> str:
    customer = make_customer(bank, name)
    code = bank.links.make_code(a_customer(customer.id))
    bank.links.redeem("telegram", account, code)
    return customer.id


def bot_says(bank: Bank, chat, *texts: str) -> None:
    for text in texts:
        bank.conversations.append(SYSTEM, chat.conversation_id, NewMessage(Sender.BOT, text))


def test_given_an_account_when_it_writes_again_then_it_has_the_same_chat(bank, clock):
    first = bank.messenger_chats.open("telegram", "7001", address="7001")
    bot_says(bank, first.chat, "hello")
    clock.pass_s(3600)

    again = bank.messenger_chats.open("telegram", "7001", address="7002")

    assert again.chat.conversation_id == first.chat.conversation_id
    assert (first.is_new, again.is_new) == (True, False)
    assert bank.messenger_chats.address_of(again.chat) == "7002"
    assert bank.messenger_chats.of_conversation(first.chat.conversation_id).id == first.chat.id


def test_given_another_service_then_the_same_number_is_another_account(bank):
    telegram = bank.messenger_chats.open("telegram", "7001", address="7001")
    slack = bank.messenger_chats.open("slack", "7001", address="7001")

    assert telegram.chat.conversation_id != slack.chat.conversation_id


def test_given_nobodys_chat_when_linked_then_it_goes_on_and_when_unlinked_a_new_one_begins(bank):
    first = bank.messenger_chats.open("telegram", "7001", address="7001")
    customer_id = link(bank, "amal")

    linked = bank.messenger_chats.open("telegram", "7001", address="7001")
    bank.links.remove(a_customer(customer_id), "telegram")
    unlinked = bank.messenger_chats.open("telegram", "7001", address="7001")

    assert (first.customer_id, linked.customer_id, unlinked.customer_id) == (None, customer_id, None)
    assert first.chat.conversation_id == linked.chat.conversation_id
    assert unlinked.chat.conversation_id != linked.chat.conversation_id
    assert bank.messenger_chats.of_conversation(linked.chat.conversation_id) is None


def test_given_lines_when_claimed_by_eight_at_once_then_one_sends(bank):
    chat = bank.messenger_chats.open("telegram", "7001", address="7001").chat
    bot_says(bank, chat, "one")

    with ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _: bank.messenger_chats.claim(chat.id), range(16)))

    assert len([claim for claim in claims if claim is not None]) == 1


def test_given_a_sender_that_died_then_the_line_may_be_sent_after_its_lease(bank, clock):
    chat = bank.messenger_chats.open("telegram", "7001", address="7001").chat
    bot_says(bank, chat, "one")
    bank.messenger_chats.claim(chat.id)
    assert bank.messenger_chats.claim(chat.id) is None

    clock.pass_s(121)

    assert bank.messenger_chats.list_unsent() == [chat.id]
    assert bank.messenger_chats.claim(chat.id) is not None


def test_given_everything_was_sent_then_there_is_nothing_to_claim(bank):
    chat = bank.messenger_chats.open("telegram", "7001", address="7001").chat
    bot_says(bank, chat, "one", "two")
    held = bank.messenger_chats.claim(chat.id)

    held = bank.messenger_chats.mark_sent(held, 1, last=False)
    held = bank.messenger_chats.mark_sent(held, 2, last=True)

    assert held.sent_seq == 2
    assert bank.messenger_chats.claim(chat.id) is None
    assert bank.messenger_chats.list_unsent() == []


def test_given_a_line_that_failed_then_it_is_due_after_its_pause(bank, clock):
    chat = bank.messenger_chats.open("telegram", "7001", address="7001").chat
    bot_says(bank, chat, "one")
    bank.messenger_chats.postpone(bank.messenger_chats.claim(chat.id), at_least_s=60)

    assert bank.messenger_chats.list_due() == []
    assert bank.messenger_chats.claim(chat.id) is None
    clock.pass_s(61)

    assert bank.messenger_chats.list_due() == [chat.id]
    assert bank.messenger_chats.claim(chat.id).tries == 1


def test_given_an_account_unlinked_while_sending_then_no_further_line_is_marked_on_its_new_chat(bank):
    customer_id = link(bank, "amal")
    chat = bank.messenger_chats.open("telegram", "7001", address="7001").chat
    bot_says(bank, chat, "one", "two")
    held = bank.messenger_chats.claim(chat.id)

    bank.links.remove(a_customer(customer_id), "telegram")
    assert bank.messenger_chats.list_unsent() == []
    bank.messenger_chats.open("telegram", "7001", address="7001")

    assert bank.messenger_chats.mark_sent(held, 1, last=False) is None


def test_given_an_erased_chat_then_its_address_is_gone_and_the_account_begins_anew(bank):
    chat = bank.messenger_chats.open("telegram", "7001", address="7001").chat
    bot_says(bank, chat, "one")

    bank.conversations.erase(SYSTEM, chat.conversation_id)

    assert bank.messenger_chats.of_conversation(chat.conversation_id) is None
    assert bank.messenger_chats.claim(chat.id) is None
    fresh = bank.messenger_chats.open("telegram", "7001", address="7001")
    assert fresh.is_new
    assert fresh.chat.conversation_id != chat.conversation_id
