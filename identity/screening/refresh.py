"""Fetching the lists: weekly, bounded, and never worse than before.

    download all ─▶ trial reading together with what is there ─▶ nothing lost? ─▶ replace
         └── any refusal: ListBroken, and every file stays as it was

The bank may name mirrors in place of the official addresses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import stamina

from bank.whole_files import write_whole
from identity.screening.entries import ListBroken
from identity.screening.lists import (
    ScreeningLists,
    check_shrinkage,
    load_lists,
    parse_lists,
    read_files,
    unpack,
)
from identity.screening.rescreening import ListChange, changed_entries

_OFAC = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports"
#: File name in the folder, official address.
OFFICIAL_SOURCES: Mapping[str, str] = {
    "sdn.csv": f"{_OFAC}/SDN.CSV",
    "alt.csv": f"{_OFAC}/ALT.CSV",
    "add.csv": f"{_OFAC}/ADD.CSV",
    "sdn_comments.csv": f"{_OFAC}/SDN_COMMENTS.CSV",
    "consolidated.xml": "https://scsanctions.un.org/resources/xml/en/consolidated.xml",
}
DOWNLOAD_BYTES_MAX = 100_000_000
TIMEOUT_S = 60.0
ATTEMPTS_MAX = 3
INTERVAL = timedelta(days=7)
_STAMP = Path("cache") / "refreshed.json"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. `change` is empty when the lists are the same as before."""

    lists: ScreeningLists
    version_before: str
    change: ListChange


class _TryAgain(Exception):
    """The server may answer later."""


def refresh(
    folder: Path,
    sources: Mapping[str, str] = OFFICIAL_SOURCES,
    *,
    now_utc: datetime | None = None,
    wait_s: float = 1.0,
) -> Refreshed:
    """Fetch the sources into the folder and return the lists then in force.

    Raises ListBroken (unreachable, too_large, truncated, shrunk, …); the folder is then unchanged.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = load_lists(folder)
    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=True) as client:
        fetched = {name: _fetch(client, name, url, wait_s) for name, url in sources.items()}
    texts = {
        **_others(folder, fetched),
        **{name: unpack(name, raw) for name, raw in fetched.items()},
    }
    trial = parse_lists(texts)
    check_shrinkage(before, trial)
    for name, raw in fetched.items():
        _replace(folder, name, raw)
    lists = load_lists(folder)
    _stamp(folder, now_utc or datetime.now(UTC))
    return Refreshed(lists, before.version, changed_entries(before, lists))


def is_due(folder: Path, now_utc: datetime) -> bool:
    """Whether the last refresh is a week ago or was never."""
    try:
        text = json.loads((folder / _STAMP).read_text(encoding="utf-8"))["refreshed_at_utc"]
        return now_utc - datetime.fromisoformat(text) >= INTERVAL
    except (OSError, ValueError, KeyError, TypeError):
        return True


def _others(folder: Path, fetched: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return what stays: a fetched UN list takes the place of one under its other name."""
    plain = {_plain(name) for name in fetched}
    if "consolidated.xml" in plain:
        plain.add("UN_consolidated.xml")
    return {name: raw for name, raw in read_files(folder).items() if name not in plain}


def _plain(name: str) -> str:
    return name.removesuffix(".gz")


def _fetch(client: httpx.Client, name: str, url: str, wait_s: float) -> bytes:
    try:
        for attempt in stamina.retry_context(
            on=(httpx.TransportError, _TryAgain), attempts=ATTEMPTS_MAX, wait_initial=wait_s,
            wait_max=10 * wait_s, timeout=None,
        ):  # fmt: skip
            with attempt:
                return _download(client, name, url)
    except (httpx.HTTPError, httpx.InvalidURL, _TryAgain) as fault:
        raise ListBroken(name, "unreachable", f"{type(fault).__name__} {fault}"[:160]) from fault
    raise ListBroken(name, "unreachable")


def _download(client: httpx.Client, name: str, url: str) -> bytes:
    with client.stream("GET", url) as answer:
        if answer.status_code >= 500 or answer.status_code == 429:
            raise _TryAgain(f"HTTP {answer.status_code}")
        answer.raise_for_status()
        promised = answer.headers.get("content-length", "")
        if promised.isdigit() and int(promised) > DOWNLOAD_BYTES_MAX:
            raise ListBroken(name, "too_large", promised)
        chunks, size = [], 0
        for chunk in answer.iter_bytes():
            size += len(chunk)
            if size > DOWNLOAD_BYTES_MAX:
                raise ListBroken(name, "too_large")
            chunks.append(chunk)
    if not size:
        raise ListBroken(name, "empty")
    return b"".join(chunks)


def _replace(folder: Path, name: str, raw: bytes) -> None:
    """Write a file; remove the same list in its other packing or under its other name."""
    write_whole(folder / name, raw)
    plain = _plain(name)
    twins = {plain, f"{plain}.gz"}
    if plain == "consolidated.xml":
        twins |= {"UN_consolidated.xml", "UN_consolidated.xml.gz"}
    for twin in twins - {name}:
        (folder / twin).unlink(missing_ok=True)


def _stamp(folder: Path, now_utc: datetime) -> None:
    (folder / _STAMP).parent.mkdir(exist_ok=True, mode=0o700)
    write_whole(folder / _STAMP, json.dumps({"refreshed_at_utc": now_utc.isoformat()}).encode())
