"""Where a request comes from: the peer, or what a proxy of ours says of it.

    X-Forwarded-For: 203.0.113.7, 10.0.0.5        peer 10.0.0.2
                     client       our proxy ◀─────────┘ read from the right, past our own

Anybody can write that header, so only what our own proxies have added is read: the first address
from the right that is none of `FLORIN_TRUSTED_PROXIES`. Without proxies it is not looked at.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from aiohttp import web

from bank.domain.security_events import parse_ip
from web.keys import PROXIES

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
#: A chain longer than this is nobody's; what is left of it is not read.
HOPS_MOST = 16


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Return the networks. Raises ValueError."""
    return tuple(ipaddress.ip_network(one, strict=False) for one in texts)


def client_address(request: web.Request) -> str:
    """Return the address the request comes from; empty when the peer has none (a socket file)."""
    return address_behind(
        request.remote or "",
        request.headers.getall("X-Forwarded-For", []),
        request.app[PROXIES],
    )


def address_behind(peer: str, forwarded: Iterable[str], proxies: tuple[Network, ...]) -> str:
    """Return the client's address behind our proxies, in its shortest form.

    >>> ours = parse_networks(["10.0.0.0/8"])
    >>> address_behind("10.0.0.2", ["1.2.3.4, 203.0.113.7, 10.0.0.5"], ours)
    '203.0.113.7'
    >>> address_behind("198.51.100.9", ["1.2.3.4"], ours)  # nobody of ours: its word is nothing
    '198.51.100.9'
    """
    address = parse_ip(peer) or peer
    if not _is_ours(address, proxies):
        return address
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    for hop in reversed(hops[-HOPS_MOST:]):
        found = parse_ip(hop)
        if found is None:
            return address  # the proxy before it is the last one we know
        address = found
        if not _is_ours(address, proxies):
            break
    return address


def _is_ours(address: str, proxies: tuple[Network, ...]) -> bool:
    if not proxies or parse_ip(address) is None:
        return False
    found = ipaddress.ip_address(address)
    return any(found.version == one.version and found in one for one in proxies)
