"""The spending picture: one calm bar chart, readable on a light and on a dark page.

    Groceries    ████████████████  412.30 EUR
    Eating out   ███████           180.00 EUR
    …the rest    ███                74.10 EUR

Drawn with its own white card, so that the page's colour does not matter. One hue and lengths say
everything: nothing depends on telling colours apart. The same figures are drawn once.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bank.domain.money import Money

BARS_MAX = 8
PNG_BYTES_MAX = 60 * 1024

_INK = "#1b2a41"
_QUIET = "#5a6b82"
_BAR = "#0072b2"  # Okabe and Ito's blue: apart from grey under every colour blindness
_OTHER = "#9db4c8"
_CARD = "#ffffff"


@dataclass(frozen=True)
class Picture:
    """A PNG and the same said in figures, for those who cannot see it."""

    png: bytes
    alt: str


@lru_cache(maxsize=64)
def draw_spending(
    bars: tuple[tuple[str, Money], ...], *, title: str, total: str, marked: str | None = None
) -> Picture:
    """Return the chart of `bars` (label, amount), the largest first.

    More than BARS_MAX are drawn as the largest and one bar of the rest; amounts of other
    currencies than the first bar's are only told in the text. `marked` is drawn in full colour,
    the others pale.
    """
    assert bars, "nothing to draw"
    currency = bars[0][1].currency
    shown = _folded([(label, money) for label, money in bars if money.currency == currency])
    labels = [label for label, _ in shown]
    amounts = [float(money.as_decimal()) for _, money in shown]  # for drawing lengths only
    figure = Figure(figsize=(6.4, 1.2 + 0.44 * len(shown)), dpi=110, facecolor=_CARD)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.24, 0.05, 0.54, 0.95 - 0.75 / (1.2 + 0.44 * len(shown))))
    colours = [_BAR if marked in (None, label) else _OTHER for label in labels]
    axes.barh(range(len(shown)), amounts, color=colours, height=0.62)
    axes.invert_yaxis()
    axes.set_yticks(range(len(shown)), labels, fontsize=11, color=_INK)
    axes.set_xticks([])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for index, (_, money) in enumerate(shown):
        axes.annotate(
            str(money), (amounts[index], index), xytext=(6, 0), textcoords="offset points",
            va="center", fontsize=10.5, color=_INK, annotation_clip=False,
        )  # fmt: skip
    figure.text(0.03, 0.97, title, fontsize=13, fontweight="bold", color=_INK, va="top")
    figure.text(0.97, 0.97, total, fontsize=12, color=_QUIET, va="top", ha="right")
    return Picture(_as_png(figure), alt=_alt(title, total, shown))


def _folded(bars: list[tuple[str, Money]]) -> list[tuple[str, Money]]:
    """Return at most BARS_MAX bars; the last is the rest."""
    if len(bars) <= BARS_MAX:
        return bars
    rest = bars[BARS_MAX - 1 :]
    total = Money(sum(money.amount_minor for _, money in rest), rest[0][1].currency)
    return [*bars[: BARS_MAX - 1], ("…", total)]


def _alt(title: str, total: str, bars: list[tuple[str, Money]]) -> str:
    return f"{title}: {total}. " + ", ".join(f"{label} {money}" for label, money in bars)


def _as_png(figure: Figure) -> bytes:
    target = io.BytesIO()
    figure.savefig(target, format="png", facecolor=_CARD, metadata={"Software": None})
    png = target.getvalue()
    assert len(png) <= PNG_BYTES_MAX, len(png)
    return png
