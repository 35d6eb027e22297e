"""Loading: files become articles, or are refused with a reason; one bad file stops none.

    x.md    front matter (YAML) + Markdown      x.html, x.pdf   beside x.html.yaml, x.pdf.yaml
       └─▶ plain text in sections ─▶ safety ─▶ Article            (the front matter, in a file)

Nothing of a file is run or fetched. Plain text is all that is kept: **bold**, lists and links lose
their marks. Readers of HTML and PDF: knowledge/formats.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from bank.domain.answers import Audience
from bank.yaml_text import read_yaml
from knowledge.article import LANGUAGES, Article, Section, anchor_of, is_article_id
from knowledge.asked import with_phrasings
from knowledge.contacts import Contacts, own_contacts
from knowledge.errors import ArticleRefused
from knowledge.formats import read_html, read_pdf
from knowledge.safety import check_phrasing, check_text
from knowledge.vectors import Progress

SHIPPED = Path(__file__).parent / "articles"
CHARS_MOST, FILE_BYTES_MOST = 2_000_000, 50_000_000
TEXT_CHARS_MOST = 60_000
_FRONT = re.compile(r"\A---\s*\n(.*?\n)---\s*(?:\n|\Z)(.*)\Z", re.DOTALL)
_SUFFIXES = (".md", ".html", ".htm", ".pdf")
_HEADING = re.compile(r"^##[ \t]+(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that is not served, and why. `code` as in ArticleRefused."""

    name: str
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a folder holds."""

    articles: tuple[Article, ...]
    refused: tuple[Refused, ...]


def load_folder(folder: Path = SHIPPED, progress: Progress | None = None) -> Loaded:
    """Read all articles below a folder, by name. Never raises for a file's content."""
    files = sorted(one for one in folder.rglob("*") if one.suffix.lower() in _SUFFIXES)
    articles: dict[tuple[str, int], Article] = {}
    refused: list[Refused] = []
    for count, file in enumerate(files, start=1):
        name = file.relative_to(folder).as_posix()
        try:
            article = load_file(file)
        except ArticleRefused as reason:
            refused.append(Refused(name, reason.code, reason.sentence))
        else:
            if articles.setdefault((article.id, article.version), article) is not article:
                refused.append(Refused(name, "duplicate_id", f"There is another {article.id}."))
        if progress:
            progress(count, len(files))
    return Loaded(tuple(articles.values()), tuple(refused))


