"""How a session begins: a visitor, a login, or a login inside a visitor's chat."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bank.domain.actors import ActorKind
from bank.domain.sessions import Session

if TYPE_CHECKING:
    from bank.bootstrap import Bank


@dataclass(frozen=True, slots=True)
class Entrance:
    """A token, shown once, and whose session it opens."""

    token: str
    session: Session
    customer_name: str | None = None


async def start_session(bank: Bank) -> Entrance:
    """Begin a visitor's session with a conversation of its own."""
    token, session = await asyncio.to_thread(bank.sessions.start_visitor)
    return Entrance(token, session)


async def log_in(
    bank: Bank, *, login_name: str, password: str, ip_hash: str, source_ip: str | None = None
) -> Entrance:
    """Begin a customer's session. Raises WrongCredentials, RateLimited."""
    done = await asyncio.to_thread(
        lambda: bank.logins.login(login_name, password, ip_hash=ip_hash, source_ip=source_ip)
    )
    return Entrance(done.token, done.session, done.customer.given_name)


async def log_in_here(
    bank: Bank,
    token: str,
    session: Session,
    *,
    login_name: str,
    password: str,
    ip_hash: str,
    source_ip: str | None = None,
) -> Entrance:
    """Turn this session into the customer's: a new token, the same conversation.

    A conversation that belongs to another customer stays theirs; a new one is begun.
    Raises WrongCredentials, RateLimited, SessionExpired.
    """
    assert session.actor_kind is not ActorKind.STAFF, session.id
    customer = await asyncio.to_thread(
        lambda: bank.logins.check(login_name, password, ip_hash=ip_hash, source_ip=source_ip)
    )
    fresh, upgraded = await asyncio.to_thread(
        lambda: bank.sessions.upgrade(token, customer, place=ip_hash)
    )
    return Entrance(fresh, upgraded, customer.given_name)
