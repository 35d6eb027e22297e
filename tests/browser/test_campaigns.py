"""From segments as pictures to a campaign's result; on the way, one offer in a chat, declined."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.branch import Branch, Login
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage

OFFER = "an offer of ours"
#: Pictures of a whole town, beside everything else a small machine does.
DRAWN_MS = 90_000


def make_campaign(desk: Page, url: str, name: str) -> str:
    """Fill in the form: two variants, by mail and in the chat; return the campaign's id."""
    desk.goto(f"{url}/console/campaigns")
    form = desk.locator("#form")
    expect(form.get_by_label("Message class")).to_be_visible(timeout=DRAWN_MS)
    form.get_by_label("Name").fill(name)
    form.get_by_label("Chat").first.check()
    form.get_by_role("button", name="Add a variant").click()
    second = desk.locator("#variants > li").nth(1)
    second.locator("select[data-part=mail]").select_option("campaign_savings_short")
    for select in desk.locator("#variants select[data-part=chat]").all():
        select.select_option("savings")
    expect(desk.locator("#size")).to_contain_text("fit now", timeout=ANSWER_MS)
    form.get_by_role("button", name="Make the draft").click()
    expect(desk.locator("#form-problem")).to_contain_text("Say which class")
    form.get_by_label("Message class").select_option("marketing")
    form.get_by_role("button", name="Make the draft").click()
    expect(desk.locator("#state")).to_have_text("Draft", timeout=ANSWER_MS)
    return desk.url.rsplit("/", 1)[1]


def preview(desk: Page, login_name: str) -> str:
    """Hold the campaign against a customer; return what it says."""
    desk.get_by_label("Login name").fill(login_name)
    desk.get_by_role("button", name="Look").click()
    expect(desk.locator("#preview strong").first).to_be_visible(timeout=ANSWER_MS)
    return desk.locator("#preview").inner_text()


def contactable(desk: Page, branch: Branch) -> Login:
    """Return a customer who is not held out."""
    for who in branch.customers[1:6]:
        desk.reload()
        if "held out, and never" not in preview(desk, who[0]):
            return who
    raise AssertionError("all of these are held out")


def approve_as_second(desk: Page, address: str) -> None:
    """Approve somebody else's campaign."""
    desk.goto(address)
    desk.get_by_role("button", name="Approve").click()
    expect(desk.locator("#state")).to_have_text("Approved", timeout=ANSWER_MS)


def test_given_a_marketer_when_a_campaign_is_made_then_approved_it_runs_and_is_read_with_intervals(
    running_branch: Branch, staff: ConsolePage, colleague: ConsolePage, page: Page
) -> None:
    url, desk = running_branch.url, staff.page
    running_branch.command("analytics", "train", "segments")
    desk.goto(f"{url}/console/segments")
    pictures = desk.locator("#pictures img")
    expect(pictures.nth(1)).to_be_visible(timeout=DRAWN_MS)
    assert pictures.first.evaluate("one => one.decode().then(() => one.naturalWidth)") > 400
    assert len(pictures.first.get_attribute("alt") or "") > 40
    expect(desk.locator("#segments li").first).to_contain_text("customers")

    campaign_id = make_campaign(desk, url, "Savings in spring")
    who = contactable(desk, running_branch)
    assert "savings account" in preview(desk, who[0])
    expect(desk.get_by_role("button", name="Approve")).to_be_hidden()  # they made it
    approve_as_second(colleague.page, desk.url)

    running_branch.command("campaigns", "run")
    chat = ChatPage(page, url).open()
    chat.log_in(*who)
    chat.say("turn on offers", "I may show you an offer")
    chat.say("what's my balance?", OFFER)
    chat.press("Not interested")
    chat.wait_for("I will not offer you that again")
    chat.say("what's my balance?")
    chat.say("thank you")
    expect(chat.lines.filter(has_text=OFFER)).to_have_count(1)

    running_branch.command("campaigns", "fast-forward", campaign_id, "--days", "20")
    desk.reload()
    expect(desk.locator("#uplift")).to_have_text(
        re.compile(r"points \([+−]\d+\.\d to [+−]\d+\.\d\)"), timeout=ANSWER_MS
    )
    expect(desk.locator("#results")).to_contain_text("Variant b")
    expect(desk.locator("#results")).to_contain_text("No consent for this purpose and channel")
    desk.get_by_role("button", name="Stop for good").click()
    expect(desk.locator("#state")).to_have_text(re.compile("Stopped|Done"), timeout=ANSWER_MS)
