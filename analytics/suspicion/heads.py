"""The linear heads of the detector: what a line's terms and meaning say of each kind.

    words, characters ─▶ weights ─▶ log-odds ─┐  share by language
    sentence vector   ─▶ weights ─▶ log-odds ─┴─▶ blend ─▶ calibration ─▶ probability ≥ threshold?

Two sets of calibrations and thresholds: `together`, and `alone` for a place without encoder.
Stored as JSON, text and npz with their SHA-256; nothing here can hold code.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.errors import BrokenModel
from analytics.learners.calibrating import Calibration
from analytics.learners.members import expit
from analytics.manifests import check_files, read_manifest
from analytics.models import Floats
from analytics.suspicion.kinds import NAMES
from analytics.suspicion.ngrams import Vocabulary
from bank.whole_files import sha256_of, write_whole

FORMAT = 1
NAME, ARRAYS, TERMS = "model.json", "weights.npz", "terms.txt"


@dataclass(frozen=True)
class Decision:
    """From log-odds to a word: one calibration and one threshold (0-1) for each kind."""

    calibrations: tuple[Calibration, ...]
    thresholds: Floats

    def probabilities(self, log_odds: Floats) -> Floats:
        """Return shape (n, n_kinds) for log-odds of that shape."""
        if self._lines is not None:
            slopes, offsets = self._lines
            return expit(log_odds * slopes + offsets)
        columns = [
            one.probability(log_odds[:, place]) for place, one in enumerate(self.calibrations)
        ]
        return np.stack(columns, axis=1)

    @cached_property
    def _lines(self) -> tuple[Floats, Floats] | None:
        """Slopes and offsets, where each calibration is one straight line, as for few labels."""
        if any(len(one.inner) != 2 for one in self.calibrations):
            return None
        inner = np.stack([one.inner for one in self.calibrations])
        outer = np.stack([one.outer for one in self.calibrations])
        slopes = (outer[:, 1] - outer[:, 0]) / (inner[:, 1] - inner[:, 0])
        return slopes, outer[:, 0] - slopes * inner[:, 0]

    def to_json(self) -> dict[str, Any]:
        return {
            "calibrations": [one.to_json() for one in self.calibrations],
            "thresholds": dict(zip(NAMES, self.thresholds.tolist(), strict=True)),
        }

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> Decision:
        calibrations = tuple(Calibration.from_json(one) for one in written["calibrations"])
        thresholds = np.array([float(written["thresholds"][name]) for name in NAMES])
        if len(calibrations) != len(NAMES) or not np.all((thresholds > 0) & (thresholds <= 1)):
            raise ValueError("calibrations or thresholds")
        return cls(calibrations, thresholds)


@dataclass(frozen=True)
class Heads:
    """Weights (n_terms, n_kinds) and (WIDTH, n_kinds), offsets (n_kinds,), and the decisions.

    share_of_words: of the blend, by language; another language takes English's.
    encoder_digest: of the encoder the vectors came from; "" without one.
    """

    vocabulary: Vocabulary
    term_weights: NDArray[np.float32]
    term_offsets: Floats
    vector_weights: NDArray[np.float32]
    vector_offsets: Floats
    alone: Decision
    together: Decision | None
    share_of_words: Mapping[str, float]
    encoder_digest: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def share(self, language: str) -> float:
        return float(self.share_of_words.get(language, self.share_of_words["en"]))

    def save(self, folder: Path) -> None:
        """Write the three files; the one that names the others is the last."""
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / TERMS, "\n".join(self.vocabulary.terms) + "\n")
        with (folder / ARRAYS).open("wb") as file:
            np.savez_compressed(
                file, idf=self.vocabulary.idf,
                term_weights=self.term_weights, term_offsets=self.term_offsets,
                vector_weights=self.vector_weights, vector_offsets=self.vector_offsets,
            )  # fmt: skip
        written = {
            "format": FORMAT,
            "kinds": list(NAMES),
            "sha256": {name: sha256_of(folder / name) for name in (ARRAYS, TERMS)},
            "alone": self.alone.to_json(),
            "together": self.together.to_json() if self.together else None,
            "share_of_words": dict(self.share_of_words),
            "encoder_sha256": self.encoder_digest,
            "facts": dict(self.facts),
        }
        write_whole(folder / NAME, json.dumps(written, indent=1) + "\n")

    @classmethod
    def load(cls, folder: Path) -> Heads:
        """Raises BrokenModel: files missing, changed, or not ours."""
        written = _read(folder)
        try:
            terms = (folder / TERMS).read_text(encoding="utf-8").split("\n")[:-1]
            with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
                held = {name: arrays[name] for name in arrays.files}
            heads = cls(
                Vocabulary.of(tuple(terms), held["idf"]),
                held["term_weights"], held["term_offsets"],
                held["vector_weights"], held["vector_offsets"],
                Decision.from_json(written["alone"]),
                Decision.from_json(written["together"]) if written["together"] else None,
                {name: float(one) for name, one in written["share_of_words"].items()},
                str(written["encoder_sha256"]),
                dict(written["facts"]),
            )  # fmt: skip
            heads.share("en")
        except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as fault:
            raise BrokenModel(f"The model in {folder.name} is not one of ours.") from fault
        kinds_count = len(NAMES)
        if heads.term_weights.shape != (len(terms), kinds_count) or (
            heads.vector_weights.shape[1:] != (kinds_count,)
        ):
            raise BrokenModel(f"The weights in {folder.name} do not fit the kinds.")
        return heads


def _read(folder: Path) -> dict[str, Any]:
    hint = " Learn it: florin analytics learn-suspicion"
    written = read_manifest(folder, NAME, form=FORMAT, hint=hint)
    if written.get("kinds") != list(NAMES):
        raise BrokenModel(f"The model in {folder.name} knows other kinds; learn it again.")
    check_files(folder, (ARRAYS, TERMS), written)
    return written
