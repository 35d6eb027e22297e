"""Too good to be true? Probes that look for answers hidden in a table, before anybody believes it.

| code              | what is found                                                               |
|-------------------|-----------------------------------------------------------------------------|
| target_copy       | a column that is the target, spelt otherwise, or nearly so                  |
| target_name       | a column named after the target                                             |
| alone_too_good    | a column that alone reaches a ROC-AUC above 0.95                            |
| stands_apart      | a column that alone does much better than every other one                   |
| missing_tells     | a column that is filled in, or empty, only once the outcome is known        |
| other_model       | a column that is another model's score, so perhaps of this very target      |
| order_tells       | the order of the rows, or an id's, tells the label                          |
| time_travel       | a date later than the moment the row is about                               |
| duplicates, oversampled   see duplicates.py: the same rows learnt from and tested on            |

A probe warns and decides nothing: a person knows whether the bank has the column before the
outcome. What it says about one column is measured by cross-fitting: levels and bands are learnt
on one half of the rows and scored on the other, so that a column of many levels shows no more
than it knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from analytics.evaluation.metrics import ece, roc_auc
from analytics.models import Floats, Labels
from analytics.tables.values import numbers_of, texts_of

ALONE_MOST = 0.95
_APART_LEAST = 0.78
#: A column whose gaps alone rank better than this tells by them.
_GAPS_MOST = 0.75
_APART_RATIO = 1.7
_COPY_SHARE = 0.995
_BANDS = 32
_ROWS_SHOWN = 10
_ROWS_MOST = 50_000
_SCORE_NAME = re.compile(
    r"naive.?bayes|(?:^|[_\s-])(?:score|proba?|probability|predict(?:ed|ion)?|pred|propensity)"
    r"(?:$|[_\s-])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Warned:
    """One suspicion. rows: 1-based rows it was seen in, the first ten, where rows are the point."""

    code: str
    column: str
    sentence: str
    rows: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def probe(
    table: pd.DataFrame,
    labels: Labels,
    *,
    target: str,
    features: tuple[str, ...],
    moments: Floats | None = None,
    seed: int = 7,
) -> tuple[Warned, ...]:
    """Return what is suspicious about the columns of a table and about the order of its rows.

    features: the columns a model would learn from. Other columns are looked at only for what
    their order tells. moments: as protocols.moments_of, in days; dates are compared with them.
    At most 50,000 rows are looked at, drawn with `seed`; order and dates are looked at in all.
    """
    found: list[Warned] = []
    kept = _sample(len(table), seed)
    small, drawn = table.iloc[kept], labels[kept]
    alone = {name: alone_auc(small[name], drawn, seed=seed) for name in features if name != target}
    for name, area in alone.items():
        found += _about_column(name, small[name], drawn, target, area)
    told = {one.column for one in found}
    found += _standing_apart({name: one for name, one in alone.items() if name not in told})
    found += _order(table, labels, features, target)
    if moments is not None:
        found += _time_travel(table, moments, target)
    return tuple(found)


def alone_auc(cells: pd.Series, labels: Labels, *, seed: int = 7) -> float:
    """Return the ROC-AUC of what one column alone knows, by cross-fitting: about 0.5 for nothing.

    Levels, or bands of a number, are scored by their share of positives in the other half. A
    number may do better by its plain order, either way round; the better of both is returned.
    """
    codes, numbers = _coded(cells)
    random = np.random.default_rng(seed)
    half = random.permutation(len(labels)) % 2
    scores = np.zeros(len(labels))
    base = float(labels.mean())
    size = int(codes.max()) + 1
    for side in (0, 1):
        learnt = half != side
        hits = np.bincount(codes[learnt], weights=labels[learnt], minlength=size)
        rows = np.bincount(codes[learnt], minlength=size)
        scores[~learnt] = ((hits + base) / (rows + 1))[codes[~learnt]]
    halves = [
        roc_auc(labels[half == side], scores[half == side])
        for side in (0, 1)
        if 0 < labels[half == side].sum() < (half == side).sum()
    ]
    fitted = float(np.mean(halves)) if halves else 0.5
    if numbers is None:
        return fitted
    plain = roc_auc(labels, numbers)
    return max(fitted, plain, 1 - plain)


def _about_column(
    name: str, cells: pd.Series, labels: Labels, target: str, alone: float
) -> Iterator[Warned]:
    agrees = _agreement(cells, labels)
    if agrees >= _COPY_SHARE:
        yield Warned(
            "target_copy", name,
            f"{name} tells {target} in {100 * agrees:.1f} % of the rows: it is the target itself, "
            f"or made from it. Leave it out: --drop {name}.",
        )  # fmt: skip
        return
    plain, wanted = _letters(name), _letters(target)
    if len(wanted) >= 3 and wanted in plain:
        yield Warned(
            "target_name", name,
            f"{name} is named after the target {target} (alone ROC-AUC {alone:.3f}): is it known "
            "before the outcome?",
        )  # fmt: skip
    if alone > ALONE_MOST:
        yield Warned(
            "alone_too_good", name,
            f"{name} alone reaches ROC-AUC {alone:.3f}: no honest column does. Is it known before "
            f"the outcome? If not: --drop {name}.",
        )  # fmt: skip
    yield from _missing(name, cells, labels, target)
    yield from _other_model(name, cells, labels, alone)


def _missing(name: str, cells: pd.Series, labels: Labels, target: str) -> Iterator[Warned]:
    empty = texts_of(cells) == ""
    if not 20 <= empty.sum() <= len(cells) - 20:
        return
    tells = roc_auc(labels, empty.astype(np.float64))
    share_empty, share_filled = float(labels[empty].mean()), float(labels[~empty].mean())
    base = float(labels.mean())
    one_sided = min(share_empty, share_filled) < 0.02 * base or (
        max(share_empty, share_filled) > 1 - 0.02 * (1 - base)
    )
    if max(tells, 1 - tells) > _GAPS_MOST or (one_sided and abs(tells - 0.5) > 0.05):
        yield Warned(
            "missing_tells", name,
            f"Whether {name} is filled in tells {target}: {100 * share_filled:.0f} % positives "
            f"where it is, {100 * share_empty:.0f} % where it is empty. Is it written only after "
            "the outcome?",
        )  # fmt: skip


def _other_model(name: str, cells: pd.Series, labels: Labels, alone: float) -> Iterator[Warned]:
    numbers = numbers_of(cells)
    known = np.isfinite(numbers)
    if known.mean() < 0.95 or len(np.unique(numbers[known])) < 20:
        return
    said, mine = numbers[known], labels[known]
    scale = 1.0 if said.max() <= 1 else 100.0
    is_share = said.min() >= 0 and said.max() <= scale
    named = _SCORE_NAME.search(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)) is not None
    calibrated = is_share and said.max() > 0 and ece(mine, said / scale) < 0.03
    if (named and alone > 0.8) or (calibrated and alone > 0.7):
        how = "is named as a score" if named else "is a probability of the target"
        yield Warned(
            "other_model", name,
            f"{name} {how} (alone ROC-AUC {alone:.3f}): a model that has seen these labels would "
            "pass them on. Leave it out unless it was made before them.",
        )  # fmt: skip


def _standing_apart(alone: Mapping[str, float]) -> Iterator[Warned]:
    if len(alone) < 3:
        return
    first, second = sorted(alone, key=lambda name: -alone[name])[:2]
    ahead = (alone[first] - 0.5) > _APART_RATIO * max(alone[second] - 0.5, 0.05)
    if alone[first] > _APART_LEAST and ahead:
        yield Warned(
            "stands_apart", first,
            f"{first} alone reaches ROC-AUC {alone[first]:.3f}, the next best column {second} "
            f"{alone[second]:.3f}: is {first} known before the outcome?",
        )  # fmt: skip


def _order(
    table: pd.DataFrame, labels: Labels, features: tuple[str, ...], target: str
) -> Iterator[Warned]:
    """Warn where a row's place, or an id that is no feature, tells the label."""
    place = np.arange(len(labels), dtype=np.float64)
    seen = _order_auc(labels, place)
    if seen is not None:
        yield Warned(
            "order_tells", "",
            f"The rows' order tells {target} (ROC-AUC {seen:.3f}): sorted by it, or in order of "
            "time. If in time, folds look into the future: evaluate with --time.",
        )  # fmt: skip
    for name in (str(one) for one in table.columns):
        if name == target or name in features:
            continue
        numbers = numbers_of(table[name])
        if not np.isfinite(numbers).all() or len(np.unique(numbers)) < 0.9 * len(numbers):
            continue
        told = _order_auc(labels, numbers)
        if told is not None and (seen is None or abs(np.corrcoef(place, numbers)[0, 1]) < 0.99):
            yield Warned(
                "order_tells", name,
                f"{name} tells {target} by its order (ROC-AUC {told:.3f}): ids were given out by "
                "outcome, or in time. Do not learn from it.",
            )  # fmt: skip


