"""Learning the weights: which signs tell that a passage answers, and when to say nothing.

    dev questions ─▶ candidates' signs, right or not ─▶ logistic "fit"      (folds by article)
                  └▶ out-of-fold fits ─▶ best passage's signs ─▶ logistic "sure" ─▶ bar

Dev questions are our own and lie apart from the held-out ones, which nothing here ever sees. All
questions on one article lie in one fold (knowledge/lessons.py), so that no figure is of an article
the weights have learnt by heart. The bar is the lowest at which no more wrong answers pass than
are allowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from knowledge.answering import Library, Looked
from knowledge.article import LANGUAGES
from knowledge.evaluating import Case
from knowledge.index import Index
from knowledge.ranking import SIGNS, Ranked
from knowledge.sureness import SURE_SIGNS, sure_signs
from knowledge.weights import Logistic, Weights

FOLDS = 5
_Candidates = tuple[NDArray[np.float64], NDArray[np.bool_]]
#: Strength of the ridge; few questions, and signs that say alike.
RIDGE, SURE_C = 3.0, 0.3
OFF_ANSWERED_MOST = 0.10


@dataclass(frozen=True, slots=True)
class Lesson:
    """A library, and questions of one fold: some it answers, some (without ids) it should not."""

    index: Index
    cases: Sequence[Case]
    fold: int


def learn(lessons: Sequence[Lesson], start: Weights, *, key: str) -> tuple[Weights, dict[str, Any]]:
    """Return weights of the set `key` (weights.SETS), learnt on lessons whose books are of it.

    Also returns the out-of-fold figures, which are what new questions may be expected to get.
    """
    asked: list[Case] = []
    looked: list[Looked | None] = []
    in_fold: list[int] = []
    for lesson in lessons:
        library = Library(lesson.index, weights=start)
        for case in lesson.cases:
            asked.append(case)
            looked.append(library.look(case.question))
            in_fold.append(lesson.fold)
    is_on = np.array([bool(case.ids) for case in asked])
    folds = np.array(in_fold)
    rows = _candidates(asked, looked)
    fits: list[list[Ranked]] = [[] for _ in asked]
    for fold in range(FOLDS):
        model = _ranking([one for one, at in zip(rows, folds, strict=True) if at != fold])
        for at in np.flatnonzero(folds == fold):
            fits[at] = _again(looked[at], model)
    passages = _ranking(rows)
    right = np.array([
        bool(ranked) and ranked[0].passage.article.id in case.ids
        for case, ranked in zip(asked, fits, strict=True)
    ])  # fmt: skip
    table = np.array([
        sure_signs(ranked, one.part, one.asked) if one and ranked else (0.0,) * len(SURE_SIGNS)
        for one, ranked in zip(looked, fits, strict=True)
    ])  # fmt: skip
    used = is_on == right  # a right question with a wrong article teaches neither
    sure = np.zeros(len(asked))
    for fold in range(FOLDS):
        train = used & (folds != fold)
        model = _logistic(table[train], right[train], SURE_SIGNS, SURE_C)
        sure[folds == fold] = model.of(table[folds == fold])
    answers = _logistic(table[used], right[used], SURE_SIGNS, SURE_C)
    bar = _bar(sure, is_on)
    told = {
        **_figures(asked, fits, sure, bar),
        "languages": {
            language: _figures(*_of_language(language, asked, fits, sure), bar)
            for language in LANGUAGES
        },
        "bar": bar,
        "silence_90": _silent_at(sure, is_on, 0.90),
        "wrong": _texts(asked, is_on & ~right),
        "missed": _texts(asked, is_on & (sure < bar)),
        "blurted": _texts(asked, ~is_on & (sure >= bar)),
    }  # fmt: skip
    return replace(
        start,
        passages={**start.passages, key: passages},
        answers={**start.answers, key: answers},
        bars={**start.bars, key: bar},
    ), told


def _figures(
    asked: Sequence[Case], fits: Sequence[list[Ranked]], sure: NDArray[np.float64], bar: float
) -> dict[str, Any]:
    """Return hits among the questions that an article answers, and who was left without a word."""
    found = [
        (list(dict.fromkeys(one.passage.article.id for one in ranked)), case.ids)
        for case, ranked in zip(asked, fits, strict=True)
        if case.ids
    ]
    is_on = np.array([bool(case.ids) for case in asked], dtype=bool)
    return {
        "questions": int(is_on.sum()), "off_corpus": int((~is_on).sum()),
        "hit_1": _share([not set(ids).isdisjoint(ranked[:1]) for ranked, ids in found]),
        "hit_3": _share([not set(ids).isdisjoint(ranked[:3]) for ranked, ids in found]),
        "wrong_abstentions": _share(sure[is_on] < bar),
        "off_corpus_unknown": _share(sure[~is_on] < bar),
    }  # fmt: skip


def _of_language(
    language: str, asked: Sequence[Case], fits: Sequence[list[Ranked]], sure: NDArray[np.float64]
) -> tuple[list[Case], list[list[Ranked]], NDArray[np.float64]]:
    rows = [row for row, case in enumerate(asked) if case.question.language == language]
    return [asked[row] for row in rows], [fits[row] for row in rows], sure[rows]


def _silent_at(sure: NDArray[np.float64], is_on: NDArray[np.bool_], silence: float) -> float | None:
    """Return the wrong abstentions if only this share of what none answers had to be unknown."""
    if is_on.all():
        return None
    return _share(sure[is_on] < np.quantile(sure[~is_on], silence))


def _share(flags: Sequence[bool] | NDArray[np.bool_]) -> float | None:
    return float(np.mean(flags)) if len(flags) else None


def _texts(asked: Sequence[Case], chosen: NDArray[np.bool_]) -> list[str]:
    return [case.question.text for case, one in zip(asked, chosen, strict=True) if one]


def _candidates(asked: Sequence[Case], looked: Sequence[Looked | None]) -> list[_Candidates]:
    """Return for each question its candidates' signs and whether they are of a right article."""
    rows = []
    for case, one in zip(asked, looked, strict=True):
        ranked = one.ranked if one else []
        rows.append((
            np.array([each.signs for each in ranked]).reshape(-1, len(SIGNS)),
            np.array([each.passage.article.id in case.ids for each in ranked], dtype=bool),
        ))  # fmt: skip
    return rows


