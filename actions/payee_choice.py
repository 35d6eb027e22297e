"""Which payee a message means: by a button, an IBAN, a name where a name stands, or any words.

    "to Ana, not Anna"        payee_name "Ana" ─▶ payees.find ─▶ Ana Silva
    "the money is for bruno"  no entity ─▶ every word against the customer's own payees
    "to Zoe"                  nobody ─▶ unknown "Zoe"

Scores and accents are the bank's (payees.find); here we only choose what to ask it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rasa_sdk import Tracker

from actions import slots
from bank.bootstrap import Bank
from bank.domain.actors import Actor
from bank.domain.payees import Payee, PayeeMatch, fold

#: A match this good, alone at the top, needs no question.
EXACT_SCORE = 0.99
_NEGATED = re.compile(
    r"\b(?:not|instead of|rather than)\s+(?:to\s+|from\s+)?[^\s,.;]+"
    # "no, a Ana" begins with a no; "a Ana, no a Anna" ends with one.
    r"|(?:\b(?:en vez de|en lugar de|y no)|,\s*no\s+(?:a|para))\s+(?:a\s+|para\s+)?[^\s,.;]+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}(?:[-'\u2019][^\W\d_]+)*")
#: "I want to add a payee": a verb stands where a name may stand.
_NO_NAMES = frozenset({
    "add", "be", "begin", "cancel", "change", "create", "delete", "do", "end", "erase", "get",
    "give", "have", "help", "make", "move", "open", "put", "register", "remove", "save",
    "schedule", "see", "set", "settle", "start", "stop", "store", "transfer",
    "abrir", "añadir", "agregar", "borrar", "cambiar", "cancelar", "crear", "dar", "eliminar",
    "enviar", "hacer", "mandar", "pagar", "pasar", "programar", "quitar", "transferir", "ver",
})  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """One payee, or several to choose from, or a name nobody has, or nothing at all."""

    payee: Payee | None = None
    candidates: tuple[Payee, ...] = ()
    unknown_name: str | None = None
    unknown_iban: str | None = None

    @property
    def is_empty(self) -> bool:
        return self == Choice()

    @property
    def is_unknown(self) -> bool:
        """Say whether no payee of the customer's fits."""
        return self.payee is None and not self.candidates


def choose_payee(
    bank: Bank, actor: Actor, tracker: Tracker, *, among: Sequence[str] = ()
) -> Choice:
    """Return whom the latest message means. `among`: ids of the payees just offered."""
    own = bank.payees.list(actor)
    picked_id = slots.entity(tracker, "payee_id")
    if picked_id is not None:
        return Choice(payee=next((one for one in own if one.id == picked_id), None))
    number = slots.entity(tracker, "number")
    if among and isinstance(number, int) and -1 <= number <= len(among) and number != 0:
        offered_id = among[number - 1] if number > 0 else among[-1]
        return Choice(payee=next((one for one in own if one.id == offered_id), None))
    name = find_name(tracker)
    iban = slots.entity(tracker, "iban")
    if iban is not None:
        known = next((one for one in own if one.iban == iban), None)
        return Choice(payee=known) if known else Choice(unknown_name=name, unknown_iban=iban)
    text = str((tracker.latest_message or {}).get("text") or "")
    words = _by_words(own, name or _NEGATED.sub(" ", text))
    if not words.is_empty or not name:
        return words
    return _by_name(bank, actor, name)


def find_name(tracker: Tracker) -> str | None:
    """Return the name of a person in the message, or None."""
    name = str(slots.entity(tracker, "payee_name") or "").strip()
    return name if name and name.split()[0] not in _NO_NAMES else None


def _by_name(bank: Bank, actor: Actor, name: str) -> Choice:
    matches: list[PayeeMatch] = bank.payees.find(actor, name)
    if not matches:
        return Choice(unknown_name=name)
    best = [match for match in matches if match.score >= EXACT_SCORE] or matches
    if len(best) == 1:
        return Choice(payee=best[0].payee)
    return Choice(candidates=tuple(match.payee for match in best))


def _by_words(own: Sequence[Payee], text: str) -> Choice:
    """Return the payees one of whose names stands in the text; a whole name beats a first name."""
    said = {fold(word) for word in _WORD.findall(text)}
    counted = [(len(said & set(fold(one.name).split())), one) for one in own]
    most = max((count for count, _ in counted), default=0)
    best = [one for count, one in counted if count == most] if most else []
    return Choice(payee=best[0]) if len(best) == 1 else Choice(candidates=tuple(best))
