"""A headline as numbers: three texts for TF-IDF, and a row of counts of its moves.

"Costs fell 4 %, profit beat forecasts"
  words    costs fell 0 % , profit beat forecasts        1-3 together
  letters  the same, 3-5 within words
  shape    bad:costs down good 0% , good:profit above    1-4: what a template is, without words
  counts   good moves, bad moves, by source; first, last, balance; figures, hedges, negations
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.models import Floats
from analytics.news.marks import Mark, Part
from analytics.news.moves import Move, Moves, Source, read_moves

_DIGITS = re.compile(r"\d+(?:[.,\s]\d+)*")
_SIGNS = {1: "good", -1: "bad", 0: "open"}
_FLAT = ("hedge", "negation", "as_told", "past", "figure", "was")
#: The counts, in the order of columns.
COUNTS = (
    *(f"{source}_{sign}" for source in Source for sign in ("good", "bad")),
    *(f"{source}_{sign}" for source in (Source.WORD, Source.FIGURES) for sign in ("up", "down")),
    "first", "last", "balance", "balance_sign", "first_metric_balance", "sure_balance",
    "agree_good", "agree_bad", "main_balance", "verdict", "good_metrics", "bad_metrics", "moves",
    "figures_pairs", *_FLAT, "shares", "tokens_log", "question", "quote", "starts_for",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Read:
    """A headline in the forms the model learns from. counts: shape (len(COUNTS),)."""

    text: str
    words: str
    shape: str
    counts: Floats


def read_headline(text: str) -> Read:
    """Return a headline's words, shape and counts."""
    found = read_moves(text)
    words = _DIGITS.sub("0", " ".join(one.text for one in found.marks))
    return Read(text, words, " ".join(_shape(found)), _counts(text, found))


def counts_of(reads: Sequence[Read]) -> Floats:
    """Return the counts of headlines, shape (n, len(COUNTS))."""
    return np.stack([one.counts for one in reads]) if reads else np.zeros((0, len(COUNTS)))


def _shape(found: Moves) -> Iterator[str]:
    """Yield the marks as what they do; a move adds whether it was good right behind its place."""
    by_end: dict[int, list[Move]] = {}
    for move in found.moves:
        by_end.setdefault(move.end, []).append(move)
    for mark in found.marks:
        yield _sign_of(mark)
        for move in by_end.get(mark.end, ()):
            if move.source is Source.TONE:
                continue
            place = "lesser" if move.is_lesser else "main"
            yield f"{move.source}_{_SIGNS[move.good]}_{place}"


def _sign_of(mark: Mark) -> str:
    if mark.part is Part.METRIC:
        return f"m{_SIGNS[mark.sign]}"
    if mark.part is Part.MOVE:
        return "up" if mark.sign > 0 else "down"
    if mark.part in (Part.TONE, Part.EXPECTED, Part.BESIDE):
        return f"{mark.part}_{_SIGNS[mark.sign]}"
    if mark.part is Part.FIGURE:
        return "share" if mark.is_share else "figure"
    if mark.part is Part.OTHER:
        return mark.text if len(mark.text) <= 3 else "w"
    return str(mark.part)


def _counts(text: str, found: Moves) -> Floats:
    moves, marks = found.moves, found.marks
    row: dict[str, float] = dict.fromkeys(COUNTS, 0.0)
    for move in moves:
        if move.good:
            row[f"{move.source}_{_SIGNS[move.good]}"] += 1
        elif move.source in (Source.WORD, Source.FIGURES):
            row[f"{move.source}_{'up' if move.sign > 0 else 'down'}"] += 1
    told = [one.good for one in moves if one.good]
    sure = [one.good for one in moves if one.good and one.source is not Source.TONE]
    measured = [one.good for one in moves if one.metric and one.good]
    row["first"], row["last"] = (told[0], told[-1]) if told else (0, 0)
    row["balance"], row["balance_sign"] = sum(told), np.sign(sum(told))
    row["first_metric_balance"] = measured[0] if measured else 0
    row["sure_balance"] = np.sign(sum(sure))
    row["main_balance"] = np.sign(
        sum(
            one.good * (1 if one.source is Source.TONE else 2) for one in moves if not one.is_lesser
        )
    )
    row["verdict"] = _verdict(moves, row["main_balance"])
    row["agree_good"] = float(bool(sure) and all(one > 0 for one in sure))
    row["agree_bad"] = float(bool(sure) and all(one < 0 for one in sure))
    row["good_metrics"] = sum(one.part is Part.METRIC and one.sign > 0 for one in marks)
    row["bad_metrics"] = sum(one.part is Part.METRIC and one.sign < 0 for one in marks)
    row["moves"] = len(moves)
    row["figures_pairs"] = sum(one.source is Source.FIGURES for one in moves)
    for part in _FLAT:
        row[part] = min(sum(one.part == part for one in marks), 4)
    row["shares"] = sum(one.is_share for one in marks)
    row["tokens_log"] = np.log1p(len(marks))
    row["question"], row["quote"] = float("?" in text), float('"' in text or "``" in text)
    row["starts_for"] = float(bool(marks) and marks[0].text in {"for", "in"})
    return np.array([min(max(row[name], -5.0), 5.0) for name in COUNTS])


def _verdict(moves: Sequence[Move], balance: float) -> float:
    """Return what has the last word: what was expected, else two figures, else the balance."""
    for source in (Source.EXPECTED, Source.FIGURES):
        said = [one.good for one in moves if one.source is source and one.good]
        if said:
            return float(said[-1])
    return balance
