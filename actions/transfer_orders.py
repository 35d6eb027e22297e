"""What a message says about a transfer, and what the slots remember of it.

    "move 200 from savings to current"     amount 200, from savings, to current
    "make it 40" · "to Ana" · "from savings"     one thing each; the rest stays
    "send 20 to Ana for lunch"             … and a reference

Words to values only: whether such an order is possible, the bank says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet

from actions import languages, slots
from actions.base import EventType
from actions.payee_choice import Choice, choose_payee
from bank.bootstrap import Bank
from bank.domain.accounts import Account, AccountKind
from bank.domain.actors import Actor
from bank.domain.money import Money, money_from_major

_FROM = re.compile(
    r"\b(from|out of|off|using|use|with|take|desde|de|usando|usa|usar|con|saca\w*)\s+"
    r"(?:it\s+)?(?:(?:my|the|our|a|mis?|la|el|los)\s+)?$",
    re.IGNORECASE,
)
_TO = re.compile(
    r"\b(to|into|in|onto|aside|top up|on|fill up|a|al|hacia|para|en)\s+"
    r"(?:it\s+)?(?:(?:my|the|our|mis?|la|el|los)\s+)?$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"(?:\b(?:not|instead of|en vez de|en lugar de)\s+(?:(?:from|to|desde|de|a)\s+)?"
    r"|(?:,\s*|\by\s+)no\s+(?:desde|de|a)\s+)(?:(?:my|the|mis?|la|el)\s+)?$",
    re.IGNORECASE,
)
#: "de mi cuenta de ahorro": the word before the kind is no direction.
_ACCOUNT_OF = re.compile(r"\bcuentas?\s+(?:de\s+)?$", re.IGNORECASE)
_REFERENCE = re.compile(
    r"\b(?:with (?:the )?reference|reference:?|ref:?|for"
    r"|con (?:el )?concepto|concepto:?|motivo:?|para|por)\s+"
    r"((?:the\s+)?[^\W\d_][^\d,.;!?]{1,60}?)\s*(?:please|pls|por favor)?[.!?]*$",
    re.IGNORECASE,
)
#: "write dinner as the reference": said about the reference alone.
_REFERENCE_ALONE = re.compile(
    r"\b(?:write|put|add|use|with)\s+([^\d,.;!?]{1,60}?)\s+as (?:the |a )?"
    r"(?:reference|note|message|text)\b|\breference\s*(?:is|should be|to|:)?\s+([^,.;!?]{1,60})"
    r"|\b(?:pon\w*|escrib\w+|a[ñn]ad\w+|usa\w*|con)\s+([^\d,.;!?]{1,60}?)\s+como "
    r"(?:el )?(?:concepto|referencia|mensaje|nota|texto)\b"
    r"|\bconcepto\s*(?:es|debe ser|a|:)?\s+([^,.;!?]{1,60})",
    re.IGNORECASE,
)
#: "send it for me", "20 euros for Ana": no references.
_NO_REFERENCE = re.compile(
    r"^(me|us|him|her|them|you|now|today|tomorrow|this|that|it"
    r"|m[ií]|[eé]l|ella|ellos|ellas|usted|favor|hoy|ma[ñn]ana|ahora|eso|esto)\b",
    re.IGNORECASE,
)

_ACCOUNT = re.compile("account|cuenta", re.IGNORECASE)

COLLECTED = (
    "transfer_payee", "transfer_candidates", "transfer_to_account", "transfer_amount",
    "transfer_from", "transfer_reference", "transfer_suggested", "transfer_proposal_id",
    "transfer_challenge",
)  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What one message says; None is "nothing"."""

    payee: Choice
    to_account: Account | None
    from_account: Account | None
    amount: dict[str, Any] | None
    reference: str | None
    is_about_reference: bool = False

    @property
    def is_empty(self) -> bool:
        """Say whether nothing of a transfer was in it ("for lunch" alone is nothing)."""
        things = (self.to_account, self.from_account, self.amount)
        if self.is_about_reference:
            return False
        return self.payee.is_empty and all(thing is None for thing in things)


def hear(bank: Bank, actor: Actor, tracker: Tracker) -> Heard:
    """Return what the latest message says about a transfer."""
    offered = slots.find_list(tracker, "transfer_candidates")
    payee = choose_payee(bank, actor, tracker, among=offered)
    amount = None if payee.payee and _is_choice(tracker, offered) else _amount(tracker)
    has_payee = not payee.is_empty or slots.find_text(tracker, "transfer_payee") is not None
    to_account, from_account = _accounts(bank, actor, tracker, default_is_to=not has_payee)
    if to_account and not from_account and not slots.find_text(tracker, "transfer_from"):
        from_account = _other_account(bank, actor, to_account)
    said = _reference_alone(tracker)
    reference = said or _reference(tracker, payee)
    return Heard(payee, to_account, from_account, amount, reference, said is not None)


