"""The builder of campaigns: rules and shares by keyboard, what is wrong said, who is not reached."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.cards import CardRoom
from tests.browser.marketing import PEOPLE, open_marketing_room, staff_page
from tests.browser.pages import ANSWER_MS


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with open_marketing_room(tmp_path_factory.mktemp("marketing")) as room:
        yield room


@pytest.fixture
def desk(browser: Browser, room: CardRoom) -> Iterator[Page]:
    page = staff_page(browser, room, "mila", "agent", viewport={"width": 1280, "height": 900})
    page.goto(f"{room.url}/console/campaigns")
    expect(page.locator("#size")).to_contain_text("fit now", timeout=ANSWER_MS)
    yield page
    page.context.close()


def add_condition(group: Locator, feature: str, op: str, value: str, *, is_first: bool) -> None:
    if not is_first:
        group.get_by_role("button", name="Add a condition").click()
    line = group.locator(".condition").last
    line.get_by_label("Feature").select_option(label=feature)
    line.locator("[data-part=op]").select_option(label=op)
    field = line.locator("[data-part=value]")
    if field.evaluate("one => one.tagName") == "SELECT":
        field.select_option(label=value)
    else:
        field.fill(value)


def test_given_groups_of_conditions_when_built_then_words_and_sizes_follow_and_the_plan_says_so(
    desk: Page,
) -> None:
    desk.get_by_role("button", name="Add a group").click()
    first = desk.locator(".rule-group").nth(0)
    first.get_by_label("Of these conditions").select_option(label="at least one holds")
    add_condition(first, "Country", "is one of", "PT, ES", is_first=True)
    add_condition(first, "Has a savings account", "is", "yes", is_first=False)
    desk.get_by_role("button", name="Add a group").click()
    second = desk.locator(".rule-group").nth(1)
    second.get_by_label("Of these conditions").select_option(label="none holds")
    add_condition(second, "Age band", "is", "65 and over", is_first=True)

    words = "(Country is one of PT, ES or Has a savings account is yes) and not Age band is 65"
    expect(desk.locator("#rules-words")).to_contain_text(words)
    expect(desk.locator("#size")).to_contain_text("24 fit now")  # of 30, less 6 old
    desk.locator("#groups-join").select_option(label="any group")
    expect(desk.locator("#rules-words")).to_contain_text("yes) or not Age band")
    desk.locator("#groups-join").select_option(label="all groups")

    desk.get_by_label("Name", exact=True).fill("Iberia or savers")
    desk.get_by_label("Message class").select_option("marketing")
    desk.get_by_role("button", name="Make the draft").click()

    expect(desk.locator("#plan")).to_contain_text(words, timeout=ANSWER_MS)
    expect(desk.locator("#reach")).to_contain_text("of the audience were looked at")
    expect(desk.locator("#reach li")).to_contain_text("No consent for this purpose and channel")


def test_given_only_a_keyboard_when_a_rule_is_built_then_no_pointer_is_needed(desk: Page) -> None:
    desk.locator("#add-group").focus()

    desk.keyboard.press("Enter")
    expect(desk.locator(".rule-group").get_by_label("Of these conditions")).to_be_focused()
    desk.keyboard.press("Tab")
    desk.keyboard.type("Has a sav")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("n")

    expect(desk.locator("#rules-words")).to_have_text(
        "Only who fits: Has a savings account is no."
    )
    expect(desk.locator("#size")).to_contain_text(f"{PEOPLE // 2} fit now", timeout=ANSWER_MS)
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")  # Remove
    expect(desk.get_by_role("button", name="Add a condition")).to_be_focused()
    expect(desk.locator("#size")).to_contain_text(f"{PEOPLE} fit now", timeout=ANSWER_MS)


def test_given_shares_when_they_do_not_add_up_then_said_and_no_draft_until_they_do(
    desk: Page,
) -> None:
    desk.get_by_role("button", name="Add a variant").click()
    shares = desk.get_by_label("Share, %")
    expect(shares).to_have_count(2)
    assert [one.input_value() for one in shares.all()] == ["50", "50"]

    shares.nth(0).fill("80")
    expect(desk.locator("#shares-problem")).to_have_text(
        "The shares add up to 130 %, not to 100 %."
    )
    desk.get_by_label("Name", exact=True).fill("Uneven")
    desk.get_by_label("Message class").select_option("marketing")
    desk.get_by_role("button", name="Make the draft").click()
    expect(shares.nth(0)).to_be_focused()
    shares.nth(1).fill("20")
    expect(desk.locator("#shares-problem")).to_be_empty()
    expect(desk.locator("#size")).to_contain_text("Variant b, 7 people, against variant a")
    desk.get_by_role("button", name="Make the draft").click()

    expect(desk.locator("#plan")).to_contain_text("a 80 %", timeout=ANSWER_MS)
    expect(desk.locator("#plan")).to_contain_text("b 20 %")


def test_given_nobody_fits_when_a_second_person_approves_then_the_reason_is_said(
    browser: Browser, room: CardRoom, desk: Page
) -> None:
    desk.get_by_role("button", name="Add a group").click()
    add_condition(desk.locator(".rule-group"), "Country", "is", "IS", is_first=True)
    expect(desk.locator("#size")).to_have_text("Nobody fits now.", timeout=ANSWER_MS)
    desk.get_by_label("Name", exact=True).fill("Iceland")
    desk.get_by_label("Message class").select_option("marketing")
    desk.get_by_role("button", name="Make the draft").click()
    expect(desk.locator("#state")).to_have_text("Draft", timeout=ANSWER_MS)
    chief = staff_page(browser, room, "susi", "supervisor")
    chief.goto(desk.url)

    chief.get_by_role("button", name="Approve").click()

    expect(chief.locator("#problem")).to_have_text(re.compile("Nobody fits this audience"))
    expect(chief.locator("#state")).to_have_text("Draft")
    chief.context.close()


def test_given_a_supervisor_when_segments_are_handed_over_then_what_waits_is_said(
    browser: Browser, room: CardRoom
) -> None:
    chief = staff_page(browser, room, "susi", "supervisor")
    chief.goto(f"{room.url}/console/segments")
    chief.get_by_role("button", name="Hand to the webhook").click()

    expect(chief.locator("#handed")).to_have_text(
        "Handed to hooks.bank.example: 360 customers. "
        "Pages waiting: 1, delivered: 0, given up: 0.",
        timeout=ANSWER_MS,
    )
    with chief.expect_download() as download:
        chief.get_by_role("link", name="Download who is where").click()
    assert download.value.suggested_filename == "segments.csv"
    chief.context.close()
