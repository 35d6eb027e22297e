"""Doubtful turns that were answered by a sentence alone: no action ran that could have noted them.

    typed ─▶ read as out_of_scope, 41 % ─▶ utter_out_of_scope      noted here
    typed ─▶ read as check_balance, 41 % ─▶ action_check_balance   noted by it (actions/readings.py)

After the reply is kept, and never in its way: what cannot be noted is left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bank.domain.errors import BankError
from bank.domain.readings import Why
from bank.policies import readings as policy
from web.assistant import AssistantTurn
from web.chat.turn_parts import Run, Said

if TYPE_CHECKING:
    from bank.bootstrap import Bank

log = structlog.get_logger(__name__)

SENTENCE = "utter_"
SOURCE_LANGUAGE = "en"


def is_doubtful(said: Said, answered: AssistantTurn) -> bool:
    """Say whether typed words were answered by a sentence alone, with little confidence."""
    if said.payload is not None or answered.replayed or not answered.actions:
        return False
    is_sentence = str(answered.actions[0].get("name")).startswith(SENTENCE)
    confidence = float(answered.nlu.get("confidence") or 0.0)
    is_wish = policy.is_wish(str(answered.nlu.get("intent") or ""))
    return is_sentence and is_wish and policy.is_low(confidence)


def overhear(bank: Bank, run: Run, said: Said, answered: AssistantTurn) -> None:
    """Note a doubtful turn for staff to label."""
    try:
        bank.readings.note(
            run.actor,
            conversation_id=run.conversation_id,
            message_id=run.message_id,
            text=said.text,
            ranking=[
                (str(one["name"]), float(one.get("confidence") or 0.0))
                for one in answered.nlu.get("ranking") or []
                if one.get("name")
            ],
            why=Why.LOW_CONFIDENCE,
            language=answered.language or SOURCE_LANGUAGE,
        )
    except BankError as refusal:
        log.info("reading_not_kept", code=refusal.code)
