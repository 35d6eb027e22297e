"""Balances: what the accounts hold, which there are, and the numbers to be paid with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import languages, slots
from actions.base import BankAction, EventType
from actions.facts import sums
from actions.labels import label, table
from bank.domain.accounts import Account, AccountKind, AccountStatus
from bank.domain.actors import Actor
from bank.domain.money import Money


class CheckBalance(BankAction):
    """Say what is available, on the account that was named or on all.

    Reads  entities account_kind, card_digits
    Says   utter_balances_one, utter_balances_one_held, utter_balances_total,
           utter_balances_unknown_account, utter_balances_none
    """

    action_name = "action_check_balance"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        accounts = self.bank.accounts.list(actor)
        named = self.named(actor, tracker, accounts)
        if not accounts:
            say.utter_message(response="utter_balances_none")
        elif not named:
            say_rows(say, "utter_balances_unknown_account", accounts)
        elif len(named) == 1:
            say_one(say, named[0])
        else:
            say_rows(say, "utter_balances_total", named, total=sums(total_available(named)))
        return []

    def named(self, actor: Actor, tracker: Tracker, accounts: list[Account]) -> list[Account]:
        """Return the accounts the message is about: all when it names none."""
        words = slots.entity(tracker, "account_kind") or slots.entity(tracker, "card_digits")
        return self.bank.accounts.find(actor, str(words)) if words else accounts


class ListAccounts(BankAction):
    """Show all accounts.

    Says   utter_balances_accounts, utter_balances_none
    """

    action_name = "action_list_accounts"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        accounts = self.bank.accounts.list(actor)
        if accounts:
            say_rows(say, "utter_balances_accounts", accounts)
        else:
            say.utter_message(response="utter_balances_none")
        return []


class CheckIban(CheckBalance):
    """Tell the IBAN and BIC: whole, for they are asked for to be passed on.

    Reads  entities account_kind, card_digits
    Says   utter_balances_iban, utter_balances_ibans, utter_balances_none
    """

    action_name = "action_check_iban"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        accounts = [
            account
            for account in self.bank.accounts.list(actor)
            if account.kind is not AccountKind.LOAN
        ]
        named = self.named(actor, tracker, accounts) or accounts
        bic = self.bank.products.bic()
        if not named:
            say.utter_message(response="utter_balances_none")
        elif len(named) == 1:
            only = named[0]
            say.utter_message(
                response="utter_balances_iban", account=only.name, iban=spaced(only.iban), bic=bic
            )
        else:
            say_rows(say, "utter_balances_ibans", named, bic=bic)
        return []


def say_one(say: CollectingDispatcher, account: Account) -> None:
    """Say one account's balance; what is on hold is told only when there is a hold."""
    held = Money(account.held_minor, account.currency)
    say.utter_message(
        response="utter_balances_one_held" if account.held_minor else "utter_balances_one",
        account=account.name,
        available=languages.money(account.available),
        posted=languages.money(account.posted),
        held=languages.money(held),
    )


def say_rows(
    say: CollectingDispatcher, response: str, accounts: Iterable[Account], **facts: str
) -> None:
    """Say the sentence with the accounts as a table."""
    rows = [row_of(account) for account in accounts]
    say.utter_message(response=response, json_message=table("accounts", rows), **facts)


def row_of(account: Account) -> dict[str, Any]:
    """Return a table row of kind "accounts"; only a state that is not the usual one is told."""
    is_active = account.status is AccountStatus.ACTIVE
    return {
        "account_id": account.id,
        "name": account.name,
        "kind": label("account_kind", account.kind.value),
        "iban": spaced(account.iban),
        "posted": languages.money(account.posted),
        "available": languages.money(account.available),
        "status": "" if is_active else label("account_status", account.status.value),
    }


def total_available(accounts: Iterable[Account]) -> list[Money]:
    """Return what is available over all accounts, one sum per currency; debts do not count."""
    totals: dict[str, int] = defaultdict(int)
    for account in accounts:
        if account.kind is not AccountKind.LOAN:
            totals[account.currency] += account.available.amount_minor
    return [Money(minor, currency) for currency, minor in totals.items()]


def spaced(iban: str) -> str:
    """Return an IBAN in groups of four, as it is printed.

    >>> spaced("DE89370400440532013000")
    'DE89 3704 0044 0532 0130 00'
    """
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


ACTIONS = [CheckBalance, ListAccounts, CheckIban]
