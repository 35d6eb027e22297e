"""Segments as pictures: where they lie, what they are like, who moved.

    scatter    a sample of customers on the two axes along which they differ most
    profiles   a heat map: segments × features, in spreads from everybody
    movement   bands from the segments of before to those of now

Groups differ in marker as well as in colour, and every cell of the heat map has its number.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path as Curve

from analytics.evaluation import canvas
from analytics.evaluation.canvas import Picture
from analytics.models import Floats
from analytics.segments.features import NAMES, learnt_columns
from analytics.segments.learning import Segmentation
from analytics.segments.matching import Movement
from analytics.segments.words import label_of, names_of

_HUES = ("#0f5a4c", "#c0762b", "#3d6a9e", "#8a4f7d", "#7d8a2e", "#b0483e", "#5d5d5d", "#2b9a8f")
_MARKERS = "osD^vPX*"
_DOTS_MOST = 2_500
_GAP = 0.03


def draw_scatter(found: Segmentation, table: pd.DataFrame, *, seed: int = 7) -> Picture:
    """Return customers on the two principal axes of what the segments were looked for in."""
    rows = found.scaled(table)[:, learnt_columns()]
    ids = found.assign(table).to_numpy()
    at, kept = principal(rows)
    drawn = np.random.default_rng(seed).permutation(len(rows))[:_DOTS_MOST]
    names = names_of(found.profiles)
    title = f"{len(found.profiles)} segments of {len(rows):,} customers"
    figure = canvas.blank(title, wide=True)
    axes = canvas.plot_area(
        figure, (0.07, 0.14, 0.60, 0.72),
        x_label=f"first axis, {kept[0]:.0%} of the differences",
        y_label=f"second axis, {kept[1]:.0%}",
    )  # fmt: skip
    for place, one in enumerate(found.profiles):
        dots = drawn[ids[drawn] == one.id]
        axes.scatter(
            at[dots, 0], at[dots, 1], s=11, alpha=0.6, linewidths=0,
            color=_hue(place), marker=_MARKERS[place % len(_MARKERS)],
            label=f"{names[one.id]} ({one.share:.0%})",
        )  # fmt: skip
    figure.legend(
        loc="upper left", bbox_to_anchor=(0.68, 0.86), frameon=False, markerscale=2.2,
        prop={"family": canvas.font(), "size": 9.0}, labelcolor=canvas.INK,
    )  # fmt: skip
    alt = f"{title}: " + "; ".join(f"{names[one.id]} {one.share:.0%}" for one in found.profiles)
    return Picture("segments-scatter", title, canvas.png_of(figure), alt)


def draw_profiles(found: Segmentation) -> Picture:
    """Return the heat map of how far each segment's middle is from everybody's."""
    names, title = names_of(found.profiles), "What sets each segment apart, in spreads"
    height_in = 1.9 + 0.33 * len(NAMES)
    figure = canvas.blank(title, wide=True, height_in=height_in)
    axes = canvas.plot_area(
        figure, (0.27, 1.25 / height_in, 0.70, 1 - 1.75 / height_in), x_label="", y_label=""
    )
    axes.grid(visible=False)
    cells = np.array([one.strengths for one in found.profiles]).T
    # Two hues around white: above everybody green, below brown; the number says it too.
    from matplotlib.colors import LinearSegmentedColormap  # noqa: PLC0415  heavy, only here

    hues = LinearSegmentedColormap.from_list("apart", [canvas.BASELINE, canvas.PAPER, canvas.MODEL])
    axes.imshow(cells, cmap=hues, vmin=-2.0, vmax=2.0, aspect="auto")
    for (row, column), value in np.ndenumerate(cells):
        axes.text(
            column, row, f"{value:+.1f}", ha="center", va="center", fontsize=8.5,
            color=canvas.PAPER if abs(value) > 1.3 else canvas.INK, family=canvas.font(),
        )  # fmt: skip
    axes.set_yticks(range(len(NAMES)), [label_of(one) for one in NAMES])
    axes.set_xticks(
        range(len(found.profiles)),
        [f"{names[one.id]}\n{one.share:.0%}".replace(", ", ",\n") for one in found.profiles],
    )
    alt = "; ".join(
        f"{names[one.id]}: "
        + ", ".join(f"{label_of(trait.feature)} {trait.strength:+.1f}" for trait in one.traits)
        for one in found.profiles
    )
    return Picture("segments-profiles", title, canvas.png_of(figure), f"{title}. {alt}")


def draw_movement(moved: Movement, names: dict[str, str]) -> Picture:
    """Return the bands between two moments; names: of the ids of both."""
    title = f"{moved.stayed_share:.0%} stayed where they were"
    if np.isnan(moved.stayed_share):
        title = "Nobody was here at both moments"
    figure = canvas.blank(title, wide=True)
    axes: Any = figure.add_axes((0.30, 0.04, 0.40, 0.82))
    axes.axis("off")
    axes.set_xlim(0, 1)
    axes.set_ylim(1, 0)
    counts = moved.counts.astype(np.float64)
    left = _spans(counts.sum(axis=1))
    right = _spans(counts.sum(axis=0))
    ends = [*moved.before, ""], [*moved.after, ""]
    words = [
        [names.get(one, one) if one else nobody for one in ids]
        for ids, nobody in zip(ends, ("not here yet", "not here any more"), strict=True)
    ]
    _bars(axes, left, words[0], x=0.0, total=counts.sum(axis=1))
    _bars(axes, right, words[1], x=0.97, total=counts.sum(axis=0))
    from_y, to_y = left[:, 0].copy(), right[:, 0].copy()
    scale = (left[:, 1] - left[:, 0]).sum() / max(counts.sum(), 1.0)
    scale_right = (right[:, 1] - right[:, 0]).sum() / max(counts.sum(), 1.0)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            wide = float(count * scale), float(count * scale_right)
            _band(axes, (float(from_y[row]), float(to_y[column])), wide, _hue(row))
            from_y[row] += wide[0]
            to_y[column] += wide[1]
    said = [
        f"{words[0][row]} to {words[1][column]}: {int(count):,}"
        for (row, column), count in np.ndenumerate(counts)
        if count
    ]
    return Picture("segments-movement", title, canvas.png_of(figure), f"{title}. {'; '.join(said)}")


def principal(rows: Floats) -> tuple[Floats, Floats]:
    """Return the rows on their two principal axes, (n, 2), and the share each axis keeps, (2,)."""
    around = rows - rows.mean(axis=0)
    size, axes = np.linalg.eigh(around.T @ around)
    order = np.argsort(-size)[:2]
    directions = axes[:, order]
    # An eigenvector has no sign of its own: the largest part points up, so pictures do not flip.
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), range(len(order))])
    shares: Floats = size[order] / max(float(size.sum()), 1e-12)
    return around @ (directions * signs), shares


def _hue(place: int) -> str:
    return _HUES[place % len(_HUES)]


def _spans(totals: Floats) -> Floats:
    """Return top and bottom of each bar, (n, 2), in [0, 1], with a gap between two."""
    room = 1.0 - _GAP * (len(totals) - 1)
    heights = totals / max(float(totals.sum()), 1.0) * room
    tops = np.cumsum([0.0, *(heights[:-1] + _GAP)])
    return np.column_stack([tops, tops + heights])


def _bars(axes: Any, spans: Floats, words: list[str], *, x: float, total: Floats) -> None:
    is_left = x == 0.0
    for place, ((top, bottom), word, count) in enumerate(zip(spans, words, total, strict=True)):
        if not count:
            continue
        hue = _hue(place) if is_left else canvas.QUIET
        axes.add_patch(Rectangle((x, top), 0.03, bottom - top, color=hue, linewidth=0))
        axes.text(
            -0.02 if is_left else 1.02, (top + bottom) / 2, f"{word}  {int(count):,}",
            ha="right" if is_left else "left", va="center", fontsize=9.0, color=canvas.INK,
            family=canvas.font(),
        )  # fmt: skip


def _band(axes: Any, tops: tuple[float, float], wide: tuple[float, float], hue: str) -> None:
    (left, right), (here, there) = tops, wide
    points = [
        (0.03, left), (0.5, left), (0.5, right), (0.97, right),
        (0.97, right + there), (0.5, right + there), (0.5, left + here), (0.03, left + here),
        (0.03, left),
    ]  # fmt: skip
    codes = [Curve.MOVETO, *[Curve.CURVE4] * 3, Curve.LINETO, *[Curve.CURVE4] * 3, Curve.CLOSEPOLY]
    axes.add_patch(PathPatch(Curve(points, codes), facecolor=hue, alpha=0.35, linewidth=0))
