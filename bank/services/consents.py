"""Consents: given, withdrawn, and nothing sent after.

    give, withdraw   one purpose on one channel
    unsubscribe      everything at once, in one turn, and the addresses are suppressed
    erase_in         the person goes; a keyed digest of their addresses stays

A withdrawal takes the locks a send takes (the customer, then the consent), so one of the two is
first: a send that was first and still waits in the outbox is recalled in the withdrawal's own
write. What a mail server is being told at that very moment cannot be called back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from bank.domain.actors import Actor, ActorKind
from bank.domain.campaigns import MessageClass, Send, SendState
from bank.domain.consents import (
    IN_TALK,
    Channel,
    Consent,
    ConsentSource,
    Purpose,
    Suppression,
    SuppressionReason,
    consent_id,
    set_to,
    suppressed_text,
)
from bank.domain.customers import Customer
from bank.domain.errors import InvalidInput
from bank.domain.ids import CustomerId
from bank.domain.outbox import OutboxItem, OutboxState
from bank.policies import access
from bank.ports import Auditor, Clock, Digests, Store, UnitOfWork

PURPOSE = "contacting/suppression"
_PERSON = "contacting/erased"
_CHUNK_ROWS = 500


class Consents:
    """What people let the bank write about."""

    def __init__(self, store: Store, *, clock: Clock, digests: Digests, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._digests = digests
        self._audit = audit

    def list(self, actor: Actor, customer_id: str) -> list[Consent]:
        """Return how a customer's consents stand: to themselves, to staff."""
        access.require(actor, "consents.read", owner_id=customer_id)
        found: list[Consent] = self._store.read(
            lambda uow: uow.consents.list(customer_id=customer_id)
        )
        return found

    def give(
        self, actor: Actor, customer_id: str, *, purpose: Purpose, channel: Channel,
        source: ConsentSource,
    ) -> Consent:  # fmt: skip
        """Note that the customer agrees. Twice is once.

        Said by the customer themself, it also lifts the suppression of that channel's address:
        it is their newest word. Raises NotPermitted, NotFound.
        """
        access.require(actor, "consents.give", owner_id=customer_id)

        def work(uow: UnitOfWork) -> Consent:
            customer: Customer = uow.customers.get(customer_id, lock=True)
            consent = self._set_in(uow, actor, customer.id, purpose, channel, source, is_given=True)
            if actor.kind is ActorKind.CUSTOMER:
                self._lift_in(uow, actor, customer, channel)
            return consent

        return self._store.write(work)

    def withdraw(
        self, actor: Actor, customer_id: str, *, purpose: Purpose, channel: Channel,
        source: ConsentSource,
    ) -> Consent:  # fmt: skip
        """Note that the customer no longer agrees, and recall what waits. Twice is once."""
        access.require(actor, "consents.withdraw", owner_id=customer_id)

        def work(uow: UnitOfWork) -> Consent:
            customer: Customer = uow.customers.get(customer_id, lock=True)
            consent = self._set_in(
                uow, actor, customer.id, purpose, channel, source, is_given=False
            )
            recall_of_in(uow, customer_id, purpose=purpose, channel=channel)
            return consent

        return self._store.write(work)

    def unsubscribe(self, actor: Actor, customer_id: str) -> int:
        """Withdraw everything and suppress the addresses; return how many consents ended.

        One call, no question: it works where there was nothing to withdraw, too.
        """
        access.require(actor, "consents.withdraw", owner_id=customer_id)

        def work(uow: UnitOfWork) -> int:
            customer: Customer = uow.customers.get(customer_id, lock=True)
            given = uow.consents.list(customer_id=customer_id, is_given=True)
            for one in given:
                self._set_in(
                    uow, actor, customer.id, one.purpose, one.channel,
                    ConsentSource.UNSUBSCRIBED, is_given=False,
                )  # fmt: skip
            self._suppress_in(uow, customer, SuppressionReason.UNSUBSCRIBED)
            recall_of_in(uow, customer_id)
            self._audit.append_in(
                uow, actor, "consent.unsubscribe", customer_id, "done", "", {"ended": len(given)}
            )
            return len(given)

        return self._store.write(work)

    def suppress(self, actor: Actor, *, channel: Channel, address: str) -> None:
        """Have an address left alone that bounced. Staff, the bank. Raises InvalidInput."""
        access.require(actor, "consents.suppress")
        if channel in IN_TALK or not address.strip():
            raise InvalidInput(field="channel", allowed="mail,sms")
        key = self._digests.digest(PURPOSE, suppressed_text(channel, address))

        def work(uow: UnitOfWork) -> None:
            self._suppress_key_in(uow, key, channel, SuppressionReason.BOUNCED)
            self._audit.append_in(uow, actor, "consent.suppress", key, "done", "", {})

        self._store.write(work)

    def erase_in(self, uow: UnitOfWork, actor: Actor, customer: Customer) -> None:
        """Forget a person's consents and sends, in the write that erases the person.

        What waits is recalled; what was sent or held out stays for the counts of its campaign,
        under a keyed digest in place of the customer. Their addresses are suppressed.
        """
        self._suppress_in(uow, customer, SuppressionReason.ERASED)
        recall_of_in(uow, customer.id)
        for consent in uow.consents.list(customer_id=customer.id):
            uow.consents.remove(consent.id)
        nobody = CustomerId("gone_" + self._digests.digest(_PERSON, customer.id)[:24])
        for send in uow.campaign_sends.list(customer_id=customer.id):
            if send.state is SendState.PLANNED:
                uow.campaign_sends.remove(send.id)
            else:
                uow.campaign_sends.save(replace(send, customer_id=nobody, outbox_id=None))
        for shown in uow.offer_answers.list(customer_id=customer.id):
            uow.offer_answers.save(replace(shown, customer_id=nobody, conversation_id=""))
        for choice in uow.notice_choices.list(customer_id=customer.id):
            uow.notice_choices.remove(choice.id)
        self._audit.append_in(uow, actor, "consent.erase", customer.id, "done", "", {})

    def carry_over(self, actor: Actor) -> int:
        """Give consent to offers, on every channel, to those who gave it at account opening.

        Only where nothing was said since: running it again gives nothing back that was withdrawn.
        Return how many consents were made. The bank only.
        """
        access.require(actor, "consents.carry_over")
        after, made = "", 0
        while True:
            page: list[Customer] = self._store.read(partial(_customers_behind, after))
            if not page:
                return made
            willing = [one for one in page if one.marketing_consent]
            made += self._store.write(partial(self._carry_in, actor, willing))
            after = page[-1].id

    def is_suppressed_in(self, uow: UnitOfWork, customer: Customer, channel: Channel) -> bool:
        """Whether the address a channel would use is suppressed."""
        key = self._key(customer, channel)
        return uow.suppressions.find(key) is not None

    def _carry_in(self, actor: Actor, willing: Iterable[Customer], uow: UnitOfWork) -> int:
        made = 0
        for customer in willing:
            if uow.customers.find(customer.id) is None:
                continue
            for channel in Channel:
                if uow.consents.find(consent_id(customer.id, Purpose.OFFERS, channel)) is None:
                    opened = ConsentSource.ACCOUNT_OPENING
                    uow.consents.add(
                        self._made(customer.id, Purpose.OFFERS, channel, opened, is_given=True)
                    )
                    made += 1
        if made:
            self._audit.append_in(
                uow, actor, "consent.carry_over", "offers", "done", "", {"made": made}
            )
        return made

    def _set_in(
        self, uow: UnitOfWork, actor: Actor, customer_id: CustomerId, purpose: Purpose,
        channel: Channel, source: ConsentSource, *, is_given: bool,
    ) -> Consent:  # fmt: skip
        key = consent_id(customer_id, purpose, channel)
        if uow.consents.find(key) is None:
            after = self._made(customer_id, purpose, channel, source, is_given=is_given)
            uow.consents.add(after)
        else:
            held: Consent = uow.consents.get(key, lock=True)
            after = set_to(held, is_given=is_given, source=source, now_utc=self._clock())
            if after == held:
                return held
            uow.consents.save(after)
        self._audit.append_in(
            uow, actor, "consent.give" if is_given else "consent.withdraw", customer_id, "done",
            "", {"purpose": str(purpose), "channel": str(channel), "source": str(source)},
        )  # fmt: skip
        return after

    def _made(
        self, customer_id: CustomerId, purpose: Purpose, channel: Channel, source: ConsentSource,
        *, is_given: bool,
    ) -> Consent:  # fmt: skip
        key = consent_id(customer_id, purpose, channel)
        return Consent(key, customer_id, purpose, channel, is_given, self._clock(), source)

    def _suppress_in(self, uow: UnitOfWork, customer: Customer, reason: SuppressionReason) -> None:
        for channel in Channel:
            self._suppress_key_in(uow, self._key(customer, channel), channel, reason)

    def _suppress_key_in(
        self, uow: UnitOfWork, key: str, channel: Channel, reason: SuppressionReason
    ) -> None:
        if uow.suppressions.find(key) is None:
            uow.suppressions.add(Suppression(key, channel, reason, self._clock()))

    def _lift_in(self, uow: UnitOfWork, actor: Actor, customer: Customer, channel: Channel) -> None:
        key = self._key(customer, channel)
        if uow.suppressions.find(key) is not None:
            uow.suppressions.remove(key)
            self._audit.append_in(uow, actor, "consent.unsuppress", customer.id, "done", "", {})

    def _key(self, customer: Customer, channel: Channel) -> str:
        text = suppressed_text(channel, address_of(customer, channel))
        return self._digests.digest(PURPOSE, text)


