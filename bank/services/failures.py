"""Counting failures against the rate rules of `policies/attempts.toml`.

Scopes are digested with a key: what was typed into a name field may have been a password.
"""

from __future__ import annotations

from bank.domain.attempts import Attempts, add_failure, check_rate
from bank.policies.attempts import rate_rule
from bank.ports import Clock, Digests, Store, UnitOfWork


class Failures:
    """One counter per rule and scope."""

    def __init__(self, store: Store, *, clock: Clock, digests: Digests) -> None:
        self._store = store
        self._clock = clock
        self._digests = digests

    def check(self, *scopes: tuple[str, str]) -> None:
        """Refuse when any of (rule, scope) is over its limit. Raises RateLimited."""
        now_utc = self._clock()

        def work(uow: UnitOfWork) -> None:
            for rule, scope in scopes:
                check_rate(
                    uow.attempts.find(self._id(rule, scope)), rate_rule(rule), now_utc=now_utc
                )

        self._store.read(work)

    def take(self, *scopes: tuple[str, str]) -> tuple[str, ...]:
        """Count a try before it is made, and refuse when the window is full.

        Check and count are one write: a hundred parallel guesses are a hundred counted tries.
        `forget` gives them back after a success. Returns the rules whose window this try has
        filled: the next one is refused. Raises RateLimited.
        """
        now_utc = self._clock()

        def work(uow: UnitOfWork) -> tuple[str, ...]:
            filled = []
            for rule, scope in scopes:
                held: Attempts | None = uow.attempts.find(self._id(rule, scope))
                check_rate(held, rate_rule(rule), now_utc=now_utc)
                after = add_failure(
                    held, rate_rule(rule), scope=self._id(rule, scope), now_utc=now_utc
                )
                if held is None:
                    uow.attempts.add(after)
                else:
                    uow.attempts.save(after)
                if after.count >= rate_rule(rule).limit:
                    filled.append(rule)
            return tuple(filled)

        return self._store.write(work)

    def forget(self, *scopes: tuple[str, str]) -> None:
        """Start these scopes anew: the right password was given."""

        def work(uow: UnitOfWork) -> None:
            for rule, scope in scopes:
                uow.attempts.remove(self._id(rule, scope))

        self._store.write(work)

    def _id(self, rule: str, scope: str) -> str:
        return f"{rule}:{self._digests.digest('attempts', scope)[:32]}"
