"""Logs of a process: one JSON object a line, and never what somebody said, typed or holds.

A traceback names types, files and lines, not messages and not local variables: an exception
often quotes the very value it could not use, and a frame holds passwords and tokens.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

import structlog
from structlog.typing import EventDict

FRAMES_MOST = 12

ExcInfo = tuple[type[BaseException] | None, BaseException | None, TracebackType | None]


def configure_logs(level: str) -> None:
    """Send structlog's and the libraries' lines to stderr, from `level` on."""
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_bare_traceback,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # Looked up for each line: whoever replaces stderr wants to see it.
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(BareFormatter("%(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(number, logging.INFO), handlers=[handler])


class BareFormatter(logging.Formatter):
    """Lines of libraries: their own words, with the bare traceback."""

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802  the name is logging's
        return describe(ei[1]) if ei[1] is not None else ""


def describe(fault: BaseException) -> str:
    """Return where a fault came from, innermost last, without a word of what it says.

    >>> try:
    ...     int("secret")
    ... except ValueError as fault:
    ...     describe(fault).startswith("ValueError at "), "secret" in describe(fault)
    (True, False)
    """
    return " because of ".join(_describe_one(each) for each in _chain(fault))


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while fault is not None and id(fault) not in seen:
        seen.add(id(fault))
        yield fault
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)


def _describe_one(fault: BaseException) -> str:
    frames = traceback.extract_tb(fault.__traceback__)[-FRAMES_MOST:]
    places = " > ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)
    return f"{type(fault).__name__} at {places}" if places else type(fault).__name__


def _with_bare_traceback(_logger: object, _method: str, event: EventDict) -> EventDict:
    given = event.pop("exc_info", None)
    fault = given if isinstance(given, BaseException) else None
    if fault is None and given:
        fault = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if fault is not None:
        event["fault"] = describe(fault)
    return event
