"""The spending picture: one calm bar chart, readable on a light and on a dark page.

    Groceries   ████████████████  412.30 EUR
    Eating out  ███████           180.00 EUR
    …           ███                74.10 EUR

Drawn on its own soft card, so that the page's colour does not matter. One hue and lengths say
everything: nothing depends on telling colours apart. The same figures are drawn once.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache, lru_cache

from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from actions.domain_parts import SOURCE_LANGUAGE
from actions.languages import money
from bank.domain.money import Money

BARS_MAX = 8
PNG_BYTES_MAX = 60 * 1024

#: The page's own colours (web/static/css/base.css, light): ink on soft paper, one green.
_INK = "#1d2422"
_QUIET = "#56605c"
_BAR = "#0f5a4c"
_OTHER = "#a9c5bb"
_CARD = "#faf8f3"

#: The page's fonts in its order, as far as they are here; matplotlib brings the last one along.
_FONTS = ("Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "Liberation Sans", "DejaVu Sans")

_WIDTH_IN = 4.8  # narrow on purpose: the words stay readable on a phone
_HEAD_IN = 0.33  # from the top edge to the line the title stands on
_TOP_IN = 0.56
_ROW_IN = 0.36
_FOOT_IN = 0.16
_DOTS_PER_IN = 200  # drawn larger than shown: sharp on any screen


@dataclass(frozen=True)
class Picture:
    """A PNG and the same said in figures, for those who cannot see it."""

    png: bytes
    alt: str


@lru_cache(maxsize=64)
def draw_spending(
    bars: tuple[tuple[str, Money], ...], *, title: str, total: str, marked: str | None = None,
    language: str = SOURCE_LANGUAGE,
) -> Picture:  # fmt: skip
    """Return the chart of `bars` (label, amount), the largest first.

    More than BARS_MAX are drawn as the largest and one bar of the rest; amounts of other
    currencies than the first bar's are only told in the text. `marked` is drawn in full colour,
    the others pale. `language` writes the sums; it is a part of what is remembered as drawn.
    """
    assert bars, "nothing to draw"
    currency = bars[0][1].currency
    shown = _folded([(label, one) for label, one in bars if one.currency == currency])
    labels = [label for label, _ in shown]
    amounts = [float(one.as_decimal()) for _, one in shown]  # for drawing lengths only
    height_in = _TOP_IN + _ROW_IN * len(shown) + _FOOT_IN
    figure = Figure(figsize=(_WIDTH_IN, height_in), dpi=_DOTS_PER_IN, facecolor=_CARD)
    FigureCanvasAgg(figure)
    rows = (0.255, _FOOT_IN / height_in, 0.47, _ROW_IN * len(shown) / height_in)
    axes = figure.add_axes(rows, facecolor=_CARD)
    colours = [_BAR if marked in (None, label) else _OTHER for label in labels]
    axes.barh(range(len(shown)), amounts, color=colours, height=0.56)
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set_xlim(0, max(amounts) or 1)
    axes.set_yticks(range(len(shown)), labels, fontsize=10.5, color=_INK, family=_font())
    axes.set_xticks([])
    axes.tick_params(length=0, pad=6)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for index, (_, one) in enumerate(shown):
        axes.annotate(
            money(one, language), (amounts[index], index),
            xytext=(6, 0), textcoords="offset points",
            va="center_baseline", fontsize=10, color=_INK, annotation_clip=False, family=_font(),
        )  # fmt: skip
    head_y = 1 - _HEAD_IN / height_in
    figure.text(0.035, head_y, title, fontsize=12, weight="bold", color=_INK, family=_font())
    figure.text(0.965, head_y, total, fontsize=10.5, color=_QUIET, ha="right", family=_font())
    return Picture(_as_png(figure), alt=_alt(title, total, shown, language))


@cache
def _font() -> str:
    here = set(font_manager.get_font_names())
    return next((name for name in _FONTS if name in here), _FONTS[-1])


def _folded(bars: list[tuple[str, Money]]) -> list[tuple[str, Money]]:
    """Return at most BARS_MAX bars; the last is the rest."""
    if len(bars) <= BARS_MAX:
        return bars
    rest = bars[BARS_MAX - 1 :]
    total = Money(sum(one.amount_minor for _, one in rest), rest[0][1].currency)
    return [*bars[: BARS_MAX - 1], ("…", total)]


def _alt(title: str, total: str, bars: list[tuple[str, Money]], language: str) -> str:
    told = [f"{label} {money(one, language)}" for label, one in bars]
    return f"{title}: {total}. " + ", ".join(told)


def _as_png(figure: Figure) -> bytes:
    drawn, target = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", facecolor=_CARD)
    with Image.open(drawn) as image:  # a few hues and their edges: a third of the bytes
        image.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(
            target, format="PNG", optimize=True
        )
    png = target.getvalue()
    assert len(png) <= PNG_BYTES_MAX, len(png)
    return png
