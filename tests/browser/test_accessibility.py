"""Every page, light and dark, wide and narrow: axe-core finds nothing serious."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from bank.domain.actors import VISITOR
from tests.browser.branch import Branch
from tests.browser.cards import GREETING, CardRoom, open_card_room
from tests.browser.marketing import open_marketing_room
from tests.browser.onboarding_pages import KycPage
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
SCHEMES = ("light", "dark")
SIZES = ((1280, 800), (360, 740))
#: Pictures of a bank's segments, beside everything else a small machine does.
DRAWN_MS = 90_000

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: cd web && npm ci")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_the_chat_when_scanned_then_nothing_serious_is_found(
    running_branch: Branch, browser: Browser, scheme: str, size: tuple[int, int]
) -> None:
    page = _page(browser, scheme, size)
    chat = ChatPage(page, running_branch.url).open()
    chat.say("what's my balance?")
    chat.log_in_in_chat(*running_branch.customer)
    chat.say("what did I spend on groceries last month?")

    assert _violations(page) == []
    assert _overflow_px(page) <= 0
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_the_console_when_scanned_then_nothing_serious_is_found(
    running_branch: Branch,
    browser: Browser,
    staff_session: StorageState,
    scheme: str,
    size: tuple[int, int],
) -> None:
    visitor = _page(browser, scheme, size)
    ChatPage(visitor, running_branch.url).open().say("I want to talk to a person")
    page = _page(browser, scheme, size, staff_session)
    page.goto(f"{running_branch.url}/console/login")
    expect(page.get_by_label("Staff name")).to_be_visible()
    found = _violations(page)
    page.goto(f"{running_branch.url}/console")
    console = ConsolePage(page, running_branch.url)
    expect(page.locator("#cases tr").first).to_be_visible()
    found += _violations(page)
    console.open_newest_handoff()
    found += _violations(page)

    assert found == []
    assert _overflow_px(page) <= 0
    page.context.close()
    visitor.context.close()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with open_card_room(tmp_path_factory.mktemp("axe")) as room:
        yield room


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_the_cards_of_the_onboarding_when_scanned_then_nothing_serious_is_found(
    camera: Browser, room: CardRoom, scheme: str, size: tuple[int, int]
) -> None:
    page = _page(camera, scheme, size)
    page.goto(room.url)
    chat = ChatPage(page, room.url)
    chat.wait_for(GREETING)
    found: list[str] = []
    for card in ("selfie", "liveness", "credentials", "checking"):
        chat.say(f"show {card}")
        found += _violations(page)
    chat.say("show document_front")
    page.get_by_role("button", name="Use the camera").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Take the picture")).to_be_visible()
    found += _violations(page)
    dialog.get_by_role("button", name="Take the picture").click()
    found += _violations(page)

    assert found == []
    assert _overflow_px(page) <= 0
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_an_identity_case_when_scanned_then_nothing_serious_is_found(
    browser: Browser, room: CardRoom, scheme: str, size: tuple[int, int]
) -> None:
    case_id = room.doubtful_application(risk="edd", four_eyes=True)
    page = _page(browser, scheme, size)
    cookie = {"name": "florin_staff", "value": room.staff_token("nadia"), "url": room.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{room.url}/console/cases/{case_id}")
    KycPage(page, room.url).wait()
    ConsolePage(page, room.url).press("Claim")
    expect(page.get_by_label("Approve", exact=True)).to_be_enabled()
    page.get_by_label("Reject", exact=True).check()

    assert _violations(page) == []
    assert _overflow_px(page) <= 0
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_given_the_demo_phone_when_scanned_then_nothing_serious_is_found(
    running_branch: Branch, browser: Browser, scheme: str
) -> None:
    page = _page(browser, scheme, SIZES[1])
    page.goto(f"{running_branch.url}/demo/phone")
    expect(page.get_by_role("heading", name="Demo phone")).to_be_visible()

    assert _violations(page) == []
    page.context.close()


def test_given_only_a_keyboard_when_a_message_is_sent_then_no_pointer_is_needed(
    running_branch: Branch, page: Page
) -> None:
    chat = ChatPage(page, running_branch.url).open()
    expect(chat.box).to_be_focused()

    page.keyboard.type("what are your fees?")
    page.keyboard.press("Enter")

    chat.wait_for("what are your fees?")
    log = page.get_by_role("log", name="Messages")
    expect(log).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_the_language_page_when_scanned_then_nothing_serious_is_found(
    browser: Browser, room: CardRoom, scheme: str, size: tuple[int, int]
) -> None:
    room.doubtful_message("the money thing")
    page = _page(browser, scheme, size)
    cookie = {
        "name": "florin_staff", "value": room.staff_token("bea", role="agent"), "url": room.url,
    }  # fmt: skip
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{room.url}/console/language")
    expect(page.locator(".reading-card").first).to_be_visible()

    assert _violations(page) == []
    assert _overflow_px(page) <= 0
    page.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_the_library_when_scanned_then_nothing_serious_is_found(
    browser: Browser, room: CardRoom, scheme: str, size: tuple[int, int]
) -> None:
    room.bank.articles.unanswered(VISITOR, "do you rent out boats?", language="en")
    page = _page(browser, scheme, size)
    cookie = {
        "name": "florin_staff", "value": room.staff_token("bea", role="agent"), "url": room.url,
    }  # fmt: skip
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{room.url}/console/library")
    expect(page.locator(".cluster").first).to_be_visible(timeout=ANSWER_MS)

    assert _violations(page) == []
    assert _overflow_px(page) <= 0
    page.goto(f"{room.url}/console/library/new")
    expect(page.get_by_label("Title")).to_be_visible()

    assert _violations(page) == []
    assert _overflow_px(page) <= 0
    page.context.close()


@pytest.fixture(scope="module")
def marketing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with open_marketing_room(tmp_path_factory.mktemp("marketing")) as room:
        yield room


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_segments_and_campaigns_when_scanned_then_nothing_serious_is_found(
    browser: Browser, marketing: CardRoom, scheme: str, size: tuple[int, int]
) -> None:
    page = _page(browser, scheme, size)
    token = marketing.staff_token("susi", role="supervisor")
    cookie = {"name": "florin_staff", "value": token, "url": marketing.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{marketing.url}/console/segments")
    expect(page.locator("#pictures img").first).to_be_visible(timeout=DRAWN_MS)
    page.get_by_role("button", name="Hand to the webhook").click()
    expect(page.locator("#handed")).not_to_be_empty()

    found = _violations(page)
    widths_px = [_overflow_px(page)]
    page.goto(f"{marketing.url}/console/campaigns")
    expect(page.locator("#size")).to_contain_text("fit now", timeout=ANSWER_MS)
    page.get_by_role("button", name="Add a group").click()
    page.locator("[data-part=op]").select_option("in")
    page.get_by_role("button", name="Add a group").click()
    page.get_by_role("button", name="Add a variant").click()
    page.get_by_label("Share, %").first.fill("80")
    found += _violations(page)
    widths_px.append(_overflow_px(page))
    page.get_by_role("button", name="Share evenly").click()
    page.get_by_label("Name", exact=True).fill("Spring")
    page.get_by_label("Message class").select_option("marketing")
    page.get_by_role("button", name="Make the draft").click()
    expect(page.locator("#reach li").first).to_be_visible(timeout=ANSWER_MS)
    page.get_by_label("Login name").fill("p1")
    page.get_by_role("button", name="Look").click()
    expect(page.locator("#preview h3").first).to_be_visible()
    found += _violations(page)
    widths_px.append(_overflow_px(page))

    assert found == []
    assert max(widths_px) <= 0
    page.context.close()


def _page(
    browser: Browser, scheme: str, size: tuple[int, int], session: StorageState | None = None
) -> Page:
    context = browser.new_context(
        storage_state=session,
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale="en-GB",
        bypass_csp=True,  # only so that the scanner can be put into the page
    )
    return context.new_page()


def _violations(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    report = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in report["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def _overflow_px(page: Page) -> int:
    too_wide_px: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return too_wide_px
