"""What was taken for what: the worst pairs as rows, the whole as a picture.

Pure but for `draw_picture`, which writes a PNG.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Sequence

PAIRS_COUNT = 10
#: More categories than this make labels nobody can read: the most confused ones are drawn.
DRAWN_MOST = 40


def worst_pairs(
    truth: Sequence[str], best: Sequence[str], *, most: int = PAIRS_COUNT
) -> list[dict[str, Any]]:
    """Return the commonest confusions as {"category", "taken_for", "count"}, commonest first.

    >>> worst_pairs(["a", "a", "b"], ["b", "b", "b"])
    [{'category': 'a', 'taken_for': 'b', 'count': 2}]
    """
    pairs = Counter((one, other) for one, other in zip(truth, best) if one != other)
    return [
        {"category": one, "taken_for": other, "count": count}
        for (one, other), count in pairs.most_common(most)
    ]


def drawn_categories(truth: Sequence[str], best: Sequence[str]) -> list[str]:
    """Return at most DRAWN_MOST categories in order, those in most confusions."""
    faults: Counter[str] = Counter()
    for one, other in zip(truth, best):
        if one != other:
            faults[one] += 1
            faults[other] += 1
    rest = [name for name in sorted(set(truth)) if name not in faults]
    ranked = [name for name, _ in faults.most_common()] + rest
    return sorted([name for name in ranked if name][:DRAWN_MOST])


def draw_picture(truth: Sequence[str], best: Sequence[str], path: Path) -> None:
    """Write a PNG: rows are what was meant, columns what was understood, shares of a row."""
    from matplotlib.figure import Figure
    from sklearn.metrics import confusion_matrix

    names = drawn_categories(truth, best)
    counts = confusion_matrix(truth, best, labels=names)
    shares = counts / [[max(sum(one == name for one in truth), 1)] for name in names]
    side = 3 + 0.28 * len(names)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    drawn = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=90, fontsize=8)
    axes.set_yticks(ticks, names, fontsize=8)
    axes.set_xlabel("understood as")
    axes.set_ylabel("meant")
    figure.colorbar(drawn, ax=axes, shrink=0.6, label="share of what was meant")
    figure.savefig(path, dpi=110)
