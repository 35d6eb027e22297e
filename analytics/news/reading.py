"""Headlines from a file: CSV, JSONL, or a feed (RSS, Atom).

    news.csv    text,published_at_utc,source,url      (or title, headline; published, date)
    news.jsonl  {"text": …, "published_at_utc": …}    one a line
    news.xml    RSS or Atom, by feedparser, from bytes: it is never given an address

What can be read is kept, and what cannot is told with its row: a half-written feed loses nothing
but its broken end. A file of which nothing can be read is refused. What a headline says is text
and stays text: see stories.py.
"""

from __future__ import annotations

import csv
import io
import json
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics.errors import AnalyticsError
from analytics.news.stories import Headline, plain

BYTES_MOST = 8_000_000
HEADLINES_MOST = 20_000
_NAMES = {
    "text": ("text", "title", "headline"),
    "at": ("published_at_utc", "published", "date", "time"),
    "source": ("source", "publisher", "paper"),
    "url": ("url", "link"),
}
_TIME_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d.%m.%Y")


class BrokenFeed(AnalyticsError):
    """Nothing can be read of it: no feed, too large, or not to be had."""

    code = "broken_feed"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that was left out. code: no_text, no_time, not_json, too_many, cut_off. row: from 1."""

    code: str
    row: int


@dataclass(frozen=True, slots=True)
class Issue:
    """What was read, and what could not be."""

    headlines: tuple[Headline, ...]
    problems: tuple[Problem, ...] = ()


def read_file(path: Path) -> Issue:
    """Return the headlines of a file, by its ending. Raises BrokenFeed."""
    try:
        with path.open("rb") as file:
            raw = file.read(BYTES_MOST + 1)
    except OSError as fault:
        raise BrokenFeed(f"{path.name} cannot be read: {fault.strerror}.") from fault
    return read_bytes(raw, name=path.name)


def read_bytes(raw: bytes, *, name: str) -> Issue:
    """Return the headlines of a file's content; `name` tells its kind. Raises BrokenFeed."""
    if len(raw) > BYTES_MOST:
        raise BrokenFeed(f"{name} is larger than {BYTES_MOST // 1_000_000} MB.")
    ending = name.rpartition(".")[2].lower()
    if ending == "csv":
        return _gathered(_csv_rows(_decoded(raw, name), name), name)
    if ending in {"jsonl", "ndjson"}:
        return _gathered(_json_rows(_decoded(raw, name)), name)
    return _feed(raw, name)


def _decoded(raw: bytes, name: str) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BrokenFeed(f"{name} is not UTF-8, at byte {fault.start:,}.") from fault


Row = Mapping[str, Any] | None


def _csv_rows(text: str, name: str) -> Iterator[Row]:
    rows = csv.DictReader(io.StringIO(text, newline=""))
    fields = {one.strip().lower() for one in rows.fieldnames or ()}
    if not fields & set(_NAMES["text"]):
        raise BrokenFeed(f"{name} has no column text, title or headline.")
    try:
        for row in rows:
            yield {str(key).strip().lower(): value for key, value in row.items() if key}
    except csv.Error as fault:
        raise BrokenFeed(f"{name} is no CSV, near line {rows.line_num:,}.") from fault


def _json_rows(text: str) -> Iterator[Row]:
    for line in text.splitlines():
        if line.strip():
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            yield row if isinstance(row, dict) else None


def _gathered(rows: Iterable[Row], name: str) -> Issue:
    found: list[Headline] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=1):
        if len(found) == HEADLINES_MOST:
            problems.append(Problem("too_many", number))
            break
        if row is None:
            problems.append(Problem("not_json", number))
            continue
        text, at_utc = plain(_cell(row, "text")), _moment(_cell(row, "at"))
        if not text or at_utc is None:
            problems.append(Problem("no_time" if text else "no_text", number))
            continue
        found.append(Headline(text, at_utc, plain(_cell(row, "source")) or name, _url(row)))
    if problems and not found:
        raise BrokenFeed(f"No headline of {name} can be read; the first: {problems[0].code}.")
    return Issue(tuple(found), tuple(problems))


def _cell(row: Mapping[str, Any], what: str) -> str:
    for name in _NAMES[what]:
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _url(row: Mapping[str, Any]) -> str:
    """Return an address that a page may link to, or nothing."""
    url = _cell(row, "url")
    is_safe = url.startswith(("https://", "http://")) and url.isprintable() and " " not in url
    return url if is_safe and len(url) <= 500 else ""


def _moment(text: str) -> datetime | None:
    """Return a moment in UTC; one without a zone is taken as UTC.

    >>> _moment("2026-03-01T10:00:00+02:00").isoformat()
    '2026-03-01T08:00:00+00:00'
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        for form in _TIME_FORMS:
            try:
                at = datetime.strptime(text, form)  # noqa: DTZ007  its zone is set below
                break
            except ValueError:
                continue
        else:
            return None
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        return None


def _feed(raw: bytes, name: str) -> Issue:
    """Return the headlines of RSS or Atom; entities of its own are refused, they can grow."""
    import feedparser  # type: ignore[import-untyped] # noqa: PLC0415  slow, one kind needs it

    if b"<!ENTITY" in raw.upper():
        raise BrokenFeed(f"{name} declares entities of its own; no feed needs them.")
    # Headers spare it a look at the network; bytes are all it gets.
    told = feedparser.parse(io.BytesIO(raw), response_headers={"content-type": "application/xml"})
    if not told.entries:
        if told.get("version") and not told.bozo:
            return Issue(())
        raise BrokenFeed(f"{name} is no feed, or nothing of it can be read.")
    paper = plain(told.feed.get("title", "")) or name
    rows = ({
        "text": entry.get("title", ""), "source": entry.get("source", {}).get("title", paper),
        "url": entry.get("link", ""), "published": _stamp(entry) or _stamp(told.feed),
    } for entry in told.entries)  # fmt: skip
    issue = _gathered(rows, name)
    if told.bozo and not isinstance(told.bozo_exception, feedparser.CharacterEncodingOverride):
        return Issue(issue.headlines, (*issue.problems, Problem("cut_off", len(told.entries))))
    return issue


def _stamp(entry: Mapping[str, Any]) -> str:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC).isoformat() if parsed else ""
    except (OverflowError, ValueError, OSError):
        return ""
