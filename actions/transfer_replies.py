"""What is said about a transfer, by whoever speaks of one: facts into responses.

The amount, the payee and the masked IBAN stand in every sentence that asks for a yes or a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.facts import in_words
from bank.bootstrap import Bank
from bank.domain.actors import Actor
from bank.domain.risk import Story
from bank.domain.transfers import Transfer, TransferStatus

#: What a page needs to show the code field; more is not sent.
_CHALLENGE_FACTS = ("challenge_id", "transfer_id", "sent_to")


def say_only_now(tracker: Tracker, today: date, say: CollectingDispatcher) -> None:
    """Say that money goes at once where a later day was named."""
    named = slots.entity(tracker, "date")
    if named and date.fromisoformat(str(named)) > today:
        say.utter_message(response="utter_transfer_only_now")


def say_confirm(bank: Bank, actor: Actor, transfer: Transfer, say: CollectingDispatcher) -> None:
    """Ask whether this transfer is right."""
    account = bank.accounts.get(actor, transfer.from_account_id)
    say.utter_message(
        response="utter_transfer_confirm_reference"
        if transfer.reference else "utter_transfer_confirm",
        amount=languages.money(transfer.amount),
        payee=transfer.payee_name,
        iban=transfer.to_iban_masked,
        account=account.name,
        reference=transfer.reference,
    )  # fmt: skip


def say_step_up(
    say: CollectingDispatcher, response: str, transfer: Transfer, challenge: dict[str, Any]
) -> None:
    """Ask for the one-time code of this transfer."""
    facts = {name: str(challenge.get(name) or "") for name in _CHALLENGE_FACTS}
    say.utter_message(
        response=response,
        amount=languages.money(transfer.amount),
        payee=transfer.payee_name,
        tries_left=str(challenge.get("tries_left") or ""),
        **facts,
    )


def say_done(bank: Bank, actor: Actor, transfer: Transfer, say: CollectingDispatcher) -> None:
    """Say that the money has moved, or that it is on its way: the words for any slow payment."""
    if transfer.status is TransferStatus.HELD:
        say.utter_message(
            response="utter_transfer_processing",
            amount=languages.money(transfer.amount),
            payee=transfer.payee_name,
        )
        return
    say_posted(bank, actor, transfer, say)


def say_paused(say: CollectingDispatcher, details: Mapping[str, str]) -> None:
    """Say from when on the payment may go, and the warning that fits."""
    say.utter_message(response="utter_payment_paused", **in_words(details))
    say.utter_message(response=f"utter_warning_{Story(details['story']).value}")


def say_posted(bank: Bank, actor: Actor, transfer: Transfer, say: CollectingDispatcher) -> None:
    """Say that the money has moved, and what is left."""
    account = bank.accounts.get(actor, transfer.from_account_id)
    say.utter_message(
        response="utter_transfer_posted",
        amount=languages.money(transfer.amount),
        payee=transfer.payee_name,
        account=account.name,
        balance=languages.money(account.available),
    )
