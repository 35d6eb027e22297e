"""A feed over the network: only where a bank names its address, within bounds of size and time.

No redirect is followed and no proxy of the environment asked: what was configured is what is read.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from urllib.parse import urlsplit

import httpx

from analytics.news.reading import BYTES_MOST, BrokenFeed, Issue, read_bytes

TIMEOUT_S = 10.0
_CHUNK_BYTES = 65_536


def fetch(
    url: str,
    *,
    allowed: Collection[str],
    timeout_s: float = TIMEOUT_S,
    transport: httpx.BaseTransport | None = None,
) -> Issue:
    """Return the headlines of a feed at an address of the bank's settings. Raises BrokenFeed.

    allowed: the addresses that were configured, whole. timeout_s: for all of it.
    """
    host = urlsplit(url).hostname or "the address"
    if url not in allowed or urlsplit(url).scheme not in {"http", "https"}:
        raise BrokenFeed(f"{host} is not among the feeds that this bank has named.")
    began = time.monotonic()
    parts: list[bytes] = []
    size = 0
    try:
        with (
            httpx.Client(timeout=timeout_s, trust_env=False, transport=transport) as client,
            client.stream("GET", url) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise BrokenFeed(f"{host} answers {answer.status_code}.")
            for part in answer.iter_bytes(_CHUNK_BYTES):
                parts.append(part)
                size += len(part)
                if size > BYTES_MOST:
                    raise BrokenFeed(f"{host} sends more than {BYTES_MOST // 1_000_000} MB.")
                if time.monotonic() - began > timeout_s:
                    raise BrokenFeed(f"{host} takes longer than {timeout_s:g} s.")
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        raise BrokenFeed(f"{host} cannot be read: {type(fault).__name__}.") from fault
    return read_bytes(b"".join(parts), name=_name(url, answer.headers.get("content-type", "")))


def _name(url: str, content_type: str) -> str:
    """Return a name whose ending tells the kind: the path's, else the content type's."""
    name = urlsplit(url).path.rpartition("/")[2] or "feed"
    if "." in name:
        return name
    kind = content_type.partition(";")[0].strip().lower()
    return name + {"text/csv": ".csv", "application/jsonl": ".jsonl"}.get(kind, ".xml")
