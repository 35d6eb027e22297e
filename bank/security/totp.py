"""TOTP for staff: six digits of an authenticator app, RFC 6238, 30-second steps.

A code counts for its step and one step on either side (clocks drift), and each step counts
once: the step of the last code is kept, and only newer ones are accepted (RFC 6238, 5.2).
"""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

STEP_S = 30
DRIFT_STEPS = 1
ISSUER = "Florin"


class PyotpTotp:
    """See ports.Totp."""

    def make_secret(self) -> str:
        return pyotp.random_base32()

    def uri(self, secret: str, *, name: str) -> str:
        return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)

    def code_at(self, secret: str, at_utc: datetime) -> str:
        """Return the code an authenticator app shows at a moment."""
        return pyotp.TOTP(secret).generate_otp(int(at_utc.timestamp()) // STEP_S)

    def find_step(self, secret: str, code: str, *, at_utc: datetime, after_step: int) -> int | None:
        now_step = int(at_utc.timestamp()) // STEP_S
        totp = pyotp.TOTP(secret)
        found = None
        for step in range(now_step - DRIFT_STEPS, now_step + DRIFT_STEPS + 1):
            fits = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
            if fits and step > after_step:
                found = step
        return found
