"""Takes the README's pictures of the library: `python -m tests.browser.library_screenshots`.

Answers with their source and an honest no in the chat, the library's room, the copilot's drafts.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.branch import open_branch
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage
from tests.browser.screenshots import DESK, _page, _take
from tests.browser.test_library_journey import TASK, publish_as_second, write_article

CUSTOMERS = 60
ROOM = (DESK[0], 1000)
#: Two that articles answer, one of them while a transfer waits, and one that none does.
BEFORE = "who pays if a thief shops with my card after I reported it?"
INSIDE = "can I put a card into my phone's wallet?"
UNKNOWN = ("what happens to a cheque from America?", "how do you treat a cheque from abroad?")


def main() -> int:
    """Take the three pictures."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with open_branch(Path(home), customers=CUSTOMERS) as branch:
            page = _page(browser, ROOM, "light")
            chat = ChatPage(page, branch.url).open()
            chat.log_in(*branch.customer)
            page.get_by_role("button", name="Not now").click()
            chat.say(UNKNOWN[0])
            chat.say(BEFORE)
            chat.say(TASK, "14.00 EUR")
            chat.say(INSIDE)
            chat.wait_for("14.00 EUR")
            _take(page, "chat-library")
            chat.press("Cancel")
            chat.say(UNKNOWN[1])
            chat.say("I want to talk to a person")

            second = _page(browser, DESK, "light")
            ConsolePage(second, branch.url).log_in(*branch.colleague)
            desk = _page(browser, ROOM, "light")
            staff = ConsolePage(desk, branch.url)
            staff.log_in(*branch.staff)
            write_article(desk, branch.url)
            publish_as_second(second, branch.url)
            desk.goto(f"{branch.url}/console/library")
            desk.locator(".cluster").first.wait_for()
            _take(desk, "console-library")
            staff.open().open_newest_handoff()
            staff.take_over()
            desk.locator("#copilot .draft").first.wait_for(timeout=ANSWER_MS)
            _take(desk, "console-copilot")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
