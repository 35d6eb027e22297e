"""Three pictures for a phone: where the money goes, you among the others, the years to come.

    allocation     one bar for each holding, its share written beside it
    risk_return    how much each moves against how it grew, the mix among them
    fan            amounts over the years: the middle, half of all futures, nine in ten

Every word comes from the caller, who knows the language; amounts too (`money`). One green in
shades, ink and an ochre with another shape: nothing depends on telling red from green.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analytics.evaluation import canvas
from analytics.portfolio.outlook import Outlook
from bank.domain.pictures import PNG_BYTES_MAX

Money = Callable[[int], str]
Share = Callable[[float], str]
_NAME_CHARS_MAX = 46
_BARS_MAX = 12
#: Of the cloud: names written, and what one takes of its width and height.
_NAMES_MOST, _NAME_WIDTH, _NAME_HEIGHT = 5, 0.36, 0.055
_TURN_SHARE = 0.6  # further right names stand on the left of their dot


@dataclass(frozen=True, slots=True)
class Labels:
    """The words of one picture. `lines`: of the fan: middle, half, nine in ten; of the cloud: the
    name of the mix. `names`: of the holdings, in their order.
    """

    title: str
    x: str = ""
    y: str = ""
    lines: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def draw_allocation(weights: Sequence[float], labels: Labels, *, share: Share) -> bytes:
    """Return a PNG of bars, largest first; beyond a dozen the rest is left to the words."""
    order = np.argsort([-one for one in weights], kind="stable")[:_BARS_MAX]
    shown = [float(weights[place]) for place in order]
    height_in = 0.75 + 0.5 * len(shown)
    figure = canvas.blank(labels.title, height_in=height_in)
    axes = figure.add_axes(
        (0.03, 0.08 / height_in, 0.94, 1 - 0.62 / height_in), facecolor=canvas.PAPER
    )
    longest = max(shown)
    for row, (place, weight) in enumerate(zip(order, shown, strict=True)):
        axes.barh(row, weight, height=0.34, color=canvas.MODEL)
        axes.annotate(
            _short(labels.names[place]), (0, row), (0, 8), textcoords="offset points", fontsize=11,
            color=canvas.INK, family=canvas.font(), va="bottom",
        )  # fmt: skip
        axes.annotate(
            share(weight), (weight, row), (5, 0), textcoords="offset points", fontsize=11,
            color=canvas.INK, family=canvas.font(), va="center", weight="bold",
        )  # fmt: skip
    axes.set_xlim(0, longest * 1.2)
    axes.set_ylim(len(shown) - 0.7, -0.75)
    axes.axis("off")
    return _png(figure)


def draw_risk_return(outlook: Outlook, labels: Labels, *, share: Share) -> bytes:
    """Return a PNG of holdings as dots, sized by their share, and the mix as a diamond."""
    figure = canvas.blank(labels.title)
    axes = canvas.plot_area(figure, (0.15, 0.14, 0.81, 0.74), x_label=labels.x, y_label=labels.y)
    for one in outlook.holdings:
        axes.scatter(
            one.volatility_pa, one.return_pa, s=60 + 500 * one.weight, color=canvas.MODEL_SOFT,
            edgecolor=canvas.MODEL, linewidth=1.2, zorder=3,
        )  # fmt: skip
    you = (outlook.volatility_pa, outlook.return_pa)
    axes.scatter(*you, s=190, marker="D", color=canvas.BASELINE, edgecolor=canvas.INK, zorder=5)
    axes.margins(y=0.18)
    width = max(you[0], *(one.volatility_pa for one in outlook.holdings)) * 1.35 + 1e-3
    axes.set_xlim(-0.03 * width, width)
    canvas.note(axes, labels.lines[0], you, (10, 8))
    for name, at in _told(outlook, labels.names, width, float(np.ptp(axes.get_ylim()))):
        is_left = at[0] > _TURN_SHARE * width
        axes.annotate(
            _short(name, 20), at, (-9 if is_left else 9, -4), textcoords="offset points",
            fontsize=9.5, color=canvas.QUIET, family=canvas.font(), zorder=6,
            ha="right" if is_left else "left",
        )  # fmt: skip
    axes.axhline(0, color=canvas.QUIET, linewidth=0.8)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: share(float(value))))
        axis.set_major_locator(MaxNLocator(5))
    return _png(figure)


def draw_fan(outlook: Outlook, labels: Labels, *, money: Money) -> bytes:
    """Return a PNG of the percentiles of the fan against the amount put in."""
    figure = canvas.blank(labels.title)
    axes = canvas.plot_area(figure, (0.2, 0.14, 0.76, 0.74), x_label=labels.x, y_label=labels.y)
    years = [one.years for one in outlook.fan]
    amounts = np.array([one.amounts_minor for one in outlook.fan], np.float64).T
    axes.fill_between(
        years, amounts[0], amounts[4], color=canvas.MODEL_SOFT, alpha=0.45, linewidth=0,
        label=labels.lines[2],
    )  # fmt: skip
    axes.fill_between(
        years, amounts[1], amounts[3], color=canvas.MODEL_SOFT, linewidth=0, label=labels.lines[1]
    )
    axes.plot(years, amounts[2], color=canvas.MODEL, linewidth=2.4, label=labels.lines[0])
    axes.axhline(
        outlook.amount_minor, color=canvas.INK, linewidth=1, linestyle=canvas.BASELINE_DASH
    )
    axes.set_xlim(0, years[-1])
    axes.set_ylim(min(0.0, amounts.min()), amounts.max() * 1.08)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: money(round(value))))
    canvas.legend(axes, "upper left")
    return _png(figure)


def _told(
    outlook: Outlook, names: Sequence[str], width: float, height: float
) -> list[tuple[str, tuple[float, float]]]:
    """Return which holdings get their name written, largest first: none that would meet another."""
    dots = [(one.volatility_pa, one.return_pa) for one in outlook.holdings]
    dots.append((outlook.volatility_pa, outlook.return_pa))
    spans: list[tuple[float, float, float]] = []
    found: list[tuple[str, tuple[float, float]]] = []
    order = sorted(range(len(names)), key=lambda place: -outlook.holdings[place].weight)
    for place in order:
        x, y = at = dots[place]
        long = _NAME_WIDTH * width
        left, right = (x - long, x) if x > _TURN_SHARE * width else (x, x + long)
        others = [*dots[:place], *dots[place + 1 :]]
        meets_dot = any(
            left <= one <= right and abs(other - y) < _NAME_HEIGHT * height for one, other in others
        )
        meets_name = any(
            left < end and start < right and abs(other - y) < _NAME_HEIGHT * height
            for start, end, other in spans
        )
        if not meets_dot and not meets_name and len(found) < _NAMES_MOST:
            spans.append((left, right, y))
            found.append((names[place], at))
    return found


def _short(name: str, most: int = _NAME_CHARS_MAX) -> str:
    # A dollar would start a formula.
    plain = name.replace("$", r"\$")
    return plain if len(name) <= most else name[: most - 1].replace("$", r"\$") + "…"


def _png(figure: Figure) -> bytes:
    png = canvas.png_of(figure)
    assert len(png) <= PNG_BYTES_MAX, len(png)
    return png
