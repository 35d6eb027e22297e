"""Challenges: asking for more before a risky act, bound to exactly that act.

    open ──right code, key, face──▶ consumed      once, with the act, in one transaction
      ├───five wrong ones─────────▶ closed
      ├───five minutes────────────▶ (expired)     a time, not a state
      └───a newer challenge───────▶ superseded    of the same customer

The *binding* is what the customer agrees to: for a transfer its id, amount, currency and
payee. Its digest is part of the code's hash and of the passkey's challenge bytes, so a code
or a touch given for one act opens no other (dynamic linking, PSD2 RTS article 5).

Pure: no clock, no keys. Hashing the code with the bank's key is the caller's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bank.domain.errors import CodeExpired, TooManyTries
from bank.domain.ids import ChallengeId, ConversationId, CustomerId
from bank.domain.money import Money

CODE_DIGITS = 6
CODE_TTL_S = 300
CODE_TRIES = 5


class ChallengeState(StrEnum):
    OPEN = "open"
    CONSUMED = "consumed"
    CLOSED = "closed"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One question to one customer. `nonce` and `binding_digest` make the passkey's bytes."""

    id: ChallengeId
    customer_id: CustomerId
    conversation_id: ConversationId | None
    purpose: str
    binding: dict[str, Any]
    binding_digest: str
    code_hash: str
    nonce: bytes
    sent_to: str
    state: ChallengeState
    tries_left: int
    created_at_utc: datetime
    expires_at_utc: datetime
    consumed_at_utc: datetime | None = None

    def passkey_bytes(self) -> bytes:
        """Return the 32 bytes a passkey signs: they commit to this challenge and its binding."""
        return hashlib.sha256(
            b"florin.step-up\x00" + self.nonce + bytes.fromhex(self.binding_digest)
        ).digest()


@dataclass(frozen=True, slots=True)
class CodeProof:
    """The code as the customer typed it."""

    code: str


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """The browser's assertion as JSON text (PublicKeyCredential.toJSON)."""

    assertion_json: str


@dataclass(frozen=True, slots=True)
class FaceProof:
    """A trial before the camera that was judged for this very challenge (domain/face_keys.py)."""

    trial_id: str


StepUpProof = CodeProof | PasskeyProof | FaceProof


@dataclass(frozen=True, slots=True)
class Passkey:
    """A registered public key. The id is the credential id, URL-safe base 64."""

    id: str
    customer_id: CustomerId
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    label: str
    registered_at_utc: datetime
    last_used_at_utc: datetime | None = None


@dataclass(frozen=True, slots=True)
class PasskeyRegistration:
    """A registration under way; the id is the customer's, so there is one at a time."""

    id: CustomerId
    challenge: bytes
    expires_at_utc: datetime


def digest_binding(purpose: str, binding: Mapping[str, Any]) -> str:
    """Return the SHA-256 of purpose and binding in canonical JSON, as 64 hex characters.

    The order of keys does not matter; every value does.

    >>> digest_binding("transfer", {"a": 1, "b": 2}) == digest_binding("transfer", {"b": 2, "a": 1})
    True
    >>> digest_binding("transfer", {"a": 1}) == digest_binding("transfer", {"a": 2})
    False
    """
    text = json.dumps([purpose, dict(binding)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def clean_code(text: str) -> str:
    """Return the digits of a typed code: `12 34 56` and `123-456` are what people type."""
    return "".join(char for char in text if not char.isspace() and char != "-")


def check_open(challenge: Challenge, *, now_utc: datetime) -> None:
    """Refuse a challenge that takes no more proofs.

    Raises TooManyTries (closed by wrong codes), CodeExpired (too old, used, superseded).
    """
    if challenge.state is ChallengeState.CLOSED or challenge.tries_left <= 0:
        raise TooManyTries(challenge_id=challenge.id)
    if challenge.state is not ChallengeState.OPEN:
        raise CodeExpired(challenge_id=challenge.id)
    if now_utc - challenge.created_at_utc > timedelta(seconds=CODE_TTL_S):
        raise CodeExpired(challenge_id=challenge.id)


def facts_of(binding: Mapping[str, Any]) -> dict[str, str]:
    """Return what of a binding the customer should read: amount and payee, where it has them."""
    facts = {}
    if "amount_minor" in binding and "currency" in binding:
        facts["amount"] = str(Money(int(binding["amount_minor"]), str(binding["currency"])))
    for name in ("payee_name", "payee_iban"):
        if name in binding and "payee" not in facts:
            facts["payee"] = str(binding[name])
    return facts
