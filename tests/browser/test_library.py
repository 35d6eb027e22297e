"""The library in the console: written by one, published by another, and what is answered then."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from bank.domain.actors import VISITOR
from tests.browser.cards import CardRoom, open_card_room
from tests.browser.conftest import DESK
from tests.browser.pages import ANSWER_MS
from tests.web.house import without_shipped_articles

BODY = "## Renting a boat\n\nThe branch rents out rowing boats for 12 EUR an hour."
MARKUP = "do you rent out <i>boats</i>?"


@pytest.fixture
def room(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[CardRoom]:
    home = tmp_path_factory.mktemp("library")
    without_shipped_articles(home, monkeypatch)
    with open_card_room(home) as room:
        for text in (MARKUP, "can I rent boats?", "is there a vegan canteen?"):
            room.bank.articles.unanswered(VISITOR, text, language="en")
        yield room


def opened(browser: Browser, room: CardRoom, name: str, role: str) -> Page:
    context = browser.new_context(viewport=DESK, locale="en-GB")
    cookie = {"name": "florin_staff", "value": room.staff_token(name, role=role), "url": room.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{room.url}/console/library")
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_role("textbox", name="Question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()


def write(page: Page) -> None:
    """From a question nobody could answer to a text that waits for somebody else."""
    expect(page.locator("#clusters i")).to_have_count(0)  # words, never markup
    boats = page.locator(".cluster").filter(has_text="boats")
    expect(boats).to_contain_text("asked 2×")
    boats.get_by_role("link", name="Write an article for this").click()
    page.get_by_label("Title").fill("Boats")  # a customer's markup would be refused
    page.get_by_label("Name in its address").fill("boat-rental")
    page.get_by_label("Topic").fill("boats")
    page.get_by_label("Text", exact=True).fill("## \n- \n#\n")  # half written
    page.get_by_label("Text", exact=True).fill(BODY)
    expect(page.locator("#preview h3")).to_have_text("Renting a boat")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#tags")).to_contain_text("In review")


def test_given_a_question_nobody_answered_when_two_have_seen_the_article_then_it_is_answered(
    browser: Browser, room: CardRoom
) -> None:
    susi = opened(browser, room, "susi", "supervisor")
    ask(susi, "Can I rent a rowing boat?")
    expect(susi.locator("#asked")).to_contain_text("does not know", timeout=ANSWER_MS)
    write(susi)

    susi.get_by_role("button", name="Publish").click()
    expect(susi.get_by_role("alert")).not_to_be_empty()  # one's own takes somebody else
    expect(susi.locator("#tags")).to_contain_text("In review")

    tom = opened(browser, room, "tom", "supervisor")
    tom.get_by_role("link", name="Boats", exact=True).click()
    expect(tom.locator("#diff .plus").last).to_contain_text("12 EUR")
    tom.get_by_role("button", name="Publish").click()
    expect(tom.locator("#tags")).to_contain_text("Published")
    tom.get_by_role("link", name="All articles").click()
    ask(tom, "Can I rent a rowing boat?")

    expect(tom.locator("#asked blockquote")).to_contain_text("12 EUR an hour")
    expect(tom.locator("#asked").get_by_role("link").first).to_contain_text("Renting a boat")
    for page in (susi, tom):
        page.context.close()


def test_given_two_who_edit_one_text_when_the_later_saves_then_both_texts_are_shown(
    browser: Browser, room: CardRoom
) -> None:
    mila = opened(browser, room, "mila", "agent")
    write(mila)
    tom = opened(browser, room, "tom", "supervisor")
    tom.goto(f"{room.url}/console/library/boat-rental")
    tom.get_by_label("What is to be changed").fill("Which branch?")
    tom.get_by_role("button", name="Send back").click()
    expect(tom.locator("#note")).to_contain_text("Which branch?")
    mila.reload()
    for page, text in (
        (mila, "## Boats\n\nOnly in the harbour."),
        (tom, "## Boats\n\nEverywhere."),
    ):
        page.get_by_role("button", name="Edit the draft").click()
        page.get_by_label("Text", exact=True).fill(text)
    mila.get_by_role("button", name="Save the draft").click()
    expect(mila.get_by_role("button", name="Submit for review")).to_be_focused()

    tom.get_by_role("button", name="Save the draft").click()

    expect(tom.locator("#both")).to_contain_text("Mila Novak saved this text")
    expect(tom.locator("#theirs")).to_contain_text("Only in the harbour.")
    expect(tom.get_by_label("Text", exact=True)).to_have_value("## Boats\n\nEverywhere.")
    tom.get_by_role("button", name="Go on with mine").click()
    tom.get_by_role("button", name="Save the draft").click()
    expect(tom.locator("#diff")).to_contain_text("Everywhere.")
    for page in (mila, tom):
        page.context.close()
