"""Passkeys: registered after login, then used instead of a code. Chromium plays the device."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage, Phone


def test_given_a_registered_passkey_when_a_transfer_is_approved_with_it_then_no_code_is_needed(
    running_branch: Branch, page: Page
) -> None:
    _plug_in_authenticator(page)
    chat = ChatPage(page, running_branch.url).open()
    # Not who the whole journey is played with: a wrong code, a frozen card and a new passkey within
    # minutes, at night, make this a payment that waits.
    chat.log_in(*running_branch.customers[3])
    phone = Phone(running_branch.url)
    page.get_by_role("button", name="Add a passkey").click()
    field = page.get_by_role("textbox", name="Six-digit code")
    expect(field).to_be_visible(timeout=ANSWER_MS)
    field.fill(phone.next_code())
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Passkey added.")).to_be_visible(timeout=ANSWER_MS)

    chat.say("send 31 euros to Piotr Nowak", "31.00 EUR")
    chat.press("Yes")
    chat.approval.get_by_role("button", name="Use a passkey instead").click()

    expect(page.get_by_text("Code accepted.")).to_be_visible(timeout=ANSWER_MS)
    chat.wait_for("31.00 EUR")


def _plug_in_authenticator(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
