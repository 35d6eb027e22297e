"""The console's language page: read, pick by key, label; nobody needs a mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bank.domain.actors import SYSTEM
from tests.browser.cards import CardRoom, open_card_room
from tests.browser.conftest import DESK

MARKUP = "<b>the money</b> thing"


@pytest.fixture
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with open_card_room(tmp_path_factory.mktemp("language")) as room:
        for text in ("my plastic", MARKUP):
            room.doubtful_message(text)
        yield room


def opened(browser: Browser, room: CardRoom, role: str) -> Page:
    context = browser.new_context(viewport=DESK, locale="en-GB")
    cookie = {"name": "florin_staff", "value": room.staff_token("mila", role=role), "url": room.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{room.url}/console")
    return page


def test_given_readings_when_labelled_by_keys_then_the_sentence_is_learnt_and_the_next_is_at_hand(
    browser: Browser, room: CardRoom
) -> None:
    page = opened(browser, room, "agent")
    page.get_by_role("link", name="Language").click()
    cards = page.locator(".reading-card")
    expect(cards).to_have_count(2)
    expect(cards.first.locator(".said")).to_have_text(MARKUP)  # words, never markup

    page.keyboard.press("j")
    page.keyboard.press("2")
    expect(cards.first.get_by_label("What was meant")).to_have_value("check_balance")
    page.keyboard.press("e")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("what money do I have")
    page.keyboard.press("Enter")

    expect(cards.first.locator(".done")).to_contain_text("Learnt as: My balance")
    expect(cards.nth(1).get_by_role("button", name="Learn")).to_be_focused()
    page.keyboard.press("n")
    expect(cards.nth(1).locator(".done")).to_contain_text("No wish")
    expect(page.locator("#tally")).to_contain_text("labelled1")
    [example] = room.bank.readings.examples(SYSTEM)
    assert (example.text, example.intent) == ("what money do I have", "check_balance")
    page.context.close()


def test_given_another_desk_when_in_the_console_then_no_link_leads_there(
    browser: Browser, room: CardRoom
) -> None:
    page = opened(browser, room, "kyc")

    expect(page.locator("#who")).to_have_text("Mila Novak")
    expect(page.get_by_role("link", name="Language")).to_be_hidden()
    page.context.close()
