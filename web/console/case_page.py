"""One case as its page shows it: the case, its history, the customer, the conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bank.domain.actors import Actor
from bank.domain.cases import Case
from web.console import models
from web.console.names import display_names

if TYPE_CHECKING:
    from bank.bootstrap import Bank


def read_case(bank: Bank, actor: Actor, case_id: str) -> models.CaseDetail:
    """Return everything about one case. Raises NotFound. Blocking."""
    found = bank.cases.get(actor, case_id)
    names = display_names(bank, actor, [found])
    events = bank.cases.events(actor, found.id)
    return models.CaseDetail(
        case=models.show_case(found, viewer_id=actor.id, names=names),
        events=[models.show_event(event, names=names) for event in events],
        customer=_customer(bank, actor, found),
        conversation=_conversation(bank, actor, found),
    )


def _customer(bank: Bank, actor: Actor, found: Case) -> models.CustomerView | None:
    if found.customer_id is None:
        return None
    customer = bank.customers.get(actor, found.customer_id)
    return models.CustomerView(
        id=customer.id,
        name=customer.full_name,
        login_name=customer.login_name,
        kyc_tier=customer.kyc_tier,
        country=customer.country,
        locale=customer.locale,
        since=customer.created_at_utc,
    )


def _conversation(bank: Bank, actor: Actor, found: Case) -> models.ConversationView | None:
    if found.conversation_id is None:
        return None
    conversation = bank.conversations.get(actor, found.conversation_id)
    return models.ConversationView(
        id=conversation.id,
        channel=conversation.channel,
        speaker=conversation.speaker.value,
        speaker_since=conversation.speaker_since_utc,
        staff_id=conversation.staff_id,
    )
