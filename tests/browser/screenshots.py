"""Takes the README's pictures from a real branch: `python -m tests.browser.screenshots`.

Each docs/pictures/<name>.png is at most 250 kB: 256 colours are enough for pages.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.branch import ROOT, Branch, open_branch
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.pages import ChatPage, ConsolePage

PICTURES = ROOT / "docs" / "pictures"
LIMIT_BYTES = 250_000
DESK = (1280, 800)
HAND = (390, 844)
TALL_PX = 1000  # so that the correction is still in sight when the code is asked for
CALM_MS = 900
#: So that the inbox is not empty.
WISHES = ("I want to make a complaint", "please let me talk to a person", "I want to complain")


def main() -> int:
    """Take all pictures; 0 when none is too large."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as home,
        open_branch(Path(home)) as branch,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        _customer(browser, branch)
        _staff(browser, branch)
        browser.close()
    sizes = {path.name: path.stat().st_size for path in sorted(PICTURES.glob("*.png"))}
    for name, size in sizes.items():
        print(f"{name}  {size // 1000} kB")  # noqa: T201
    return int(any(size > LIMIT_BYTES for size in sizes.values()))


def _customer(browser: Browser, branch: Branch) -> None:
    page = _page(browser, DESK, "light")
    chat = ChatPage(page, branch.url).open()
    _take(page, "chat-start")
    chat.log_in(*branch.customer)
    page.get_by_role("button", name="Not now").click()
    chat.say("show my spending last month as a picture")
    page.locator("florin-line img").last.wait_for()
    page.locator("florin-line img").last.scroll_into_view_if_needed()
    _take(page, "chat-spending")
    page.set_viewport_size({"width": DESK[0], "height": TALL_PX})
    chat.say("send 14 euros to Ana Silva", "14.00 EUR")
    chat.say("no, 40 not 14", "40.00 EUR")
    chat.press("Yes")
    chat.approval.wait_for()
    _take(page, "chat-transfer")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    page.goto(f"{branch.url}/demo/phone")
    _take(page, "demo-phone")
    page.context.close()

    page = _page(browser, HAND, "dark")
    chat = ChatPage(page, branch.url).open()
    chat.log_in(*branch.customers[-1])
    page.get_by_role("button", name="Not now").click()
    chat.say("what did I spend on groceries last month?")
    _take(page, "chat-phone-dark")
    page.context.close()

    page = _page(browser, (DESK[0], TALL_PX), "light")
    chat = ChatPage(page, branch.url).open()
    chat.log_in(*branch.customers[-2])
    page.get_by_role("button", name="Not now").click()
    chat.say("¿cuánto gasté en comida el mes pasado?")
    chat.say("q tarjetas tngo", "tarjeta")
    chat.say("lo del dinero de siempre")
    chat.say("quiero ver mi sldo", "Disponible")
    _take(page, "chat-spanish")
    page.context.close()


def _staff(browser: Browser, branch: Branch) -> None:
    for customer, wish in zip(branch.customers[1:], WISHES, strict=False):
        other = _page(browser, DESK, "light")
        chat = ChatPage(other, branch.url).open()
        chat.log_in(*customer)
        chat.say(wish)
        other.context.close()
    page, visitor = _page(browser, DESK, "light"), _page(browser, DESK, "light")
    chat = ChatPage(visitor, branch.url).open()
    chat.log_in(*branch.customer)
    chat.say("freeze my card")
    chat.say("I want to talk to a person")
    console = ConsolePage(page, branch.url).log_in(*branch.staff)
    _take(page, "console-inbox")
    console.open_newest_handoff()
    console.take_over()
    console.reply("Good afternoon, I can see your card was frozen. How can I help?")
    console.note("Card frozen at the customer's wish; asks about a replacement.")
    page.locator(".why").scroll_into_view_if_needed()
    _take(page, "console-case")
    chat.wait_for("How can I help?")
    _take(visitor, "chat-person")
    page.goto(f"{branch.url}/console/language")
    page.locator(".reading-card").first.wait_for()
    _take(page, "console-language")
    for one in (page, visitor):
        one.context.close()


def _page(browser: Browser, size: tuple[int, int], scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-GB",
    )
    return context.new_page()


def _take(page: Page, name: str) -> None:
    page.wait_for_timeout(CALM_MS)
    shrink(page.screenshot(), name)


def shrink(png: bytes, name: str) -> None:
    """Keep a screenshot in few colours."""
    shot = Image.open(io.BytesIO(png)).convert("RGB")
    path = PICTURES / f"{name}.png"
    shot.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    sys.exit(main())
