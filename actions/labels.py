"""What the bank's codes are called: responses `utter_label_<kind>_<code>` of bot/domain/labels.yml.

    category eating_out ─▶ Eating out · Restaurantes      cadence monthly ─▶ monthly · cada mes

A code without a label is shown as it reads, so that a new line of a price list needs no label to
be understood, only to be translated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from actions import languages
from actions.domain_parts import texts

PREFIX = "utter_label_"


def label(kind: str, code: str) -> str:
    """Return a code in the conversation's language.

    >>> label("category", "eating_out"), label("product", "wire_recall")
    ('Eating out', 'Wire recall')
    """
    known = texts(languages.current()).get(f"{PREFIX}{kind}_{code}")
    return known or code.replace("_", " ").replace(".", " ").capitalize()


def table(kind: str, rows: Iterable[Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """Return a table for a page to draw, with the words of its head.

    >>> sorted(table("cards", [{"card": "•••• 4242"}])["data"])
    ['caption', 'columns', 'rows']
    """
    listed = [dict(row) for row in rows]
    names = dict.fromkeys(name for row in listed for name in row)
    known = texts(languages.current())
    columns = {
        name: known[f"{PREFIX}column_{name}"] for name in names if f"{PREFIX}column_{name}" in known
    }
    data = {"rows": listed, "caption": label("table", kind), "columns": columns, **more}
    return {"kind": kind, "data": data}
