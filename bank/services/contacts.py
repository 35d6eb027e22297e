"""Contacts: looks at one message to one person, inside the transaction that would send it.

    locks the customer ─▶ locks the consent ─▶ counts what they got ─▶ may_send ─▶ the words

The locks make it count: whoever withdraws, erases or sends to the same person takes them too, so
the cap and the consent are as they are when the message goes, not as they were when it was planned.
The rule itself is `policies/contacting.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bank.campaign_ports import CampaignTexts
from bank.domain.campaigns import (
    Campaign,
    CampaignState,
    MessageClass,
    SendState,
    variant_coded,
    variant_of,
)
from bank.domain.consents import IN_TALK, Channel, consent_id
from bank.domain.customers import Customer
from bank.domain.errors import NotFound
from bank.policies import contacting as policy
from bank.policies.contacting import Asked, Reason, Verdict
from bank.ports import Digests, RenderedText, UnitOfWork
from bank.services.consents import Consents, address_of
from bank.services.wordings import Worded, filled, unfilled

#: Facts a text may be filled with.
FACTS = frozenset({"name", "given_name", "country"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of it. `words` of a letter that can be written; a conversation has its own.

    is_worded: they are other words than the template's (services/wordings.py).
    """

    verdict: Verdict
    text_id: str
    address: str = ""
    words: RenderedText | None = None
    is_worded: bool = False


class Contacts:
    """May this message go to this person now?"""

    def __init__(self, *, digests: Digests, texts: CampaignTexts, consents: Consents) -> None:
        self._digests = digests
        self._texts = texts
        self._consents = consents

    def is_held_out(self, campaign: Campaign, customer_id: str) -> bool:
        """Whether a person is of the permanent hold-out, and the campaign minds it."""
        if campaign.message_class is not MessageClass.MARKETING:
            return False
        return policy.is_held_out(self._digests.digest("contacting/hold_out", customer_id))

    def variant(self, campaign: Campaign, customer_id: str) -> str:
        """Return the code of a person's variant; it never changes."""
        if len(campaign.variants) == 1:
            return str(campaign.variants[0]["code"])
        digest = self._digests.digest("contacting/variant", f"{campaign.id}|{customer_id}")
        return str(variant_of(campaign, policy.share_of(digest))["code"])

    def needs(self, text_id: str) -> frozenset[str]:
        """Return the facts a letter needs. Raises KeyError: no such text."""
        return self._texts.needs(text_id, locale="en")

    def judge_in(
        self, uow: UnitOfWork, campaign: Campaign, customer_id: str, *, channel: Channel,
        variant: str, now_utc: datetime, lock: bool, worded: Worded | None = None,
    ) -> Judged:  # fmt: skip
        """Look at one message. lock: this is the transaction that sends it.

        worded: other words that were found fit, used if the template is still what they are of.
        """
        text_id = str(variant_coded(campaign, variant)["texts"][channel])
        try:
            customer: Customer = uow.customers.get(customer_id, lock=lock)
        except NotFound:
            return Judged(Verdict((Reason.ERASED,)), text_id)
        missing: set[Reason] = set()
        address, words, is_worded = address_of(customer, channel).strip(), None, False
        if not address:
            missing.add(Reason.NO_ADDRESS)
        if channel not in IN_TALK:
            words, is_worded = self._words(text_id, customer, worded)
            if words is None:
                missing.add(Reason.MISSING_FACT)
        if uow.campaign_sends.count(
            campaign_id=campaign.id, customer_id=customer_id, state=SendState.SENT
        ):
            missing.add(Reason.ALREADY_REACHED)
        verdict = policy.may_send(
            Asked(
                message_class=campaign.message_class,
                state=campaign.state,
                starts_at_utc=campaign.starts_at_utc,
                ends_at_utc=campaign.ends_at_utc,
                now_utc=now_utc,
                country=customer.country,
                has_consent=_has_consent(uow, campaign, customer_id, channel, lock=lock),
                is_suppressed=self._consents.is_suppressed_in(uow, customer, channel),
                is_held_out=self.is_held_out(campaign, customer_id),
                cap_count=policy.cap_count(),
                sent_lately_count=_sent_lately(uow, customer_id, now_utc),
                cost_minor=policy.cost_minor(channel),
                budget_left_minor=campaign.budget_minor - campaign.spent_minor,
                missing=frozenset(missing),
                # A messenger is on the telephone at the bed, whoever wrote first.
                is_pushed=channel is not Channel.CHAT,
            )
        )
        return Judged(verdict, text_id, address, words, is_worded)

    def _words(
        self, text_id: str, customer: Customer, worded: Worded | None
    ) -> tuple[RenderedText | None, bool]:
        """Return the letter, None where a fact is not known of this person; is it worded?"""
        facts = {
            "name": customer.full_name,
            "given_name": customer.given_name,
            "country": customer.country,
        }
        try:
            needed = self._texts.needs(text_id, locale=customer.locale)
        except KeyError:
            return None, False
        if any(not facts.get(name, "").strip() for name in needed):
            return None, False
        if worded and worded.template == unfilled(self._texts, text_id, locale=customer.locale):
            return filled(worded.words, facts), True
        return self._texts.render(text_id, locale=customer.locale, facts=facts), False


def as_running(campaign: Campaign, *, now_utc: datetime) -> tuple[CampaignState, datetime]:
    """Return the state and moment a preview looks at: as if it ran, and had begun."""
    is_open = campaign.state in (CampaignState.DRAFT, CampaignState.APPROVED)
    state = CampaignState.RUNNING if is_open else campaign.state
    return state, max(now_utc, campaign.starts_at_utc)


def _has_consent(
    uow: UnitOfWork, campaign: Campaign, customer_id: str, channel: Channel, *, lock: bool
) -> bool:
    key = consent_id(customer_id, campaign.purpose, channel)
    if uow.consents.find(key) is None:
        return False
    return bool(uow.consents.get(key, lock=lock).is_given)


def _sent_lately(uow: UnitOfWork, customer_id: str, now_utc: datetime) -> int:
    return uow.campaign_sends.count(
        customer_id=customer_id,
        message_class=MessageClass.MARKETING,
        state=SendState.SENT,
        sent_at_utc__gt=policy.cap_since(now_utc),
    )
