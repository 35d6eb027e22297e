"""What the console's language doors take and give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import StringConstraints

from bank.domain.readings import SENTENCE_MAX_CHARS, ReadingView, Tally
from web.guard import Answer, Body

IntentName = Annotated[
    str, StringConstraints(min_length=1, max_length=60, pattern=r"^[a-z][a-z0-9_]*$")
]


class Label(Body):
    """`sentence` is what is learnt: the customer's words, with names taken out."""

    intent: IntentName
    sentence: Annotated[str, StringConstraints(min_length=1, max_length=SENTENCE_MAX_CHARS)]
    language: Annotated[str, StringConstraints(min_length=2, max_length=2, pattern="^[a-z]{2}$")]


class Dismiss(Body):
    state: Literal["no_wish", "skipped"]


class RankedIntent(Answer):
    """`confidence` is in [0, 1]."""

    intent: str
    confidence: float


class ShownReading(Answer):
    """`meant` is what the customer clicked: an intent, or `none_of_these`."""

    id: str
    noted_at: datetime
    why: str
    state: str
    language: str
    text: str
    sentence: str
    ranking: list[RankedIntent]
    meant: str | None
    intent: str | None
    decided_by_name: str | None
    decided_at: datetime | None


class TallyView(Answer):
    """How many: by state, the open ones by reason, and sentences that will be learnt."""

    by_state: dict[str, int]
    open_by_why: dict[str, int]
    sentences: int


class IntentView(Answer):
    """`title` is the words of its button, where it has one."""

    name: str
    title: str | None


class ReadingList(Answer):
    readings: list[ShownReading]
    tally: TallyView
    intents: list[IntentView]
    languages: list[str]


def show_reading(view: ReadingView, *, names: Mapping[str, str]) -> ShownReading:
    """Return a reading as the page gets it; neither conversation nor customer is in it."""
    reading = view.reading
    return ShownReading(
        id=reading.id,
        noted_at=reading.noted_at_utc,
        why=reading.why,
        state=reading.state,
        language=reading.language,
        text=view.text,
        sentence=view.sentence,
        ranking=[
            RankedIntent(intent=intent, confidence=share) for intent, share in reading.readings
        ],
        meant=reading.meant,
        intent=reading.intent,
        decided_by_name=names.get(reading.decided_by) if reading.decided_by else None,
        decided_at=reading.decided_at_utc,
    )


def show_tally(tally: Tally) -> TallyView:
    return TallyView(
        by_state={str(state): count for state, count in tally.by_state.items()},
        open_by_why={str(why): count for why, count in tally.open_by_why.items()},
        sentences=tally.sentences_count,
    )
