"""The customer's page as staff see it: in words, for every eye, on every width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cards import CardRoom, open_card_room
from tests.browser.pages import ANSWER_MS
from tests.browser.test_accessibility import AXE, SCHEMES, SIZES, _overflow_px, _page, _violations
from tests.web.customers import a_known_customer
from tests.web.score_models import a_churn_registry, add_churn


@dataclass
class CustomerRoom:
    """A running branch with a champion of churn, and a customer whose visits fade."""

    room: CardRoom
    customer_id: str

    def open(self, page: Page, *, role: str = "agent") -> Page:
        cookie = {
            "name": "florin_staff", "value": self.room.staff_token(role, role=role),
            "url": self.room.url,
        }  # fmt: skip
        page.context.add_cookies([cookie])  # type: ignore[list-item]
        page.goto(f"{self.room.url}/console/customers/{self.customer_id}")
        expect(page.get_by_role("heading", name="Amal Haddad")).to_be_visible(timeout=ANSWER_MS)
        return page


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CustomerRoom]:
    home = tmp_path_factory.mktemp("customer")
    add_churn(a_churn_registry(home / "models" / "analytics"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.api.score_room._open_registry", a_churn_registry)
        with open_card_room(home) as room:
            yield CustomerRoom(room, a_known_customer(room.bank).id)


def test_given_a_champion_when_the_page_is_opened_then_it_says_how_likely_and_why_in_words(
    browser: Browser, house: CustomerRoom
) -> None:
    page = house.open(_page(browser, "light", SIZES[0]))
    churn = page.get_by_role("region", name="May this customer leave?")

    expect(churn).to_contain_text("Of 100 customers like this one", timeout=ANSWER_MS)
    expect(churn).to_contain_text("on all accounts")
    expect(churn).to_contain_text("Never say this to the customer")
    trend = churn.get_by_role("img")
    assert (trend.get_attribute("aria-label") or "").count("%") == 6
    expect(page.get_by_role("link", name="The customer makes a complaint")).to_be_visible()
    page.context.close()


def test_given_somebody_who_may_not_see_churn_when_opened_then_the_rest_is_there_without_it(
    browser: Browser, house: CustomerRoom
) -> None:
    page = house.open(_page(browser, "light", SIZES[0]), role="compliance")

    expect(page.get_by_role("cell", name="Everyday")).to_be_visible()
    expect(page.locator("#churn")).to_be_hidden()
    page.context.close()


@pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: cd web && npm ci")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_given_the_page_when_scanned_then_nothing_serious_is_found_and_nothing_sticks_out(
    browser: Browser, house: CustomerRoom, scheme: str, size: tuple[int, int]
) -> None:
    page = house.open(_page(browser, scheme, size))
    expect(page.locator("#churn-percent")).to_be_visible(timeout=ANSWER_MS)

    assert _violations(page) == []
    assert _overflow_px(page) <= 0
    page.context.close()
