"""HTML and PDF as sections of plain text: heading and text, in their order.

    HTML   h1 … h6 begin sections; scripts, styles, forms and comments are not read
    PDF    a page is a section, so that a citation leads to it; at most PAGES_MOST

A PDF of scans has pages without text. It is refused, saying what to do: guessing at pictures of
rules is nothing a bank should answer from.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from bs4 import BeautifulSoup, Comment, Tag
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from knowledge.errors import ArticleRefused
from knowledge.vectors import Progress

PAGES_MOST = 400
PAGE_CHARS_MOST = 20_000
#: Fewer characters than this on most pages: pictures of text.
PAGE_CHARS_LEAST = 20
#: A file from outside can break its reader in any way; it must only break itself.
_BROKEN = (
    PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError,
    OverflowError, AssertionError, NotImplementedError,
)  # fmt: skip
_DROPPED = (
    "script", "style", "noscript", "template", "form", "iframe", "object", "svg", "nav", "head",
)  # fmt: skip
_BLOCKS = ("p", "li", "td", "th", "dt", "dd", "blockquote", "pre", "div", "tr", "br")

logging.getLogger("pypdf").setLevel(logging.ERROR)  # its remarks are on the file, not on us


def read_html(text: str) -> list[tuple[str, str]]:
    """Return the sections of a page. Links keep their address, so that foreign ones are seen."""
    try:
        return _sections(BeautifulSoup(text, "html.parser"))
    except RecursionError as fault:
        raise ArticleRefused("unreadable", "Its tags are nested too deep.") from fault


def _sections(page: BeautifulSoup) -> list[tuple[str, str]]:
    for hidden in page.find_all(string=lambda one: isinstance(one, Comment)):
        hidden.extract()
    if page.find(["script", "iframe", "object", "embed"]) or page.find(_acts):
        raise ArticleRefused("markup", "It has scripts or frames; hand in the text alone.")
    for tag in page.find_all(_DROPPED):
        tag.decompose()
    for link in page.find_all("a"):
        address = str(link.get("href") or "")
        if re.match(r"\s*(?:[a-z]+:|//)", address, re.IGNORECASE):
            link.append(f" ({address.strip()})")
    for tag in page.find_all(_BLOCKS):
        tag.append("\n\n")
    sections: list[tuple[str, list[str]]] = [("", [])]
    for heading in page.find_all(re.compile(r"^h[1-6]$")):
        heading.replace_with(f"\n\n\0{heading.get_text(' ', strip=True)}\0\n\n")
    for number, piece in enumerate(page.get_text().split("\0")):
        if number % 2:
            sections.append((piece.strip(), []))
        else:
            sections[-1][1].append(piece)
    return [(heading, "\n\n".join(texts).strip()) for heading, texts in sections]


def read_pdf(file: Path, progress: Progress | None = None) -> list[tuple[str, str]]:
    """Return the pages of a PDF. Raises ArticleRefused: scanned, locked, too long, unreadable."""
    try:
        pages = _pages(file, progress)
    except _BROKEN as fault:
        raise ArticleRefused("unreadable", "It is no PDF that can be read.") from fault
    blank = sum(len(text) < PAGE_CHARS_LEAST for _, text in pages)
    if not pages or blank > len(pages) / 2:
        raise ArticleRefused(
            "scanned_pdf",
            f"{blank} of its {len(pages)} pages are pictures without text. Run text recognition"
            " over it first (such as ocrmypdf), or write the article in Markdown.",
        )
    return pages


def _pages(file: Path, progress: Progress | None) -> list[tuple[str, str]]:
    reader = PdfReader(file)
    if reader.is_encrypted:
        raise ArticleRefused("locked_pdf", "It is locked; save it without a password.")
    count = len(reader.pages)
    if count > PAGES_MOST:
        raise ArticleRefused(
            "too_long", f"It has {count} pages; cut it into parts of at most {PAGES_MOST}."
        )
    pages: list[tuple[str, str]] = []
    for number, page in enumerate(reader.pages, start=1):
        text = page.extract_text()[:PAGE_CHARS_MOST]
        pages.append((f"Page {number}", _paragraphs(text)))
        if progress:
            progress(number, count)
    return pages


def _acts(tag: Tag) -> bool:
    return any(name.lower().startswith("on") for name in tag.attrs)


def _paragraphs(text: str) -> str:
    """Undo a page's line breaks; a line that ends a sentence ends a paragraph."""
    joined = re.sub(r"(\w)-\n(\w)", r"\1\2", text)
    joined = re.sub(r"(?<![.!?:])\n(?!\s*[-•])", " ", joined)
    return re.sub(r"\n", "\n\n", joined).strip()
