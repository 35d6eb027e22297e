"""How often somebody may knock: moving windows, per session and per address.

Kept in process by default; any storage that `limits` knows (Redis) when there are several
web processes. Addresses are kept as keyed hashes, so the counter is no list of visitors.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from bank.domain.errors import RateLimited
from bank.policies.blocks import slow_rate


@dataclass(frozen=True, slots=True)
class LimitRules:
    """How many of each act in how long; the words are those of the `limits` library."""

    message: str = "60/minute"  # per session: a person types far less
    session: str = "60/minute"  # per address: a branch behind one address is many people
    login: str = "20/minute"  # per address; the account itself is guarded by bank.logins
    step_up: str = "20/minute"  # per session; the challenge itself allows five tries
    upload: str = "20/minute"  # per session
    liveness: str = "12/minute"  # per session: a challenge and its recording are two
    transfer: str = "600/minute"  # per session: programs use this door


#: Acts with a sentence of their own about too many (utter_web_<reason>).
UPLOADS = {"upload": "uploads_limited", "liveness": "uploads_limited"}


class Limits:
    """Counts acts; `check` raises when there were too many."""

    def __init__(
        self, rules: LimitRules, *, pepper: bytes, storage_uri: str = "memory://"
    ) -> None:
        self._limiter = MovingWindowRateLimiter(storage_from_string(storage_uri))
        self._items: dict[str, RateLimitItem] = {
            name: parse(getattr(rules, name)) for name in LimitRules.__slots__
        }
        self._slow = parse(slow_rate())
        self._pepper = pepper

    def check(self, act: str, who: str) -> None:
        """Count one act of `who`. Raises RateLimited with `retry_after_s`."""
        self._hit(self._items[act], act, who)

    def check_slow(self, who: str) -> None:
        """Count any act of an address the bank has slowed down. Raises RateLimited."""
        self._hit(self._slow, "slow", who)

    def _hit(self, item: RateLimitItem, act: str, who: str) -> None:
        if not self._limiter.hit(item, act, who):
            reset_s = self._limiter.get_window_stats(item, act, who).reset_time - time.time()
            reason = UPLOADS.get(act, "rate_limited")
            raise RateLimited(retry_after_s=max(1, math.ceil(reset_s)), reason=reason)

    def hash_address(self, address: str) -> str:
        """Return a keyed hash of a network address, the same within this installation."""
        return hmac.new(self._pepper, address.encode(), hashlib.sha256).hexdigest()[:32]
