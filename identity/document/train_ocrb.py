"""Train the OCR-B net on rendered lines: numpy, Adam, a few CPU minutes.

render_ocrb ─▶ windows and their characters, fresh ones each round ─▶ net ─▶ ocrb.npz
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from identity.document.ocrb import (
    CAP,
    CLASSES_COUNT,
    GAP,
    PITCH,
    WINDOW_HEIGHT,
    WINDOW_WIDTH,
    Floats,
    log_softmax,
    standardised,
)
from identity.document.render_ocrb import make_examples

HIDDEN = (448, 192)
DROPOUT = 0.1
SMOOTHING = 0.03
BATCH = 256
RATE = 1.5e-3
PASSES = 2


@dataclass(slots=True)
class Net:
    """The net in training: weights with Adam's two moments (Kingma and Ba, 2015)."""

    values: list[Floats]
    means: list[Floats]
    squares: list[Floats]
    steps_count: int = 0

    @classmethod
    def random(cls, sizes: tuple[int, ...], rng: np.random.Generator) -> Net:
        """Return a net of these layer sizes with He's initial weights."""
        values: list[Floats] = []
        for inputs, outputs in pairwise(sizes):
            spread = np.sqrt(2 / inputs)
            values += [
                rng.normal(0, spread, (inputs, outputs)).astype(np.float32),
                np.zeros(outputs, np.float32),
            ]
        zeros = [np.zeros_like(one) for one in values]
        return cls(values, zeros, [one.copy() for one in zeros])

    def learn(
        self, rows: Floats, classes: NDArray[np.int64], *, rate: float, rng: np.random.Generator
    ) -> float:
        """Take one step on a batch and return its loss (cross-entropy, smoothed labels)."""
        layers = len(self.values) // 2
        outputs, masks = [rows], []
        for at in range(layers - 1):
            hidden = np.maximum(outputs[-1] @ self.values[2 * at] + self.values[2 * at + 1], 0)
            mask = (rng.random(hidden.shape, np.float32) >= DROPOUT) / np.float32(1 - DROPOUT)
            masks.append((hidden > 0) * mask)
            outputs.append(hidden * mask)
        log_p = log_softmax(outputs[-1] @ self.values[-2] + self.values[-1])
        target = np.full(log_p.shape, SMOOTHING / CLASSES_COUNT, np.float32)
        target[np.arange(len(classes)), classes] += 1 - SMOOTHING
        slope = (np.exp(log_p) - target) / len(classes)
        slopes: list[Floats] = []
        for at in range(layers - 1, -1, -1):
            slopes[:0] = [
                np.asarray(outputs[at].T @ slope, np.float32),
                np.asarray(slope.sum(axis=0), np.float32),
            ]
            if at:
                slope = (slope @ self.values[2 * at].T) * masks[at - 1]
        self._step(slopes, rate)
        return float(-(target * log_p).sum() / len(classes))

    def _step(self, slopes: list[Floats], rate: float) -> None:
        self.steps_count += 1
        fix_1 = 1 - 0.9**self.steps_count
        fix_2 = 1 - 0.999**self.steps_count
        for value, mean, square, slope in zip(
            self.values, self.means, self.squares, slopes, strict=True
        ):
            np.add(mean, 0.1 * (slope - mean), out=mean)
            np.add(square, 0.001 * (slope * slope - square), out=square)
            step = (mean / fix_1) / (np.sqrt(square / fix_2) + 1e-8)
            np.subtract(value, np.float32(rate) * step, out=value)


def train(
    path: Path,
    *,
    rounds: int = 24,
    lines_count: int = 1200,
    seed: int = 3,
    say: Callable[[str], None] = print,
) -> dict[str, float]:
    """Train on fresh lines each round, save the weights to `path`, return what was measured."""
    began = time.process_time()
    rng = np.random.default_rng(seed)
    net = Net.random((WINDOW_HEIGHT * WINDOW_WIDTH, *HIDDEN, CLASSES_COUNT), rng)
    held_windows, held_classes = make_examples(150, seed + 1_000_000)
    held = standardised(held_windows.astype(np.float32))
    total, done = rounds * PASSES, 0
    accuracy = 0.0
    for turn in range(rounds):
        windows, classes = make_examples(lines_count, seed + turn)
        for _ in range(PASSES):
            order = rng.permutation(len(classes))
            losses = []
            rate = RATE * 0.5 * (1 + np.cos(np.pi * done / total))
            for start in range(0, len(order), BATCH):
                part = order[start : start + BATCH]
                rows = standardised(windows[part].astype(np.float32))
                losses.append(net.learn(rows, classes[part], rate=rate, rng=rng))
            done += 1
        accuracy = measure(net, held, held_classes)
        say(
            f"round {turn + 1}/{rounds}  loss {np.mean(losses):.3f}  "
            f"held-out windows right {accuracy:.4f}  CPU {time.process_time() - began:.0f} s"
        )
    save(net, path)
    return {"accuracy": accuracy, "cpu_s": time.process_time() - began}


def measure(net: Net, rows: Floats, classes: NDArray[np.int64]) -> float:
    """Return the share of characters read right, where a character stands."""
    for at in range(0, len(net.values) - 2, 2):
        rows = np.maximum(rows @ net.values[at] + net.values[at + 1], 0)
    best = (rows @ net.values[-2] + net.values[-1]).argmax(axis=1)
    return float((best == classes)[classes != GAP].mean())


def save(net: Net, path: Path) -> None:
    """Write the weights (half precision) and the geometry they belong to."""
    layers_count = len(net.values) // 2
    arrays: dict[str, Any] = {
        "geometry": np.array([PITCH, CAP, WINDOW_WIDTH, WINDOW_HEIGHT, CLASSES_COUNT]),
        "layers_count": np.array(layers_count),
    }
    for at in range(layers_count):
        arrays[f"weights_{at}"] = net.values[2 * at].astype(np.float16)
        arrays[f"biases_{at}"] = net.values[2 * at + 1]
    np.savez_compressed(path, **arrays)
