"""The README's two pictures of onboarding: `python -m tests.browser.onboarding_screenshots`.

An invented person before the camera, and the case of somebody who holds another's passport: the
pictures are specimens, the verdict is the checks' own.
"""

from __future__ import annotations

import hashlib
import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, expect, sync_playwright

from bank.bootstrap import Bank
from bank.domain.actors import Actor
from identity import checks
from identity.document.reading import Picture
from identity.screening import invented_lists
from identity.specimens.faces import another_person, render_face
from identity.specimens.making import Specimen, make_specimen
from tests.browser.cards import CardRoom, open_card_room
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.film import person_before_camera
from tests.browser.onboarding_pages import CaptureCard, KycPage
from tests.browser.pages import ChatPage
from tests.browser.screenshots import DESK, shrink
from tests.web.applicants import an_application, submitted

SEED = 12


def main() -> None:
    specimen = make_specimen(SEED, kind="passport", today=datetime.now(UTC).date())
    with (
        tempfile.TemporaryDirectory() as home,
        open_card_room(Path(home)) as room,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        _chat(browser, room, specimen)
        _desk(browser, room, specimen)
        browser.close()


def _chat(browser: Browser, room: CardRoom, specimen: Specimen) -> None:
    context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}, locale="en-GB")
    context.add_init_script(person_before_camera(specimen.face_seed))
    page = context.new_page()
    chat = ChatPage(page, room.url).open()
    chat.say("show selfie passport")
    CaptureCard(page).node.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.wait_for_timeout(1500)
    shrink(page.screenshot(), "onboarding-camera")
    context.close()


def _desk(browser: Browser, room: CardRoom, specimen: Specimen) -> None:
    case_id = _doubtful_case(room.bank, specimen)
    context = browser.new_context(viewport={"width": DESK[0], "height": 1250}, locale="en-GB")
    cookie = {"name": "florin_staff", "value": room.staff_token("nadia"), "url": room.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.goto(f"{room.url}/console/cases/{case_id}")
    KycPage(page, room.url).wait()
    page.wait_for_timeout(2500)
    shrink(page.screenshot(), "console-kyc")
    context.close()


def _doubtful_case(bank: Bank, specimen: Specimen) -> str:
    """A case of somebody with another person's passport, judged by the real checks."""
    _, session = bank.sessions.start_visitor()
    actor = session.actor()
    an_application(bank, actor)
    for name in ("given_names", "surname"):
        bank.onboarding.set_detail(actor, name, getattr(specimen.claims, name))
    bank.onboarding.set_detail(actor, "birth_date", str(specimen.claims.birth_date))
    selfie = render_face(another_person(specimen.face_seed), size_px=640, sitting=4)
    verdict = checks.verify(
        checks.Applicant(
            selfie=selfie, front=specimen.front, back=None, frames=None, claims=specimen.claims,
            asks_liveness=False,
        ),
        lists=invented_lists(), today=datetime.now(UTC).date(),
    )  # fmt: skip
    pictures = {"document_front": _jpeg(specimen.front), "selfie": _jpeg(selfie)}
    job_id = submitted(bank, actor, pictures)
    if verdict.portrait is not None:
        _keep_portrait(bank, actor, verdict.portrait)
    bank.verdicts.record_verdict(job_id, verdict.to_json() | {"outcome": "needs_review"})
    application = bank.onboarding.current(actor)
    assert application is not None
    return str(application.case_id)


def _keep_portrait(bank: Bank, actor: Actor, portrait: Picture) -> None:
    current = bank.onboarding.current(actor)
    assert current is not None
    jpeg = _jpeg(portrait)
    bank.evidence.keep(
        actor.conversation_id, "portrait", jpeg, width=portrait.shape[1],
        height=portrait.shape[0], sha256=hashlib.sha256(jpeg).hexdigest(),
        application_id=current.id,
    )  # fmt: skip


def _jpeg(picture: Picture) -> bytes:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, format="JPEG", quality=92)
    return out.getvalue()


if __name__ == "__main__":
    main()
