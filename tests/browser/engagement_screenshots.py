"""Takes the README's pictures of engagement: `python -m tests.browser.engagement_screenshots`.

Segments, and a campaign that has lived twenty days in the town.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.branch import open_branch
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pages import ConsolePage
from tests.browser.screenshots import DESK, _page, _take
from tests.browser.test_campaigns import DRAWN_MS, approve_as_second, make_campaign, preview

CUSTOMERS = 400
ROOM = (DESK[0], 1200)


def main() -> int:
    """Take both pictures."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with open_branch(Path(home), customers=CUSTOMERS) as branch:
            branch.command("analytics", "train", "segments")
            desk = _page(browser, ROOM, "light")
            ConsolePage(desk, branch.url).log_in(*branch.staff)
            desk.goto(f"{branch.url}/console/segments")
            desk.locator("#pictures img").nth(1).wait_for(timeout=DRAWN_MS)
            desk.wait_for_timeout(500)
            _take(desk, "console-segments")
            campaign_id = make_campaign(desk, branch.url, "Savings in spring")
            address = desk.url
            second = _page(browser, DESK, "light")
            ConsolePage(second, branch.url).log_in(*branch.colleague)
            approve_as_second(second, address)
            branch.command("campaigns", "fast-forward", campaign_id, "--days", "20")
            desk.reload()
            preview(desk, branch.customers[1][0])
            desk.locator("#uplift").wait_for()
            _take(desk, "console-campaign")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
