r"""CEF: one event as a line of ArcSight's Common Event Format, version 0 (revision 25).

    CEF:0|Florin|Bank|1.0.0|login_failed|Login of a customer failed|3|rt=… src=… reason=…
          vendor product version id     title                 severity  extension

In the header `\` and `|` are escaped, in the extension `\`, `=` and line ends. `src` holds an
IPv4 address only; IPv6 has a labelled key of its own. What each key means: docs/siem.md.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.metadata import version

from bank.delivery.siem.kinds import KINDS
from bank.domain.security_events import SecurityEvent

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SPECIAL = re.compile(r"[\\=\r\n]")
_ESCAPED = {"\\": "\\\\", "=": "\\=", "\n": "\\n", "\r": "\\r"}


def escape_header(text: str) -> str:
    r"""Return text for a field of the header; a line end has no escape there and becomes a space.

    >>> escape_header("a|b\\c")
    'a\\|b\\\\c'
    """
    lines = text.replace("\\", "\\\\").replace("|", "\\|")
    return lines.replace("\r", " ").replace("\n", " ")


def escape_value(text: str) -> str:
    r"""Return text for a value of the extension.

    >>> escape_value("a=b|c\\d\ne")
    'a\\=b|c\\\\d\\ne'
    """
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], text)


def _heads() -> dict[str, str]:
    product = escape_header(version("florin"))
    return {
        kind: f"CEF:0|Florin|Bank|{product}|{kind.value}|{escape_header(shape.title)}|"
        for kind, shape in KINDS.items()
    }


_HEADS = _heads()
_CATEGORIES = {
    kind: f" cat={shape.categories[0]} act={kind.value}" for kind, shape in KINDS.items()
}


def format_cef(event: SecurityEvent) -> str:
    """Return the event as one line, without a line end."""
    since = event.at_utc - _EPOCH
    at_ms = since.days * 86_400_000 + since.seconds * 1_000 + since.microseconds // 1_000
    # Kind, outcome, severity and times are our own words: nothing in them to escape.
    text = (
        f"{_HEADS[event.kind]}{event.severity}|rt={at_ms} externalId={event.id}"
        f"{_CATEGORIES[event.kind]} outcome={event.outcome._value_} reason={event.reason}"
        f" suid={escape_value(event.actor_id)} spriv={event.actor_kind}"
        f" cs4={escape_value(event.subject)} cs4Label=subject"
    )
    return text + _optional(event)


def _optional(event: SecurityEvent) -> str:
    parts = ""
    if event.source_ip:
        is_four = ":" not in event.source_ip
        parts = (
            f" src={event.source_ip}"
            if is_four
            else f" c6a2={event.source_ip} c6a2Label=Source IPv6 Address"
        )
    if event.customer_id:
        parts += f" duid={escape_value(event.customer_id)}"
    if event.case_id:
        parts += f" cs1={escape_value(event.case_id)} cs1Label=caseId"
    if event.conversation_id:
        parts += f" cs2={escape_value(event.conversation_id)} cs2Label=conversationId"
    if event.technique:
        parts += f" cs3={event.technique} cs3Label=techniqueId"
    if event.details:
        told = " ".join([f"{name}:{value}" for name, value in event.details.items()])
        parts += f" cs5={escape_value(told)} cs5Label=details"
    return parts
