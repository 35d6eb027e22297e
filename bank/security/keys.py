"""Keys: where they come from, and which key does what.

    <home>/keys/master_key     32 random bytes as 43 characters of URL-safe base 64, one line
         └─HKDF-SHA256(purpose)─▶ vault · digests · audit · pictures · …

Made on first use with mode 0600; two processes that start together agree on one, because the
file appears complete or not at all. One derived key per purpose: a digest can never be
mistaken for a signature, and a leaked derived key opens nothing else.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

if TYPE_CHECKING:
    from bank.settings import Settings

KEY_BYTES = 32


class KeyUnusable(ValueError):
    """A key that is not 32 bytes of URL-safe base 64, or a file others may read."""


class Keyring:
    """Derives the key of each purpose from the master key, and digests with them."""

    def __init__(self, master_key: bytes) -> None:
        assert len(master_key) == KEY_BYTES, len(master_key)
        self._master = master_key
        self._derived: dict[str, bytes] = {}

    def derive(self, purpose: str) -> bytes:
        """Return 32 bytes for this purpose; the same ones every time."""
        key = self._derived.get(purpose)
        if key is None:
            kdf = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"florin/" + purpose.encode())
            key = self._derived[purpose] = kdf.derive(self._master)
        return key

    def digest(self, purpose: str, text: str) -> str:
        """See ports.Digests."""
        key = self.derive(f"digest/{purpose}")
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def __repr__(self) -> str:
        return "Keyring(…)"


def make_keyring() -> Keyring:
    """Return a keyring nobody else has: for tests and one-off stores."""
    return Keyring(secrets.token_bytes(KEY_BYTES))


def open_keyring(settings: Settings) -> Keyring:
    """Return the keyring of this installation. Raises KeyUnusable."""
    return Keyring(parse_key(settings.master_key.get_secret_value()))


def parse_key(text: str) -> bytes:
    """Return the 32 bytes of a key's text. Raises KeyUnusable (and never shows the key)."""
    try:
        key = base64.urlsafe_b64decode(text.strip() + "=" * (-len(text.strip()) % 4))
    except (binascii.Error, ValueError):
        raise KeyUnusable("a key is 32 bytes in URL-safe base 64") from None
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"a key has {KEY_BYTES} bytes, this one has {len(key)}")
    return key


def load_or_make_key(home_dir: Path, name: str) -> str:
    """Return the text of `<home>/keys/<name>`, making the file when it is not there.

    Raises KeyUnusable when others may read the file, or it is empty.
    """
    path = home_dir / "keys" / name
    if not path.exists():
        _make_key_file(path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise KeyUnusable(f"{path} can be read by others: chmod 600 {path}")
    text = path.read_text("ascii").strip()
    if not text:
        raise KeyUnusable(f"{path} is empty: restore it from a backup")
    return text


def _make_key_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)  # fails when another process was first: then theirs counts
        except FileExistsError:
            return
    finally:
        Path(draft).unlink()
