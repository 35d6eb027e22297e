"""Habits: notes each login, so that staying away and coming from elsewhere can be seen later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bank.domain.actors import Actor, ActorKind, a_customer
from bank.domain.errors import NotPermitted
from bank.domain.habits import LoginDay, LoginPlace, login_day, login_place
from bank.domain.security_events import SecurityEventKind
from bank.ports import Clock, Store, UnitOfWork
from bank.services.event_questions import EventQuestions
from bank.services.purging import purge
from bank.services.security_events import SecurityEvents

#: Longer than any window a table of customers looks back over, and a year of moments to learn from.
KEEP_DAYS = 730


class Habits:
    """When and from where customers log in."""

    def __init__(
        self, store: Store, *, clock: Clock, events: SecurityEvents, questions: EventQuestions
    ) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._questions = questions

    def note_login(self, customer_id: str, *, place: str, source_ip: str | None = None) -> None:
        """Count a login of now. `place` is a keyed digest of the address it came from.

        From a place never seen before, unless it is the first of all, the customer is asked
        whether it was them, and the security desk is told (source_ip).
        """
        now_utc = self._clock()
        today = login_day(customer_id, now_utc.date(), logins_count=1)
        here = login_place(customer_id, place, first_seen_at_utc=now_utc)

        def work(uow: UnitOfWork) -> None:
            held: LoginDay | None = uow.login_days.find(today.id)
            if held is None:
                uow.login_days.add(today)
            else:
                uow.login_days.save(replace(held, logins_count=held.logins_count + 1))
            if uow.login_places.find(here.id) is not None:
                self._questions.seen_again_in(uow, customer_id, here.id)
            else:
                if uow.login_places.count(customer_id=customer_id):
                    self._questions.ask_login_in(uow, customer_id, here.id)
                    self._events.report_in(
                        uow, a_customer(customer_id), SecurityEventKind.LOGIN_SUCCEEDED_NEW_PLACE,
                        subject=customer_id, reason="new_place", source_ip=source_ip,
                    )  # fmt: skip
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
