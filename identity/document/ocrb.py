"""Which character of a machine-readable zone stands in a window of a line: OCR-B by a small net.

    strip: one line of text, scaled so that a character is CAP px high and PITCH px apart
    ┌──────────────────────────────┐     window ─▶ 572 grey values ─▶ 38 log probabilities
    │ P < U T O E R I K S S O N << │
    └──[··]────────────────────────┘     0-9 A-Z <, and GAP: not centred on a character

GAP is what makes the grid of a line findable: between two characters the net says so.

The net is trained on rendered lines only (identity/document/train_ocrb.py; card: docs/cards/
document.md). Weights are plain arrays in ocrb.npz, with the geometry they were trained for.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from identity.document.mrz import ALPHABET

PITCH = 14
CAP = 17
WINDOW_WIDTH = 22
WINDOW_HEIGHT = 26
#: Classes of the net, in order of its outputs: ALPHABET, then GAP.
GAP = len(ALPHABET)
CLASSES_COUNT = GAP + 1
WEIGHTS_FILE = "ocrb.npz"

Floats = NDArray[np.float32]


class WrongWeights(ValueError):
    """The weights were trained for another alphabet or another window."""


@dataclass(frozen=True, slots=True)
class OcrB:
    """A multilayer perceptron: weights of shape (inputs, outputs) and biases, layer by layer."""

    layers: tuple[tuple[Floats, Floats], ...]

    def log_probabilities(self, windows: Floats) -> Floats:
        """Return log P(class) of windows.

        windows: shape (n, WINDOW_HEIGHT, WINDOW_WIDTH), any linear grey scale, dark or light ink
        as trained: dark on light. Returns shape (n, CLASSES_COUNT).
        """
        values = standardised(windows)
        for weights, biases in self.layers[:-1]:
            values = np.maximum(values @ weights + biases, 0)
        weights, biases = self.layers[-1]
        return log_softmax(values @ weights + biases)


@cache
def load_ocrb() -> OcrB:
    """Return the trained net of this package.

    Raises WrongWeights: weights for another geometry would still give numbers.
    """
    with (files("identity.document") / WEIGHTS_FILE).open("rb") as file:
        arrays = np.load(file, allow_pickle=False)
        if arrays["geometry"].tolist() != [PITCH, CAP, WINDOW_WIDTH, WINDOW_HEIGHT, CLASSES_COUNT]:
            raise WrongWeights(arrays["geometry"].tolist())
        return OcrB(
            tuple(
                (arrays[f"weights_{at}"].astype(np.float32), arrays[f"biases_{at}"])
                for at in range(int(arrays["layers_count"]))
            )
        )


def standardised(windows: Floats) -> Floats:
    """Return windows as rows of mean 0 and standard deviation 1 (0 where there is nothing)."""
    rows = windows.reshape(len(windows), -1).astype(np.float32)
    rows = rows - rows.mean(axis=1, keepdims=True)
    found: Floats = rows / np.maximum(rows.std(axis=1, keepdims=True), np.float32(2.0))
    return found


def log_softmax(scores: Floats) -> Floats:
    """Return log probabilities of rows of scores."""
    shifted = scores - scores.max(axis=1, keepdims=True)
    found: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return found
