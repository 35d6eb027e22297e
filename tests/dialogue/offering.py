"""Offers for stories: campaigns of the chat run, and this customer agreed to hear of them.

    offers: [savings, investing]      one campaign each, by the codes of bank/policies/offers.toml

The branch of the stories holds nobody out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from bank.domain.actors import SYSTEM, Actor, ActorKind, LoginLevel
from bank.domain.campaigns import CampaignState, CampaignWish, MessageClass
from bank.domain.consents import Channel, ConsentSource, Purpose
from bank.domain.customers import Customer

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch

_MAKER = Actor(ActorKind.STAFF, "st_maker", LoginLevel.STRONG, frozenset({"agent"}))
_CHIEF = Actor(ActorKind.STAFF, "st_chief", LoginLevel.STRONG, frozenset({"supervisor"}))


def prepare(branch: Branch, customer: Customer, codes: Sequence[str]) -> None:
    """Let the campaigns run."""
    bank = branch.bank
    for one in bank.campaigns.list(SYSTEM):  # those of other stories
        if one.state is CampaignState.RUNNING:
            bank.campaigns.stop(SYSTEM, one.id)
    bank.consents.give(
        SYSTEM, customer.id, purpose=Purpose.OFFERS, channel=Channel.CHAT,
        source=ConsentSource.ACCOUNT_OPENING,
    )  # fmt: skip
    made = []
    for code in codes:
        variants = ({"code": "a", "share_bp": 10_000, "texts": {"chat": code}},)
        wish = CampaignWish(
            name=code, message_class=MessageClass.MARKETING, purpose=Purpose.OFFERS,
            channels=("chat",), variants=variants, starts_at_utc=bank.clock(),
            ends_at_utc=bank.clock() + timedelta(days=30), budget_minor=0, audience={},
        )  # fmt: skip
        made.append(bank.campaigns.make(_MAKER, wish))
        bank.campaigns.approve(_CHIEF, made[-1].id)
    bank.campaign_sends.run_due()
