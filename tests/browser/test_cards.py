"""The cards of the onboarding: pictures by file, drop and camera; the ceremony; name and password."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.cards import GREETING, CardRoom, open_card_room
from tests.browser.conftest import DESK
from tests.browser.onboarding_pages import CaptureCard, CredentialsCard, LivenessCard
from tests.browser.pages import ANSWER_MS, ChatPage
from tests.web.applicants import a_verdict, submitted

PHONE = ViewportSize(width=375, height=740)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardRoom]:
    with open_card_room(tmp_path_factory.mktemp("cards")) as room:
        yield room


class Applicant(ChatPage):
    """A visitor of the card room with an open application."""

    def __init__(self, page: Page, room: CardRoom) -> None:
        super().__init__(page, room.url)
        self.room = room
        self.faults: list[str] = []
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        page.on("console", lambda line: self.faults.append(line.text) if "Security Policy" in line.text else None)
        room.told.clear()

    def enter(self) -> Applicant:
        self.page.goto(self.url)
        self.wait_for(GREETING)
        self.room.begin_application(self.conversation_id)
        return self

    @property
    def conversation_id(self) -> str:
        found: str = self.page.evaluate(
            "JSON.parse(sessionStorage.getItem('florin-session')).conversation_id"
        )
        return found

    def show(self, card: str) -> None:
        self.say(f"show {card}")


@pytest.fixture
def applicant(camera: Browser, room: CardRoom) -> Iterator[Applicant]:
    context = camera.new_context(viewport=DESK, locale="en-GB")
    one = Applicant(context.new_page(), room).enter()
    yield one
    context.close()
    assert one.faults == []


@pytest.fixture
def blind(browser: Browser, room: CardRoom) -> Iterator[Applicant]:
    """An applicant whose device has no camera."""
    context = browser.new_context(viewport=DESK, locale="en-GB")
    yield Applicant(context.new_page(), room).enter()
    context.close()


def test_given_a_file_when_chosen_then_it_is_previewed_sent_and_kept(applicant: Applicant) -> None:
    applicant.show("document_front id_card")
    card = CaptureCard(applicant.page)
    expect(card.node).to_contain_text("Front of your ID card")

    with applicant.page.expect_response("**/api/chat/uploads") as posted:
        card.upload(_png())

    card.wait_until_received()
    assert posted.value.status == 201
    kept = posted.value.json()
    assert (kept["kind"], kept["width"], kept["height"]) == ("document_front", 64, 40)
    expect(card.node.get_by_role("img")).to_be_visible()


def test_given_a_picture_when_dropped_on_the_card_then_it_is_sent(applicant: Applicant) -> None:
    applicant.show("document_front")

    with applicant.page.expect_response("**/api/chat/uploads") as posted:
        CaptureCard(applicant.page).node.evaluate(
            """async (card, bytes) => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(bytes)], "card.png", { type: "image/png" }));
                for (const name of ["dragover", "drop"])
                    card.dispatchEvent(new DragEvent(name, { bubbles: true, dataTransfer: data }));
            }""",
            list(_raw()),
        )

    assert posted.value.status == 201


def test_given_a_file_that_is_no_picture_when_chosen_then_a_sentence_and_another_try(
    applicant: Applicant,
) -> None:
    applicant.show("selfie")
    card = CaptureCard(applicant.page)

    card.upload({"name": "x.png", "mimeType": "image/png", "buffer": b"not a picture"})

    expect(card.problem).to_contain_text("not a picture", timeout=ANSWER_MS)
    card.upload(_png())
    card.wait_until_received()
    expect(card.problem).to_be_hidden()


def test_given_a_photo_of_24_megapixels_when_chosen_then_it_is_made_to_fit(
    applicant: Applicant,
) -> None:
    applicant.show("document_front")
    out = io.BytesIO()
    Image.effect_noise((6000, 4000), 60).convert("RGB").save(out, "JPEG", quality=60)

    with applicant.page.expect_response("**/api/chat/uploads", timeout=ANSWER_MS) as posted:
        CaptureCard(applicant.page).upload(
            {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
        )

    kept = posted.value.json()
    assert posted.value.status == 201, kept
    assert 11_000_000 < kept["width"] * kept["height"] <= 12_010_000


def test_given_the_camera_when_a_picture_is_taken_and_used_then_it_is_kept(
    applicant: Applicant,
) -> None:
    applicant.show("selfie")
    card = CaptureCard(applicant.page)

    with applicant.page.expect_response("**/api/chat/uploads") as posted:
        card.shoot()

    card.wait_until_received()
    assert posted.value.json()["width"] == 1280


def test_given_only_a_keyboard_when_a_picture_is_taken_then_no_pointer_is_needed(
    applicant: Applicant,
) -> None:
    applicant.show("selfie")
    card = CaptureCard(applicant.page)
    button = card.node.get_by_role("button", name="Use the camera")
    button.focus()
    applicant.page.keyboard.press("Enter")
    dialog = applicant.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Take the picture")).to_be_focused(timeout=ANSWER_MS)

    applicant.page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Use this picture")).to_be_focused()
    applicant.page.keyboard.press("Tab")
    applicant.page.keyboard.press("Enter")
    expect(dialog.get_by_role("button", name="Take the picture")).to_be_focused()
    applicant.page.keyboard.press("Escape")

    expect(dialog).to_have_count(0)
    expect(applicant.page.locator("video")).to_have_count(0)


def test_given_no_camera_when_asked_for_one_then_a_sentence_and_the_file_still_works(
    blind: Applicant,
) -> None:
    blind.show("selfie")
    card = CaptureCard(blind.page)

    card.node.get_by_role("button", name="Use the camera").click()

    expect(card.problem).to_contain_text("choose a picture instead", timeout=ANSWER_MS)
    card.upload(_png())
    card.wait_until_received()


def test_given_a_camera_that_is_not_allowed_when_asked_for_then_the_sentence_says_where(
    blind: Applicant,
) -> None:
    blind.page.evaluate(
        "void (navigator.mediaDevices.getUserMedia = () => "
        "Promise.reject(new DOMException('no', 'NotAllowedError')))"
    )
    blind.show("selfie")
    card = CaptureCard(blind.page)

    card.node.get_by_role("button", name="Use the camera").click()

    expect(card.problem).to_contain_text("Allow it in your browser", timeout=ANSWER_MS)


def test_given_a_newer_card_when_shown_then_the_older_one_is_closed(applicant: Applicant) -> None:
    applicant.show("document_front")
    applicant.show("selfie")

    cards = applicant.page.locator("florin-line .card.capture")
    expect(cards.first).to_contain_text("closed")
    expect(cards.first.locator("input[type=file]")).to_have_count(0)
    expect(cards.last.locator("input[type=file]")).to_have_count(1)


def test_given_the_ceremony_when_performed_then_the_frames_are_kept_and_the_bot_told(
    applicant: Applicant,
) -> None:
    applicant.show("liveness")
    card = LivenessCard(applicant.page)
    expect(card.node).to_contain_text("does not stop everything")

    with applicant.page.expect_response("**/frames", timeout=30_000) as posted:
        card.perform()

    assert posted.value.status == 201, posted.value.json()
    assert posted.value.json()["frames_count"] >= 40
    applicant.wait_for("told: EXTERNAL_liveness_done")
    assert applicant.room.facts_of("EXTERNAL_liveness_done") == {"outcome": "done"}
    expect(applicant.page.get_by_role("dialog")).to_have_count(0)


def test_given_the_ceremony_when_left_on_the_way_then_nothing_is_sent_and_it_can_begin_again(
    applicant: Applicant,
) -> None:
    sent: list[str] = []
    applicant.page.on("request", lambda request: sent.append(request.url))
    applicant.show("liveness")
    card = LivenessCard(applicant.page)

    card.node.get_by_role("button", name="Start").click()
    expect(applicant.page.get_by_text("Look straight ahead")).to_be_visible(timeout=ANSWER_MS)
    applicant.page.keyboard.press("Escape")

    expect(card.node.get_by_role("button", name="Start")).to_be_enabled(timeout=ANSWER_MS)
    assert not any(url.endswith("/frames") for url in sent)


def test_given_no_camera_when_the_ceremony_begins_then_the_equal_way_by_a_person_is_named(
    blind: Applicant,
) -> None:
    blind.show("liveness")
    card = LivenessCard(blind.page)

    card.node.get_by_role("button", name="Start").click()
    expect(card.node.get_by_role("alert")).to_contain_text("Both ways are equal", timeout=ANSWER_MS)
    card.node.get_by_role("button", name="I would rather be checked by a person").click()

    blind.wait_for("heard: I would rather be checked by a person")


def test_given_checks_that_run_when_the_bank_says_more_then_nothing_moves_any_longer(
    applicant: Applicant,
) -> None:
    applicant.show("checking")
    moving = applicant.page.locator("florin-line .checking")
    expect(moving).to_be_visible()

    applicant.say("how is it going?")

    expect(moving).to_have_count(0)
    applicant.page.reload()
    applicant.wait_for("heard: how is it going?")
    expect(moving).to_have_count(0)


def test_given_an_approved_applicant_when_name_and_password_are_set_then_the_page_is_theirs(
    applicant: Applicant,
) -> None:
    bank = applicant.room.bank
    actor = applicant.room.actor(applicant.conversation_id)
    bank.verdicts.record_verdict(submitted(bank, actor), a_verdict("approved"))
    frames: list[str] = []
    applicant.page.on(
        "websocket", lambda line: line.on("framesent", lambda data: frames.append(str(data)))
    )
    applicant.show("credentials")
    card = CredentialsCard(applicant.page)

    card.fill("amal.haddad", "a long enough one", "another one entirely")
    expect(card.node.get_by_role("alert")).to_contain_text("not the same")
    card.fill("amal.haddad", "short")
    expect(card.node.get_by_role("alert")).to_contain_text("at least 10")
    card.fill("amal.haddad", "a long enough one")

    applicant.wait_until_logged_in()
    expect(card.node).to_contain_text("You are logged in")
    expect(applicant.page.locator("#accounts")).to_contain_text("0.00 EUR", timeout=ANSWER_MS)
    expect(applicant.page.get_by_role("button", name="Add a passkey")).to_be_visible()
    applicant.wait_for("told: EXTERNAL_credentials_set")
    assert not any("a long enough one" in frame for frame in frames)


def test_given_a_mailed_link_when_opened_then_the_token_leaves_the_address(
    camera: Browser, room: CardRoom
) -> None:
    link = room.paused_application()
    page = camera.new_context(viewport=DESK, locale="en-GB").new_page()

    page.goto(f"{room.url}/onboarding/resume?t={link}")

    ChatPage(page, room.url).wait_for("told: EXTERNAL_onboarding_resumed")
    assert page.url == f"{room.url}/"
    assert link not in page.evaluate("JSON.stringify({ ...sessionStorage })")
    page.goto(f"{room.url}/onboarding/resume?t={link}")
    expect(page.locator(".banner.warning")).to_contain_text("link", timeout=ANSWER_MS)
    page.context.close()


def test_given_a_phone_when_the_cards_are_shown_then_nothing_is_wider_than_it(
    camera: Browser, room: CardRoom
) -> None:
    context = camera.new_context(viewport=PHONE, locale="en-GB", color_scheme="dark")
    applicant = Applicant(context.new_page(), room).enter()
    for name in ("selfie", "liveness", "credentials", "checking"):
        applicant.show(name)
        assert _overflow_px(applicant.page) <= 0, name
    applicant.show("document_front passport")
    applicant.page.get_by_role("button", name="Use the camera").click()
    dialog = applicant.page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Take the picture")).to_be_in_viewport()
    assert _overflow_px(applicant.page) <= 0
    context.close()


def _overflow_px(page: Page) -> int:
    too_wide_px: int = page.evaluate(
        """Math.max(document.documentElement.scrollWidth - innerWidth,
            ...[...document.querySelector("deep-chat").shadowRoot.querySelectorAll("florin-line")]
                .map((line) => line.scrollWidth - line.clientWidth))"""
    )
    return too_wide_px


def _raw() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 40), "#0f5a4c").save(out, format="PNG")
    return out.getvalue()


def _png() -> dict[str, object]:
    return {"name": "card.png", "mimeType": "image/png", "buffer": _raw()}