def _ranking(rows: Sequence[_Candidates]) -> Logistic:
    """Learn which of a question's candidates is right (conditional logit, ridge).

    Of a right article any passage may be the right one: their probabilities are added. Then one
    slope and bias turn scores into P(right), which changes no order.
    """
    taught = [(table, right) for table, right in rows if right.any()]
    everything = np.concatenate([table for table, _ in taught])
    mean, spread = everything.mean(axis=0), everything.std(axis=0)
    used = spread > 1e-6
    scaled = [((table - mean)[:, used] / spread[used], right) for table, right in taught]

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = RIDGE * float(weights @ weights), 2 * RIDGE * weights
        for table, right in scaled:
            scores = table @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            of_right = share * right
            total -= float(np.log(max(of_right.sum(), 1e-12)))
            slope = slope + table.T @ (share - of_right / max(of_right.sum(), 1e-12))
        return total, slope

    found = minimize(loss, np.zeros(int(used.sum())), jac=True, method="L-BFGS-B").x
    weights = np.zeros(len(SIGNS))
    weights[used] = found / spread[used]
    scores = everything @ weights
    of_right = np.concatenate([right for _, right in taught])
    line = LogisticRegression(C=1e3).fit(scores[:, None], of_right)
    slope = max(float(line.coef_[0, 0]), 1e-3)
    scaled_weights = tuple(float(one) for one in weights * slope)
    return Logistic(SIGNS, scaled_weights, float(line.intercept_[0]))


def _again(looked: Looked | None, model: Logistic) -> list[Ranked]:
    if looked is None or not looked.ranked:
        return []
    fits = model.of(np.array([one.signs for one in looked.ranked]))
    again = [replace(one, fit=float(fit)) for one, fit in zip(looked.ranked, fits, strict=True)]
    return sorted(again, key=lambda one: (-one.fit, one.row))


def _logistic(
    table: NDArray[np.float64], right: NDArray[np.bool_], names: tuple[str, ...], c: float
) -> Logistic:
    """Fit on spread-out signs, and hand back weights for the signs as they are."""
    mean, spread = table.mean(axis=0), np.maximum(table.std(axis=0), 1e-6)
    fitted = LogisticRegression(C=c, class_weight="balanced", max_iter=1000)
    fitted.fit((table - mean) / spread, right)
    weights = np.where(table.std(axis=0) < 1e-6, 0.0, fitted.coef_[0] / spread)
    bias = float(fitted.intercept_[0] - weights @ mean)
    return Logistic(names, tuple(float(one) for one in weights), bias)


def _bar(sure: NDArray[np.float64], is_on: NDArray[np.bool_]) -> float:
    """Return the lowest bar that lets through no more wrong answers than are allowed.

    A wrong answer is worse than an honest no, so what that costs in answers is only told.
    """
    bars = np.unique(np.append(np.round(sure, 3), 1.0))
    blurted = np.array([(sure[~is_on] >= bar).mean() for bar in bars])
    return float(bars[np.flatnonzero(blurted <= OFF_ANSWERED_MOST)[0]])
