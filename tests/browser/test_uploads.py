"""Pictures: the page offers to send one exactly when the server says that somebody looks at them."""

from __future__ import annotations

import io

from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.branch import Branch
from tests.browser.pages import ANSWER_MS, ChatPage


def test_given_nobody_who_looks_at_pictures_when_opened_then_there_is_no_control(
    running_branch: Branch, page: Page
) -> None:
    ChatPage(page, running_branch.url).open()

    expect(page.locator("body")).to_have_attribute("data-uploads", "off")
    expect(page.locator("input[type=file]")).to_have_count(0)
    expect(page.get_by_text("Use the camera")).to_have_count(0)


def test_given_the_servers_word_when_a_picture_is_chosen_then_it_is_posted_and_kept(
    running_branch: Branch, page: Page
) -> None:
    page.route(running_branch.url + "/", _switch_on)
    ChatPage(page, running_branch.url).open()
    page.get_by_label("What it shows").select_option(label="Document, front")

    with page.expect_response("**/api/chat/uploads") as posted:
        page.get_by_label("Choose a picture").set_input_files(
            {"name": "card.png", "mimeType": "image/png", "buffer": _png()}
        )

    assert posted.value.status == 201
    kept = posted.value.json()
    assert (kept["kind"], kept["width"], kept["height"]) == ("document_front", 64, 40)
    expect(page.get_by_text("Picture received.")).to_be_visible(timeout=ANSWER_MS)
    camera = page.get_by_label("Use the camera")
    expect(camera).to_have_attribute("capture", "user")


def test_given_a_file_that_is_no_picture_when_chosen_then_a_sentence_says_what_is_taken(
    running_branch: Branch, page: Page
) -> None:
    page.route(running_branch.url + "/", _switch_on)
    ChatPage(page, running_branch.url).open()

    page.get_by_label("Choose a picture").set_input_files(
        {"name": "card.png", "mimeType": "image/png", "buffer": b"not a picture"}
    )

    expect(page.get_by_text("JPEG, PNG or WebP")).to_be_visible(timeout=ANSWER_MS)


def _switch_on(route: Route) -> None:
    """The page as a branch with an identity desk would serve it."""
    answer = route.fetch()
    page = answer.text()
    assert 'data-uploads="off"' in page
    route.fulfill(response=answer, body=page.replace('data-uploads="off"', 'data-uploads="on"'))


def _png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 40), "#0f5a4c").save(out, format="PNG")
    return out.getvalue()
