"""The browser's own fence: card numbers are masked by the module the page loads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.branch import Branch

FULL_WIDTH = {ord("0") + digit: 0xFF10 + digit for digit in range(10)}
ARABIC_INDIC = {ord("0") + digit: 0x0660 + digit for digit in range(10)}
Mask = Callable[[str], str]
MASKED = [
    ("4242 4242 4242 4242", "•••• 4242"),
    ("4242-4242-4242-4242", "•••• 4242"),
    ("4242.4242.4242.4242", "•••• 4242"),
    ("4242\u00a04242\u00a04242\u00a04242", "•••• 4242"),
    ("4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2", "•••• 4242"),
    ("4242424242424242".translate(FULL_WIDTH), "•••• 4242"),
    ("4242 4242 4242 4242".translate(ARABIC_INDIC), "•••• 4242"),
    ("42\u200b42\u200b4242\u200b42424242", "•••• 4242"),
    ("it is 3782 822463 10005 123", "it is •••• 0005 123"),
    ("4000056655665556 and 5555555555554444", "•••• 5556 and •••• 4444"),
]
KEPT = [
    "add DE89 3704 0044 0532 0130 00 as Ana",
    "send 1000000000000 to Ana",
    "4242 4242 4242 4243",
    "call 030 1234567",
]


@pytest.fixture
def mask(running_branch: Branch, page: Page) -> Mask:
    page.goto(f"{running_branch.url}/demo/phone")
    script = "text => import('/static/js/chat/masking.js').then(masking => masking.maskCards(text))"
    return lambda text: page.evaluate(script, text)


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_given_a_card_number_when_masked_then_only_four_digits_are_left(
    mask: Mask, text: str, masked: str
) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_given_no_card_number_when_masked_then_the_text_stays(mask: Mask, text: str) -> None:
    assert mask(text) == text