def _other_account(bank: Bank, actor: Actor, to_account: Account) -> Account | None:
    """Return where money *for* the everyday account comes from: the only other one, or None."""
    own = [
        one for one in bank.accounts.list(actor)
        if one.kind in (AccountKind.CURRENT, AccountKind.SAVINGS)
    ]  # fmt: skip
    usual = next((one for one in own if one.kind is AccountKind.CURRENT), None)
    others = [one for one in own if one.id != to_account.id and one.currency == to_account.currency]
    return others[0] if usual and usual.id == to_account.id and len(others) == 1 else None


def order_events(heard: Heard) -> list[EventType]:
    """Return the slots that change by what was heard."""
    events: list[EventType] = []
    if heard.payee.payee is not None:
        events += [
            SlotSet("transfer_payee", heard.payee.payee.id), SlotSet("transfer_to_account", None),
        ]  # fmt: skip
    elif heard.to_account is not None:
        events += [
            SlotSet("transfer_to_account", heard.to_account.id), SlotSet("transfer_payee", None),
        ]  # fmt: skip
    if heard.from_account is not None:
        events.append(SlotSet("transfer_from", heard.from_account.id))
    if heard.amount is not None:
        events.append(SlotSet("transfer_amount", heard.amount))
    if heard.reference is not None:
        events.append(SlotSet("transfer_reference", heard.reference))
    return events


def amount_from_details(text: str | None) -> dict[str, Any] | None:
    """Return `1,486.00 EUR` (a refusal's detail) as an amount; None when it is not positive."""
    if not text or " " not in text:
        return None
    major, currency = text.rsplit(" ", 1)
    major = major.replace(",", "")
    money: Money = money_from_major(major, currency)
    return {"amount": major, "currency": currency} if money.amount_minor > 0 else None


def _is_choice(tracker: Tracker, offered: list[Any]) -> bool:
    """Say whether "2" is the second of the offered payees, and not two euros."""
    return bool(offered) and slots.entity(tracker, "number") is not None


def _amount(tracker: Tracker) -> dict[str, Any] | None:
    value = slots.entity(tracker, "amount")
    return value if isinstance(value, dict) else None


def _accounts(
    bank: Bank, actor: Actor, tracker: Tracker, *, default_is_to: bool
) -> tuple[Account | None, Account | None]:
    """Return (to, from): by the word before the account; without one, what the order lacks."""
    message = tracker.latest_message or {}
    text = str(message.get("text") or "")
    to_account: Account | None = None
    from_account: Account | None = None
    for found in message.get("entities") or []:
        if found.get("entity") != "account_kind":
            continue
        before = _ACCOUNT_OF.sub("", text[: int(found.get("start") or 0)])
        matches = bank.accounts.find(actor, str(found.get("value")))
        if _NOT.search(before) or not matches:
            continue
        if _FROM.search(before) or (not _TO.search(before) and not default_is_to):
            from_account = from_account or matches[0]
        else:
            to_account = to_account or matches[0]
    return to_account, from_account


def _reference(tracker: Tracker, payee: Choice) -> str | None:
    text = str((tracker.latest_message or {}).get("text") or "")
    found = _REFERENCE.search(text)
    if found is None or _NO_REFERENCE.match(found[1]) or _ACCOUNT.search(found[1]):
        return None
    said = found[1].strip()
    is_payee = payee.payee is not None and said.lower() in payee.payee.name.lower()
    return None if is_payee else said


def _reference_alone(tracker: Tracker) -> str | None:
    found = _REFERENCE_ALONE.search(str((tracker.latest_message or {}).get("text") or ""))
    return next(filter(None, found.groups())).strip() if found else None


def has_target(tracker: Tracker) -> bool:
    """Say whether the order knows where the money goes."""
    return any(slots.find_text(tracker, name) for name in ("transfer_payee", "transfer_to_account"))


def told(amount: dict[str, Any]) -> str:
    """Return an amount as it is shown."""
    return languages.money(slots.money(amount, default_currency="EUR"))


def currency_of(bank: Bank, actor: Actor, tracker: Tracker) -> str:
    """Return the currency of the account the money leaves."""
    from_id = slots.find_text(tracker, "transfer_from")
    if from_id:
        return bank.accounts.get(actor, from_id).currency
    accounts = bank.accounts.list(actor)
    current = [one for one in accounts if one.kind is AccountKind.CURRENT]
    return (current or accounts)[0].currency if accounts else "EUR"
