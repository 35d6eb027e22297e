"""Two pictures of an uplift score: the gain curve with its band, and said beside seen by tenths.

Drawn on the soft card of the product's other pictures, so that the page's colour does not matter;
lines differ in dash as well as hue. Returned as PNG with the same said in words.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from analytics.retention.measures import Report

#: The page's own colours (web/static/css/base.css, light).
_INK, _QUIET, _LINE, _PALE, _CARD = "#1d2422", "#56605c", "#0f5a4c", "#a9c5bb", "#faf8f3"
_DOTS_PER_IN = 160


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and what it shows for those who cannot see it."""

    png: bytes
    alt: str


def draw(report: Report, *, title: str, by_risk: Report | None = None) -> Picture:
    """Return the curve and the tenths; `by_risk` is drawn beside as a second curve."""
    figure = Figure(figsize=(9.6, 3.9), dpi=_DOTS_PER_IN, facecolor=_CARD)
    FigureCanvasAgg(figure)
    figure.text(0.055, 0.93, title, fontsize=12, weight="bold", color=_INK)
    _curve(figure.add_axes((0.065, 0.14, 0.42, 0.68), facecolor=_CARD), report, by_risk)
    _tenths(figure.add_axes((0.565, 0.14, 0.42, 0.68), facecolor=_CARD), report)
    target = io.BytesIO()
    figure.savefig(target, format="png", facecolor=_CARD)
    return Picture(target.getvalue(), alt=_told(title, report))


def _curve(axes: Any, report: Report, by_risk: Report | None) -> None:
    share = np.array([100 * one.share for one in report.curve])
    low, gain, high = (
        1000 * np.array([getattr(one, name) for one in report.curve])
        for name in ("low", "gain", "high")
    )
    axes.fill_between(share, low, high, color=_PALE, alpha=0.45, linewidth=0)
    axes.plot(share, gain, color=_LINE, linewidth=1.8, label="by effect")
    if by_risk is not None:
        other = [1000 * one.gain for one in by_risk.curve]
        axes.plot(share, other, color=_QUIET, linewidth=1.3, dashes=(5, 2), label="by risk")
    axes.plot([0, 100], [0, gain[-1]], color=_QUIET, linewidth=1, dashes=(1, 2), label="at random")
    axes.legend(frameon=False, fontsize=8.5, labelcolor=_INK, loc="upper left")
    _plain(axes, "outcomes gained per 1,000 people, 90 % band", "best … % of people treated")


def _tenths(axes: Any, report: Report) -> None:
    places = [one.rank for one in report.groups]
    seen = [100 * one.seen.value for one in report.groups]
    wide = [100 * (one.seen.high - one.seen.value) for one in report.groups]
    axes.bar(places, seen, color=_PALE, width=0.62, label="seen")
    axes.errorbar(places, seen, yerr=wide, fmt="none", ecolor=_QUIET, linewidth=1)
    axes.plot(places, [100 * one.said for one in report.groups], "o", color=_LINE, label="said")
    axes.axhline(0, color=_QUIET, linewidth=0.8)
    axes.set_xticks(places)
    axes.legend(frameon=False, fontsize=8.5, labelcolor=_INK, loc="upper right")
    _plain(axes, "effect in points, said and seen", "tenths of people, the highest first")


def _plain(axes: Any, title: str, below: str) -> None:
    axes.set_title(title, fontsize=9.5, color=_QUIET, loc="left")
    axes.set_xlabel(below, fontsize=9, color=_QUIET)
    axes.tick_params(colors=_QUIET, labelsize=8.5, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.grid(axis="y", color=_PALE, linewidth=0.4, alpha=0.7)
    axes.set_axisbelow(True)


def _told(title: str, report: Report) -> str:
    qini, top = report.qini, report.uplift_top
    return (
        f"{title}: Qini {1000 * qini.value:.2f} per thousand "
        f"({1000 * qini.low:.2f} to {1000 * qini.high:.2f}); the best {report.top_share:.0%} gain "
        f"{100 * top.value:.1f} points ({100 * top.low:.1f} to {100 * top.high:.1f})."
    )
