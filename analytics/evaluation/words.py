"""How an evaluation speaks of its rows: "customers", "leave within 90 days"."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """What the rows are and what happens to them, for sentences that a board reads.

    rows: plural noun. happen: what positives do, after that noun. act: what one does at the
    threshold, after "to". per: what `days` of an evaluation count, after "a" and "average".
    """

    title: str = "Model"
    target: str = "the target"
    rows: str = "rows"
    happen: str = "are positive"
    act: str = "act on"
    per: str = "day"


def per_hundred(share: float) -> str:
    """Return a share as people say it.

    >>> per_hundred(0.274), per_hundred(0.0042)
    ('27 of 100', '4 of 1,000')
    """
    for whole in (100, 1_000, 10_000, 100_000):
        if share * whole >= (5 if whole == 100 else 1):
            return f"{share * whole:.0f} of {whole:,}"
    return "none"


def percent(share: float) -> str:
    r"""Return a share in percent, with a digit more below five; "–" for none.

    >>> percent(0.612), percent(0.0123), percent(float("nan"))
    ('61\xa0%', '1.2\xa0%', '–')

    The space does not break: "61" at the end of a line would be a number of something else.
    """
    if math.isnan(share):
        return "–"
    return f"{100 * share:.{0 if share == 0 or share >= 0.05 else 1}f}\N{NO-BREAK SPACE}%"


def signed(number: float, digits: int = 3) -> str:
    """Return a difference with its sign, a true minus for less.

    >>> signed(0.03), signed(-0.013)
    ('+0.030', '−0.013')

    >>> signed(-0.0001)  # no sign where nothing is left
    '0.000'
    """
    rounded = round(number, digits)
    return f"{rounded:+.{digits}f}".replace("-", "−") if rounded else f"{0:.{digits}f}"
