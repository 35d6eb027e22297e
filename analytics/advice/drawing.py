"""A recommendation as pictures: the mix, its course, and where it lies between risk and gain.

    draw_mix     bars: how the money is spread
    draw_course  a fan: the middle, and where nine of ten courses end, year by year
    draw_risk    a cloud: what each allowed thing moved and grew a year, and the suggestion in it

From the record alone, so a picture drawn again later is the one that was shown. Words and sums come
from the caller, in the reader's language. Read without colour too: place, length and marks tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analytics.evaluation import canvas
from bank.domain.advice import Advice

_INK, _QUIET, _GREEN, _PALE = canvas.INK, canvas.QUIET, canvas.MODEL, canvas.MODEL_SOFT
_ROW_IN, _HEAD_IN = 0.42, 0.55
_NAME_CHARS = 32
_LABELS_OVERLAP = 0.16


@dataclass(frozen=True, slots=True)
class Words:
    """What is written in a picture. money: minor units to a sum; percent: bp to a per cent."""

    mix: str
    course: str
    risk: str
    moved: str
    grew: str
    suggestion: str
    allowed: str
    likely: str
    middle: str
    put_in: str
    years: str
    money: Callable[[int], str]
    percent: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and the same said in figures, for those who cannot see it."""

    png: bytes
    alt: str


def draw_mix(advice: Advice, names: Mapping[str, str], words: Words) -> Picture:
    """Return the parts of the money as bars, the largest first."""
    parts = [(_short(names[one["instrument_id"]]), int(one["weight_bp"])) for one in advice.lines]
    height_in = _HEAD_IN + _ROW_IN * len(parts)
    figure, axes = _figure(words.mix, height_in, left=0.47, right=0.13, bottom=0.1)
    axes.barh(range(len(parts)), [bp for _, bp in parts], color=_GREEN, height=0.5)
    axes.set_ylim(len(parts) - 0.5, -0.5)
    axes.set_yticks(
        range(len(parts)),
        [name for name, _ in parts],
        fontsize=8.5,
        color=_INK,
        family=canvas.font(),
    )
    axes.set_xticks([])
    for place, (_, bp) in enumerate(parts):
        _note(axes, words.percent(bp), (bp, place), (5, 0), ha="left")
    told = ", ".join(f"{name} {words.percent(bp)}" for name, bp in parts)
    return Picture(canvas.png_of(figure), f"{words.mix}: {told}.")


