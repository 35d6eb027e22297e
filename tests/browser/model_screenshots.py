"""Takes the README's pictures of the model house: `python -m tests.browser.model_screenshots`.

A town of 2,000, its first models, a report of churn, and the page of a customer who may leave.
Takes some minutes.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import sync_playwright

from analytics.dataset import customers_table
from analytics.registry import Registry
from bank.bootstrap import open_bank
from bank.settings import load_settings
from tests.browser.branch import FLORIN, ROOT, open_branch
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pages import ConsolePage
from tests.browser.screenshots import DESK, _page, _take

CUSTOMERS = 2_000
#: The upper part of the report: headline, figures, where to act, the first pictures.
SHEET = (1100, 1250)


def main() -> int:
    """Take both pictures."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        os.environ["FLORIN_HOME_DIR"] = home
        os.environ["FLORIN_MODELS_DIR"] = f"{home}/models"
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with open_branch(Path(home), customers=CUSTOMERS) as branch:
            page = _page(browser, (DESK[0], 1000), "light")
            ConsolePage(page, branch.url).log_in(*branch.staff)
            page.goto(f"{branch.url}/console/customers/{likeliest_to_leave()}")
            page.get_by_text("What makes it more likely").wait_for()
            _take(page, "console-customer")
        subprocess.run(
            [FLORIN, "analytics", "evaluate", "churn", "--plots", f"{home}/report"],
            cwd=ROOT, check=True,
        )  # fmt: skip
        page = _page(browser, SHEET, "light")
        page.goto(f"file://{home}/report/report.html")
        _take(page, "report-churn")
        browser.close()
    return 0


def likeliest_to_leave() -> str:
    """Return the customer with the highest churn probability now."""
    settings = load_settings()
    bank = open_bank(settings)
    table = customers_table(bank.store, datetime.now(UTC))
    bank.store.close()
    said = Registry(settings.registry_dir).load("churn").probability(table)
    return str(table.index[said.argmax()])


if __name__ == "__main__":
    sys.exit(main())
