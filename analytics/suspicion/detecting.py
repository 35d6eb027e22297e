"""The detector: what a line gives to notice, how surely, and which of its words say so.

    "he told me not to tell the bank"  ─▶  secrecy 0.97   [he told me not to tell] the bank

A long line is looked at in windows of sentences, and the surest window counts. The spans are exact
for the words' part of the model: each letter's share of the log-odds. The encoder has none.
Without the encoder it goes on by words alone, with calibrations and thresholds of their own.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.models import Floats
from analytics.suspicion.encoder import Encoder, find_encoder
from analytics.suspicion.heads import Decision, Heads
from analytics.suspicion.kinds import NAMES
from analytics.suspicion.ngrams import terms_of
from analytics.suspicion.reading import Reading, read

log = logging.getLogger(__name__)

#: A longer line is looked at in windows of about so many letters, at most so many windows.
WINDOW_CHARS, WINDOWS_MOST = 220, 12
#: A word belongs to a span when it says at least this share of what the loudest word says.
_LOUD_SHARE = 0.35
_SPANS_MOST = 3
_SENTENCE_END = re.compile(r"(?<=[.!?;:])\s+|\s{2,}")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Span:
    """Letters [start, end) of the line as it was given."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A kind that was noticed. probability: 0-1, as often right as it says on lines like ours."""

    kind: str
    probability: float
    spans: tuple[Span, ...]


class Detector:
    """Looks at one line at a time. Keeps nothing of what it saw; safe to share by threads."""

    def __init__(self, heads: Heads, encoder: Encoder | None) -> None:
        self._heads = heads
        usable = encoder is not None and heads.together is not None
        if encoder is not None and heads.encoder_digest not in ("", encoder.digest):
            log.warning("the suspicion model was learnt with another encoder: words alone")
            usable = False
        self._encoder = encoder if usable else None

    @classmethod
    def load(cls, folder: Path, *, encoder: Path | None = None) -> Detector:
        """Read a model that `learning.train` saved.

        encoder: its folder; None: the one beside the model's. Raises BrokenModel.
        """
        heads = Heads.load(folder)
        return cls(heads, find_encoder(encoder or folder.parent / "encoder"))

    @property
    def has_encoder(self) -> bool:
        return self._encoder is not None

    def look(self, text: str, *, language: str = "en", everything: bool = False) -> list[Suspicion]:
        """Return what is noticed, surest first; `everything`: every kind, however unlikely.

        text: as it was typed; what stands beyond CHARS_MOST letters is not read.
        """
        return self._told(read(text), language=language, everything=everything)

    def look_whole(self, text: str, *, language: str = "en") -> list[Suspicion]:
        """Return what is noticed in lines read as one, not in windows: each is the others' context.

        The spans are places in `text`.
        """
        return self._told(read(text), language=language, whole=True)

    def _told(
        self, reading: Reading, *, language: str, everything: bool = False, whole: bool = False
    ) -> list[Suspicion]:
        if not any(one.isalnum() for one in reading.text):
            return [Suspicion(kind, 0.0, ()) for kind in NAMES] if everything else []
        windows = [reading] if whole else _windows(reading)
        found = self.probabilities(windows, language=language)
        surest = found.max(axis=0)
        thresholds = self._decision.thresholds
        placed: dict[int, _Placed] = {}
        told = []
        for place, kind in enumerate(NAMES):
            if not everything and surest[place] < thresholds[place]:
                continue
            window = int(found[:, place].argmax())
            if window not in placed:
                placed[window] = _Placed.of(self._heads, windows[window])
            spans = self._spans(windows[window], place, placed[window])
            told.append(Suspicion(kind, float(surest[place]), spans))
        return sorted(told, key=lambda one: -one.probability)

    def threshold(self, kind: str) -> float:
        """Return the probability from which a kind is told of."""
        return float(self._decision.thresholds[NAMES.index(kind)])

    def probabilities(self, readings: Sequence[Reading], *, language: str = "en") -> Floats:
        """Return shape (n_readings, n_kinds), each in [0, 1]."""
        words = words_log_odds(self._heads, readings)
        if self._encoder is None:
            return self._decision.probabilities(words)
        vectors = self._encoder.encode([one.text for one in readings])
        meaning = vectors @ self._heads.vector_weights + self._heads.vector_offsets
        share = self._heads.share(language)
        return self._decision.probabilities(share * words + (1 - share) * meaning)

    @property
    def _decision(self) -> Decision:
        if self._encoder is not None:
            assert self._heads.together is not None
            return self._heads.together
        return self._heads.alone

    def _spans(self, reading: Reading, place: int, placed: _Placed) -> tuple[Span, ...]:
        """Return the loudest words' places in the line."""
        shares = placed.shares(self._heads.term_weights[:, place], len(reading.text))
        words = [found.span() for found in _WORD.finditer(reading.text)]
        loud = np.array([shares[start:end].sum() for start, end in words])
        if not len(loud) or loud.max() <= 0:
            return ()
        runs: list[list[int]] = []
        for number in np.flatnonzero(loud >= _LOUD_SHARE * loud.max()):
            if runs and number - runs[-1][1] <= 2:
                runs[-1][1] = int(number)
            else:
                runs.append([int(number), int(number)])
        runs.sort(key=lambda run: -float(loud[run[0] : run[1] + 1].sum()))
        kept = sorted(runs[:_SPANS_MOST])
        return tuple(Span(*reading.span(words[first][0], words[last][1])) for first, last in kept)


