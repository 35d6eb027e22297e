"""Takes the README's pictures of advice: `python -m tests.browser.advice_screenshots`.

The journey from "what should I do with 5,000 euros?" to the mix, and its record in the console.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.branch import open_branch
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pages import ChatPage, ConsolePage
from tests.browser.screenshots import DESK, _page, _take
from tests.browser.test_advice import advised

CUSTOMERS = 400
#: So tall that the mix, its risk and its course are seen together.
CHAT, ROOM = (900, 1500), (DESK[0], 1500)


def main() -> int:
    """Take both pictures."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with open_branch(Path(home), customers=CUSTOMERS) as branch:
            branch.command("analytics", "learn-advice")
            page = _page(browser, CHAT, "light")
            chat = ChatPage(page, branch.url).open()
            chat.log_in(*branch.customers[3])
            advised(chat)
            page.wait_for_timeout(1_500)  # pictures fade in
            _take(page, "chat-advice")
            chat.press("Talk to an adviser")
            chat.wait_for("I have asked an adviser to join us")
            desk = _page(browser, ROOM, "light")
            console = ConsolePage(desk, branch.url).log_in(*branch.staff)
            console.open_newest_handoff()
            desk.get_by_role("link", name="All about this customer").click()
            record = desk.locator("#advice details").first
            record.locator("summary").click()
            record.locator("img").nth(2).wait_for()
            desk.locator("#investing").scroll_into_view_if_needed()
            desk.wait_for_timeout(500)
            _take(desk, "console-advice")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
