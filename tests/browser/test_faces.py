"""A face before the camera of a page: offered on the approval card, sent, judged, used.

The bank is the real one; what the recording shows is said by the test in place of the judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bank.domain.accounts import AccountKind
from bank.domain.actors import SYSTEM, Actor, a_customer
from bank.domain.cards import Card, CardKind, CardStatus, FreezeReason, mask_pan
from bank.domain.errors import StepUpRequired
from bank.domain.face_keys import FaceAnswer, FaceEnrolment
from bank.domain.ids import CardId, CustomerId, make_id
from tests.bank.people.faces import PASSED, REFUSED, offer_faces
from tests.browser.cards import GREETING, CardRoom, open_card_room
from tests.browser.conftest import DESK
from tests.browser.onboarding_pages import CEREMONY_MS
from tests.browser.pages import ANSWER_MS, ChatPage
from tests.web.house import PASSWORD, make_customer


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with pytest.MonkeyPatch.context() as patch:
        offer_faces(patch)
        with open_card_room(tmp_path_factory.mktemp("faces")) as room:
            yield room


class Customer(ChatPage):
    """Somebody with a frozen card, and a face the bank knows."""

    def __init__(self, page: Page, room: CardRoom) -> None:
        super().__init__(page, room.url)
        self.room = room
        self.faults: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        self.name = f"amal{len(room.bank.store.read(lambda uow: uow.customers.list()))}"
        customer = make_customer(room.bank, self.name)
        self.actor: Actor = a_customer(customer.id)
        self.card = self._frozen_card(customer.id)

    def enter(self) -> Customer:
        self.page.goto(self.url)
        self.wait_for(GREETING)
        self.log_in(self.name, PASSWORD)
        return self

    def has_leave(self) -> FaceEnrolment:
        """Consent and a code were given."""
        now_utc = self.room.bank.clock()
        leave = FaceEnrolment(CustomerId(self.actor.id), now_utc, now_utc + timedelta(minutes=5))
        self.room.bank.store.write(lambda uow: uow.face_enrolments.add(leave))
        return leave

    def keeps_face(self) -> Customer:
        leave, keys = self.has_leave(), self.room.bank.face_keys
        self.room.bank.store.write(
            lambda uow: keys.add_in(uow, leave, template=b"numbers", model="drawn 1")
        )
        return self

    def asks_to_unfreeze(self) -> Locator:
        with pytest.raises(StepUpRequired) as asked:
            self.room.bank.cards.unfreeze(self.actor, self.card.id)
        self.say(f"show step_up {asked.value.details['challenge_id']}")
        return self.approval

    def performs(self, press: Locator) -> int:
        """Do the movements; returns the status of the frames' answer."""
        with self.page.expect_response("**/frames", timeout=CEREMONY_MS) as posted:
            press.click()
        expect(self.page.get_by_role("dialog")).to_have_count(0, timeout=ANSWER_MS)
        return posted.value.status

    def is_judged(self, answer: FaceAnswer) -> None:
        """What the process without a door says of the newest recording."""
        bank = self.room.bank
        job = bank.identity_jobs.take()
        assert job is not None, "no recording waits"
        bank.face_answers.record(job.id, answer)

    def card_status(self) -> CardStatus:
        [card] = self.room.bank.cards.list(self.actor)
        return card.status

    def _frozen_card(self, customer_id: CustomerId) -> Card:
        bank = self.room.bank
        account = bank.accounts.open(
            SYSTEM, customer_id=customer_id, kind=AccountKind.CURRENT, name="Everyday",
            currency="EUR",
        )  # fmt: skip
        card = Card(
            id=CardId(make_id("cd")), customer_id=customer_id, account_id=account.id,
            pan_masked=mask_pan("4242"), kind=CardKind.DEBIT, status=CardStatus.ACTIVE,
            limit_day_minor=100_000, currency="EUR", expires_month="2030-05",
            issued_at_utc=bank.clock(),
        )  # fmt: skip
        bank.store.write(lambda uow: uow.cards.add(card))
        return bank.cards.freeze(self.actor, card.id, FreezeReason.PRECAUTION)


@pytest.fixture
def customer(camera: Browser, room: CardRoom) -> Iterator[Customer]:
    context = camera.new_context(viewport=DESK, locale="en-GB")
    one = Customer(context.new_page(), room)
    yield one
    context.close()
    assert one.faults == []


def test_given_a_kept_face_when_it_is_used_on_the_card_then_frames_are_sent_and_the_act_is_done(
    customer: Customer,
) -> None:
    card = customer.keeps_face().enter().asks_to_unfreeze()

    assert customer.performs(card.get_by_role("button", name="Use my face")) == 202
    customer.is_judged(PASSED)

    expect(customer.page.get_by_text("Code accepted.")).to_be_visible(timeout=ANSWER_MS)
    customer.wait_for("told: EXTERNAL_step_up_done")
    assert customer.card_status() is CardStatus.ACTIVE


def test_given_a_face_that_is_not_recognised_when_judged_then_a_sentence_and_the_code_is_left(
    customer: Customer,
) -> None:
    card = customer.keeps_face().enter().asks_to_unfreeze()

    customer.performs(card.get_by_role("button", name="Use my face"))
    customer.is_judged(REFUSED)

    expect(card.get_by_role("alert")).to_contain_text(
        "could not confirm that it is you", timeout=ANSWER_MS
    )
    expect(card.get_by_role("button", name="Use my face")).to_be_enabled()
    expect(card.get_by_role("textbox")).to_be_focused()
    assert customer.card_status() is CardStatus.FROZEN


def test_given_no_kept_face_when_an_act_waits_then_the_card_offers_none(
    customer: Customer,
) -> None:
    customer.enter()
    with customer.page.expect_response("**/api/chat/face?**") as asked:
        card = customer.asks_to_unfreeze()

    assert asked.value.json() == {"offered": False}
    expect(card.get_by_role("button", name="Use my face")).to_have_count(0)


def test_given_leave_when_the_card_of_a_new_face_is_used_then_it_is_sent_and_told_in_the_chat(
    customer: Customer,
) -> None:
    customer.enter().has_leave()
    customer.say("show face")
    card = customer.page.get_by_role("region", name="Let your face confirm payments")
    expect(card).to_contain_text("does not stop everything")

    assert customer.performs(card.get_by_role("button", name="Start")) == 202
    customer.is_judged(PASSED)

    expect(card).to_contain_text("Received.", timeout=ANSWER_MS)
    customer.wait_for("told: EXTERNAL_face_judged")
    assert ("EXTERNAL_face_judged", {"outcome": "passed", "codes": ""}) in customer.room.told
