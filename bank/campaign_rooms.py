"""Campaign rooms: puts together what is written to many. A part of bootstrap, apart for size.

Nothing of risk, alerts or findings is handed in here, and nothing here may ask for it: see the
contract "suspicion never reaches marketing" in pyproject.toml.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bank.delivery.texts import TomlTexts
from bank.ports import Clock, Store
from bank.services.audiences import Audiences
from bank.services.campaign_sends import CampaignSends
from bank.services.campaigns import Campaigns
from bank.services.consents import Consents
from bank.services.contacts import Contacts
from bank.services.offer_rates import OfferRates
from bank.services.offers import Offers
from bank.services.wordings import Wordings

if TYPE_CHECKING:
    from bank.bootstrap import People


@dataclass(frozen=True, kw_only=True)
class CampaignRooms:
    """Who agreed to what, what is sent to many, and to whom."""

    consents: Consents
    audiences: Audiences
    campaigns: Campaigns
    campaign_sends: CampaignSends
    offers: Offers


def make_campaign_rooms(store: Store, *, clock: Clock, people: People) -> CampaignRooms:
    """Return the services over a store."""
    consents = Consents(store, clock=clock, digests=people.keyring, audit=people.audit)
    audiences = Audiences(store, clock=clock)
    texts = TomlTexts()
    contacts = Contacts(digests=people.keyring, texts=texts, consents=consents)
    sends = CampaignSends(
        store, clock=clock, outbox=people.outbox, audit=people.audit, audiences=audiences,
        contacts=contacts, wordings=Wordings(store, texts=texts, audiences=audiences),
    )  # fmt: skip
    return CampaignRooms(
        consents=consents,
        audiences=audiences,
        campaigns=Campaigns(
            store, clock=clock, audit=people.audit, audiences=audiences, contacts=contacts
        ),
        campaign_sends=sends,
        offers=Offers(
            store, clock=clock, audit=people.audit, audiences=audiences, sends=sends,
            scores=OfferRates(store),
        ),
    )
