"""An identity case in the console: everything side by side, by keyboard, one person or two."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.cards import CardRoom, open_card_room
from tests.browser.conftest import DESK
from tests.browser.onboarding_pages import KycPage
from tests.browser.pages import ANSWER_MS, ConsolePage


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with open_card_room(tmp_path_factory.mktemp("kyc")) as room:
        yield room


class Desk:
    """One member of staff at the KYC desk."""

    def __init__(self, browser: Browser, room: CardRoom, name: str) -> None:
        self.context = browser.new_context(viewport=DESK, locale="en-GB")
        cookie = {"name": "florin_staff", "value": room.staff_token(name), "url": room.url}
        self.context.add_cookies([cookie])  # type: ignore[list-item]
        self.page: Page = self.context.new_page()
        self.broken: list[str] = []
        self.page.on("pageerror", lambda fault: self.broken.append(str(fault)))
        self.page.on(
            "console",
            lambda line: self.broken.append(line.text) if "Security Policy" in line.text else None,
        )
        self.case = KycPage(self.page, room.url)
        self.console = ConsolePage(self.page, room.url)

    def open(self, case_id: str) -> KycPage:
        self.page.goto(f"{self.case.url}/console/cases/{case_id}")
        return self.case.wait()


@pytest.fixture
def nadia(browser: Browser, room: CardRoom) -> Iterator[Desk]:
    desk = Desk(browser, room, "nadia")
    yield desk
    desk.context.close()
    assert desk.broken == []


@pytest.fixture
def omar(browser: Browser, room: CardRoom) -> Iterator[Desk]:
    desk = Desk(browser, room, "omar")
    yield desk
    desk.context.close()


def test_given_a_doubtful_case_when_opened_then_all_of_it_stands_side_by_side(
    nadia: Desk, room: CardRoom
) -> None:
    case = nadia.open(room.doubtful_application())

    for name in ("Document, front", "Document, back", "Selfie", "Liveness frames"):
        picture = case.picture(name).get_by_role("img")
        expect(picture).to_be_visible(timeout=ANSWER_MS)
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(case.row("Birth date")).to_contain_text("No, differs")
    expect(case.row("Birth date")).to_contain_text("1990-04-21")
    expect(case.row("Surname")).to_contain_text("Yes")
    expect(nadia.page.locator("#kyc-scores")).to_contain_text("below 0.90")
    expect(nadia.page.locator("#kyc-findings")).to_contain_text("Selfie and portrait are not alike")
    expect(nadia.page.locator("#kyc-screening")).to_contain_text("Birth year 1958, told 1990")
    expect(nadia.page.get_by_text("Earlier pictures of this application")).to_be_visible()
    expect(nadia.page.locator("#resolve-part")).to_be_hidden()
    expect(nadia.page.locator("#why")).not_to_be_empty()


def test_given_a_picture_when_only_a_keyboard_is_there_then_it_is_enlarged_turned_and_put_back(
    nadia: Desk, room: CardRoom
) -> None:
    frame = nadia.open(room.doubtful_application()).picture("Document, front")
    frame.focus()

    for key in ("+", "+", "r"):
        nadia.page.keyboard.press(key)

    expect(frame).to_have_attribute("data-zoom", "2")
    expect(frame).to_have_attribute("data-turns", "1")
    expect(nadia.page.locator("#reply")).not_to_be_focused()  # R is also "reply"
    nadia.page.keyboard.press("0")
    expect(frame).to_have_attribute("data-zoom", "1")
    expect(frame).to_have_attribute("data-turns", "0")


def test_given_a_case_nobody_holds_when_opened_then_it_must_be_claimed_and_needs_a_reason(
    nadia: Desk, room: CardRoom
) -> None:
    case = nadia.open(room.doubtful_application())
    expect(nadia.page.get_by_text("Claim the case to decide on it.")).to_be_visible()
    expect(nadia.page.get_by_label("Approve", exact=True)).to_be_disabled()

    nadia.console.press("Claim")
    nadia.page.get_by_label("Reject", exact=True).check()
    nadia.page.get_by_role("button", name="Record the decision").click()
    expect(nadia.page.get_by_role("alert")).to_contain_text("choose a reason")
    case.decide("Reject", "It shows another person", "Not the face of the document.")

    expect(nadia.page.locator("#tags")).to_contain_text("Resolved", timeout=ANSWER_MS)
    expect(nadia.page.locator("#tags")).to_contain_text("Rejected")
    expect(nadia.page.locator("#kyc-past")).to_contain_text("Not the face of the document.")
    expect(nadia.page.locator("#decision-part")).to_be_hidden()


def test_given_high_risk_when_one_approves_then_it_waits_for_another_and_they_see_it_live(
    nadia: Desk, omar: Desk, room: CardRoom
) -> None:
    case_id = room.doubtful_application(risk="edd", four_eyes=True)
    hers, his = nadia.open(case_id), omar.open(case_id)
    expect(hers.eyes).to_contain_text("Two people must approve")

    nadia.console.press("Claim")
    hers.decide("Approve", "Seen by video, document in hand")

    expect(hers.eyes).to_contain_text("waits for a second person", timeout=ANSWER_MS)
    expect(his.eyes).to_contain_text("Nadia Novak has proposed", timeout=ANSWER_MS)
    nadia.console.press("Claim")
    expect(nadia.page.get_by_label("Reject", exact=True)).to_be_enabled(timeout=ANSWER_MS)
    expect(nadia.page.get_by_label("Approve", exact=True)).to_be_disabled()
    nadia.console.press("Release")
    expect(nadia.page.locator("#do-claim")).to_be_visible(timeout=ANSWER_MS)

    omar.console.press("Claim")
    his.decide("Approve", "Identity confirmed")

    expect(omar.page.locator("#tags")).to_contain_text("Approved", timeout=ANSWER_MS)
    expect(nadia.page.locator("#tags")).to_contain_text("Resolved", timeout=ANSWER_MS)


def test_given_an_applicant_who_waits_when_asked_again_then_they_are_told_at_once(
    nadia: Desk, browser: Browser, room: CardRoom
) -> None:
    room.told.clear()
    case = nadia.open(room.doubtful_application())
    nadia.console.press("Claim")

    case.decide("Ask again", "The selfie is not clear")

    expect(nadia.page.locator("#tags")).to_contain_text("Asked again", timeout=ANSWER_MS)
    nadia.page.wait_for_timeout(1_000)
    facts = [facts for name, facts in room.told if name == "EXTERNAL_onboarding_decided"][-1]
    assert facts == {"status": "collecting", "codes": "selfie_unclear@selfie"}


def row_of(page: Page, case_id: str) -> Locator:
    return page.locator("#cases tr").filter(has=page.locator(f"a[href$='/{case_id}']"))


def test_given_an_open_inbox_when_a_case_comes_then_it_appears_by_itself(
    nadia: Desk, room: CardRoom
) -> None:
    there = room.doubtful_application()
    nadia.console.open()
    expect(row_of(nadia.page, there)).to_be_visible(timeout=ANSWER_MS)  # the list has come

    comes = room.doubtful_application()

    expect(row_of(nadia.page, comes)).to_be_visible(timeout=ANSWER_MS)
    expect(nadia.page.locator("#cases")).to_contain_text("Amal Nour Haddad")