def words_log_odds(heads: Heads, readings: Sequence[Reading]) -> Floats:
    """Return what words and characters say, shape (n_readings, n_kinds)."""
    rows = []
    for reading in readings:
        columns, values = heads.vocabulary.vector(reading)
        rows.append(values @ heads.term_weights[columns] + heads.term_offsets)
    return np.stack(rows)


@dataclass(frozen=True)
class _Placed:
    """The known terms of a reading: which, how much, and where. Made once, for all its kinds."""

    columns: NDArray[np.int64]
    values: Floats
    numbers: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, heads: Heads, reading: Reading) -> _Placed:
        columns, values = heads.vocabulary.vector(reading)
        number = {column: place for place, column in enumerate(columns.tolist())}
        found = [
            (number[column], start, end)
            for term, start, end in terms_of(reading)
            if (column := heads.vocabulary.columns.get(term)) is not None
        ]
        spots = np.array(found, dtype=np.int64).reshape(-1, 3)
        return cls(columns, values, spots[:, 0], spots[:, 1], spots[:, 2])

    def shares(self, weights: NDArray[np.float32], letters_count: int) -> Floats:
        """Return each letter's share of a kind's log-odds by words; their sum is all of it."""
        counts = np.bincount(self.numbers, minlength=len(self.columns))
        worth = self.values * weights[self.columns] / np.maximum(counts, 1)
        each = worth[self.numbers] / (self.ends - self.starts)
        # A share begins to count at its start and ends at its end: one running sum for all.
        steps = np.zeros(letters_count + 1)
        np.add.at(steps, self.starts, each)
        np.add.at(steps, self.ends, -each)
        return np.asarray(np.cumsum(steps)[:-1])


def _windows(reading: Reading) -> list[Reading]:
    """Return the whole of a short line, or windows of sentences of a long one."""
    text = reading.text
    if len(text) <= WINDOW_CHARS:
        return [reading]
    edges = [0, *(found.end() for found in _SENTENCE_END.finditer(text)), len(text)]
    pieces: list[tuple[int, int]] = []
    for start, end in itertools.pairwise(edges):
        pieces += _split(text, start, end)
    windows: list[tuple[int, int]] = []
    for start, end in pieces:
        if windows and end - windows[-1][0] <= WINDOW_CHARS:
            windows[-1] = (windows[-1][0], end)
        else:
            windows.append((start, end))
    return [
        Reading(text[start:end], reading.offsets[start:end])
        for start, end in windows[:WINDOWS_MOST]
        if any(one.isalnum() for one in text[start:end])
    ]


def _split(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Cut what has no sentence ends at a space before WINDOW_CHARS letters."""
    pieces = []
    while end - start > WINDOW_CHARS:
        cut = text.rfind(" ", start + WINDOW_CHARS // 2, start + WINDOW_CHARS)
        cut = start + WINDOW_CHARS if cut < 0 else cut + 1
        pieces.append((start, cut))
        start = cut
    return [*pieces, (start, end)] if end > start else pieces