def _customers_behind(after_id: str, uow: UnitOfWork) -> list[Customer]:
    return uow.customers.list(id__gt=after_id, limit=_CHUNK_ROWS)


def address_of(customer: Customer, channel: Channel) -> str:
    """Return where a channel reaches a customer; a conversation knows them by their id."""
    return {Channel.MAIL: customer.email, Channel.SMS: customer.phone}.get(channel, customer.id)


def recall_of_in(
    uow: UnitOfWork, customer_id: str, *, purpose: Purpose | None = None,
    channel: Channel | None = None,
) -> int:  # fmt: skip
    """Take back a customer's marketing that has not left the house yet; return how many."""
    asked: dict[str, Any] = {} if channel is None else {"channel": channel}
    sends = uow.campaign_sends.list(
        customer_id=customer_id, state=SendState.SENT, message_class=MessageClass.MARKETING, **asked
    )
    waiting = [one for one in sends if one.outbox_id is not None]
    if purpose is not None:
        campaigns = {one.campaign_id: None for one in waiting}
        meant = {key for key in campaigns if uow.campaigns.get(key).purpose is purpose}
        waiting = [one for one in waiting if one.campaign_id in meant]
    return sum(recall_in(uow, send) for send in waiting)


def recall_in(uow: UnitOfWork, send: Send) -> bool:
    """Take one letter out of the outbox; False when it is out, or no letter.

    A leased one is taken out too, so that it is not tried again; but it may just be leaving, so it
    counts as sent.
    """
    item: OutboxItem | None = uow.outbox.find(send.outbox_id) if send.outbox_id else None
    if item is None or item.state is OutboxState.SENT:
        return False
    uow.outbox.remove(item.id)
    if item.state is OutboxState.LEASED:
        uow.campaign_sends.save(replace(send, outbox_id=None))
        return False
    uow.campaign_sends.save(replace(send, state=SendState.RECALLED, outbox_id=None))
    return True
