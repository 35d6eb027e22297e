"""Model rooms: puts together what the bank knows of models. A part of bootstrap, apart for size.

The bank trains and scores nothing; it keeps who may ask, who is told, and what staff may look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bank.delivery.texts import TomlTexts
from bank.ports import Clock, Store
from bank.services.api_keys import ApiKeys
from bank.services.customer_pages import CustomerPages
from bank.services.model_alerts import AlertRecipients, ModelAlerts

if TYPE_CHECKING:
    from bank.bootstrap import People
    from bank.settings import Settings


@dataclass(frozen=True, kw_only=True)
class ModelRooms:
    """Who may ask for scores, who hears of models, a customer as a whole."""

    api_keys: ApiKeys
    model_alerts: ModelAlerts
    customer_pages: CustomerPages


def make_model_rooms(
    store: Store, *, clock: Clock, people: People, settings: Settings | None = None
) -> ModelRooms:
    """Return the services over a store."""
    return ModelRooms(
        api_keys=ApiKeys(store, clock=clock, audit=people.audit),
        model_alerts=ModelAlerts(
            store,
            clock=clock,
            outbox=people.outbox,
            texts=TomlTexts(),
            to=AlertRecipients(mails=settings.mails_to_alert, webhooks=settings.webhooks_to_alert)
            if settings
            else AlertRecipients(),
        ),
        customer_pages=CustomerPages(store, audit=people.audit),
    )
