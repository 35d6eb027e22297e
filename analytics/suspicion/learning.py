"""Learning the detector: corpus and ordinary lines ─▶ heads, calibrations, thresholds.

    lines ─┬─ folds of written lines ─▶ log-odds unseen ─▶ share, calibration, threshold
           └─ all of them ─────────────▶ the weights that serve

Variants of one written line stay in one fold. A threshold is where F1 is best among those that
flag at most FLAGGED_MOST (of care FLAGGED_CARE_MOST) of ordinary lines; held-out lines have no
part in any of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from analytics.evaluation.metrics import average_precision
from analytics.learners.calibrating import calibrated
from analytics.models import Floats, Labels, Progress, quietly
from analytics.suspicion.corpus import FOLDER, Example, load, ordinary, written_count
from analytics.suspicion.encoder import WIDTH, Encoder, find_encoder
from analytics.suspicion.heads import Decision, Heads
from analytics.suspicion.kinds import KINDS, NAMES
from analytics.suspicion.ngrams import Vocabulary
from analytics.suspicion.reading import read

#: Ordinary lines drawn, by language: enough that a kind must be rare, few enough to be quick.
ORDINARY_MOST = {"en": 4_000, "es": 1_000}
#: Inverse strength of the regularisation: terms, vectors. Chosen between families of the corpus.
C_TERMS, C_VECTORS = 10.0, 30.0
FOLDS = 3
#: Shares of words in the blend that are compared, by language.
SHARES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
#: Share of ordinary lines that one kind may flag.
FLAGGED_MOST = 0.0004
#: The same of a kind of care or a report: who is flagged in vain is spoken to gently, and who is
#: not flagged in need is not.
FLAGGED_CARE_MOST = 0.002
#: A threshold lies at least here: below, a flag would be wrong more often than right.
_THRESHOLD_LEAST = 0.5


@dataclass(frozen=True)
class Rows:
    """What is learnt from. labels: (n, n_kinds); vectors: (n, WIDTH), empty without encoder."""

    examples: list[Example]
    labels: Labels
    terms: csr_matrix
    vectors: Floats
    folds: NDArray[np.int64]
    ordinary: NDArray[np.bool_]


def train(
    folder: Path,
    *,
    ordinary_folder: Path,
    encoder_folder: Path,
    corpus_folder: Path = FOLDER,
    seed: int = 7,
    progress: Progress = quietly,
) -> Heads:
    """Learn from the corpus and write the model into `folder`. Raises CannotLearn.

    ordinary_folder: the assistant's sentences (nlu_data/nlu); may be absent, then there are
    more false flags. encoder_folder: as set-up made it; may be absent.
    """
    encoder = find_encoder(encoder_folder)
    heads = learn(
        load(corpus_folder), ordinary(ordinary_folder), encoder, seed=seed, progress=progress
    )
    heads.save(folder)
    return heads


def learn(
    written: Sequence[Example],
    plain: Sequence[Example],
    encoder: Encoder | None,
    *,
    seed: int = 7,
    progress: Progress = quietly,
) -> Heads:
    """Return the heads learnt from lines of the corpus and ordinary lines."""
    examples = [*written, *_drawn(plain, seed)]
    readings = [read(one.text) for one in examples]
    vocabulary = Vocabulary.learn(readings)
    vectors = (
        encoder.encode([one.text for one in readings]).astype(np.float64)
        if encoder is not None
        else np.zeros((len(examples), 0))
    )
    progress(0.4)
    rows = Rows(
        examples,
        np.array([[name in one.kinds for name in NAMES] for one in examples], dtype=np.int64),
        vocabulary.matrix(readings),
        vectors,
        _folds(examples, seed),
        np.arange(len(examples)) >= len(written),
    )
    unseen_words = _unseen(rows, rows.terms, C_TERMS, progress=lambda x: progress(0.4 + 0.3 * x))
    alone = decide(unseen_words, rows)
    together, shares = None, {"en": 1.0}
    if encoder is not None:
        unseen_meaning = _unseen(rows, rows.vectors, C_VECTORS)
        shares = _shares(rows, unseen_words, unseen_meaning)
        share = np.array([shares.get(one.language, shares["en"]) for one in examples])[:, None]
        together = decide(share * unseen_words + (1 - share) * unseen_meaning, rows)
    progress(0.8)
    term_weights, term_offsets = _fit(rows.terms, rows.labels, C_TERMS)
    vector_weights, vector_offsets = (
        _fit(rows.vectors, rows.labels, C_VECTORS)
        if encoder is not None
        else (np.zeros((WIDTH, len(NAMES))), np.zeros(len(NAMES)))
    )
    progress(1.0)
    return Heads(
        vocabulary, term_weights.astype(np.float32), term_offsets,
        vector_weights.astype(np.float32), vector_offsets, alone, together, shares,
        encoder.digest if encoder else "", _facts(written, len(examples), seed),
    )  # fmt: skip


def _facts(written: Sequence[Example], rows_count: int, seed: int) -> dict[str, Any]:
    return {
        "corpus_lines": len(written),
        "written_lines": len({one.written for one in written}),
        "families": len({one.family for one in written}),
        "rows": rows_count,
        "seed": seed,
    }


def _drawn(plain: Sequence[Example], seed: int) -> list[Example]:
    """Draw ordinary lines, ORDINARY_MOST of each language."""
    dice = np.random.default_rng(seed)
    drawn: list[Example] = []
    for language, most in ORDINARY_MOST.items():
        those = [one for one in plain if one.language == language]
        picked = dice.permutation(len(those))[:most]
        drawn += [those[place] for place in sorted(picked.tolist())]
    return drawn


def _folds(examples: Sequence[Example], seed: int) -> NDArray[np.int64]:
    """Return a fold for each line; variants of a written line share theirs."""
    written = sorted({one.written for one in examples})
    order = np.random.default_rng(seed).permutation(len(written))
    fold = {name: int(order[place]) % FOLDS for place, name in enumerate(written)}
    return np.array([fold[one.written] for one in examples])


def _unseen(rows: Rows, features: Any, c: float, *, progress: Progress = quietly) -> Floats:
    """Return log-odds of each line by heads that did not learn its fold, (n, n_kinds)."""
    found = np.zeros(rows.labels.shape)
    for fold in range(FOLDS):
        learnt, asked = rows.folds != fold, rows.folds == fold
        weights, offsets = _fit(features[learnt], rows.labels[learnt], c)
        found[asked] = np.asarray(features[asked] @ weights) + offsets
        progress((fold + 1) / FOLDS)
    return found


def _fit(features: Any, labels: Labels, c: float) -> tuple[Floats, Floats]:
    """Return weights (n_features, n_kinds) and offsets (n_kinds,), one regression a kind.

    A kind that no line has is given log-odds of -10 whatever is said.
    """
    weights = np.zeros((features.shape[1], labels.shape[1]))
    offsets = np.full(labels.shape[1], -10.0)
    is_sparse = isinstance(features, csr_matrix)
    for place in range(labels.shape[1]):
        if not labels[:, place].any():
            continue
        model = LogisticRegression(
            C=c,
            solver="liblinear" if is_sparse else "lbfgs",
            max_iter=300,
            tol=1e-3,
            random_state=0,
        )
        model.fit(features, labels[:, place])
        weights[:, place], offsets[place] = model.coef_[0], model.intercept_[0]
    return weights, offsets


def _shares(rows: Rows, words: Floats, meaning: Floats) -> dict[str, float]:
    """Return for each language the share of words that ranks its unseen lines best."""
    best: dict[str, float] = {}
    for language in sorted({one.language for one in rows.examples}):
        those = np.array([one.language == language for one in rows.examples])
        labels = rows.labels[those].ravel()
        ranks = {
            share: average_precision(
                labels, (share * words[those] + (1 - share) * meaning[those]).ravel()
            )
            for share in SHARES
        }
        best[language] = max(ranks, key=lambda share: ranks[share])
    return {"en": SHARES[0], **best}


def decide(log_odds: Floats, rows: Rows) -> Decision:
    """Return calibrations and thresholds from log-odds of unseen lines."""
    calibrations = []
    thresholds = np.zeros(len(NAMES))
    for place, name in enumerate(NAMES):
        found, labels = log_odds[:, place], rows.labels[:, place]
        most = FLAGGED_MOST if KINDS[name].is_suspicion else FLAGGED_CARE_MOST
        calibration = calibrated(found, labels)
        calibrations.append(calibration)
        thresholds[place] = best_threshold(
            calibration.probability(found), labels, rows.ordinary, flagged_most=most
        )
    return Decision(tuple(calibrations), thresholds)


def best_threshold(
    probabilities: Floats,
    labels: Labels,
    is_ordinary: NDArray[np.bool_],
    *,
    flagged_most: float = FLAGGED_MOST,
) -> float:
    """Return where F1 is best while at most that share of ordinary lines is flagged."""
    flagged = np.sort(probabilities[is_ordinary])[::-1]
    allowed = int(flagged_most * len(flagged))
    floor = float(np.nextafter(flagged[allowed], 2)) if len(flagged) else 0.0
    floor = max(floor, _THRESHOLD_LEAST)
    hits = np.sort(probabilities[labels == 1])
    misses = np.sort(probabilities[labels == 0])
    best, best_f1 = max(floor, 0.5), -1.0
    for threshold in hits[hits >= floor]:
        true = len(hits) - int(np.searchsorted(hits, threshold))
        false = len(misses) - int(np.searchsorted(misses, threshold))
        f1 = 2 * true / (len(hits) + true + false)
        if f1 > best_f1:
            best, best_f1 = float(threshold), f1
    return min(best, 1.0)


__all__ = ["Rows", "best_threshold", "decide", "learn", "train", "written_count"]
