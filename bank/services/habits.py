"""Habits: notes each login, so that staying away and coming from elsewhere can be seen later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bank.domain.actors import Actor, ActorKind
from bank.domain.errors import NotPermitted
from bank.domain.habits import LoginDay, LoginPlace, login_day, login_place
from bank.ports import Clock, Store, UnitOfWork
from bank.services.purging import purge

#: Longer than any window a table of customers looks back over, and a year of moments to learn from.
KEEP_DAYS = 730


class Habits:
    """When and from where customers log in."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def note_login(self, customer_id: str, *, place: str) -> None:
        """Count a login of now. `place` is a keyed digest of the address it came from."""
        now_utc = self._clock()
        today = login_day(customer_id, now_utc.date(), logins_count=1)
        here = login_place(customer_id, place, first_seen_at_utc=now_utc)

        def work(uow: UnitOfWork) -> None:
            held: LoginDay | None = uow.login_days.find(today.id)
            if held is None:
                uow.login_days.add(today)
            else:
                uow.login_days.save(replace(held, logins_count=held.logins_count + 1))
            if uow.login_places.find(here.id) is None:
                uow.login_places.add(here)

        self._store.write(work)

    def record(
        self, actor: Actor, days: Sequence[LoginDay], places: Sequence[LoginPlace] = ()
    ) -> None:
        """Take over habits from elsewhere, all or none: a bank moving in, the invented town.

        Raises NotPermitted, AlreadyExists (a day or place that is there).
        """
        if actor.kind is not ActorKind.SYSTEM:
            raise NotPermitted(actor=actor.kind)

        def work(uow: UnitOfWork) -> None:
            uow.login_days.add_many(list(days))
            uow.login_places.add_many(list(places))

        self._store.write(work)

    def purge(self) -> int:
        """Forget days that nobody looks back to any more. Returns how many.

        Places stay: that one was seen before is what makes the next login there ordinary.
        """
        until = self._clock().date() - timedelta(days=KEEP_DAYS)
        return purge(self._store, "login_days", day__lt=until)
