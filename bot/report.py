"""How well are our own intents told apart? `florin nlu report`.

    nlu_data ─▶ five folds ─▶ every sentence read by a model that never saw it ─▶ figures
                                                          └─▶ sentences that may be mislabelled

    bot/.venv/bin/python -m bot.report [--language es]

A sentence that its own fold's model surely takes for another intent is either a hard one or in
the wrong place: the surest first (confident learning; Northcutt et al. 2021). A person decides.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Optional

import numpy as np

from bot.components.blend import BlendedTextModel, Encoding, ranked
from bot.components.encoder import find_encoder
from bot.components.intents import language_of
from bot.confusions import worst_pairs
from bot.evaluate import Rows, score
from bot.quiet import own_output

FOLDS = 5
SEED = 7
SUSPECTS_COUNT = 20
WEAKEST_COUNT = 10


def own_examples(folder: Path = Path("nlu_data/nlu"), *, language: str = "en") -> Rows:
    """Return the sentences of a language with their intents, markup taken off."""
    from rasa.shared.nlu.training_data.loading import load_data

    examples = load_data(str(folder)).intent_examples
    return [
        (one.get("text"), one.get("intent"))
        for one in examples
        if one.get("text") and language_of(one, "en") == language
    ]


def cross_validate(
    rows: Rows, *, encoder: Optional[Encoding], language: str = "en"
) -> tuple[list[str], np.ndarray]:
    """Return (labels, probabilities (n_rows, n_labels)), each row by a model that never saw it.

    An intent with fewer than FOLDS sentences is missing in some folds; it then has probability 0.
    """
    texts, intents = zip(*rows)
    labels = sorted(set(intents))
    targets = np.searchsorted(labels, intents)
    shares = np.zeros((len(rows), len(labels)))
    # Fold by turns within each intent: stratified, and content with small intents.
    mixed = np.random.default_rng(SEED).permutation(len(rows))
    by_intent = mixed[np.argsort(targets[mixed], kind="stable")]
    for fold in range(FOLDS):
        hold = by_intent[fold::FOLDS]
        learn = np.setdiff1d(by_intent, hold)
        model = BlendedTextModel.fit(
            [texts[i] for i in learn], [intents[i] for i in learn],
            c=30.0, encoder=encoder, language=language,
        )  # fmt: skip
        columns = np.searchsorted(labels, model.labels)
        shares[np.ix_(hold, columns)] = model.probabilities([texts[i] for i in hold])
    return labels, shares


def report(rows: Rows, labels: list[str], shares: np.ndarray) -> dict[str, Any]:
    """Return figures, the weakest intents, the commonest confusions and the suspects."""
    from sklearn.metrics import precision_recall_fscore_support

    truth = [intent for _, intent in rows]
    best = [labels[place] for place in shares.argmax(axis=1)]
    readings = [{"intent_ranking": ranked(labels, row, 3)} for row in shares]
    figures = score(readings, truth, set(labels))
    kept = ("rows", "intents", "accuracy", "macro_f1", "top3", "ece")
    parts = precision_recall_fscore_support(truth, best, labels=labels, zero_division=0)
    weakest = sorted(zip(labels, *parts), key=lambda one: one[3])[:WEAKEST_COUNT]
    return {
        **{name: figures[name] for name in kept},
        "weakest": [
            {"intent": name, "precision": float(precision), "recall": float(recall),
             "f1": float(f1), "sentences": int(count)}
            for name, precision, recall, f1, count in weakest
        ],
        "confused": worst_pairs(truth, best),
        "suspects": suspects(rows, labels, shares),
    }  # fmt: skip


def suspects(rows: Rows, labels: list[str], shares: np.ndarray) -> list[dict[str, Any]]:
    """Return the sentences surest of another intent than theirs, the surest first."""
    own = shares[np.arange(len(rows)), np.searchsorted(labels, [intent for _, intent in rows])]
    gap = shares.max(axis=1) - own
    return [
        {"text": rows[i][0], "intent": rows[i][1], "reads_as": labels[int(shares[i].argmax())],
         "confidence": round(float(shares[i].max()), 3), "own": round(float(own[i]), 3)}
        for i in np.argsort(-gap, kind="stable")[:SUSPECTS_COUNT]
        if gap[i] > 0
    ]  # fmt: skip


def main() -> int:
    """Print the report as JSON; 2 for a language without sentences."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--language", default="en")
    language = parser.parse_args().language
    with own_output() as out:
        rows = own_examples(language=language)
        if not rows:
            print(f"florin: no sentence of nlu_data is in {language!r}", file=sys.stderr)
            return 2
        encoder = find_encoder(Path("models/encoder"))
        labels, shares = cross_validate(rows, encoder=encoder, language=language)
        print(json.dumps(report(rows, labels, shares), indent=2, ensure_ascii=False), file=out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
