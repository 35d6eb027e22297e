"""Money acts: what a proof sets free, by the challenge's purpose.

Everything an act needs stands in the binding the customer agreed to; nothing else is asked, so
what is done is what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bank.domain.actors import Actor
from bank.domain.challenges import StepUpProof
from bank.domain.money import Money
from bank.services import confirmations
from bank.services import standing_orders as order_rooms
from bank.services.cards import Cards
from bank.services.standing_orders import StandingOrders
from bank.services.step_up_acts import Act
from bank.services.transfers import Transfers


@dataclass(frozen=True, slots=True)
class ActDone:
    """What was done: the purpose, the record it was done to, and facts a reply may name."""

    purpose: str
    record_id: str
    facts: dict[str, str]


def make_money_acts(
    *, transfers: Transfers, cards: Cards, standing_orders: StandingOrders
) -> dict[str, Act]:
    """Return the acts of the money's rooms by their purpose."""

    def transfer(actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> ActDone:
        posted = transfers.confirm(actor, binding["transfer_id"], proof=proof)
        facts = {"amount": str(posted.amount), "payee": posted.payee_name}
        return ActDone(confirmations.PURPOSE, posted.id, facts)

    def unfreeze(actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> ActDone:
        card = cards.unfreeze(actor, binding["card_id"], proof=proof)
        return ActDone("card_unfreeze", card.id, {"card": card.pan_masked})

    def replace(actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> ActDone:
        card = cards.replace(
            actor,
            binding["card_id"],
            binding["reason"],
            idempotency_key=binding["idempotency_key"],
            proof=proof,
        )
        return ActDone("card_replace", card.id, {"card": card.pan_masked})

    def raise_limit(actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> ActDone:
        card = cards.set_limit(actor, binding["card_id"], binding["amount_minor"], proof=proof)
        facts = {"card": card.pan_masked, "amount": str(card.limit_day)}
        return ActDone("card_raise_limit", card.id, facts)

    def pin_letter(actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> ActDone:
        letter = cards.order_pin_letter(actor, binding["card_id"], proof=proof)
        return ActDone("pin_letter", letter.id, {"date": letter.arrives_by.isoformat()})

    def standing_order(actor: Actor, binding: Mapping[str, Any], proof: StepUpProof) -> ActDone:
        order = standing_orders.create(
            actor,
            payee_id=binding["payee_id"],
            amount=Money(binding["amount_minor"], binding["currency"]),
            cadence=binding["cadence"],
            first_date=date.fromisoformat(binding["first_date"]),
            reference=binding["reference"],
            from_account_id=binding["from_account_id"],
            idempotency_key=binding["idempotency_key"],
            proof=proof,
        )
        facts = {"amount": str(order.amount), "payee": order.payee_name}
        return ActDone(order_rooms.PURPOSE, order.id, facts)

    return {
        confirmations.PURPOSE: transfer,
        "card_unfreeze": unfreeze,
        "card_replace": replace,
        "card_raise_limit": raise_limit,
        "pin_letter": pin_letter,
        order_rooms.PURPOSE: standing_order,
    }