def _order_auc(labels: Labels, numbers: Floats) -> float | None:
    """Return the ROC-AUC of an order if it tells more than a tenth, and than chance allows."""
    area = roc_auc(labels, numbers)
    area = max(area, 1 - area)
    positives = int(labels.sum())
    chance = 4 * np.sqrt((len(labels) + 1) / (12 * positives * (len(labels) - positives)))
    return area if area - 0.5 > max(0.1, chance) else None


def _time_travel(table: pd.DataFrame, moments: Floats, target: str) -> Iterator[Warned]:
    for name in (str(one) for one in table.columns):
        cells = table[name]
        is_text = isinstance(cells.dtype, pd.StringDtype) or cells.dtype == object
        if name == target or not (is_text or cells.dtype.kind == "M"):
            continue
        if is_text and not cells.dropna().head(50).astype(str).str.match(r"\d{4}-\d\d-\d\d").all():
            continue
        read = pd.to_datetime(cells, errors="coerce", utc=True, format="mixed")
        days = (read - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy() / 86_400
        later = np.flatnonzero(days > moments)
        if len(later):
            yield Warned(
                "time_travel", name,
                f"{name} is later than the row's own moment in {len(later)} rows, the first is row "
                f"{int(later[0]) + 1}: nobody knew it then.",
                tuple(int(row) + 1 for row in later[:_ROWS_SHOWN]),
            )  # fmt: skip


def _agreement(cells: pd.Series, labels: Labels) -> float:
    """Return the share of rows in which a column of few levels says which label it is."""
    codes, levels = pd.factorize(texts_of(cells).astype(str))
    if len(levels) > 10:
        return 0.0
    hits = np.bincount(codes, weights=labels)
    rows = np.bincount(codes)
    right = float(np.maximum(hits, rows - hits).sum()) / len(labels)
    # On a rare target, saying "no" always is right too: both labels must be told.
    told = hits > rows / 2
    found = float(hits[told].sum()) / max(1.0, float(labels.sum()))
    return right if found > 0.95 else 0.0


def _coded(cells: pd.Series) -> tuple[Any, Floats | None]:
    """Return a code for each row (levels, or bands of a number), and the numbers if they are."""
    numbers = numbers_of(cells)
    known = np.isfinite(numbers)
    if known.mean() >= 0.9 and len(np.unique(numbers[known])) > 2:
        cuts = np.unique(np.quantile(numbers[known], np.arange(1, _BANDS) / _BANDS))
        codes = np.where(known, np.searchsorted(cuts, numbers, side="right"), len(cuts) + 1)
        return codes, np.where(known, numbers, np.median(numbers[known]))
    return pd.factorize(texts_of(cells).astype(str))[0], None


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _sample(rows: int, seed: int) -> Any:
    if rows <= _ROWS_MOST:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, _ROWS_MOST, replace=False))
