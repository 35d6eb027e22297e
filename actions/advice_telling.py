"""How a recommendation is told: the mix, what could happen, pictures; and kept as it was told.

    lines ─▶ what could happen ─▶ the honest sentence, where equal parts did as well
          ─▶ a picture of the mix, one of its course, one of the risk
          ─▶ a warning, where headlines on a part of it have turned
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import languages
from actions.advice_pictures import draw_course, draw_mix
from actions.advice_replies import lines_of, names_of, percent, risk_facts, sum_of, years
from actions.base import EventType
from actions.domain_parts import texts
from actions.labels import table
from actions.products import say_lines
from bank.domain.actors import Actor
from bank.domain.advice import Advice
from bank.domain.headlines import Mood

if TYPE_CHECKING:
    from bank.bootstrap import Bank

ADVICE = "advice_id"


def tell(
    bank: Bank, actor: Actor, advice: Advice, say: CollectingDispatcher
) -> list[EventType]:
    """Say the whole recommendation, keep the words, and remember which one is spoken of."""
    names = names_of(bank.investing.instruments())
    lines = lines_of(advice, names)
    facts = risk_facts(advice)
    head = {
        "amount": sum_of(advice.amount_minor, advice),
        "horizon": facts["horizon"],
        "risk": str(advice.risk["risk_class"]),
        "tolerance": str(advice.inputs["risk_class_max"]),
    }
    say.utter_message(response="utter_advice_given", **head)
    _say_mix(bank, actor, advice, names, say)
    say_lines(say, "utter_advice_lines", lines)
    say.utter_message(response="utter_advice_risk", **facts)
    _say_course(bank, actor, advice, say)
    _say_equal(advice, say)
    turned = bank.investing.warnings([one["instrument_id"] for one in advice.lines])
    say_warnings(turned, names, say)
    shown = [_said("utter_advice_given", head), *lines, _said("utter_advice_risk", facts)]
    bank.advice.note_shown(
        actor, advice.id, text="\n".join(shown), locale=languages.current()
    )
    return [SlotSet(ADVICE, advice.id)]


def say_warnings(
    turned: Sequence[Mood], names: Mapping[str, str], say: CollectingDispatcher
) -> None:
    """Say of which instruments the headlines have turned, with their sources."""
    if not turned:
        return
    sources = dict.fromkeys(line.source for one in turned for line in one.newest)
    say.utter_message(
        response="utter_advice_warning",
        names=", ".join(names[one.instrument_id] for one in turned),
        sources=", ".join(sources),
    )


def _say_mix(
    bank: Bank, actor: Actor, advice: Advice, names: dict[str, str], say: CollectingDispatcher
) -> None:
    drawn = draw_mix(advice, names)
    say.utter_message(
        response="utter_advice_picture",
        image=f"/api/pictures/{bank.pictures.store(actor, drawn.png)}",
        # The lines that follow say the same in words.
        json_message={"kind": "picture", "data": {"alt": drawn.alt}},
    )


def _say_course(bank: Bank, actor: Actor, advice: Advice, say: CollectingDispatcher) -> None:
    drawn = draw_course(advice)
    fan = advice.risk["fan"]
    rows = [
        {"after": years(year), "low": sum_of(low, advice), "middle": sum_of(mid, advice),
         "high": sum_of(high, advice)}
        for year, low, mid, high in zip(
            fan["years"], fan["low_minor"], fan["mid_minor"], fan["high_minor"], strict=True
        )
        if year in _told_years(fan["years"])
    ]  # fmt: skip
    say.utter_message(
        response="utter_advice_picture_fan",
        image=f"/api/pictures/{bank.pictures.store(actor, drawn.png)}",
        json_message=table("picture", rows, alt=drawn.alt),
    )


def _told_years(drawn: list[int]) -> set[int]:
    """Return the years that are told in figures: the first, the middle, the last."""
    return {min(1, drawn[-1]), drawn[len(drawn) // 2], drawn[-1]} - {0}


def _say_equal(advice: Advice, say: CollectingDispatcher) -> None:
    """Say it where equal parts of the same things did about as well or better."""
    equal = advice.risk.get("equal") or {}
    if equal.get("does_as_well"):
        say.utter_message(
            response="utter_advice_equal_wins",
            equal=percent(equal["equal_bp"]), ours=percent(equal["ours_bp"]),
        )  # fmt: skip


def _said(response: str, facts: dict[str, str]) -> str:
    """Return a sentence as it was shown."""
    return texts(languages.current())[response].format(**facts)
