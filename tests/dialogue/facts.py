"""Facts of the bank that a story may check under `then`.

    balance: {current: "1,486.00 EUR"}       posted             available: the same, less holds
    transfers_posted: 1                      transfers: {posted: 1, voided: 2}
    cards: {"4242": frozen}                  payees: [Ana Silva, …]  by name, sorted
    face: kept                               or may_add, no_portrait, not_offered
    cases: [handoff]                         of this customer or conversation, by opening
    advice: 1                               recommendations kept
    investor_profile: {tolerance: 4, goal: growth}     the newest one's fields; null for none
    standing_orders: 1 · disputes: 1         how many there are
    offers: {savings: not_interested}        shown, with the answer       consents: 0    given
    notices_off: [payday]                    kinds that are not told
    application: {state: collecting, surname: Costa}      of this conversation; state, path, details
    speaker: bot | staff
    slots: {transfer_amount: null}           read from Rasa's sealed database
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any

from bot.sealing import unseal, wrapping_key
from tests.dialogue.persona import Persona

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch


def read(name: str, branch: Branch, persona: Persona, expected: Any) -> Any:
    """Return the fact in the shape of `expected` (of a mapping, only the keys asked for)."""
    reader = READERS.get(name)
    assert reader is not None, f"no such fact; there are {sorted(READERS)}"
    actual = reader(branch, persona)
    if isinstance(expected, dict) and isinstance(actual, dict):
        return {key: actual.get(str(key)) for key in expected}
    return actual


def _mine(table: str, branch: Branch, persona: Persona) -> list[Any]:
    records: list[Any] = branch.bank.store.read(
        lambda uow: getattr(uow, table).list(customer_id=persona.customer.id)
    )
    return records


def _balance(branch: Branch, persona: Persona) -> dict[str, str]:
    return {str(a.kind): str(a.posted) for a in _mine("accounts", branch, persona)}


def _available(branch: Branch, persona: Persona) -> dict[str, str]:
    return {str(a.kind): str(a.available) for a in _mine("accounts", branch, persona)}


def _transfers(branch: Branch, persona: Persona) -> dict[str, int]:
    return dict(Counter(str(one.status) for one in _mine("transfers", branch, persona)))


def _transfers_posted(branch: Branch, persona: Persona) -> int:
    return _transfers(branch, persona).get("posted", 0)


def _cards(branch: Branch, persona: Persona) -> dict[str, str]:
    return {one.last_digits: str(one.status) for one in _mine("cards", branch, persona)}


def _events(branch: Branch, persona: Persona) -> dict[str, str]:
    return {str(one.kind): str(one.answer) for one in _mine("asked_events", branch, persona)}


def _payees(branch: Branch, persona: Persona) -> list[str]:
    kept = [one for one in _mine("payees", branch, persona) if str(one.status) == "active"]
    return sorted(one.name for one in kept)


def _cases(branch: Branch, persona: Persona) -> list[str]:
    conversation_id = persona.session.conversation_id
    cases = branch.bank.store.read(lambda uow: uow.cases.list())
    return [
        str(case.kind) for case in cases
        if persona.customer.id == case.customer_id or case.conversation_id == conversation_id
    ]  # fmt: skip


def _speaker(branch: Branch, persona: Persona) -> str:
    return str(branch.bank.conversations.speaker(persona.session.conversation_id))


def stored_events(branch: Branch, conversation_id: str) -> list[dict[str, Any]]:
    """Return all events Rasa has stored of a conversation, unsealed with the branch's keys."""
    with sqlite3.connect(branch.rasa.home_dir / "conversations.db") as database:
        row = database.execute(
            "SELECT wrapped_key FROM conversation_keys WHERE conversation_id = ?",
            [conversation_id],
        ).fetchone()
        turns = database.execute(
            "SELECT seq, box FROM sealed_turns WHERE conversation_id = ? ORDER BY seq",
            [conversation_id],
        ).fetchall()
    if row is None:
        return []
    key = unseal(wrapping_key(branch.rasa.master_key), row[0], place=f"{conversation_id}|key")
    return [
        event
        for seq, box in turns
        for event in json.loads(unseal(key, box, place=f"{conversation_id}|{seq}"))
    ]


def _slots(branch: Branch, persona: Persona) -> dict[str, Any]:
    """What the slots are after the latest stored turn; None when never set in this session."""
    slots: dict[str, Any] = {}
    for event in stored_events(branch, str(persona.session.conversation_id)):
        if event["event"] in ("session_started", "restart", "reset_slots"):
            slots.clear()
        elif event["event"] == "slot":
            slots[event["name"]] = event["value"]
    return slots


def _application(branch: Branch, persona: Persona) -> dict[str, Any]:
    conversation_id = persona.session.conversation_id
    held = branch.bank.store.read(
        lambda uow: uow.applications.list(conversation_id=conversation_id)
    )
    if not held:
        return {"state": None}
    told = branch.bank.onboarding
    is_open = told.current(persona.session.actor()) is not None
    details = told.details(persona.session.actor()) if is_open else {}
    newest = max(held, key=lambda one: one.started_at_utc)
    about = {"state": str(newest.state), "path": newest.path, "retry": list(newest.retry),
             "document_type": newest.document_type}  # fmt: skip
    return {**about, **details}


def _investor_profile(branch: Branch, persona: Persona) -> dict[str, Any] | None:
    profile = branch.bank.investing.profile(persona.actor)
    if profile is None:
        return None
    told = {name: str(getattr(profile, name)) for name in ("goal", "knowledge")}
    return {**told, "tolerance": profile.tolerance, "horizon_years": profile.horizon_years}


def _offers(branch: Branch, persona: Persona) -> dict[str, str]:
    shown = _mine("offer_answers", branch, persona)
    return {one.offer: str(one.answer) for one in shown}


def _consents(branch: Branch, persona: Persona) -> int:
    return sum(one.is_given for one in _mine("consents", branch, persona))


def _notices_off(branch: Branch, persona: Persona) -> list[str]:
    chosen = _mine("notice_choices", branch, persona)
    return sorted(str(one.kind) for one in chosen if not one.is_wanted)


READERS = {
    "offers": _offers,
    "consents": _consents,
    "notices_off": _notices_off,
    "application": _application,
    "balance": _balance,
    "available": _available,
    "transfers": _transfers,
    "transfers_posted": _transfers_posted,
    "cards": _cards,
    "events": _events,
    "face": lambda branch, persona: str(branch.bank.face_keys.standing(persona.actor)),
    "payees": _payees,
    "cases": _cases,
    "advice": lambda branch, persona: len(_mine("advice", branch, persona)),
    "investor_profile": _investor_profile,
    "standing_orders": lambda branch, persona: len(_mine("standing_orders", branch, persona)),
    "disputes": lambda branch, persona: len(_mine("disputes", branch, persona)),
    "speaker": _speaker,
    "slots": _slots,
}