def load_file(
    file: Path, *, own: Contacts | None = None, progress: Progress | None = None
) -> Article:
    """Return a file's article. Raises ArticleRefused, whatever is in it."""
    try:
        if file.stat().st_size > FILE_BYTES_MOST:
            raise ArticleRefused("too_long", f"The file is over {FILE_BYTES_MOST // 10**6} MB.")
        if file.suffix.lower() == ".md":
            return parse_article(file.read_text(encoding="utf-8"), stem=file.stem, own=own)
        beside = file.with_name(file.name + ".yaml")
        if not beside.is_file():
            raise ArticleRefused("front_matter", f"Write its front matter into {beside.name}.")
        front = _front_matter(beside.read_text(encoding="utf-8"))
        if file.suffix.lower() == ".pdf":
            pages = read_pdf(file, progress)
        else:
            pages = read_html(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as fault:
        raise ArticleRefused("unreadable", "It cannot be read as UTF-8 text.") from fault
    return make_article(front, pages, stem=file.stem, own=own)


def parse_article(text: str, *, stem: str = "", own: Contacts | None = None) -> Article:
    """Return the article of a Markdown text with front matter. Raises ArticleRefused."""
    if len(text) > TEXT_CHARS_MOST:
        raise ArticleRefused("too_long", f"It has over {TEXT_CHARS_MOST} characters.")
    found = _FRONT.match(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    if found is None:
        raise ArticleRefused("front_matter", "It does not begin with front matter between ---.")
    return make_article(_front_matter(found[1]), markdown_sections(found[2]), stem=stem, own=own)


def markdown_sections(body: str) -> list[tuple[str, str]]:
    """Return heading and Markdown text of each section; "" is the title's."""
    # Not langchain's splitter for Markdown: it joins headings of one name, and drops the unseen
    # letters that an article must be refused for. Its splitter by length serves (passages.py).
    first, *others = _HEADING.split(body)
    begun = [("", re.sub(r"^#\s.*$", "", first, count=1, flags=re.MULTILINE))]
    return [*begun, *zip(others[::2], others[1::2], strict=True)]


def make_article(
    front: dict[str, Any],
    sections: Sequence[tuple[str, str]],
    *,
    stem: str = "",
    own: Contacts | None = None,
) -> Article:
    """Return the article of checked parts. `sections`: heading and text. Raises ArticleRefused.

    front: id, title, audience, language, valid_from, valid_until, owner, topic, version; asked.
    """
    meta = _meta(front, stem=stem)
    made: list[Section] = []
    for heading, text in sections:
        words = plain_text(text)
        if words:
            name = plain_text(heading) or meta["title"]
            made.append(Section(name, anchor_of(name, {one.anchor for one in made}), words))
    if not made:
        raise ArticleRefused("no_text", "It says nothing.")
    made = list(with_phrasings(made, front.get("asked")))
    # Looked at before the marks go: a link is foreign although only its label would be kept.
    raw = "\n\n".join([meta["title"], *(f"{heading}\n{text}" for heading, text in sections)])
    if len(raw) > CHARS_MOST:
        raise ArticleRefused("too_long", f"It has over {CHARS_MOST} characters.")
    check_text(raw, language=meta["language"], own=own or own_contacts())
    for line in (line for one in made for line in one.asked):
        check_phrasing(line, language=meta["language"], own=own or own_contacts())
    for key in ("owner", "topic"):
        check_text(str(meta[key]), language=meta["language"], own=own or own_contacts())
    return Article(**meta, sections=tuple(made))


def plain_text(markdown: str) -> str:
    r"""Return Markdown without its marks, a paragraph or an item a line.

    >>> plain_text("It costs **5 EUR**.\n\n- See [fees](/library/fees)\n- `Pay`")
    'It costs 5 EUR.\nSee fees\nPay'
    """
    lines: list[str] = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        joined = re.sub(r"\n(?!\s*(?:[-*+•|>#]|\d+[.)]\s))", " ", block)
        lines += (_plain_line(line) for line in joined.split("\n"))
    return "\n".join(line for line in lines if line)


def _plain_line(line: str) -> str:
    text = re.sub(r"^\s*(?:#{1,6}\s+|>\s?|[-*+•]\s+|\d+[.)]\s+)", "", line)
    if re.fullmatch(r"[\s|:\-=*_]+", text):
        return ""
    if text.lstrip().startswith("|"):
        text = ", ".join(cell.strip() for cell in text.strip().strip("|").split("|"))
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"(\*\*|__|`)(.+?)\1", r"\2", text)
    text = re.sub(r"(?<!\w)([*_])(\S(?:.*?\S)?)\1(?!\w)", r"\2", text)
    return re.sub(r"\s+", " ", text).strip()


def _front_matter(text: str) -> dict[str, Any]:
    try:
        front = read_yaml(text)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        raise ArticleRefused("front_matter", "Its front matter is no YAML.") from fault
    if not isinstance(front, dict):
        raise ArticleRefused("front_matter", "Its front matter has no names and values.")
    return {str(name): value for name, value in front.items()}


def _meta(front: dict[str, Any], *, stem: str) -> dict[str, Any]:
    def text(name: str) -> str:
        value = front.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > 200:
            raise ArticleRefused("front_matter", f"Its front matter has no {name}.")
        return value.strip()

    article_id = text("id")
    if not is_article_id(article_id) or (stem and stem != article_id):
        raise ArticleRefused("front_matter", "Its id is not its file's name in small letters.")
    audience, language = text("audience"), text("language")
    if audience not in set(Audience) or language not in LANGUAGES:
        raise ArticleRefused("front_matter", "Its audience or language is not one we know.")
    version = front.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or not 0 < version < 10**6:
        raise ArticleRefused("front_matter", "Its version is no whole number from 1.")
    begins, ends = _day(front, "valid_from"), _day(front, "valid_until")
    if begins is None or (ends is not None and ends < begins):
        raise ArticleRefused("front_matter", "Its dates are none, or end before they begin.")
    return {
        "id": article_id, "version": version, "title": text("title"),
        "audience": Audience(audience), "language": language, "valid_from": begins,
        "valid_until": ends, "owner": text("owner"), "topic": text("topic"),
    }  # fmt: skip


def _day(front: dict[str, Any], name: str) -> date | None:
    value = front.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as fault:
        raise ArticleRefused("front_matter", f"Its {name} is no date.") from fault
