"""One page for a board: a single HTML file, readable on a screen and on paper.

    headline, in plain words ─▶ figures beside the baseline ─▶ pictures ─▶ where to act
      ─▶ for whom ─▶ warnings ─▶ what it was learnt from, limits, how to repeat it

Pictures are inside the file, there is no script and nothing is fetched. Everything that comes
from a table is escaped. The same evaluation gives the same page.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2

from analytics.evaluation.bootstrap import Interval
from analytics.evaluation.canvas import Picture
from analytics.evaluation.evaluation import Evaluation
from analytics.evaluation.figures import NAMES
from analytics.evaluation.metrics import gain
from analytics.evaluation.pictures import draw_all
from analytics.evaluation.sentences import (
    calibration_of,
    comparison_of,
    headline_of,
    limits_of,
    threshold_of,
)
from analytics.evaluation.slices import sentences_of
from analytics.evaluation.words import per_hundred, percent, signed
from bank.whole_files import write_whole

REPORT = "report.html"
TEMPLATES_DIR = Path(__file__).with_name("templates")
#: More than these sentences about slices are nobody's reading; the table has all of them.
GAPS_MOST = 4


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the figures' table."""

    name: str
    model: str
    interval: str
    baseline: str
    difference: str
    verdict: str
    ceiling: str


def write_report(
    found: Evaluation, folder: Path, *, pictures: Sequence[Picture] | None = None
) -> Path:
    """Write the page whole into the folder and return its path. `pictures`: those drawn already."""
    path = folder / REPORT
    write_whole(path, page_of(found, draw_all(found) if pictures is None else pictures))
    return path


def page_of(found: Evaluation, pictures: Sequence[Picture]) -> str:
    """Return the page as HTML."""
    page = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page.filters["percent"] = percent
    page.filters["shares"] = shares_text
    page.filters["points"] = points_text
    sentences = sentences_of(found.gaps)
    return page.get_template(REPORT).render(
        found=found,
        words=found.words,
        headline=headline_of(found),
        comparison=comparison_of(found),
        calibration=calibration_of(found),
        threshold=threshold_of(found),
        limits=limits_of(found),
        rows=rows_of(found),
        pictures=[(one, _data_uri(one)) for one in pictures],
        tiles=tiles_of(found),
        apart={(gap.by, gap.level, gap.what) for gap in found.gaps},
        gaps=sentences[:GAPS_MOST],
        gaps_more=max(0, len(sentences) - GAPS_MOST),
        train_counts=_range([part.train_count for part in found.model.parts]),
        test_counts=_range([len(part.rows) for part in found.model.parts]),
    )


def tiles_of(found: Evaluation) -> tuple[tuple[str, str], ...]:
    """Return four figures to see at once: each with what it says."""
    tenth = gain(found.labels, found.model.probabilities, share=0.1)
    error = 100 * found.model.figures["ece"].value
    return (
        (f"{found.model.figures['roc_auc'].value:.3f}", "ROC-AUC: ranks a positive above another"),
        (per_hundred(tenth * found.base_rate / 0.1), "positive in the tenth ranked highest"),
        (percent(found.outcome.recall.value), "of the positives found at the threshold"),
        (f"{error:.1f}\N{NO-BREAK SPACE}points", "between what it says and what happens"),
    )


def rows_of(found: Evaluation) -> tuple[Row, ...]:
    """Return the figures' table; a figure that is better lower says so in its name."""
    rows = []
    for name, (title, more_is_better) in NAMES.items():
        one = found.model.figures[name]
        beside = found.baseline.figures[name] if found.baseline else None
        apart = found.differences.get(name)
        verdict = ""
        if apart is not None and apart.excludes_zero:
            verdict = "better" if (apart.value > 0) == more_is_better else "worse"
        elif apart is not None:
            verdict = "no clear difference"
        ceiling = found.ceiling.get(name)
        rows.append(
            Row(
                title if more_is_better else f"{title}, lower is better",
                f"{one.value:.3f}",
                interval_text(one),
                f"{beside.value:.3f}" if beside else "",
                f"{signed(apart.value)} ({signed(apart.low)} to {signed(apart.high)})"
                if apart
                else "",
                verdict,
                "" if ceiling is None else f"{ceiling:.3f} ({signed(found.to_ceiling[name])})",
            )
        )
    return tuple(rows)


def interval_text(one: Interval) -> str:
    """Return the ends of an interval, "" where there is none."""
    return "" if math.isnan(one.low) else f"{one.low:.3f} – {one.high:.3f}"


def shares_text(one: Interval | None) -> str:
    r"""Return a share with its interval, in percent.

    >>> shares_text(Interval(0.61, 0.587, 0.634))
    '61\xa0% (59 – 63)'
    """
    if one is None or math.isnan(one.value):
        return "–"
    return f"{percent(one.value)} ({100 * one.low:.0f} – {100 * one.high:.0f})"


def points_text(one: Interval | None) -> str:
    """Return a difference with its interval in percentage points.

    >>> points_text(Interval(0.021, 0.004, 0.038))
    '+2.1 (+0.4 to +3.8)'
    """
    if one is None:
        return "–"
    value, low, high = (signed(100 * end, 1) for end in (one.value, one.low, one.high))
    return f"{value} ({low} to {high})"


def _data_uri(one: Picture) -> str:
    return "data:image/png;base64," + base64.b64encode(one.png).decode("ascii")


def _range(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"
