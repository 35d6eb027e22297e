"""The pictures of an evaluation: model beside baseline in the same axes, one message each.

    roc                who is found, at what price in false alarms
    precision_recall   how often an alert is right, the more one wants to find
    reliability        what was said against what happened, with the rows behind each point
    gain               how many are found by looking at so many, highest first
    confusion          what happens at the threshold, counted
    scores             where positives and negatives lie
    slices             for whom it works: ROC-AUC with interval, slice by slice

Of the first repeat of the protocol: each row once, scored by a model that had not seen it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analytics.evaluation import canvas
from analytics.evaluation.canvas import Picture
from analytics.evaluation.curves import (
    BOX,
    SCORE_BINS,
    draw_gain,
    draw_precision_recall,
    draw_reliability,
    draw_roc,
    picture_of,
)
from analytics.evaluation.evaluation import Evaluation
from analytics.evaluation.words import percent
from bank.whole_files import write_whole


def draw_all(found: Evaluation) -> tuple[Picture, ...]:
    """Return every picture, in the order of a report."""
    drawers = [draw_gain, draw_roc, draw_precision_recall, draw_reliability, draw_confusion]
    drawn = [draw(found) for draw in (*drawers, draw_scores)]
    if any(not one.too_few for one in found.slices):
        drawn.append(draw_slices(found))
    return tuple(drawn)


def save_pictures(pictures: Sequence[Picture], folder: Path) -> tuple[Path, ...]:
    """Write each picture whole into the folder; return their paths."""
    paths = []
    for one in pictures:
        path = folder / f"{one.name}.png"
        write_whole(path, one.png)
        paths.append(path)
    return tuple(paths)


def draw_confusion(found: Evaluation) -> Picture:
    one = found.outcome
    title = (
        f"At {found.threshold.value:.3f}: {one.true_alerts:,} found, {one.missed:,} missed,\n"
        f"{one.false_alerts:,} false alarms"
    )
    figure = canvas.blank(title)
    axes = figure.add_axes((0.2, 0.13, 0.77, 0.7), facecolor=canvas.PAPER)
    counts = np.array([[one.true_alerts, one.missed], [one.false_alerts, one.left_alone]])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for row in (0, 1):
        for column in (0, 1):
            share = float(shares[row, column])
            fill = canvas.MODEL if row == column else canvas.BASELINE
            axes.add_patch(
                Rectangle(
                    (column + 0.02, 1 - row + 0.02), 0.96, 0.96, facecolor=fill,
                    alpha=0.08 + 0.4 * share, edgecolor="none",
                )
            )  # fmt: skip
            place = (column + 0.5, 1.5 - row)
            axes.annotate(
                f"{counts[row, column]:,}", place, (0, 1), textcoords="offset points",
                ha="center", va="bottom", fontsize=17, weight="bold", color=canvas.INK,
                family=canvas.font(),
            )  # fmt: skip
            axes.annotate(
                f"{percent(share)} of the row", place, (0, -4), textcoords="offset points",
                ha="center", va="top", fontsize=9.5, color=canvas.INK, family=canvas.font(),
            )  # fmt: skip
    axes.set_xlim(0, 2)
    axes.set_ylim(0, 2)
    axes.set_xticks((0.5, 1.5), ("acts", "leaves alone"))
    axes.set_yticks((1.5, 0.5), ("positive", "negative"))
    axes.set_xlabel("What the model does", fontsize=10, color=canvas.INK, family=canvas.font())
    axes.set_ylabel("What happened", fontsize=10, color=canvas.INK, family=canvas.font())
    axes.tick_params(
        length=0, labelsize=10, colors=canvas.INK, pad=4, labelfontfamily=canvas.font()
    )
    for spine in axes.spines.values():
        spine.set_visible(False)
    return picture_of("confusion", title, figure, "Confusion matrix", found)


def draw_scores(found: Evaluation) -> Picture:
    said, labels = found.model.probabilities, found.labels
    middles = [float(np.median(said[labels == label])) for label in (1, 0)]
    title = (
        f"Half of the positives score above {middles[0]:.2f},\n"
        f"half of the others below {middles[1]:.2f}"
    )
    figure = canvas.blank(title)
    axes = canvas.plot_area(
        figure, BOX, x_label="Probability of the model", y_label="Share of each class"
    )
    end = float(said.max())
    for label, name, colour in (
        (0, "negatives", canvas.BASELINE),
        (1, "positives", canvas.MODEL),
    ):
        mine = said[labels == label]
        heights, edges = np.histogram(mine, bins=SCORE_BINS, range=(0, end))
        axes.stairs(
            heights / len(mine), edges, fill=label == 1, color=colour, linewidth=1.8,
            alpha=0.55 if label == 1 else 1.0, label=f"{name} ({len(mine):,})",
        )  # fmt: skip
    if found.threshold.value <= end:
        axes.axvline(found.threshold.value, color=canvas.INK, linewidth=1.2)
        canvas.note(axes, "threshold", (found.threshold.value, axes.get_ylim()[1] * 0.62), (4, 0))
    canvas.in_shares(axes)
    axes.set_xlim(0, end * 1.01)
    axes.set_ylim(0, None)
    axes.autoscale(axis="y")
    canvas.legend(axes, "upper right")
    return picture_of("scores", title, figure, "Distribution of scores", found)


def draw_slices(found: Evaluation) -> Picture:
    told = [one for one in found.slices if one.roc_auc is not None]
    values = [one.roc_auc.value for one in told if one.roc_auc]
    worst, best = told[int(np.argmin(values))], told[int(np.argmax(values))]
    title = (
        f"It ranks best within {best.by} {best.level} ({max(values):.2f}), "
        f"worst within {worst.by} {worst.level} ({min(values):.2f})"
    )
    # A little air between the columns that were cut into slices.
    starts = [number > 0 and told[number - 1].by != one.by for number, one in enumerate(told)]
    places = np.arange(len(told)) + 0.5 * np.cumsum(starts)
    height_in = 1.25 + 0.27 * (float(places[-1]) + 1)
    figure = canvas.blank(title, wide=True, height_in=height_in)
    box = (0.27, 0.6 / height_in, 0.71, 1 - 1.1 / height_in)
    axes = canvas.plot_area(figure, box, x_label="ROC-AUC within the slice", y_label="")
    whole = found.model.figures["roc_auc"].value
    axes.axvline(whole, color=canvas.QUIET, linewidth=1, linestyle=canvas.CHANCE_DASH)
    for place, one in zip(places, told, strict=True):
        assert one.roc_auc is not None
        axes.plot(
            (one.roc_auc.low, one.roc_auc.high), (place, place), color=canvas.MODEL,
            linewidth=1.6, solid_capstyle="butt",
        )  # fmt: skip
        axes.plot(one.roc_auc.value, place, "o", color=canvas.MODEL, markersize=6)
    names = [f"{one.by} {one.level}  ({one.rows_count:,})" for one in told]
    axes.set_yticks(places, names, fontsize=9.5, color=canvas.INK, family=canvas.font())
    axes.set_ylim(float(places[-1]) + 0.6, -1.1)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda area, _: f"{area:.2f}"))
    axes.xaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    canvas.note(axes, "all rows", (whole, -0.6), (4, 0))
    return picture_of("slices", title, figure, "ROC-AUC by slice", found)
