"""Takes the README's pictures of the alert desk while an evening is on: see benchmarks/evening.py.

    python -m tests.browser.evening_screenshots URL CASE_ID STAFF_NAME PASSWORD
"""

from __future__ import annotations

import sys

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pages import ANSWER_MS, ConsolePage
from tests.browser.screenshots import DESK, _page, _take


def main(url: str, case_id: str, name: str, password: str) -> int:
    """Take the inbox and the held payment's page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = _page(browser, DESK, "light")
        ConsolePage(page, url).log_in(name, password)
        _take(page, "evening-inbox")
        page = page.context.new_page()
        page.set_viewport_size({"width": DESK[0], "height": 1150})
        page.goto(f"{url}/console/cases/{case_id}")
        expect(page.get_by_role("heading", name="What speaks for fraud")).to_be_visible(
            timeout=ANSWER_MS
        )
        _take(page, "evening-alert")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
