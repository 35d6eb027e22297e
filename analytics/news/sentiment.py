"""What a headline means for an owner: bad, neutral or good, with the moves that say so.

    words, letters, shape ─▶ TF-IDF ─┐
    counts of moves       ─▶ scaled ─┼─▶ weights ─▶ P(bad), P(neutral), P(good) ─▶ score in [-1, 1]
    sentence vector, if there is one ┘

Two sets of weights: `together`, and `alone` for a place without the sentence encoder. Stored as
JSON, text and npz with their SHA-256; nothing here can hold code. VADER stands beside it as the
baseline, and for where nothing was learnt.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax

from analytics.errors import BrokenModel
from analytics.manifests import check_files, read_manifest
from analytics.models import Floats
from analytics.news.features import COUNTS, Read, counts_of, read_headline
from analytics.news.moves import Move, read_moves
from analytics.news.terms import BLOCKS, Terms
from analytics.suspicion.encoder import Encoder
from bank.whole_files import sha256_of, write_whole

FORMAT = 1
NAME, ARRAYS = "model.json", "weights.npz"
#: How much counts and vectors weigh beside terms, whose rows have length 1.
COUNTS_SCALE, VECTOR_SCALE = 0.15, 1.5
#: Within it, a VADER score is neutral: its authors' own threshold.
_VADER_NEUTRAL = 0.05


class Tone(IntEnum):
    BAD = -1
    NEUTRAL = 0
    GOOD = 1


#: The order of columns in every array of probabilities.
TONES = (Tone.BAD, Tone.NEUTRAL, Tone.GOOD)


@dataclass(frozen=True, slots=True)
class Sentiment:
    """What a headline means. score: P(good) - P(bad), in [-1, 1]. moves: what was read in it."""

    tone: Tone
    score: float
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Head:
    """weights: (n_features, 3) in the order terms, counts, vector; offsets: (3,)."""

    weights: Floats
    offsets: Floats

    def probabilities(self, features: csr_matrix) -> Floats:
        return np.asarray(softmax(features @ self.weights + self.offsets, axis=1))


@dataclass(frozen=True)
class SentimentModel:
    """The learnt model. means, spreads: of the counts, shape (len(COUNTS),).

    encoder_digest: of the encoder whose vectors `together` learnt from; "" without one.
    """

    terms: Mapping[str, Terms]
    means: Floats
    spreads: Floats
    alone: Head
    together: Head | None = None
    encoder_digest: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def features(self, reads: Sequence[Read], vectors: NDArray[Any] | None = None) -> csr_matrix:
        """Return the headlines as rows; vectors: shape (n, width), None without an encoder."""
        blocks = [self.terms[name].matrix(reads) for name in BLOCKS]
        scaled = (counts_of(reads) - self.means) / self.spreads
        blocks.append(csr_matrix(scaled * COUNTS_SCALE))
        if vectors is not None:
            blocks.append(csr_matrix(np.asarray(vectors, dtype=np.float64) * VECTOR_SCALE))
        return hstack(blocks, format="csr")

    def probabilities(self, texts: Sequence[str], encoder: Encoder | None = None) -> Floats:
        """Return shape (n, 3), in the order TONES; an encoder not the model's is not asked."""
        if self.together is not None and encoder is not None and self.knows(encoder):
            return self.told(texts, encoder.encode(texts))
        return self.told(texts)

    def told(self, texts: Sequence[str], vectors: NDArray[Any] | None = None) -> Floats:
        """Return the same, with sentence vectors that were already at hand; None: words alone."""
        if not texts:
            return np.zeros((0, len(TONES)))
        reads = [read_headline(one) for one in texts]
        head = self.alone if self.together is None or vectors is None else self.together
        return head.probabilities(self.features(reads, vectors if head is not self.alone else None))

    def knows(self, encoder: Encoder) -> bool:
        return encoder.digest == self.encoder_digest

    def look(self, texts: Sequence[str], encoder: Encoder | None = None) -> list[Sentiment]:
        """Return the sentiment of each headline, in their order."""
        found = self.probabilities(texts, encoder)
        return [
            Sentiment(TONES[int(row.argmax())], float(row[2] - row[0]), read_moves(text).moves)
            for text, row in zip(texts, found, strict=True)
        ]

    def save(self, folder: Path) -> None:
        """Write the files; the one that names the others is the last."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {
            "means": self.means, "spreads": self.spreads,
            "alone": self.alone.weights.astype(np.float32), "alone_offsets": self.alone.offsets,
        }  # fmt: skip
        if self.together is not None:
            arrays["together"] = self.together.weights.astype(np.float32)
            arrays["together_offsets"] = self.together.offsets
        for name in BLOCKS:
            write_whole(folder / f"{name}.txt", self.terms[name].written())
            arrays[f"idf_{name}"] = self.terms[name].idf
        with (folder / ARRAYS).open("wb") as file:
            np.savez_compressed(file, **arrays)
        written = {
            "format": FORMAT,
            "counts": list(COUNTS),
            "sha256": {one: sha256_of(folder / one) for one in _files()},
            "encoder_sha256": self.encoder_digest,
            "facts": dict(self.facts),
        }
        write_whole(folder / NAME, json.dumps(written, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> SentimentModel:
        """Raises BrokenModel: files missing, changed, or not ours."""
        written = _read(folder)
        try:
            with np.load(folder / ARRAYS, allow_pickle=False) as file:
                held = {name: file[name] for name in file.files}
            terms = {
                name: Terms.of(name, (folder / f"{name}.txt").read_text(encoding="utf-8"),
                               held[f"idf_{name}"])
                for name in BLOCKS
            }  # fmt: skip
            together = None
            if "together" in held:
                together = Head(held["together"], held["together_offsets"])
            model = cls(
                terms, held["means"], held["spreads"],
                Head(held["alone"], held["alone_offsets"]), together,
                str(written["encoder_sha256"]), dict(written["facts"]),
            )  # fmt: skip
            model.probabilities(["Costs fell"])  # weights that do not fit refuse here
        except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as fault:
            raise BrokenModel(f"The model in {folder.name} is not one of ours.") from fault
        return model


def _files() -> tuple[str, ...]:
    return (ARRAYS, *(f"{name}.txt" for name in BLOCKS))


def _read(folder: Path) -> dict[str, Any]:
    hint = " Learn it: florin analytics learn-news"
    written = read_manifest(folder, NAME, form=FORMAT, hint=hint)
    if written.get("counts") != list(COUNTS):
        raise BrokenModel(f"The model in {folder.name} counts other things; learn it again.")
    check_files(folder, _files(), written)
    return written


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped] # noqa: PLC0415
        SentimentIntensityAnalyzer,
    )

    return SentimentIntensityAnalyzer()


def vader(text: str) -> Sentiment:
    """Return what VADER says (Hutto and Gilbert 2014): words alone, made for short messages."""
    score = float(_vader().polarity_scores(text)["compound"])
    tone = Tone.GOOD if score >= _VADER_NEUTRAL else Tone.BAD
    return Sentiment(Tone.NEUTRAL if abs(score) < _VADER_NEUTRAL else tone, score)
