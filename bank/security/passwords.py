"""Password hashes: argon2id, with the parameters from the settings.

One check costs tens of milliseconds and 19 MiB on purpose; at most as many run at a time as
there are cores, so that a burst of logins cannot eat the machine. A name nobody has is checked
against a dummy hash: the answer takes as long and tells nothing.
"""

from __future__ import annotations

import os
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError


class Argon2Passwords:
    """See ports.Passwords. Defaults: the OWASP minimum (t=2, 19 MiB, p=1)."""

    def __init__(self, *, time: int = 2, memory_kib: int = 19_456, lanes: int = 1) -> None:
        self._hasher = PasswordHasher(time_cost=time, memory_cost=memory_kib, parallelism=lanes)
        self._slots = threading.BoundedSemaphore(os.cpu_count() or 1)
        self._dummy = self._hasher.hash(secrets.token_urlsafe(16))

    def hash(self, password: str) -> str:
        with self._slots:
            return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        with self._slots:
            try:
                fits = self._hasher.verify(password_hash or self._dummy, password)
            except (VerificationError, InvalidHashError):
                return False
        return fits and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        return self._hasher.check_needs_rehash(password_hash)
