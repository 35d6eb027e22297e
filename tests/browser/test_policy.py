"""The page's own policy: strict, and nothing on the page breaks it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage

_WATCH = """
addEventListener("securitypolicyviolation", (event) =>
    report(`${event.effectiveDirective} ${event.blockedURI} ${event.sample}`), true);
"""


def test_given_the_strict_policy_when_the_chat_is_used_then_nothing_is_blocked(
    running_branch: Branch, page: Page
) -> None:
    broken = _watch(page.context)
    chat = ChatPage(page, running_branch.url).open()
    chat.log_in(*running_branch.customers[1])
    chat.say("show my spending last month as a picture")
    expect(page.locator("florin-line img").last).to_be_visible(timeout=ANSWER_MS)
    chat.say("send 14 euros to Ana Silva")
    chat.say("cancel")

    assert broken == []
    # The watch itself works: this is what a style out of line would look like.
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    assert any("style-src" in one for one in broken), broken


def test_given_the_strict_policy_when_the_console_is_used_then_nothing_is_blocked(
    running_branch: Branch, page: Page, staff: ConsolePage
) -> None:
    chat = ChatPage(page, running_branch.url).open()
    chat.say("I want to talk to a person")
    broken = _watch(staff.page.context)
    staff.open().open_newest_handoff()

    assert broken == []


def test_given_the_chat_page_when_loaded_then_passkeys_and_the_camera_are_ours_alone(
    running_branch: Branch, page: Page
) -> None:
    answer = page.goto(running_branch.url)

    assert answer is not None
    allowed = answer.headers["permissions-policy"]
    for name in ("camera", "publickey-credentials-get", "publickey-credentials-create"):
        assert f"{name}=(self)" in allowed
    assert "style-src 'self';" in answer.headers["content-security-policy"]


def _watch(context: BrowserContext) -> list[str]:
    """Return a list that grows with every breach on any page of this context."""
    broken: list[str] = []
    # Playwright marks the function it is given, which a built-in method does not bear.
    context.expose_function("report", lambda breach: broken.append(breach))  # noqa: PLW0108
    context.add_init_script(_WATCH)
    context.on(
        "console",
        lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None,
    )
    return broken
