"""Headers every answer carries: what a browser may run, frame, guess and keep.

No inline script, no inline style, no foreign origin: the chat component gets its style sheet
constructed by our own script (web/static/js/chat/chat_view.js). Pictures come from here, from
`data:` and from `blob:` (a camera preview). tests/browser/test_policy.py watches that no page
breaks this.
"""

from __future__ import annotations

from aiohttp import web

from web.api.errors import Handler

_POLICY = (
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
CONTENT_SECURITY_POLICY = "; ".join(_POLICY)

#: What our pages ask a device for: a picture of a document, a passkey; nothing else.
_PERMISSIONS = (
    "camera=(self)",
    "publickey-credentials-get=(self)",
    "publickey-credentials-create=(self)",
    "microphone=()",
    "geolocation=()",
    "payment=()",
)

#: Loading the chat page once does not let other sites follow the customer here.
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(_PERMISSIONS),
}


@web.middleware
async def headers_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Add the headers; everything but static files must not be kept by caches."""
    response = await handler(request)
    if not response.prepared:  # a WebSocket has sent its headers already
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "public, max-age=300")
        else:
            response.headers.setdefault("Cache-Control", "no-store")
        if "Server" in response.headers:
            del response.headers["Server"]
    return response
