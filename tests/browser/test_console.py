"""The staff console with two people at it: who owns a case, who speaks, what stays private."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage

SECRET = "Sounds upset; was here last week as well."


@pytest.fixture
def chat(running_branch: Branch, page: Page, staff: ConsolePage) -> ChatPage:
    """A visitor who asked for a person, and the member of staff who has opened the case."""
    chat = ChatPage(page, running_branch.url).open()
    chat.say("I want to talk to a person")
    staff.open().open_newest_handoff()
    return chat


def test_given_a_case_when_opened_then_it_says_in_words_why_it_escalated(
    chat: ChatPage, staff: ConsolePage
) -> None:
    expect(staff.page.locator("#subject")).to_have_text("The customer asked for a person")
    why = staff.page.locator(".why")
    expect(why).to_contain_text("The customer asked for a person")
    expect(why).to_contain_text("I want to talk to a person")
    expect(why).to_contain_text("action_hand_off")
    expect(why).to_contain_text("Policy")
    expect(staff.page.locator(".did").last).to_have_text(
        re.compile(r"^did action_hand_off by .+ \(\w*Policy\)$")
    )
    staff.open()
    inbox = staff.page.locator("#cases")
    expect(inbox).to_contain_text("The customer asked for a person")
    expect(inbox).not_to_contain_text("customer_asked")


def test_given_a_waiting_customer_when_taken_over_then_the_customer_sees_a_person(
    chat: ChatPage, staff: ConsolePage, capsys: pytest.CaptureFixture[str]
) -> None:
    began_s = time.monotonic()
    staff.press("Take over")
    expect(chat.page.locator(".banner.person")).to_be_visible(timeout=ANSWER_MS)
    took_s = time.monotonic() - began_s
    with capsys.disabled():
        print(  # noqa: T201
            f"\ntake-over, from the click to the customer's banner: {took_s:.2f} s"
        )

    expect(staff.page.locator("#speaker")).to_have_text("A person speaks")
    answers = chat.bot_lines.count()
    chat.type("what are your fees?")
    expect(staff.page.locator("#transcript")).to_contain_text("your fees?", timeout=ANSWER_MS)
    staff.reply("They are on our page; I send you the link.")
    chat.wait_for("I send you the link")
    assert chat.bot_lines.count() == answers


def test_given_a_colleagues_case_when_somebody_else_acts_then_a_sentence_says_whose_it_is(
    chat: ChatPage, staff: ConsolePage, colleague: ConsolePage
) -> None:
    colleague.page.goto(staff.page.url)
    staff.press("Claim")
    expect(staff.page.locator("#tags")).to_contain_text("You", timeout=ANSWER_MS)

    with colleague.page.expect_response("**/claim") as answer:
        colleague.press("Claim")

    assert answer.value.status == 409
    expect(colleague.page.get_by_role("alert")).to_contain_text("A colleague holds it")
    expect(colleague.page.locator("#tags")).to_contain_text("Nadia")
    expect(colleague.page.locator("#resolve-part")).to_be_hidden()


def test_given_a_private_note_when_the_customer_looks_then_it_is_nowhere_on_their_page(
    chat: ChatPage, staff: ConsolePage
) -> None:
    frames: list[str] = []
    chat.page.on(
        "websocket", lambda line: line.on("framereceived", lambda data: frames.append(str(data)))
    )
    chat.page.reload()
    staff.press("Claim")
    staff.note(SECRET)
    staff.take_over()
    staff.reply("I am here now.")
    chat.wait_for("I am here now.")

    assert any("I am here now." in frame for frame in frames)
    assert not any(SECRET in frame for frame in frames)
    assert SECRET not in chat.page.content()
    expect(chat.lines.filter(has_text=SECRET)).to_have_count(0)
    history = chat.history()
    assert history
    assert SECRET not in str(history)


def test_given_a_person_when_they_hand_back_then_the_summary_is_told_and_the_bot_goes_on(
    chat: ChatPage, staff: ConsolePage
) -> None:
    staff.take_over()
    staff.hand_back("We agreed that you look at the fees.")

    expect(chat.page.locator(".banner.person")).to_have_count(0, timeout=ANSWER_MS)
    chat.wait_for(re.compile("We agreed that you look at the fees"))
    chat.wait_for(re.compile("not a person"))
    chat.say("what are your fees?", "EUR")


def test_given_an_owned_case_when_resolved_then_outcome_and_note_stay_with_it(
    chat: ChatPage, staff: ConsolePage
) -> None:
    staff.press("Claim")
    staff.resolve("Solved", "Answered by phone.")

    expect(staff.page.locator("#events")).to_contain_text("Answered by phone.")
    expect(staff.page.locator("#tags")).to_contain_text("Solved")
    expect(staff.page.get_by_role("button", name="Reopen")).to_be_visible()
    expect(staff.page.locator("#reply-form")).to_be_hidden()
    expect(chat.lines.filter(has_text="Answered by phone.")).to_have_count(0)
    address = staff.page.url.removeprefix(staff.url)
    staff.open()
    expect(staff.page.locator(f"#cases a[href='{address}']")).to_have_count(0)
