"""Pictures of a recommendation in the conversation's language (drawn by analytics/advice).

What draws takes two seconds to load, so it comes with the first picture, or the adviser's warming.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from actions.advice_replies import percent, sum_of
from actions.labels import label
from bank.domain.advice import Advice

if TYPE_CHECKING:
    from analytics.advice.drawing import Picture, Words


def draw_mix(advice: Advice, names: Mapping[str, str]) -> Picture:
    """Return how the money is spread."""
    from analytics.advice import drawing  # noqa: PLC0415  see the head

    return drawing.draw_mix(advice, names, _words(advice))


def draw_course(advice: Advice) -> Picture:
    """Return how its value might develop."""
    from analytics.advice import drawing  # noqa: PLC0415  see the head

    return drawing.draw_course(advice, _words(advice))


def draw_risk(advice: Advice) -> Picture:
    """Return where the suggestion lies between risk and gain."""
    from analytics.advice import drawing  # noqa: PLC0415  see the head

    return drawing.draw_risk(advice, _words(advice))


def _words(advice: Advice) -> Words:
    from analytics.advice.drawing import Words  # noqa: PLC0415  see the head

    told = {
        name: label("advice_picture", name)
        for name in ("mix", "course", "risk", "moved", "grew", "suggestion", "allowed", "likely",
                     "middle", "put_in")
    }  # fmt: skip
    return Words(
        **told,
        years=label("unit", "years"),
        money=lambda minor: sum_of(minor, advice),
        percent=percent,
    )
