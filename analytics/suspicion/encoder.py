"""The sentence encoder beside the bank: a line → 384 numbers, near where meanings are near.

    line ─▶ word pieces ─▶ MiniLM-L6, int8 (onnxruntime) ─▶ unit length

The files are those that set-up makes for the assistant (models/encoder). Where they are missing
the detector goes on with words and characters alone, and one log line says so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.suspicion.pieces import WordPieces

log = logging.getLogger(__name__)

GRAPH, PIECES, CARD = "minilm-int8.onnx", "tokenizer.json", "encoder.json"
WIDTH = 384
_BATCH = 32


class Encoder:
    """Reads a folder that setup/encoder.py made. Raises OSError, ValueError, KeyError."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime  # noqa: PLC0415  half a second, and not needed without the files

        self.digest: str = json.loads((folder / CARD).read_text(encoding="utf-8"))["sha256"]
        self._pieces = WordPieces(folder / PIECES)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one line at a time: threads only get in the way
        options.log_severity_level = 3
        # Bytes, not a path: a graph then cannot name other files.
        graph = (folder / GRAPH).read_bytes()
        self._graph = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return unit vectors, shape (n_texts, WIDTH)."""
        pieces = [self._pieces.ids(text) for text in texts]
        vectors = np.zeros((len(pieces), WIDTH), dtype=np.float32)
        shortest_first = np.argsort([len(ids) for ids in pieces], kind="stable")
        for start in range(0, len(pieces), _BATCH):
            rows = shortest_first[start : start + _BATCH]
            longest = max(len(pieces[row]) for row in rows)
            ids = np.zeros((len(rows), longest), dtype=np.int64)
            mask = np.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : len(pieces[row])] = pieces[row]
                mask[place, : len(pieces[row])] = 1
            vectors[rows] = self._graph.run(None, {"ids": ids, "mask": mask})[0]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def find_encoder(folder: Path) -> Encoder | None:
    """Return the encoder of a folder, or None, said once, where it was not built."""
    return _open(folder.resolve())


@lru_cache(maxsize=2)
def _open(folder: Path) -> Encoder | None:
    try:
        return Encoder(folder)
    except (ImportError, OSError, ValueError, KeyError, RuntimeError) as fault:
        log.warning(
            "no sentence encoder in %s (%s): suspicions are told by words alone",
            folder.name, type(fault).__name__,
        )  # fmt: skip
        return None
