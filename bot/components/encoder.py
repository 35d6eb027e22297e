"""The sentence encoder: a text → 384 numbers, near each other where meanings are near.

    text ─▶ word pieces (tokenizers) ─▶ MiniLM-L6, int8 (onnxruntime) ─▶ mean ─▶ unit length

setup/encoder.py builds its files once, from weights whose hash is known; there is no torch and no
hub. Where the folder is missing, `find_encoder` says so in one log line and understanding goes on
with words and characters alone. Weights: sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.
"""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional, Sequence

import numpy as np

log = logging.getLogger(__name__)

GRAPH, PIECES, CARD = "minilm-int8.onnx", "tokenizer.json", "encoder.json"
#: Word pieces read of one text; what follows changes a sentence's vector little.
TOKENS_MOST = 128
_BATCH = 32


class Encoder:
    """Reads the graph of a folder that setup/encoder.py made. Raises OSError, ValueError."""

    def __init__(self, folder: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self.digest: str = json.loads((folder / CARD).read_text(encoding="utf-8"))["sha256"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # one message at a time: threads only get in the way
        options.log_severity_level = 3
        self._graph = onnxruntime.InferenceSession(str(folder / GRAPH), options)
        self._pieces = Tokenizer.from_file(str(folder / PIECES))
        self._pieces.enable_truncation(TOKENS_MOST)
        self._pieces.no_padding()

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return unit vectors of shape (n_texts, 384), float32."""
        pieces = [one.ids for one in self._pieces.encode_batch(list(texts))]
        vectors = np.zeros((len(pieces), 384), dtype=np.float32)
        shortest_first = np.argsort([len(ids) for ids in pieces], kind="stable")
        for start in range(0, len(pieces), _BATCH):
            rows = shortest_first[start : start + _BATCH]
            vectors[rows] = self._graph.run(None, _padded([pieces[row] for row in rows]))[0]
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def find_encoder(folder: Path) -> Optional[Encoder]:
    """Return the encoder of this folder, or None, said once, where it was not built."""
    return _open(str(folder.resolve()))


@lru_cache(maxsize=2)
def _open(folder: str) -> Optional[Encoder]:
    try:
        return Encoder(Path(folder))
    except (ImportError, OSError, ValueError, KeyError) as fault:
        log.warning(
            "There is no sentence encoder in %s (%s): intents are told by words and characters "
            "alone. Build it with: bash setup/install.sh run", folder, fault,
        )  # fmt: skip
        return None


def _padded(pieces: Sequence[Sequence[int]]) -> dict[str, Any]:
    longest = max(len(ids) for ids in pieces)
    ids = np.zeros((len(pieces), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, known in enumerate(pieces):
        ids[row, : len(known)] = known
        mask[row, : len(known)] = 1
    return {"ids": ids, "mask": mask}
