r"""One spelling for what can be spelt in many ways, before anything is compared.

    "/a?q=%2527%20OR%201%3D1--+"  ──▶  "/a", "q=' or 1=1-- "
    "/a?q=＜ScRiPt＞"              ──▶  "/a", "q=<script>"

Percent-decoding up to four times (a proxy decodes once, a careless program again, an attacker
counts on one more), `+` as a space in a query, `%uXXXX` as old IIS takes it, HTML entities and
\x escapes once, NFKC, no zero-width characters, lower case, runs of spaces as one, of line ends as
one. Comments of SQL (`/**/`) are spaces to a database and so here.

Lossy on purpose, never executed, and never more than TARGET_MOST characters of it: what stands
beyond is not read, and `is_cut` says so.
"""

from __future__ import annotations

import html
import re
import unicodedata
from urllib.parse import unquote_to_bytes

TARGET_MOST = 4_096
PARTS_MOST = 64
_DECODINGS_MOST = 4
#: Stands between path and parameters: no separator that somebody sent can be taken for it.
PART = "\x1f"

_UNICODE_PERCENT = re.compile(r"%u([0-9a-fA-F]{4})")
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})|\\u([0-9a-fA-F]{4})")
_COMMENT = re.compile(r"/\*(?!!).*?\*/", re.DOTALL)
#: MySQL runs what stands in /*!50000 … */.
_RUN_COMMENT = re.compile(r"/\*!\d{0,6}|\*/")
_SPACES = re.compile(r"[^\S\n]+")
_LINE_ENDS = re.compile(r" ?\n[ \n]*")
_INVISIBLE = dict.fromkeys([0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF])
#: Overlong UTF-8 of `/`, `\` and `.`, which a strict decoder refuses and old servers took.
_OVERLONG = (
    (b"\xc0\xaf", b"/"), (b"\xc1\x9c", b"\\"), (b"\xc0\xae", b"."), (b"\xe0\x80\xaf", b"/"),
)  # fmt: skip


def normalise(target: str) -> str:
    """Return the one spelling of a request's target; its parts stand PART apart.

    >>> normalise("/a?q=%2527%20OR%201%3D1--+").split(PART)
    ['/a', "q=' or 1=1-- "]
    >>> normalise("/a?q=UN/**/ION%20SEL%45CT&n=1").split(PART)
    ['/a', 'q=un ion select', 'n=1']
    """
    path, mark, query = target[:TARGET_MOST].partition("?")
    parts = query.split("&", PARTS_MOST) if mark else ()
    return PART.join((normalise_part(path), *(normalise_part(one, plus=True) for one in parts)))


def normalise_part(text: str, *, plus: bool = False) -> str:
    """Return the one spelling of a path, or of a parameter, where a plus is a space."""
    if plus and "+" in text:
        text = text.replace("+", " ")
    for _ in range(_DECODINGS_MOST):
        before = text
        if "%" in text:
            text = _decoded(text)
        if text == before:
            break
    if "\\" in text:
        text = _ESCAPED.sub(lambda found: chr(int(found[1] or found[2], 16)), text)
    if "&" in text:
        text = html.unescape(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE)
    text = text.replace("\x00", " ").replace(PART, " ")
    if "/*" in text:
        text = _RUN_COMMENT.sub(" ", _COMMENT.sub(" ", text))
    text = _SPACES.sub(" ", text.lower().replace("\r", "\n"))
    return _LINE_ENDS.sub("\n", text)[:TARGET_MOST]


def is_cut(target: str) -> bool:
    """Whether part of a target is not looked at."""
    return len(target) > TARGET_MOST


def _decoded(text: str) -> str:
    if "%u" in text or "%U" in text:
        text = _UNICODE_PERCENT.sub(lambda found: chr(int(found[1], 16)), text)
    raw = unquote_to_bytes(text.encode("utf-8", "surrogatepass"))
    if b"\xc0" in raw or b"\xc1" in raw or b"\xe0" in raw:
        for overlong, plain in _OVERLONG:
            raw = raw.replace(overlong, plain)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
