"""The audit chain's key and its anchor: a small signed file with the newest head.

    {"number": 4711, "hash": "…", "signature": "…"}       <home>/audit/head.json

It is replaced atomically and only ever moves forward. Point `home_dir` (or a copy job) at
another machine to make a cut tail provable even against somebody who owns this one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
from pathlib import Path

from bank.security.keys import Keyring


class AnchorBroken(ValueError):
    """The anchor file was changed by somebody without the key."""


class ChainKey:
    """Signs entries of the chain. `sign` is what `domain.audit` asks for."""

    def __init__(self, keyring: Keyring) -> None:
        self._key = keyring.derive("audit/chain")

    def sign(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()


class MemoryAnchor:
    """See ports.Anchor; for stores that do not outlive the process."""

    def __init__(self) -> None:
        self._head: tuple[int, str] | None = None

    def load(self) -> tuple[int, str] | None:
        return self._head

    def save(self, number: int, chain_hash: str) -> None:
        if self._head is None or number > self._head[0]:
            self._head = (number, chain_hash)


class FileAnchor:
    """See ports.Anchor."""

    def __init__(self, path: Path, keyring: Keyring) -> None:
        self._path = path
        self._key = keyring.derive("audit/anchor")
        self._lock = threading.Lock()

    def load(self) -> tuple[int, str] | None:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return None
        try:
            held = json.loads(text)
            number, chain_hash = int(held["number"]), str(held["hash"])
            signature = str(held["signature"])
        except (ValueError, KeyError, TypeError):
            raise AnchorBroken(str(self._path)) from None
        if not hmac.compare_digest(self._sign(number, chain_hash), signature):
            raise AnchorBroken(str(self._path))
        return number, chain_hash

    def save(self, number: int, chain_hash: str) -> None:
        with self._lock:
            held = self.load()
            if held is not None and held[0] >= number:
                return
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}.tmp")
            body = {"number": number, "hash": chain_hash}
            with draft.open("w", encoding="utf-8") as file:
                json.dump({**body, "signature": self._sign(number, chain_hash)}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)

    def _sign(self, number: int, chain_hash: str) -> str:
        text = f"{number}\x00{chain_hash}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
