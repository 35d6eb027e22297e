"""Photos a customer sends: fetched once, from the service only, and kept as the page's are."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from web.channels.calls import Calls
from web.channels.parts import SendRefused
from web.chat import uploads


def jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, format="JPEG", exif=b"Exif\x00\x00secret-place")
    return out.getvalue()


def kept(town) -> list[str]:
    folder = town.app_home / "uploads"
    return sorted(path.suffix for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def home(town, tmp_path):
    town.app_home = tmp_path
    return town


async def test_given_a_photo_with_its_word_then_it_is_kept_sealed_and_the_customer_told(home):
    home.linked()
    home.service.files["doc"] = jpeg()

    response = await home.driver.send_photo("doc", "the front of my id")
    await home.settled()

    assert response.status == 200
    assert kept(home) == [".document_front"]
    (path,) = [path for path in (home.app_home / "uploads").rglob("*") if path.is_file()]
    assert b"secret-place" not in path.read_bytes()
    assert not path.read_bytes().startswith(b"\xff\xd8")
    assert "has arrived" in home.service.texts[-1]
    assert ("customer", "Photo") in home.said()


async def test_given_the_same_photo_delivered_twice_then_it_is_kept_once(home):
    home.linked()
    home.service.files["doc"] = jpeg()

    for _ in range(2):
        assert (await home.driver.send_photo("doc", "selfie", message_id="91")).status == 200
    await home.settled()

    assert kept(home) == [".selfie"]
    assert len([text for text in home.service.texts if "has arrived" in text]) == 1


async def test_given_a_photo_without_a_word_then_the_customer_is_asked_which(home):
    home.linked()
    home.service.files["doc"] = jpeg()

    await home.driver.send_photo("doc", "look")
    await home.settled()

    assert kept(home) == []
    assert "selfie, front or back" in home.service.texts[-1]


async def test_given_an_account_nobody_linked_then_its_photo_is_not_fetched(home):
    home.service.files["doc"] = jpeg()

    await home.driver.send_photo("doc", "selfie")
    await home.service.wait_for(1)

    assert kept(home) == []
    assert "link this account first" in home.service.texts[-1]


@pytest.mark.parametrize("raw", [b"not a picture", b"\x89PNG\r\n\x1a\n broken"])
async def test_given_something_that_is_no_picture_then_it_is_refused_in_words(home, raw):
    home.linked()
    home.service.files["doc"] = raw

    await home.driver.send_photo("doc", "selfie")
    await home.settled()

    assert kept(home) == []
    assert "cannot be used" in home.service.texts[-1]


async def test_given_a_photo_over_the_limit_then_reading_stops_there(home, monkeypatch):
    monkeypatch.setattr("web.channels.photos.FILE_LIMIT_BYTES", 1000)
    home.linked()
    home.service.files["doc"] = b"\xff\xd8" + b"x" * 5000

    await home.driver.send_photo("doc", "selfie")
    await home.settled()

    assert kept(home) == []
    assert uploads.FILE_LIMIT_BYTES == 8 * 1024 * 1024


async def test_given_the_file_api_is_out_then_the_customer_is_asked_to_send_it_again(home):
    home.linked()
    home.service.files["doc"] = jpeg()
    home.service.faults.extend([(503, {})] * 3)

    await home.driver.send_photo("doc", "selfie")
    await home.settled()

    assert "could not fetch" in home.service.texts[-1]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:22/", "https://evilslack.com/x", "https://slack.com.evil.example/x",
     "https://files.slack.com@evil.example/x", "file:///etc/passwd"],
)  # fmt: skip
async def test_given_a_foreign_address_then_it_is_never_asked(url):
    calls = Calls()
    with pytest.raises(SendRefused, match="foreign_host"):
        await calls.fetch(url, hosts=(".slack.com", "api.local:1"), limit_bytes=10)
