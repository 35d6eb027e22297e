"""The console's language doors: what the assistant was not sure of, for staff to label.

    open ──label──▶ learnt by the next `florin nlu learn`        ──dismiss──▶ no wish · skipped

Which intents a sentence may be given is read from the assistant's own domain; all other rules are
the bank's (bank/services/readings.py). No customer is named here.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TypeVar

from bank.domain.errors import InvalidInput
from bank.domain.readings import ReadingState, Why
from bank.yaml_text import read_yaml
from web.api.errors import RequestRefused
from web.console.language_models import (
    Dismiss,
    IntentView,
    Label,
    ReadingList,
    ShownReading,
    show_reading,
    show_tally,
)
from web.guard import Caller, Door, Knock, query_int
from web.keys import UTTERANCES
from web.utterances import DOMAIN_DIR, Utterances

LIST_MOST = 100
SOURCE_LANGUAGE = "en"
#: Never typed by anybody: events of web, and what two intents in one message become.
_NOT_TYPED = ("EXTERNAL_", "two_wishes", "nlu_fallback")

E = TypeVar("E", bound=StrEnum)


@cache
def learnable_intents(folder: Path = DOMAIN_DIR) -> tuple[str, ...]:
    """Return the intents that customers express in words, in the order of their names."""
    names: set[str] = set()
    for path in folder.glob("*.yml"):
        content = read_yaml(path.read_text(encoding="utf-8")) or {}
        for intent in content.get("intents") or []:
            names.add(next(iter(intent)) if isinstance(intent, dict) else intent)
    return tuple(sorted(name for name in names if not name.startswith(_NOT_TYPED)))


@cache
def languages(folder: Path = DOMAIN_DIR) -> tuple[str, ...]:
    """Return the languages the assistant speaks."""
    others = sorted(path.name for path in folder.glob("[a-z][a-z]") if path.is_dir())
    return (SOURCE_LANGUAGE, *others)


async def readings(knock: Knock) -> ReadingList:
    """What is to be labelled, newest first; `before` is the id of the last one seen."""
    query = knock.request.query
    limit = query_int(knock.request, "limit", default=30, most=LIST_MOST)
    state, why = _choice(knock, "state", ReadingState), _choice(knock, "why", Why)

    def read() -> ReadingList:
        found = knock.bank.readings.list(
            knock.actor, state=state, why=why, before=query.get("before") or None, limit=limit
        )
        tally = knock.bank.readings.tally(knock.actor)
        names = knock.bank.staff.names()
        utterances = knock.request.app[UTTERANCES]
        return ReadingList(
            readings=[show_reading(view, names=names) for view in found],
            tally=show_tally(tally),
            intents=[
                IntentView(name=name, title=_title(utterances, name))
                for name in learnable_intents()
            ],
            languages=list(languages()),
        )

    return await asyncio.to_thread(read)


async def label(knock: Knock) -> ShownReading:
    """Say what was meant; the sentence is learnt as it is written here."""
    body: Label = knock.body
    if body.intent not in learnable_intents():
        raise InvalidInput(field="intent")
    if body.language not in languages():
        raise InvalidInput(field="language")

    def work() -> ShownReading:
        view = knock.bank.readings.label(
            knock.actor,
            _reading_id(knock),
            intent=body.intent,
            sentence=body.sentence,
            language=body.language,
        )
        return show_reading(view, names=knock.bank.staff.names())

    return await asyncio.to_thread(work)


async def dismiss(knock: Knock) -> ShownReading:
    """Learn nothing from it."""
    body: Dismiss = knock.body

    def work() -> ShownReading:
        view = knock.bank.readings.dismiss(knock.actor, _reading_id(knock), state=body.state)
        return show_reading(view, names=knock.bank.staff.names())

    return await asyncio.to_thread(work)


def _title(utterances: Utterances, intent: str) -> str | None:
    """Return what customers see on the intent's button; None: the page has a word for it."""
    try:
        return utterances.say(f"utter_wish_{intent}")
    except KeyError:
        return None


def _choice(knock: Knock, name: str, kind: type[E]) -> E | None:
    """Return a word of the query; None when it is absent. Raises RequestRefused."""
    text = knock.request.query.get(name, "")
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, **{name: "enum"}) from None


def _reading_id(knock: Knock) -> str:
    return knock.request.match_info["reading_id"][:100]


_ONE = "/api/readings/{reading_id}"
DOORS = [
    Door(
        "GET", "/api/readings", Caller.STAFF, readings, "What the assistant was not sure of",
        answer=ReadingList, query=("state", "why", "before", "limit"),
    ),
    Door(
        "POST", f"{_ONE}/label", Caller.STAFF, label, "Say what was meant",
        body=Label, answer=ShownReading,
    ),
    Door(
        "POST", f"{_ONE}/dismiss", Caller.STAFF, dismiss, "Learn nothing from it",
        body=Dismiss, answer=ShownReading,
    ),
]  # fmt: skip