def draw_course(advice: Advice, words: Words) -> Picture:
    """Return the fan of what the money may come to."""
    fan = advice.risk["fan"]
    years, low, mid, high = (
        fan[name] for name in ("years", "low_minor", "mid_minor", "high_minor")
    )
    figure, axes = _figure(words.course, 2.9, left=0.04, right=0.22, bottom=0.4)
    axes.fill_between(years, low, high, color=_PALE, alpha=0.55, linewidth=0)
    axes.plot(years, mid, color=_GREEN, linewidth=2)
    axes.axhline(advice.amount_minor, color=_QUIET, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlim(years[0], years[-1])
    axes.set_yticks([])
    _axis_x(axes, sorted({years[0], years[len(years) // 2], years[-1]}), words.years)
    ends = [(high[-1], words.money(high[-1]), _QUIET), (mid[-1], words.money(mid[-1]), _GREEN),
            (low[-1], words.money(low[-1]), _QUIET)]  # fmt: skip
    for value, label, colour in _apart(ends, axes):
        _note(axes, label, (years[-1], value), (5, 0), ha="left", colour=colour)
    _note(axes, f"{words.put_in} {words.money(advice.amount_minor)}",
          (years[-1], advice.amount_minor), (-4, -8), ha="right", colour=_QUIET)  # fmt: skip
    told = (
        f"{words.course}: {words.put_in} {words.money(advice.amount_minor)}, {words.middle} "
        f"{words.money(mid[-1])}, {words.likely} {words.money(low[-1])} - {words.money(high[-1])}."
    )
    return Picture(canvas.png_of(figure), told)


def draw_risk(advice: Advice, words: Words) -> Picture:
    """Return the cloud of what is allowed with the suggestion and its parts in it."""
    cloud, you = advice.risk["cloud"], advice.risk["you"]
    parts = {one["instrument_id"] for one in advice.lines}
    figure, axes = _figure(words.risk, 3.3, left=0.13, right=0.06, bottom=0.62)
    for is_part, colour, size in ((False, _PALE, 18), (True, _QUIET, 26)):
        dots = [one for one in cloud if (one["id"] in parts) is is_part]
        axes.scatter([one["vol_bp"] for one in dots], [one["return_bp"] for one in dots], s=size,
                     color=colour, marker="s" if is_part else "o", linewidths=0)  # fmt: skip
    axes.scatter([you["vol_bp"]], [you["return_bp"]], s=130, color=_GREEN, marker="*", zorder=3)
    _note(axes, words.suggestion, (you["vol_bp"], you["return_bp"]), (8, 6), ha="left",
          colour=_GREEN)  # fmt: skip
    axes.axhline(0, color=_QUIET, linewidth=0.6)
    _ticks(axes, words)
    told = (
        f"{words.suggestion}: {words.moved} {words.percent(you['vol_bp'])}, {words.grew} "
        f"{words.percent(you['return_bp'])}. {words.allowed}: {len(cloud)}."
    )
    return Picture(canvas.png_of(figure), told)


def _figure(
    title: str, height_in: float, *, left: float, right: float, bottom: float
) -> tuple[Figure, Axes]:
    """Return a figure with bare axes. left, right: shares of the width; bottom in inches."""
    figure = canvas.blank(title, height_in=height_in)
    box = (left, bottom / height_in, 1 - left - right, (height_in - _HEAD_IN - bottom) / height_in)
    axes = canvas.plot_area(figure, box, x_label="", y_label="")
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0, pad=5)
    return figure, axes


def _axis_x(axes: Axes, ticks: Sequence[int], years: str) -> None:
    axes.set_xticks(ticks, [f"{one} {years}" if one else "" for one in ticks])
    labels = axes.get_xticklabels()
    labels[-1].set_horizontalalignment("right")


def _ticks(axes: Axes, words: Words) -> None:
    for axis, name in ((axes.xaxis, words.moved), (axes.yaxis, words.grew)):
        ticks = [one for one in axis.get_majorticklocs() if axis.get_view_interval()[0] <= one]
        axis.set_ticks(
            ticks[::2], [words.percent(int(one)) for one in ticks[::2]], family=canvas.font()
        )
        axis.set_label_text(name, fontsize=8.5, color=_QUIET, family=canvas.font())


def _apart(ends: Sequence[tuple[int, str, str]], axes: Axes) -> list[tuple[float, str, str]]:
    """Return labels at the end of lines moved apart where they would lie on each other."""
    bottom, top = axes.get_ylim()
    least = (top - bottom) * _LABELS_OVERLAP / 2
    placed: list[tuple[float, str, str]] = []
    for value, label, colour in ends:  # from the top down
        at = float(value) if not placed else min(float(value), placed[-1][0] - least)
        placed.append((at, label, colour))
    return placed


def _note(
    axes: Axes, text: str, at: tuple[float, float], offset: tuple[float, float], *, ha: str,
    colour: str = _INK,
) -> None:  # fmt: skip
    axes.annotate(
        text, at, xytext=offset, textcoords="offset points", ha=ha, va="center_baseline",
        fontsize=9, color=colour, annotation_clip=False, family=canvas.font(),
    )  # fmt: skip


def _short(name: str) -> str:
    return name if len(name) <= _NAME_CHARS else f"{name[: _NAME_CHARS - 1].rstrip()}…"
