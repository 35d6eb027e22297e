"""Fetching lists from a server on this machine: good, broken, gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from identity.screening import ListBroken, load_lists, screen
from identity.screening import refresh as refreshing
from identity.screening.refresh import OFFICIAL_SOURCES, is_due, refresh
from tests.identity.screening.builders import FILES, fill

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Office:
    """A list office: what it serves can be changed; it may fail a few times first."""

    def __init__(self) -> None:
        self.files = {name: text.encode() for name, text in FILES.items()}
        self.failures_left = 0
        self.asked_count = 0
        office = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                office.asked_count += 1
                body = office.files.get(self.path.strip("/"))
                if office.failures_left:
                    office.failures_left -= 1
                    self.send_error(503)
                elif body is None:
                    self.send_error(404)
                else:
                    self.send_response(200)
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def sources(self) -> dict[str, str]:
        names = (*(name for name in FILES if not name.startswith("own_")),)
        return {name: f"http://127.0.0.1:{self.server.server_port}/{name}" for name in names}

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def office() -> Iterator[Office]:
    started = Office()
    yield started
    started.close()


def test_given_an_empty_folder_when_refreshed_then_the_lists_are_in_force(office, tmp_path):
    done = refresh(tmp_path / "lists", office.sources(), now_utc=NOW)

    assert done.version_before.startswith("invented-")
    assert "ofac:101" in done.change.added
    assert screen(load_lists(tmp_path / "lists"), "Viktor Zelenkov")


def test_given_own_lists_when_refreshed_then_they_stay(office, tmp_path):
    fill(tmp_path)

    lists = refresh(tmp_path, office.sources(), now_utc=NOW).lists

    assert "pep:7" in {entry.entry_id for entry in lists.entries}


def test_given_a_server_that_stumbles_when_refreshed_then_it_is_asked_again(office, tmp_path):
    office.failures_left = 2

    refresh(tmp_path, office.sources(), now_utc=NOW, wait_s=0.01)

    assert office.asked_count == len(office.sources()) + 2


@pytest.mark.parametrize("body", [b"", b"<html>", FILES["sdn.csv"].encode()[:-40]])
def test_given_a_broken_download_when_refreshed_then_every_file_stays_as_it_was(
    office, tmp_path, body
):
    version = load_lists(fill(tmp_path)).version
    office.files["sdn.csv"] = body
    office.files["consolidated.xml"] = (
        FILES["consolidated.xml"].replace("QAMAR", "CHANGED").encode()
    )

    with pytest.raises(ListBroken):
        refresh(tmp_path, office.sources(), now_utc=NOW, wait_s=0.01)

    assert load_lists(tmp_path).version == version
    assert "QAMAR" in (tmp_path / "consolidated.xml").read_text()


def test_given_a_file_too_large_when_refreshed_then_it_is_refused(office, tmp_path, monkeypatch):
    monkeypatch.setattr(refreshing, "DOWNLOAD_BYTES_MAX", 100)

    with pytest.raises(ListBroken) as refusal:
        refresh(tmp_path, office.sources(), now_utc=NOW)

    assert refusal.value.reason == "too_large"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/sdn.csv", "nonsense", "http://127.0.0.1:{port}/gone"]
)
def test_given_no_answer_when_refreshed_then_it_says_unreachable(office, tmp_path, url):
    url = url.replace("{port}", str(office.server.server_port))

    with pytest.raises(ListBroken) as refusal:
        refresh(tmp_path, {"sdn.csv": url}, now_utc=NOW, wait_s=0.01)

    assert refusal.value.reason == "unreachable"


def test_given_a_refresh_when_a_week_has_passed_then_the_next_is_due(office, tmp_path):
    assert is_due(tmp_path, NOW)
    refresh(tmp_path, office.sources(), now_utc=NOW)

    assert not is_due(tmp_path, NOW + timedelta(days=6))
    assert is_due(tmp_path, NOW + timedelta(days=7))


def test_the_official_sources_are_https():
    assert all(url.startswith("https://") for url in OFFICIAL_SOURCES.values())
