"""Meanings of texts, kept: a text is encoded once, whatever article it stands in.

    text ─▶ SHA-256 ─▶ known? its vector : encode ─▶ vectors.npz (no pickle)

One text at a time: the encoder's int8 arithmetic looks at a whole batch, and a vector must not
depend on its neighbours (an index that grew step by step equals one made at once).
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from bank.whole_files import write_whole

_KEY_BYTES = 16
_THREADS = min(2, os.cpu_count() or 1)
_CHUNK = 64
Progress = Callable[[int, int], None]
"""Told how many of how many are done."""


class Encodes(Protocol):
    """`analytics.suspicion.encoder.Encoder`, as far as the library needs it."""

    digest: str

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


class Vectors:
    """Unit vectors by text. Kept in half precision: 3 digits are more than the encoder knows."""

    def __init__(self, encoder: Encodes) -> None:
        self._encoder = encoder
        self._known: dict[bytes, NDArray[np.float16]] = {}

    def learn(self, texts: Iterable[str], progress: Progress | None = None) -> int:
        """Encode the texts that are not known yet; return how many."""
        missing = {_key(text): text for text in texts if _key(text) not in self._known}
        keys, wanted = list(missing), list(missing.values())
        chunks = [wanted[at : at + _CHUNK] for at in range(0, len(wanted), _CHUNK)]
        done = 0
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="encoder") as pool:
            for found in pool.map(self._encode, chunks):
                for vector in found:
                    self._known[keys[done]] = vector
                    done += 1
                if progress:
                    progress(done, len(wanted))
        return done

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of known texts, shape (n_texts, width)."""
        return np.array([self._known[_key(text)] for text in texts], dtype=np.float32)

    def asked_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of a question's words, shape (n_words, width); none is kept."""
        unknown = [word for word in words if _key(word) not in self._known]
        fresh = dict(zip(unknown, self._encoder.encode(unknown), strict=True)) if unknown else {}
        return np.array(
            [fresh[word] if word in fresh else self._known[_key(word)] for word in words],
            dtype=np.float32,
        )

    def asked(self, text: str) -> NDArray[np.float32]:
        """Return the vector of a question, shape (width,); it is not kept."""
        if (known := self._known.get(_key(text))) is not None:
            return known.astype(np.float32)
        vector: NDArray[np.float32] = self._encoder.encode([text])[0]
        return vector

    def keep_only(self, texts: Iterable[str]) -> None:
        """Forget what no article says any more."""
        wanted = {_key(text) for text in texts}
        self._known = {key: one for key, one in self._known.items() if key in wanted}

    def save(self, path: Path) -> None:
        keys = np.frombuffer(b"".join(self._known), dtype=np.uint8).reshape(-1, _KEY_BYTES)
        rows = np.array(list(self._known.values()), dtype=np.float16)
        made = io.BytesIO()
        np.savez(made, keys=keys, rows=rows, encoder=np.array(self._encoder.digest))
        write_whole(path, made.getvalue())

    def load(self, path: Path) -> None:
        """Take what is kept there, where it was made by the same encoder and is whole."""
        try:
            with np.load(path, allow_pickle=False) as kept:
                if str(kept["encoder"]) != self._encoder.digest:
                    return
                keys, rows = kept["keys"], kept["rows"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return  # a cache: what is missing is encoded again
        if rows.ndim == 2 and len(keys) == len(rows) and np.isfinite(rows).all():
            self._known |= {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}

    def _encode(self, texts: Sequence[str]) -> list[NDArray[np.float16]]:
        return [self._encoder.encode([text])[0].astype(np.float16) for text in texts]


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:_KEY_BYTES]
