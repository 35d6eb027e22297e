"""One reader a language, asked in proportion: P(intent) ∝ Σ P(language) · t · P(intent | language).

    "quiero freeze my card" ─▶ languages: en .91, es .09 ─┬▶ English reader ─┐
                                                          └▶ Spanish reader ─┴▶ freeze_card .97

t is how typical the message is to that reader. A message of one language is read by one reader;
"no", "ok", a name or a sentence of two languages by all of them. A language is there as soon as
training sentences carry its name (`metadata: {language: es}`); sentences without are of the
assistant's own language.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Optional, Sequence

import numpy as np

from bot.components.blend import BlendedTextModel, Encoding
from bot.components.languages import LanguageModel, SpokenLanguage

#: A language less likely than this is not asked.
ASKED_FROM = 0.04
#: What a reader says at least, beside its typicality.
SAY_LEAST = 0.02


@dataclass(frozen=True)
class Reading:
    """How one text is understood: `shares` (n_labels,) sum to one; `typicality` is 0 to 1.

    `spoken` is there with several languages only.
    """

    shares: np.ndarray
    typicality: float
    spoken: Optional[SpokenLanguage] = None


@dataclass(frozen=True)
class PolyglotModel:
    """`readers` by language; `languages` knows them apart, where there are several."""

    readers: dict[str, BlendedTextModel]
    languages: Optional[LanguageModel] = None

    @cached_property
    def labels(self) -> list[str]:
        return sorted({label for one in self.readers.values() for label in one.labels})

    @classmethod
    def fit(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        languages: Sequence[str],
        *,
        c: float,
        encoder: Optional[Encoding] = None,
        encoded: Sequence[str] = ("en",),
    ) -> PolyglotModel:
        """Return the model of these examples; the three sequences go together.

        `encoded`: the languages the encoder understands; the others are read by words alone.
        """
        readers = {}
        for language in sorted(set(languages)):
            mine = [row for row, one in enumerate(languages) if one == language]
            readers[language] = BlendedTextModel.fit(
                [texts[row] for row in mine], [labels[row] for row in mine],
                c=c, encoder=encoder if language in encoded else None, language=language,
            )  # fmt: skip
        apart = LanguageModel.fit(texts, languages) if len(readers) > 1 else None
        return cls(readers, apart)

    def read(self, text: str) -> Reading:
        """Return how this text is understood."""
        if self.languages is None:
            (reader,) = self.readers.values()
            shares, typicality = reader.read([text])
            return Reading(shares[0], float(typicality[0]))
        spoken = self.languages.identify(text)
        asked = np.ones(len(spoken.shares)) if spoken.is_mixed else spoken.shares
        asked = asked * (asked >= ASKED_FROM)
        asked /= asked.sum()
        labels = self.labels
        shares, typicality, weight = np.zeros(len(labels)), 0.0, 0.0
        for name, share in zip(self.languages.names, asked, strict=True):
            if share:
                reader = self.readers[name]
                mine, typical = reader.read([text])
                # A reader to whom the message is like nothing has little to say about it.
                say = share * (float(typical[0]) + SAY_LEAST)
                shares[np.searchsorted(labels, reader.labels)] += say * mine[0]
                typicality, weight = typicality + say * float(typical[0]), weight + say
        return Reading(shares / weight, typicality / weight, spoken)

    def save(self, folder: Path) -> None:
        """Write vocabularies and labels as JSON, weights as arrays."""
        for language, reader in self.readers.items():
            _write(folder / language, *reader.as_parts())
        if self.languages is not None:
            _write(folder / "languages", *self.languages.as_parts())

    @classmethod
    def load(cls, folder: Path, encoder: Optional[Encoding] = None) -> PolyglotModel:
        """Read what `save` wrote; pickled arrays are refused by numpy."""
        readers, apart = {}, None
        for path in sorted(folder.iterdir()):
            with np.load(path / "weights.npz", allow_pickle=False) as stored:
                arrays = {name: stored[name] for name in stored.files}
            words = json.loads((path / "words.json").read_text(encoding="utf-8"))
            if path.name == "languages":
                apart = LanguageModel.from_parts(arrays, words)
            else:
                readers[path.name] = BlendedTextModel.from_parts(arrays, words, encoder)
        return cls(readers, apart)


def _write(folder: Path, arrays: dict[str, np.ndarray], words: dict[str, object]) -> None:
    folder.mkdir()
    np.savez_compressed(folder / "weights.npz", **arrays)
    (folder / "words.json").write_text(json.dumps(words, ensure_ascii=False), encoding="utf-8")
