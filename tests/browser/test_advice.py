"""From "invest 5,000" to a recommendation with pictures, and the same in the console."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage

#: What is pressed, and a word of the question that follows.
ANSWERS = (
    ("Let it grow", "When may you need it back"), ("Later than that", "for how many months"),
    ("More than 6 months", "How much of all your savings"),
    ("Less than half", "Your income over the next years"),
    ("It stays as it is", "a fifth less after a bad month"), ("Wait", "could you bear to lose"),
    ("About 1,500", "How would a friend describe you"),
    ("Weighing things up", "What have you held before"), ("Shares or bonds", "Last one"),
)  # fmt: skip


def advised(chat: ChatPage) -> None:
    """Ask, answer all questions, and wait for the recommendation."""
    chat.say("what should I do with 5,000 euros?", "What is the money for")
    for title, following in ANSWERS:
        chat.press(title)
        chat.wait_for(following)
    chat.press("Nothing special")
    chat.wait_for("in one bad year of twenty it would lose")
    chat.wait_for("How its value might develop")


def test_given_somebody_with_5_000_euros_when_they_ask_then_a_mix_with_reasons_pictures_a_record(
    running_branch: Branch, page: Page, staff_page: Page
) -> None:
    running_branch.command("analytics", "learn-advice")
    chat = ChatPage(page, running_branch.url).open()
    chat.log_in(*running_branch.customers[3])

    advised(chat)
    pictures = page.locator("florin-line img")
    expect(pictures).to_have_count(2, timeout=ANSWER_MS)
    for place in range(2):
        assert pictures.nth(place).evaluate("one => one.decode().then(() => one.naturalWidth)") > 400
        assert len(pictures.nth(place).get_attribute("alt") or "") > 40
    chat.press("Why these?")
    chat.wait_for("This is why")
    chat.press("And if I need it in two years?")
    chat.wait_for("If it has to be back in 2 years")
    said = " ".join(page.locator("florin-line.from-bot").all_inner_texts()).lower()
    assert not re.search(r"guarantee|cannot lose|risk-free", said)
    chat.press("Talk to an adviser")
    chat.wait_for("I have asked an adviser to join us")

    console = ConsolePage(staff_page, running_branch.url).log_in(*running_branch.staff)
    console.open_newest_handoff()
    staff_page.get_by_role("link", name="All about this customer").click()
    room = staff_page.get_by_role("region", name="Investments")
    expect(room).to_contain_text("Risk that fits", timeout=ANSWER_MS)
    first = room.locator("details").first
    first.locator("summary").click()
    expect(first.locator("img")).to_have_count(3, timeout=ANSWER_MS)
    expect(first).to_contain_text("What the customer read")
    expect(first).to_contain_text("2 years")
