"""Channel links: a messenger account starts to speak for a customer by a one-time code."""

from __future__ import annotations

from datetime import timedelta

from bank.domain.actors import SYSTEM, Actor
from bank.domain.errors import CodeExpired, WrongCode
from bank.domain.ids import CustomerId
from bank.domain.links import (
    LINK_CODE_TTL_S,
    ChannelLink,
    LinkCode,
    clean_link_code,
    make_link_code,
)
from bank.ports import Clock, Digests, Store, UnitOfWork
from bank.services.audit import Audit
from bank.services.failures import Failures


class Links:
    """Which messenger account is whose."""

    def __init__(
        self, store: Store, *, clock: Clock, digests: Digests, failures: Failures, audit: Audit
    ) -> None:
        self._store = store
        self._clock = clock
        self._digests = digests
        self._failures = failures
        self._audit = audit

    def make_code(self, actor: Actor) -> str:
        """Return a code for the logged-in customer; it replaces an earlier one."""
        customer_id, code = actor.require_customer(), make_link_code()
        record = LinkCode(
            id=customer_id,
            code_hash=self._hash(code),
            expires_at_utc=self._clock() + timedelta(seconds=LINK_CODE_TTL_S),
        )

        def work(uow: UnitOfWork) -> None:
            uow.link_codes.remove(customer_id)
            uow.link_codes.add(record)
            self._audit.append_in(uow, actor, "link.make_code", customer_id)

        self._store.write(work)
        return code

    def redeem(self, channel: str, external_id: str, code: str) -> ChannelLink:
        """Link a messenger account to the customer whose code this is.

        An account linked before changes hands. Raises WrongCode, CodeExpired, RateLimited.
        """
        scope = ("link_code", f"{channel}|{external_id}")
        self._failures.take(scope)

        def work(uow: UnitOfWork) -> ChannelLink:
            held: LinkCode | None = uow.link_codes.first(
                code_hash=self._hash(clean_link_code(code))
            )
            if held is None:
                raise WrongCode
            if held.expires_at_utc <= self._clock():
                raise CodeExpired
            link = ChannelLink(
                id=self._link_id(channel, external_id),
                channel=channel,
                customer_id=CustomerId(held.id),
                linked_at_utc=self._clock(),
            )
            uow.link_codes.remove(held.id)
            uow.channel_links.remove(link.id)
            uow.channel_links.add(link)
            self._audit.append_in(uow, SYSTEM, "link.redeem", held.id, details={"channel": channel})
            return link

        link = self._store.write(work)
        self._failures.forget(scope)
        return link

    def find(self, channel: str, external_id: str) -> CustomerId | None:
        """Return the customer a messenger account speaks for, or None."""
        link: ChannelLink | None = self._store.read(
            lambda uow: uow.channel_links.find(self._link_id(channel, external_id))
        )
        return link.customer_id if link else None

    def list(self, actor: Actor) -> list[ChannelLink]:
        """Return the customer's links."""
        customer_id = actor.require_customer()
        return self._store.read(lambda uow: uow.channel_links.list(customer_id=customer_id))

    def remove(self, actor: Actor, channel: str) -> int:
        """Unlink the customer's accounts of a channel; return how many."""
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> int:
            links = uow.channel_links.list(customer_id=customer_id, channel=channel)
            for link in links:
                uow.channel_links.remove(link.id)
            self._audit.append_in(
                uow, actor, "link.remove", customer_id, details={"channel": channel}
            )
            return len(links)

        return self._store.write(work)

    def _link_id(self, channel: str, external_id: str) -> str:
        return link_id_of(self._digests, channel, external_id)

    def _hash(self, code: str) -> str:
        return self._digests.digest("link-code", code)


def link_id_of(digests: Digests, channel: str, external_id: str) -> str:
    """Return by what a messenger account is known here: never by its number or name."""
    return f"{channel}:{digests.digest(f'link/{channel}', external_id)}"
