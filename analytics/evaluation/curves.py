"""The four curves of an evaluation: ROC, precision-recall, gain, reliability.

Each has the model and, dashed, its baseline in the same axes, what chance would give as a dotted
line, and the threshold as a point.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.evaluation import canvas
from analytics.evaluation.bootstrap import wilson
from analytics.evaluation.canvas import Picture
from analytics.evaluation.evaluation import Evaluation, Measured
from analytics.evaluation.metrics import ECE_BINS, gain
from analytics.evaluation.ranking import Ranking
from analytics.evaluation.words import percent
from analytics.models import Floats, Labels

#: Left, bottom, width, height of the axes: below a title of two lines.
BOX = (0.145, 0.13, 0.815, 0.7)
SCORE_BINS = 40
#: A share of fewer alerts than these is noise, and not drawn.
_ALERTS_LEAST = 20
_POINTS_MOST = 4000


def draw_roc(found: Evaluation) -> Picture:
    recall, alarms = found.outcome.recall.value, found.outcome.false_alarm_rate.value
    title = (
        f"At the threshold it finds {percent(recall)} of the positives\n"
        f"and alarms {percent(alarms)} of the others"
    )
    figure = canvas.blank(title)
    axes = canvas.plot_area(
        figure, BOX, x_label="False alarms, share of negatives", y_label="Found, share of positives"
    )
    axes.plot((0, 1), (0, 1), color=canvas.QUIET, linewidth=1, linestyle=canvas.CHANCE_DASH)
    for one, is_baseline in both(found):
        counts = Ranking(found.labels, one.probabilities).counts()
        x, y = counts.alarms[0] / counts.negatives[0], counts.hits[0] / counts.positives[0]
        axes.plot(
            *_thinned(np.append(0, x), np.append(0, y)), label=named(one, "roc_auc"),
            **canvas.line_style(baseline=is_baseline),
        )  # fmt: skip
    _mark(axes, alarms, recall)
    canvas.in_shares(axes)
    canvas.legend(axes, "lower right")
    return picture_of("roc", title, figure, "ROC curve", found)


def draw_precision_recall(found: Evaluation) -> Picture:
    precision = found.outcome.precision.value
    title = (
        f"At the threshold {percent(precision)} of the alerts are right;\n"
        f"of all rows, {percent(found.base_rate)} are positive"
    )
    figure = canvas.blank(title)
    axes = canvas.plot_area(
        figure, BOX, x_label="Found, share of positives", y_label="Right, share of alerts"
    )
    axes.axhline(
        found.base_rate, color=canvas.QUIET, linewidth=1, linestyle=canvas.CHANCE_DASH
    )  # fmt: skip
    for one, is_baseline in both(found):
        counts = Ranking(found.labels, one.probabilities).counts()
        alerts = counts.hits[0] + counts.alarms[0]
        shown = alerts >= min(_ALERTS_LEAST, alerts[-1])
        x = counts.hits[0][shown] / counts.positives[0]
        y = counts.hits[0][shown] / alerts[shown]
        axes.plot(
            *_thinned(x, y), label=named(one, "average_precision"),
            **canvas.line_style(baseline=is_baseline),
        )  # fmt: skip
    if found.outcome.alerts:
        _mark(axes, found.outcome.recall.value, precision, offset=(8, 6))
    canvas.in_shares(axes)
    canvas.legend(axes, "upper right")
    return picture_of("precision_recall", title, figure, "Precision-recall curve", found)


def draw_reliability(found: Evaluation) -> Picture:
    error = 100 * found.model.figures["ece"].value
    title = (
        f"What it says and what happens differ by {error:.1f} points\n"
        f"on average; chance alone would show {100 * found.chance_ece:.1f}"
    )
    figure = canvas.blank(title)
    axes = canvas.plot_area(
        figure, (0.145, 0.32, 0.815, 0.51), x_label="", y_label="Happened, share of rows"
    )
    most = 0.0
    for one, is_baseline in both(found):
        said, happened, low, high = _reliability(found.labels, one.probabilities)
        most = max(most, float(said.max()), float(high.max()))
        style = canvas.line_style(baseline=is_baseline) | {"linewidth": 1.5}
        axes.errorbar(
            said, happened, yerr=np.stack([happened - low, high - happened]),
            fmt="s" if is_baseline else "o", markersize=4.5 if is_baseline else 6, capsize=2,
            label=f"{one.name}  ECE {one.figures['ece'].value:.3f}", **style,
        )  # fmt: skip
    end = min(1.0, most * 1.05)
    axes.plot((0, end), (0, end), color=canvas.QUIET, linewidth=1, linestyle=canvas.CHANCE_DASH)
    canvas.in_shares(axes)
    axes.set_xlim(-0.01 * end, end)
    axes.set_ylim(-0.02 * end, end * 1.03)
    axes.tick_params(labelbottom=False)
    canvas.legend(axes, "upper left")
    below = canvas.plot_area(
        figure, (0.145, 0.13, 0.815, 0.15), x_label="Said: probability of the model",
        y_label="Rows",
    )  # fmt: skip
    below.hist(
        found.model.probabilities, bins=SCORE_BINS, range=(0, end), color=canvas.MODEL_SOFT,
        edgecolor=canvas.PAPER, linewidth=0.4,
    )  # fmt: skip
    canvas.in_shares(below, y=False)
    canvas.in_thousands(below)
    below.set_xlim(axes.get_xlim())
    below.locator_params(axis="y", nbins=2)
    return picture_of("reliability", title, figure, "Reliability diagram", found)


def draw_gain(found: Evaluation) -> Picture:
    tenth = gain(found.labels, found.model.probabilities, share=0.1)
    title = (
        f"The tenth ranked highest holds {percent(tenth)} of all positives:\n"
        f"{tenth / 0.1:.1f} times its share"
    )
    figure = canvas.blank(title)
    axes = canvas.plot_area(
        figure, BOX, x_label="Looked at, share of rows, highest first",
        y_label="Found, share of positives",
    )  # fmt: skip
    base = found.base_rate
    axes.plot((0, 1), (0, 1), color=canvas.QUIET, linewidth=1, linestyle=canvas.CHANCE_DASH)
    axes.plot(
        (0, base, 1), (0, 1, 1), color=canvas.QUIET, linewidth=1, linestyle=(0, (4, 3)),
        label="the best possible order",
    )  # fmt: skip
    for one, is_baseline in both(found):
        counts = Ranking(found.labels, one.probabilities).counts()
        x = (counts.hits[0] + counts.alarms[0]) / len(found.labels)
        y = counts.hits[0] / counts.positives[0]
        axes.plot(
            *_thinned(np.append(0, x), np.append(0, y)), label=one.name,
            **canvas.line_style(baseline=is_baseline),
        )  # fmt: skip
    _mark(axes, 0.1, tenth, "the highest tenth")
    canvas.in_shares(axes)
    canvas.legend(axes, "lower right")
    return picture_of("gain", title, figure, "Gain curve", found)


def both(found: Evaluation) -> Iterator[tuple[Measured, bool]]:
    """Yield the baseline, if there is one, then the model above it; and which is the baseline."""
    if found.baseline is not None:
        yield found.baseline, True
    yield found.model, False


def named(one: Measured, figure: str) -> str:
    """Return the name of a curve with its figure."""
    return f"{one.name}  {one.figures[figure].value:.3f}"


def picture_of(name: str, title: str, figure: Figure, what: str, found: Evaluation) -> Picture:
    """Return the drawn figure as a picture, said in words too."""
    beside = f" beside {found.baseline.name}" if found.baseline else ""
    alt = f"{what} of {found.model.name}{beside}. {' '.join(title.split())}."
    return Picture(name, " ".join(title.split()), canvas.png_of(figure), alt)


def _thinned(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return at most about _POINTS_MOST points, denser at the start, where curves are steep."""
    if len(x) <= _POINTS_MOST:
        return x, y
    even = np.linspace(0, len(x) - 1, _POINTS_MOST // 2)
    early = np.geomspace(1, len(x) - 1, _POINTS_MOST // 2)
    kept = np.unique(np.concatenate([even, early]).astype(np.int64))
    return x[kept], y[kept]


def _mark(
    axes: Axes, x: float, y: float, text: str = "threshold",
    offset: tuple[float, float] = (9, -13),
) -> None:  # fmt: skip
    axes.plot(x, y, "o", color=canvas.PAPER, markeredgecolor=canvas.INK, markeredgewidth=1.8,
              markersize=8, zorder=6)  # fmt: skip
    canvas.note(axes, text, (x, y), offset)


def _reliability(labels: Labels, said: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return, of each bin of equal mass: mean probability, share of positives, its interval."""
    rows = np.array_split(np.argsort(said, kind="stable"), min(ECE_BINS, len(said)))
    shares = [wilson(int(labels[one].sum()), len(one)) for one in rows]
    return (
        np.array([said[one].mean() for one in rows]),
        np.array([one.value for one in shares]),
        np.array([one.low for one in shares]),
        np.array([one.high for one in shares]),
    )
