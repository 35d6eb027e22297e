"""Photos a customer sends: fetched once, from the service only, and kept as the page's are."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from bank.domain.actors import SYSTEM, VISITOR
from tests.web.applicants import an_application, finding, look_ends
from tests.web.house import eventually
from web.channels.calls import Calls
from web.channels.parts import SendRefused
from web.utterances import load_utterances


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, format="JPEG", exif=b"Exif\x00\x00secret-place")
    return out.getvalue()


def kept(town) -> list[str]:
    found = town.bank.store.read(lambda uow: uow.evidence.list(order_by="kept_at_utc"))
    return [one.kind.value for one in found]


@pytest.fixture
async def applicant(town):
    """Somebody nobody linked, who applies in this messenger."""
    await town.driver.say("I want to become a customer")
    await town.settled()
    an_application(town.bank, replace(VISITOR, conversation_id=town.chat().conversation_id))
    return town


async def test_given_a_photo_with_its_word_then_it_is_kept_clean_and_the_applicant_told(applicant):
    applicant.service.files["doc"] = jpeg()

    response = await applicant.driver.send_photo("doc", "the front of my passport")
    await applicant.settled()

    assert response.status == 200
    assert kept(applicant) == ["document_front"]
    (one,) = applicant.bank.store.read(lambda uow: uow.evidence.list())
    assert b"secret-place" not in applicant.bank.evidence.open(SYSTEM, one.id)
    assert "has arrived" in applicant.service.texts[-1]
    assert ("customer", "Photo") in applicant.said()


async def test_given_the_look_has_ended_then_what_to_mend_comes_as_a_message_of_its_own(applicant):
    applicant.service.files["doc"] = jpeg()
    await applicant.driver.send_photo("doc", "front")
    await applicant.settled()
    (job,) = applicant.bank.store.read(lambda uow: uow.identity_jobs.list())

    look_ends(applicant.bank, job.id, [finding("blurred")])
    await eventually(lambda: "event EXTERNAL_picture_looked" in applicant.service.texts)

    turn = applicant.assistant.turns[-1]
    assert turn.channel == applicant.name
    assert turn.payload["entities"]["codes"] == "blurred"


async def test_given_the_same_photo_delivered_twice_then_it_is_kept_once(applicant):
    applicant.service.files["doc"] = jpeg()

    for _ in range(2):
        sent = await applicant.driver.send_photo("doc", "selfie", message_id="91")
        assert sent.status == 200
    await applicant.settled()

    assert kept(applicant) == ["selfie"]
    assert len([text for text in applicant.service.texts if "has arrived" in text]) == 1


async def test_given_a_photo_without_a_word_then_it_is_what_was_asked_for(applicant):
    applicant.service.files["doc"] = jpeg()

    await applicant.driver.send_photo("doc", "here you are")
    await applicant.settled()

    assert kept(applicant) == ["document_front"]


async def test_given_nothing_is_asked_for_when_a_photo_has_no_word_then_they_are_asked_which(town):
    await town.driver.say("I want to become a customer")
    await town.settled()
    actor = replace(VISITOR, conversation_id=town.chat().conversation_id)
    town.bank.onboarding.start(actor)
    town.service.files["doc"] = jpeg()

    await town.driver.send_photo("doc", "look")
    await town.settled()

    assert kept(town) == []
    assert "selfie, front or back" in town.service.texts[-1]


async def test_given_an_account_nobody_linked_and_no_application_then_its_photo_is_not_fetched(town):
    town.service.files["doc"] = jpeg()

    await town.driver.send_photo("doc", "selfie")
    await town.service.wait_for(1)

    assert kept(town) == []
    assert "link this account first" in town.service.texts[-1]


async def test_given_a_customer_without_an_application_then_a_sentence_says_none_is_open(town):
    town.linked()
    town.service.files["doc"] = jpeg()

    await town.driver.send_photo("doc", "selfie")
    await town.settled()

    assert kept(town) == []
    assert town.service.texts[-1] == load_utterances().refusal("application_missing", {})


@pytest.mark.parametrize("raw", [b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
async def test_given_something_that_is_no_picture_then_it_is_refused_in_words(applicant, raw):
    applicant.service.files["doc"] = raw

    await applicant.driver.send_photo("doc", "selfie")
    await applicant.settled()

    assert kept(applicant) == []
    assert "picture" in applicant.service.texts[-1]
    assert "has arrived" not in applicant.service.texts[-1]


async def test_given_a_photo_over_the_limit_then_reading_stops_there(applicant, monkeypatch):
    monkeypatch.setattr("web.channels.photos.FILE_LIMIT_BYTES", 1000)
    applicant.service.files["doc"] = b"\xff\xd8" + b"x" * 5000

    await applicant.driver.send_photo("doc", "selfie")
    await applicant.settled()

    assert kept(applicant) == []


async def test_given_the_file_api_is_out_then_the_applicant_is_asked_to_send_it_again(applicant):
    applicant.service.files["doc"] = jpeg()
    applicant.service.faults.extend([(503, {})] * 3)

    await applicant.driver.send_photo("doc", "selfie")
    await applicant.settled()

    assert "could not fetch" in applicant.service.texts[-1]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:22/", "https://evilslack.com/x", "https://slack.com.evil.example/x",
     "https://files.slack.com@evil.example/x", "file:///etc/passwd"],
)  # fmt: skip
async def test_given_a_foreign_address_then_it_is_never_asked(url):
    calls = Calls()
    with pytest.raises(SendRefused, match="foreign_host"):
        await calls.fetch(url, hosts=(".slack.com", "api.local:1"), limit_bytes=10)
