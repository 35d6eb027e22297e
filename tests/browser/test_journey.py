"""One customer's day, in a real browser against the real processes."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage, Phone


def test_given_a_customer_when_the_whole_journey_is_played_then_every_step_is_answered(
    running_branch: Branch, page: Page, staff_page: Page
) -> None:
    chat = ChatPage(page, running_branch.url).open()

    chat.say("what's my balance?")
    chat.log_in_in_chat(*running_branch.customer)
    chat.wait_for(re.compile(r"[\d,]+\.\d\d EUR"))

    chat.say("what did I spend on groceries last month?")
    chat.say("show my spending last month as a picture")
    picture = page.locator("florin-line img").last
    expect(picture).to_be_visible(timeout=ANSWER_MS)
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 200

    chat.say("send 14 euros to Ana Silva", "14.00 EUR")
    chat.say("no, 40 not 14", "40.00 EUR")
    phone = Phone(running_branch.url)
    chat.press("Yes")
    card = chat.approval
    expect(card).to_contain_text("40.00 EUR")
    expect(card).to_contain_text("Ana Silva")
    code = phone.next_code()
    chat.approve("000000" if code != "000000" else "111111")
    expect(page.get_by_text("Tries left")).to_be_visible(timeout=ANSWER_MS)
    chat.approve(code)
    expect(page.get_by_text("Code accepted.")).to_be_visible(timeout=ANSWER_MS)

    chat.say("freeze my card")
    expect(chat.lines.filter(has_text=re.compile("frozen", re.IGNORECASE)).last).to_be_visible(
        timeout=ANSWER_MS
    )

    chat.say("I want to talk to a person")
    console = ConsolePage(staff_page, running_branch.url).log_in(*running_branch.staff)
    console.open_newest_handoff()
    expect(staff_page.locator("#transcript")).to_contain_text("talk to a person")
    expect(staff_page.locator("#transcript meter").last).to_be_visible()
    console.take_over()
    expect(page.locator(".banner.person")).to_be_visible(timeout=ANSWER_MS)
    console.note("Asked for a person after freezing a card.")
    console.reply("Good afternoon, how can I help you today?")
    chat.wait_for("Good afternoon, how can I help you today?")
    expect(chat.lines.filter(has_text="Asked for a person after")).to_have_count(0)

    chat.type("Thank you, all is well.")
    expect(staff_page.locator("#transcript")).to_contain_text("all is well", timeout=ANSWER_MS)
    console.hand_back("All questions were answered.")
    expect(page.locator(".banner.person")).to_have_count(0, timeout=ANSWER_MS)

    chat.say("what's my balance?", re.compile(r"[\d,]+\.\d\d EUR"))


def test_given_a_card_number_when_typed_then_it_leaves_the_browser_masked(
    running_branch: Branch, page: Page
) -> None:
    sent: list[str] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda data: sent.append(str(data))))
    chat = ChatPage(page, running_branch.url).open()

    full_width = "\N{FULLWIDTH DIGIT FOUR}\N{FULLWIDTH DIGIT TWO}" * 2
    chat.type(f"my card is {full_width} 4242 4242.4242")
    expect(chat.own_line("•••• 4242")).to_have_count(1)
    expect(chat.own_line("•••• 4242")).not_to_contain_text("Sending", timeout=ANSWER_MS)

    assert any("•••• 4242" in frame for frame in sent), sent
    assert not any("4242.4242" in frame or full_width in frame for frame in sent)
