"""One calm style for every picture of an evaluation: ink on white, one green, few lines.

Model and baseline differ in lightness and in dash as well as in hue, so that nothing depends on
telling colours apart, on paper or on a screen. A title says what is to be seen, not what is drawn.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter
from PIL import Image

#: The pages' own colours (web/static/css/base.css, light).
INK = "#1d2422"
QUIET = "#56605c"
LINE = "#ddd8cd"
PAPER = "#ffffff"
MODEL = "#0f5a4c"
MODEL_SOFT = "#a9c5bb"
BASELINE = "#c0762b"
BASELINE_DASH = (0, (5, 2))
CHANCE_DASH = (0, (1, 2.5))

#: The pages' fonts in their order, as far as they are here; matplotlib brings the last one along.
_FONTS = ("Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "Liberation Sans", "DejaVu Sans")
_WIDTH_IN = 5.6
_HEIGHT_IN = 4.5
_DOTS_PER_IN = 180  # drawn larger than shown: sharp on a screen and on paper
_LABEL_PT = 10.0


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, its file's stem, its title, and the same said in words for who cannot see it."""

    name: str
    title: str
    png: bytes
    alt: str


def blank(title: str, *, wide: bool = False, height_in: float = _HEIGHT_IN) -> Figure:
    """Return an empty figure with a title of one or two lines."""
    width_in = _WIDTH_IN * (2.05 if wide else 1)
    figure = Figure(figsize=(width_in, height_in), dpi=_DOTS_PER_IN, facecolor=PAPER)
    FigureCanvasAgg(figure)
    figure.text(
        0.03, 1 - 0.13 / height_in, title, fontsize=11.5, weight="bold", color=INK,
        va="top", family=font(), linespacing=1.25,
    )  # fmt: skip
    return figure


def plot_area(
    figure: Figure, box: tuple[float, float, float, float], *, x_label: str, y_label: str
) -> Axes:
    """Return axes in the house's style; box: left, bottom, width, height, each 0-1."""
    axes = figure.add_axes(box, facecolor=PAPER)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
        axes.spines[side].set_linewidth(0.8)
    axes.grid(visible=True, color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(x_label, fontsize=_LABEL_PT, color=INK, family=font(), labelpad=6)
    axes.set_ylabel(y_label, fontsize=_LABEL_PT, color=INK, family=font(), labelpad=6)
    axes.tick_params(colors=QUIET, labelsize=9, length=3, width=0.8, labelfontfamily=font())
    return axes


def in_shares(axes: Axes, *, x: bool = True, y: bool = True) -> None:
    """Write an axis of 0 to 1 in percent and show all of it."""
    if x:
        axes.set_xlim(-0.01, 1.01)
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    if y:
        axes.set_ylim(-0.01, 1.03)
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))


def in_thousands(axes: Axes) -> None:
    """Write the y axis as whole numbers with commas."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda one, _: f"{one:,.0f}"))


Corner = Literal["upper left", "upper right", "lower right"]


def legend(axes: Axes, place: Corner) -> None:
    axes.legend(
        loc=place, frameon=True, facecolor=PAPER, edgecolor="none", framealpha=0.9, labelcolor=INK,
        prop={"family": font(), "size": 9.5}, handlelength=2.6,
    )  # fmt: skip


def note(axes: Axes, text: str, at: tuple[float, float], offset: tuple[float, float]) -> None:
    """Write a word beside a point; offset in points."""
    axes.annotate(
        text, at, xytext=offset, textcoords="offset points", fontsize=9.5, color=INK,
        family=font(), bbox={"facecolor": PAPER, "edgecolor": "none", "alpha": 0.85, "pad": 1.5},
    )  # fmt: skip


def png_of(figure: Figure) -> bytes:
    """Return the figure as a PNG. The same figures give the same bytes: no date, no version."""
    agg: Any = figure.canvas  # FigureCanvasAgg, by `blank`
    agg.draw()
    image = Image.fromarray(np.asarray(agg.buffer_rgba())).convert("RGB")
    kept = io.BytesIO()
    # A few hues and their edges: a third of the bytes. The octree is exact enough, and five times
    # as fast as the median cut: pictures are drawn while somebody waits in a chat.
    few = image.quantize(96, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(kept, format="PNG", optimize=True)
    return kept.getvalue()


@cache
def font() -> str:
    here = set(font_manager.get_font_names())
    return next((name for name in _FONTS if name in here), _FONTS[-1])


def line_style(*, baseline: bool) -> dict[str, Any]:
    if baseline:
        return {"color": BASELINE, "linewidth": 1.6, "linestyle": BASELINE_DASH, "zorder": 3}
    return {"color": MODEL, "linewidth": 2.3, "zorder": 4}
