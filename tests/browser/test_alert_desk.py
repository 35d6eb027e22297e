"""The alert desk as staff see it: opened, claimed, decided; by keyboard, for every eye and width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from bank.domain.transfers import TransferStatus
from bank.ports import UnitOfWork
from tests.browser.cards import CardRoom, open_card_room
from tests.browser.pages import ANSWER_MS
from tests.browser.test_accessibility import AXE, SCHEMES, SIZES, _overflow_px, _page, _violations
from tests.web.alerts import WORDS, Held, a_held_payment, a_paused_payment, a_payer, pay


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with open_card_room(tmp_path_factory.mktemp("alerts")) as room:
        _, session, _ = a_payer(room.bank, "ben")
        pay(room.bank, session, 55_000)
        yield room


def open_alert(room: CardRoom, page: Page, case_id: str, *, role: str = "compliance") -> Page:
    token = room.staff_token(f"desk-{role}", role=role)
    cookie = {"name": "florin_staff", "value": token, "url": room.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]
    page.goto(f"{room.url}/console/cases/{case_id}")
    expect(page.get_by_role("heading", name="What speaks for fraud")).to_be_visible(
        timeout=ANSWER_MS
    )
    return page


def status(room: CardRoom, held: Held) -> TransferStatus:
    return room.bank.transfers.get(held.session.actor(), held.transfer.id).status


def test_given_a_held_payment_when_opened_claimed_and_sent_by_keyboard_then_the_money_goes(
    browser: Browser, room: CardRoom
) -> None:
    held = a_held_payment(room.bank, "amal")
    page = open_alert(room, _page(browser, "light", SIZES[0]), held.case_id)
    alert = page.get_by_role("region", name="What speaks for fraud")
    expect(alert).to_contain_text("Payment 4,000.00 EUR")
    expect(alert).to_contain_text("multiplies the odds by")
    expect(alert.locator(".mark.asked").first).to_contain_text("In question")
    picture = alert.get_by_role("img")
    assert "1 other customers" in (picture.get_attribute("aria-label") or "")
    expect(page.locator("#transcript mark")).to_have_text(WORDS)
    expect(page.get_by_role("button", name="It was the customer")).to_be_disabled()

    page.get_by_role("button", name="Claim").click()
    sent = page.get_by_role("button", name="It was the customer")
    expect(sent).to_be_enabled()
    page.get_by_label("Note (staff only)").fill("Called them back.")
    sent.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Send the money?")
    expect(dialog).to_contain_text("4,000.00 EUR")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(sent).to_be_focused()
    assert status(room, held) is TransferStatus.HELD

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Send the money")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.locator("#tags")).to_contain_text("It was the customer", timeout=ANSWER_MS)
    expect(alert).to_contain_text("Decided: it was the customer")
    expect(page.locator("#alert-decision")).to_be_hidden()
    assert status(room, held) is TransferStatus.POSTED
    page.context.close()


def test_given_a_paused_payment_when_decided_then_nobody_asks_about_money(
    browser: Browser, room: CardRoom
) -> None:
    case_id = a_paused_payment(room.bank, "cora")
    page = open_alert(room, _page(browser, "light", SIZES[0]), case_id)
    page.get_by_role("button", name="Claim").click()
    fraud = page.get_by_role("button", name="It was fraud")
    expect(fraud).to_be_enabled(timeout=ANSWER_MS)

    fraud.click()

    expect(page.locator("#tags")).to_contain_text("It was fraud", timeout=ANSWER_MS)
    page.context.close()


def test_given_a_colleague_who_was_quicker_when_decided_then_the_refusal_is_a_sentence(
    browser: Browser, room: CardRoom
) -> None:
    held = a_held_payment(room.bank, "dana")
    page = open_alert(room, _page(browser, "light", SIZES[0]), held.case_id)
    page.get_by_role("button", name="Claim").click()
    fraud = page.get_by_role("button", name="It was fraud")
    expect(fraud).to_be_enabled(timeout=ANSWER_MS)
    fraud.click()
    room.bank.store.write(lambda uow: _give_away(uow, held.case_id))

    page.get_by_role("button", name="Do not carry it out").click()

    expect(page.get_by_role("alert").first).to_contain_text("This case is not yours.")
    assert status(room, held) is TransferStatus.HELD
    page.context.close()


def _give_away(uow: UnitOfWork, case_id: str) -> None:
    uow.cases.save(replace(uow.cases.get(case_id), assignee="st_another"))


def test_given_compliance_when_the_report_is_written_then_kept_and_a_supervisor_sees_no_way_to_it(
    browser: Browser, room: CardRoom
) -> None:
    held = a_held_payment(room.bank, "edda")
    page = open_alert(room, _page(browser, "light", SIZES[0]), held.case_id)
    page.get_by_role("link", name="Open the draft").click()
    expect(page.get_by_label("Who", exact=True)).not_to_have_value("")
    page.get_by_label("In your own words").fill("He spoke of a man on the phone.")
    page.get_by_role("button", name="Keep this version").click()
    expect(page.get_by_role("status").filter(has_text="Version 1")).to_be_visible()
    page.context.close()

    other = open_alert(room, _page(browser, "light", SIZES[0]), held.case_id, role="supervisor")
    expect(other.get_by_text("Open the draft")).to_be_hidden()
    other.goto(f"{room.url}/console/cases/{held.case_id}/report")
    expect(other.get_by_role("alert")).not_to_be_empty()
    expect(other.get_by_label("In your own words")).to_be_hidden()
    other.context.close()


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: cd web && npm ci")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_an_alert_when_scanned_then_nothing_serious_is_found_and_nothing_sticks_out(
    browser: Browser, room: CardRoom, scheme: str, size: tuple[int, int]
) -> None:
    held = a_held_payment(room.bank, f"fay-{scheme}-{size[0]}")
    page = open_alert(room, _page(browser, scheme, size), held.case_id)
    page.get_by_role("button", name="Claim").click()
    expect(page.get_by_role("button", name="It was fraud")).to_be_enabled(timeout=ANSWER_MS)
    page.get_by_text("The same in a table").click()
    found = _violations(page)
    assert _overflow_px(page) <= 0
    page.get_by_role("button", name="It was fraud").click()
    expect(page.get_by_role("dialog")).to_be_visible(timeout=ANSWER_MS)
    found += _violations(page)
    page.keyboard.press("Escape")
    page.goto(f"{room.url}/console/cases/{held.case_id}/report")
    expect(page.get_by_label("In your own words")).to_be_visible(timeout=ANSWER_MS)
    found += _violations(page)

    assert found == []
    assert _overflow_px(page) <= 0
    page.context.close()
