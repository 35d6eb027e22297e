"""One error shape for everything: {"error": {"code", "message", "details"}}.

    BankError        an expected refusal: its own code and status
    RequestRefused   the request itself cannot be used: wrong JSON, too large, no such address
    anything else    a bug: 500 internal_error, logged with its traceback, told to nobody

`code` is for programs and never changes; `message` is for people and comes from bot/domain, or from
the model house, whose callers are systems.
`details` never repeats what was sent: the sender knows it, a log must not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

import structlog
from aiohttp import web
from pydantic import ValidationError

from bank.domain.errors import BankError, RateLimited
from web.keys import METRICS, UTTERANCES
from web.utterances import Utterances

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class RequestRefused(Exception):
    """The request cannot be used as it is, whoever sent it."""

    # Positional only: a refused field may be called "code" itself.
    def __init__(
        self, code: str, http_status: int, /, *, sentence: str | None = None, **details: str
    ) -> None:
        super().__init__(code)
        self.code = code
        self.http_status = http_status
        self.details = details
        #: Said in place of the book's: for doors of systems, whose refusals bring their own words.
        self.sentence = sentence


#: What aiohttp itself refuses, by status.
_CODES = {
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}


def error_body(
    utterances: Utterances, code: str, details: Mapping[str, str], sentence: str | None = None
) -> dict[str, dict[str, object]]:
    """Return the one error shape, with its sentence; that of the book unless one is given."""
    message = sentence or utterances.refusal(code, details)
    return {"error": {"code": code, "message": message, "details": dict(details)}}


def error_response(
    request: web.Request,
    code: str,
    status: int,
    details: Mapping[str, str],
    sentence: str | None = None,
) -> web.Response:
    utterances = request.app[UTTERANCES]
    headers = {}
    if "retry_after_s" in details:
        headers["Retry-After"] = details["retry_after_s"]
    return web.json_response(
        error_body(utterances, code, details, sentence), status=status, headers=headers
    )


def refused_fields(fault: ValidationError) -> dict[str, str]:
    """Return field → rule it broke, without the value that broke it.

    The name of an unknown field is the sender's own text, so it is cut short.
    """
    return {
        ".".join(str(part)[:40] for part in error["loc"]) or "body": str(error["type"])
        for error in fault.errors(include_input=False, include_url=False, include_context=False)[:8]
    }


@web.middleware
async def errors_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every exception of a handler into the one error shape."""
    try:
        return await handler(request)
    except (BankError, RequestRefused) as refusal:
        if isinstance(refusal, RateLimited):
            request.app[METRICS].rate_limited.inc()
        sentence = getattr(refusal, "sentence", None)
        return error_response(
            request, refusal.code, refusal.http_status, refusal.details, sentence
        )
    except web.HTTPException as answer:
        if answer.status < HTTPStatus.BAD_REQUEST:
            raise
        code = _CODES.get(HTTPStatus(answer.status), "invalid_input")
        return error_response(request, code, answer.status, {})
    except Exception:  # a bug: told to nobody, kept for us
        log.exception("request_failed", method=request.method, route=_route_of(request))
        request.app[METRICS].faults.inc()
        return error_response(
            request, "internal_error", HTTPStatus.INTERNAL_SERVER_ERROR, {}
        )


def _route_of(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"
