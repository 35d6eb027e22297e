"""Offers: at most one in a conversation, of a running campaign, to somebody who agreed to it.

    what waits for them on this channel (campaign_sends) ─▶ which is worth it (policies/offers)
          └─▶ taken: consent, hold-out, cap, budget (contacts) ─▶ a row ─▶ said

An offer is a campaign's message; there is no other way to one. The take and the row are one write:
two conversations of one person at one moment make one offer. Whether the conversation is one for
offers is the dialogue's to see (`policies.offers.closed_by`); nothing here knows of any suspicion.
"""

from __future__ import annotations

from collections.abc import Sequence

from bank.campaign_ports import OfferScores
from bank.domain.actors import Actor
from bank.domain.campaigns import Campaign, MessageClass, Send, variant_coded
from bank.domain.consents import Channel, Purpose
from bank.domain.errors import NotFound
from bank.domain.offers import OfferAnswer, OfferlessTalk, OfferReply, answered
from bank.policies import access
from bank.policies import offers as policy
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.audiences import Audiences
from bank.services.campaign_sends import CampaignSends


class _LeftAlone(Exception):
    """Another conversation was first: nothing of this write stays."""


class Offers:
    """What may be offered to whom, and what they said."""

    def __init__(
        self, store: Store, *, clock: Clock, audit: Auditor, audiences: Audiences,
        sends: CampaignSends, scores: OfferScores,
    ) -> None:  # fmt: skip
        self._store = store
        self._clock = clock
        self._audit = audit
        self._audiences = audiences
        self._sends = sends
        self._scores = scores

    def use(self, scores: OfferScores) -> None:
        """Ask these for chances from now on."""
        self._scores = scores

    def is_waiting(self, actor: Actor, channel: Channel, *, conversation_id: str) -> bool:
        """Whether anything might be offered to this customer here: cheap, and asked first."""
        access.require(actor, "offers.take")
        customer_id, now_utc = actor.require_customer(), self._clock()

        def read(uow: UnitOfWork) -> bool:
            if not self._coded_in(uow, customer_id, channel):
                return False
            if policy.is_closed(uow.offerless_talks.find(conversation_id), now_utc=now_utc):
                return False
            history = _history(uow, customer_id)
            return policy.may_offer(history, conversation_id=conversation_id, now_utc=now_utc)

        return self._store.read(read)

    def close(self, conversation_id: str) -> None:
        """Have nothing offered in this conversation any more; why is not kept."""

        def work(uow: UnitOfWork) -> None:
            talk = OfferlessTalk(conversation_id, self._clock())
            if uow.offerless_talks.find(conversation_id) is None:
                uow.offerless_talks.add(talk)
            else:
                uow.offerless_talks.save(talk)

        self._store.write(work)

    def take(self, actor: Actor, channel: Channel, *, conversation_id: str) -> OfferAnswer | None:
        """Return the one offer to make now, as shown; None when there is none to make.

        It is written down before it is said: dying in between loses an offer rather than making
        two.
        """
        if not self.is_waiting(actor, channel, conversation_id=conversation_id):
            return None
        customer_id = actor.require_customer()
        coded, history = self._store.read(
            lambda uow: (self._coded_in(uow, customer_id, channel), _history(uow, customer_id))
        )
        segment = self._audiences.mix(customer_id)
        codes = sorted({code for _, code in coded})
        ranked = policy.best(codes, self._scores.chances(codes, segment=segment), history)
        wanted = [send for best in ranked for send, code in coded if code == best]

        def work(uow: UnitOfWork) -> OfferAnswer | None:
            due = {one.id for one in self._sends.waiting_in(uow, customer_id, channel)}
            sent = self._sends.take_in(uow, [one for one in wanted if one.id in due])
            if sent is None:
                return None
            return self._shown_in(uow, actor, sent, segment=segment, where=conversation_id)

        if not wanted:
            return None
        try:
            return self._store.write(work)
        except _LeftAlone:
            return None

    def answer(self, actor: Actor, offer_id: str, reply: OfferReply) -> OfferAnswer:
        """Keep what the customer says to an offer they were shown. Twice is once.

        Raises NotFound: none of theirs.
        """
        access.require(actor, "offers.answer")
        customer_id = actor.require_customer()

        def work(uow: UnitOfWork) -> OfferAnswer:
            held: OfferAnswer = uow.offer_answers.get(offer_id, lock=True)
            if held.customer_id != customer_id:
                raise NotFound(table="offer_answers")
            after = answered(held, reply, now_utc=self._clock())
            if after != held:
                uow.offer_answers.save(after)
                self._audit.append_in(
                    uow, actor, "offer.answer", held.id, "done", "", {"answer": str(reply)}
                )
            return after

        return self._store.write(work)

    def newest(self, actor: Actor, *, conversation_id: str) -> OfferAnswer | None:
        """Return the offer last shown in this conversation, which a typed answer is about."""
        access.require(actor, "offers.answer")
        customer_id = actor.require_customer()
        shown = [
            one
            for one in self._store.read(lambda uow: _history(uow, customer_id))
            if one.conversation_id == conversation_id
        ]
        return max(shown, key=lambda one: one.shown_at_utc, default=None)

    def _coded_in(
        self, uow: UnitOfWork, customer_id: str, channel: Channel
    ) -> list[tuple[Send, str]]:
        """Return what waits and is an offer, each with its offer's code."""
        found = []
        for send in self._sends.waiting_in(uow, customer_id, channel):
            campaign: Campaign = uow.campaigns.get(send.campaign_id)
            if (
                campaign.message_class is MessageClass.MARKETING
                and campaign.purpose is Purpose.OFFERS
            ):
                code = str(variant_coded(campaign, send.variant)["texts"][channel])
                if code in policy.offers():
                    found.append((send, code))
        return found

    def _shown_in(
        self, uow: UnitOfWork, actor: Actor, sent: Send, *, segment: str, where: str
    ) -> OfferAnswer:
        """Write the showing down; taking the send has locked the customer, so look once more."""
        now_utc = self._clock()
        campaign: Campaign = uow.campaigns.get(sent.campaign_id)
        code = str(variant_coded(campaign, sent.variant)["texts"][sent.channel])
        product = policy.offers()[code].product
        history = _history(uow, sent.customer_id)
        is_alone = not policy.may_offer(history, conversation_id=where, now_utc=now_utc)
        is_closed = policy.is_closed(uow.offerless_talks.find(where), now_utc=now_utc)
        if is_alone or is_closed or product in policy.declined(history):
            raise _LeftAlone
        row = OfferAnswer(
            id=str(sent.id),
            customer_id=sent.customer_id,
            conversation_id=where,
            campaign_id=str(sent.campaign_id),
            offer=code,
            product=product,
            segment=segment,
            shown_at_utc=now_utc,
        )
        uow.offer_answers.add(row)
        self._audit.append_in(
            uow, actor, "offer.show", row.id, "done", "", {"offer": code, "segment": segment}
        )
        return row


def _history(uow: UnitOfWork, customer_id: str) -> Sequence[OfferAnswer]:
    found: list[OfferAnswer] = uow.offer_answers.list(customer_id=customer_id)
    return found
