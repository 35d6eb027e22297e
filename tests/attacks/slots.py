"""What each slot of the dialogue may hold, after whatever was typed.

    ACTING   an id, a proposal, a reason, a task: the next action relies on it. It holds a record
             of the bank's, or a member of a closed set, in this shape, and never a typed string.
    WORDS    the customer's own words, kept as words: searched for, shown, stored as text, or read
             again from the start like a new message. Nothing looks anything up by them as an id.

Every slot of bot/domain is in exactly one of the two (test_strings.py), so a new slot asks for a
decision. Who speaks is in neither: identity is never a slot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from actions.domain_parts import languages
from actions.onboarding_steps import FIXES, STEPS
from bank.domain.accounts import AccountKind
from bank.domain.cards import ReplaceReason
from bank.domain.errors import InvalidInput
from bank.domain.ledger import Category
from bank.policies import investor_questions
from bank.yaml_text import read_yaml
from tests.dialogue.processes import ROOT

Shape = Callable[[Any], bool]

_ID = r"_[0-9a-hjkmnp-tv-z]{20}"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def _like(pattern: str) -> Shape:
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _id(prefix: str) -> Shape:
    return _like(prefix + _ID)


def _one_of(*values: str) -> Shape:
    return lambda value: isinstance(value, str) and value in values


def _list_of(shape: Shape) -> Shape:
    return lambda value: isinstance(value, list) and all(map(shape, value))


def _amount(value: Any) -> bool:
    """An amount: `bare` says that the customer named no currency."""
    return (
        isinstance(value, dict)
        and set(value) - {"bare"} == {"amount", "currency"}
        and isinstance(value.get("bare", False), bool)
        and re.fullmatch(r"\d+(\.\d+)?", str(value["amount"])) is not None
        and (value["currency"] is None or re.fullmatch("[A-Z]{3}", value["currency"]) is not None)
    )


def _period(value: Any) -> bool:
    return isinstance(value, dict) and all(
        day is None or key == "grain" or _DAY.fullmatch(day) for key, day in value.items()
    )


def _counts(value: Any) -> bool:
    return isinstance(value, dict) and all(
        number is None or isinstance(number, int) for number in value.values()
    )


def _number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _answers(value: Any) -> bool:
    """Answers of an investor: codes of the questions, each with codes of its answers."""
    try:
        return isinstance(value, dict) and all(
            investor_questions.check(code, answer) == answer for code, answer in value.items()
        )
    except InvalidInput:
        return False


def _challenge(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _id("ch")(value.get("challenge_id"))
        and _id("tr")(value.get("transfer_id"))
    )


_ACTION = _like(r"action_[a-z_]+")
#: Made by the action server from conversation, message and purpose, none of them typed.
_KEY = _like(r"cv_\w+:[\w-]+:[\w-]+")

ACTING: dict[str, Shape] = {
    # Records: looked up by id, and the bank checks whose they are.
    "cards_card_id": _id("cd"),
    "disputes_posting_id": _id("po"),
    "payees_remove_id": _id("pa"),
    "standing_orders_payee": _id("pa"),
    "standing_orders_cancel_id": _id("so"),
    "transfer_payee": _id("pa"),
    "transfer_candidates": _list_of(_id("pa")),
    "transfer_to_account": _id("ac"),
    "transfer_from": _id("ac"),
    "transfer_proposal_id": _id("tr"),
    "transfer_challenge": _challenge,
    "events_event_id": _id("ae"),
    "events_missed": lambda value: isinstance(value, bool),
    "advice_id": _id("ad"),
    "library_topic": _like(r"[a-z0-9]+(?:-[a-z0-9]+)*"),
    "offers_due": lambda value: value is True,
    "offers_closed_by": _like(r"[\w:.-]+"),
    # Keys and tasks: what runs, and that it runs once.
    "disputes_request_key": _KEY,
    "open_tasks": _list_of(_ACTION),
    "transactions_question": _ACTION,
    "wished_action": _ACTION,
    "tries_count": _number,
    # Values, read from the words and kept only when they are one.
    "language": _one_of(*languages()),
    "cards_limit": _amount,
    "cards_reason": _one_of(*ReplaceReason),
    "cards_country": _like("[A-Z]{2}"),
    "cards_period": _period,
    "disputes_reason": _like("[a-z_]+"),
    "onboarding_step": _one_of(*STEPS),
    "onboarding_fixing": _one_of(*FIXES),
    "onboarding_checked": lambda value: value is True,
    "open_words": _ACTION,
    "advice_step": _one_of("amount", *(one.code for one in investor_questions.questions())),
    "advice_answers": _answers,
    "advice_amount": _amount,
    "advice_years": _number,
    "fx_amount": _amount,
    "fx_currency": _like("[A-Z]{3}"),
    "payees_iban": _like("[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}"),
    "products_loan_amount": _amount,
    "products_loan_months": _number,
    "standing_orders_amount": _amount,
    "standing_orders_cadence": _one_of("weekly", "monthly"),
    "standing_orders_first_date": _like(_DAY.pattern),
    "transactions_account": _one_of(*AccountKind),
    "transactions_amounts": _counts,
    "transactions_category": _one_of(*Category),
    "transactions_period": _period,
    "transactions_rows": _number,
    "transfer_amount": _amount,
    "transfer_suggested": _amount,
}

WORDS: dict[str, str] = {
    "disputes_note": "What the customer says about a payment; a colleague reads it in the case.",
    "fallback_offer": "A message not understood, with its readings; read again when one is chosen.",
    "payees_name": "The name of somebody new; stored as the payee's name, shown in quotes of text.",
    "transactions_merchant": "A shop to search for, among the customer's own lines.",
    "transfer_reference": "The line the receiver sees; text on a posting.",
    "wished_message": "What a visitor wished; read again after the login, as that customer's own.",
    "wishes_waiting": "Two wishes of one message; the second is read again when the first is done.",
}


def acts_wrongly(name: str, value: Any, *, forbidden: tuple[str, ...]) -> bool:
    """Say whether an acting slot holds what it must not: a typed mark, or another shape."""
    if value in (None, [], {}):
        return False
    text = json.dumps(value, ensure_ascii=False)
    return any(mark in text for mark in forbidden) or not ACTING[name](value)


def words_in(value: Any) -> Iterator[str]:
    """Yield the words a slot of WORDS holds, without what our own reading adds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
    elif isinstance(value, list):
        for one in value:
            yield from words_in(one)


def slots_of_domain() -> set[str]:
    """Return the names of all slots in bot/domain."""
    names: set[str] = set()
    for path in (ROOT / "bot" / "domain").glob("*.yml"):
        names |= set((read_yaml(path.read_text(encoding="utf-8")) or {}).get("slots") or {})
    return names
