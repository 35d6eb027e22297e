"""Sealed conversations: AES-GCM with a key per conversation, wrapped by the master key.

    master key ──HKDF──▶ wrapping key ──wraps──▶ key of one conversation ──seals──▶ its turns

Every box is bound to its conversation and its place in it, so a row cannot be moved, swapped or
copied elsewhere. Whoever deletes the wrapped key has erased the conversation.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BITS = 256
NONCE_BYTES = 12  # NIST SP 800-38D, 5.2.1.1
_PURPOSE = b"florin tracker store v1"


class SealBroken(RuntimeError):
    """Not sealed by us, for another place, or changed since."""


def wrapping_key(master_key: str) -> bytes:
    """Return the key that wraps conversation keys; no other use of the master key opens them."""
    return HKDF(SHA256(), KEY_BITS // 8, salt=None, info=_PURPOSE).derive(master_key.encode())


def make_key() -> bytes:
    """Return the key of a new conversation."""
    return AESGCM.generate_key(KEY_BITS)


def seal(key: bytes, plain: bytes, *, place: str) -> bytes:
    """Return nonce + ciphertext + tag, bound to `place`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def unseal(key: bytes, box: bytes, *, place: str) -> bytes:
    """Return what `seal` was given. Raises SealBroken."""
    try:
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError):
        raise SealBroken(place.partition("|")[0]) from None
