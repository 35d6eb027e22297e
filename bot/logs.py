"""Rasa's logs without the customer's words.

Rasa writes messages, slots and entities into its debug lines, and the local variables of a failing
function into its errors. Here a line keeps what happened and where, never what was said.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer
from structlog.tracebacks import ExceptionDictTransformer

#: The only fields of an event that are written; Rasa adds fields with every release.
KEPT = frozenset(
    {
        "event", "event_info", "level", "logger", "timestamp", "exc_info", "exception",
        "placeholder_key", "action_name", "policy_name", "url", "filename", "model_id",
    }
)  # fmt: skip


def keep_safe_fields(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Drop every field that is not known to be harmless.

    >>> keep_safe_fields(None, "info", {"event": "x", "user_text": "my PIN"})
    {'event': 'x'}
    """
    for key in [key for key in event if key not in KEPT]:
        del event[key]
    return event


def make_logs_safe() -> None:
    """Change the processors in place: loggers that exist already keep the same list."""
    processors = structlog.get_config()["processors"]
    if keep_safe_fields in processors:
        return
    for place, processor in enumerate(processors):
        if isinstance(processor, ExceptionRenderer):
            processors[place] = ExceptionRenderer(ExceptionDictTransformer(show_locals=False))
        elif isinstance(processor, ConsoleRenderer):
            # The rich one shows locals; there is no public way to change it afterwards.
            processor._exception_formatter = plain_traceback  # noqa: SLF001
    processors.insert(0, keep_safe_fields)
