"""Webhooks: one JSON document to an address of the bank's own systems, signed, and nothing more.

    POST https://hooks.bank.example/models          only addresses of the settings
    Florin-Event:     model.drift
    Florin-Delivery:  <ob_…@florin>                 the same at every try: drop what you have
    Florin-Signature: t=1772452800,v1=<hex>         HMAC-SHA256(secret, "<t>.<body>")

A receiver recomputes the MAC over the raw body and refuses what is older than five minutes.

Whoever could choose an address could make the bank knock at its own inner doors (SSRF). So: an
address must be one of the settings'; its name is resolved once and every answer must be a public
address, and the connection goes to those very answers; no redirect is followed, no proxy of the
environment used, no answer read. `allow_private` opens the bank's own network, and plain HTTP.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

TIMEOUT_S = 10.0
_OK = range(200, 300)
#: IPv4 addresses inside IPv6 ones, by a translator of the network (RFC 6052).
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class WebhookRefused(RuntimeError):
    """The receiver did not take it; `code` is its HTTP status."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the receiver answered {code}")
        self.code = code


class AddressNotAllowed(RuntimeError):
    """Not one of the settings' addresses, not HTTPS, or not a public one."""


class WebhookMailer:
    """See ports.Mailer. `to` is the address, `subject` the event's name, `body` the JSON."""

    def __init__(
        self,
        *,
        secret: bytes,
        allowed: Collection[str],
        allow_private: bool = False,
        timeout_s: float = TIMEOUT_S,
        tls: ssl.SSLContext | None = None,
        now_s: Callable[[], float] = time.time,
    ) -> None:
        assert secret or not allowed, "webhooks are signed"
        self._secret = secret
        self._allowed = frozenset(allowed)
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._tls = tls
        self._now_s = now_s

    def send(self, *, to: str, subject: str, body: str, message_id: str) -> None:
        """Deliver. Raises WebhookRefused, AddressNotAllowed, OSError, aiohttp.ClientError."""
        self._check_address(to)
        raw = body.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Florin",
            "Florin-Event": subject,
            "Florin-Delivery": message_id,
            "Florin-Signature": sign(self._secret, raw, at_s=int(self._now_s())),
        }
        # A loop of its own: the worker is a thread, and only a loop bounds the whole exchange.
        status = asyncio.run(self._post(to, raw, headers))
        if status not in _OK:
            raise WebhookRefused(status)

    async def _post(self, url: str, raw: bytes, headers: dict[str, str]) -> int:
        connector = aiohttp.TCPConnector(
            resolver=_PublicOnly(allow_private=self._allow_private),
            use_dns_cache=False,
            ssl=self._tls or True,
            force_close=True,
        )
        timeout = aiohttp.ClientTimeout(total=self._timeout_s)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
            session.post(url, data=raw, headers=headers, allow_redirects=False) as answer,
        ):
            return answer.status

    def _check_address(self, url: str) -> None:
        parts = urlsplit(url)
        if url not in self._allowed or not parts.hostname or parts.username is not None:
            raise AddressNotAllowed("not an address of the settings")
        if parts.scheme != "https" and not (parts.scheme == "http" and self._allow_private):
            raise AddressNotAllowed("webhooks go over https")
        # A literal address is never resolved, so it is looked at here.
        if _is_literal(parts.hostname) and not self._allow_private:
            _require_public(parts.hostname)


class _PublicOnly(AbstractResolver):
    """Resolves a name, and refuses unless every address of it is a public one."""

    def __init__(self, *, allow_private: bool) -> None:
        self._inner = ThreadedResolver()
        self._allow_private = allow_private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not self._allow_private:
            for one in found:
                _require_public(one["host"])
        return found

    async def close(self) -> None:
        await self._inner.close()


def sign(secret: bytes, raw: bytes, *, at_s: int) -> str:
    """Return the signature header of a body.

    >>> sign(b"secret", b"{}", at_s=1)[:15]
    't=1,v1=1122767b'
    """
    mac = hmac.new(secret, f"{at_s}.".encode() + raw, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={mac}"


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the open internet.

    >>> is_public("93.184.216.34"), is_public("10.1.2.3"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo and found.teredo[1])
        if found in _NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


def _require_public(address: str) -> None:
    if not is_public(address):
        raise AddressNotAllowed("the address lies in a private network")


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True
