"""The vault: AES-GCM envelopes around what people wrote.

    master key ──HKDF──▶ KEK ──wraps──▶ data key (one a conversation, kept as a row)
                                            └──seals──▶ text, data, replies, button payloads

    sealed = version (1) | nonce (12) | ciphertext and tag         AAD = the cell's place

Deleting a data key's row makes everything under it unreadable: that is how a chat is erased.
The place (`messages|cv_…|7|text`) is authenticated, so a line moved to another conversation
or another number does not open. Nonces are random: 2^32 values under one key are far away.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bank.security.keys import KEY_BYTES, Keyring

_VERSION = b"\x01"
_NONCE_BYTES = 12


class SealBroken(ValueError):
    """The value was sealed with another key or for another place, or it was changed."""


class AesGcmVault:
    """See ports.Vault."""

    def __init__(self, keyring: Keyring, *, purpose: str = "vault") -> None:
        """`purpose` names a vault of its own: what one seals, no other opens."""
        self._kek = AESGCM(keyring.derive(f"{purpose}/kek"))
        self._own = AESGCM(keyring.derive(f"{purpose}/own"))

    def make_key(self, *, owner: str) -> bytes:
        return _seal(self._kek, secrets.token_bytes(KEY_BYTES), place=f"key|{owner}") + _tail(owner)

    def seal(self, clear: bytes, *, place: str, key: bytes | None = None) -> bytes:
        return _seal(self._cipher(key), clear, place=place)

    def open(self, sealed: bytes, *, place: str, key: bytes | None = None) -> bytes:
        return _open(self._cipher(key), sealed, place=place)

    def _cipher(self, key: bytes | None) -> AESGCM:
        if key is None:
            return self._own
        wrapped, owner = _split(key)
        return AESGCM(_open(self._kek, wrapped, place=f"key|{owner}"))


def _seal(cipher: AESGCM, clear: bytes, *, place: str) -> bytes:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _VERSION + nonce + cipher.encrypt(nonce, clear, place.encode())


def _open(cipher: AESGCM, sealed: bytes, *, place: str) -> bytes:
    nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    if sealed[:1] != _VERSION or len(nonce) != _NONCE_BYTES:
        raise SealBroken(place)
    try:
        return cipher.decrypt(nonce, body, place.encode())
    except InvalidTag:
        raise SealBroken(place) from None


def _tail(owner: str) -> bytes:
    return b"|" + owner.encode()


def _split(wrapped_key: bytes) -> tuple[bytes, str]:
    fixed = 1 + _NONCE_BYTES + KEY_BYTES + 16  # version, nonce, key, GCM tag
    if wrapped_key[fixed : fixed + 1] != b"|":
        raise SealBroken("key")
    return wrapped_key[:fixed], wrapped_key[fixed + 1 :].decode()
