"""Kernel ridge regression over sentence vectors: which examples is a sentence near to?

    score(x, intent) = Σ k(x, example) · α(example, intent),   k(x, y) = exp(γ (cos − 1))

The examples are a bank's own sentences, and the intents' names read as words ("card arrival"):
with five examples an intent, the name is a sixth. Solved once by Cholesky; what each example
would score had it been left out comes from the same factor, for nothing (Rasmussen & Williams
2006, §5.4.2), so confidences are fitted on held-out scores of all examples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import lapack

#: How fast likeness fades with the angle, and how far one example may be wrong.
GAMMA = 2.0
RIDGE = 0.1
#: Examples a kernel keeps; memory and time grow with the square and the cube.
EXAMPLES_MOST = 16_000


@dataclass(frozen=True)
class KernelModel:
    """`anchors` (m, d) of unit length after `centre` (d,) is taken off; `alphas` (m, n_labels)."""

    centre: np.ndarray
    anchors: np.ndarray
    alphas: np.ndarray

    @classmethod
    def fit(
        cls, vectors: np.ndarray, targets: np.ndarray, names: np.ndarray
    ) -> tuple[KernelModel, np.ndarray]:
        """Return the model, and each example's scores had it been left out: (n, n_labels).

        `vectors` (n, d) and `names` (n_labels, d) are of unit length; `targets` (n,) are rows
        of `names`. Raises ValueError with more than EXAMPLES_MOST vectors.
        """
        if len(vectors) > EXAMPLES_MOST:
            raise ValueError(f"at most {EXAMPLES_MOST} examples, not {len(vectors)}")
        centre = vectors.mean(axis=0)
        # Kept in half precision, so rounded before anything is computed from them.
        anchors = _unit(np.concatenate([vectors, names]) - centre).astype(np.float16)
        anchors = anchors.astype(np.float32)
        places = np.concatenate([targets, np.arange(len(names))])
        wanted = (np.eye(len(names))[places] - 1 / len(names)).astype(np.float32)
        gram = _kernel(anchors, anchors)
        gram[np.diag_indices(len(gram))] += RIDGE
        # Symmetric, so its transpose is the same matrix in LAPACK's own order: no copy is made.
        factor, fault = lapack.spotrf(gram.T, lower=1, overwrite_a=1)
        assert fault == 0, "a Gram matrix with a ridge is positive definite"
        alphas, _ = lapack.spotrs(factor, wanted, lower=1)
        inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
        left_out = wanted - alphas / np.diag(inverse)[:, None]
        return cls(centre, anchors, alphas.astype(np.float32)), left_out[: len(vectors)]

    def scores(self, vectors: np.ndarray) -> np.ndarray:
        """Return scores of shape (n_vectors, n_labels): near 1 for the intent, near 0 else."""
        scores: np.ndarray = self._likeness(vectors) @ self.alphas
        return scores

    def nearness(self, vectors: np.ndarray) -> np.ndarray:
        """Return the kernel value of the nearest example, (n_vectors,), from 0 to 1."""
        nearness: np.ndarray = self._likeness(vectors).max(axis=1)
        return nearness

    def _likeness(self, vectors: np.ndarray) -> np.ndarray:
        return _kernel(_unit(vectors - self.centre).astype(np.float32), self.anchors)


def _kernel(ones: np.ndarray, others: np.ndarray) -> np.ndarray:
    cosines = ones @ others.T
    cosines -= 1
    cosines *= GAMMA
    likeness: np.ndarray = np.exp(cosines, out=cosines)
    return likeness


def _unit(vectors: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit
