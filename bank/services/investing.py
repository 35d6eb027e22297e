"""Investing: what can be bought here, what somebody holds, and what they told as an investor.

    questions one by one ──▶ check_answer ──all there──▶ take_answers ──▶ a new InvestorProfile
    a file of the market ──▶ take_market   (the bank's own feed, or the demo town)

A profile is never changed: a correction makes the next one. Who the customer is comes from the
session; nobody answers for somebody else.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bank.domain.actors import Actor
from bank.domain.errors import AnswersContradict
from bank.domain.headlines import Mood
from bank.domain.ids import CustomerId, make_id
from bank.domain.instruments import Holding, Instrument, InstrumentId, worth_minor
from bank.domain.investors import InvestorProfile
from bank.investing_ports import News
from bank.policies import access, investor_questions
from bank.ports import Auditor, Clock, Store, UnitOfWork


@dataclass(frozen=True, slots=True)
class Held:
    """A holding beside what it is of. `worth_minor` is None where there is no price."""

    holding: Holding
    instrument: Instrument
    worth_minor: int | None


class NoNews:
    """A bank that reads no headlines."""

    def moods(
        self, instrument_ids: Collection[InstrumentId], *, now_utc: datetime
    ) -> dict[InstrumentId, Mood]:
        del instrument_ids, now_utc
        return {}


class Investing:
    """Instruments, holdings and investor profiles, and what is written of them."""

    def __init__(self, store: Store, *, clock: Clock, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._news: News = NoNews()

    def use(self, news: News) -> None:
        """From now on ask this one for headlines."""
        self._news = news

    def profile(self, actor: Actor, customer_id: str | None = None) -> InvestorProfile | None:
        """Return the newest profile. Raises NotAuthenticated, NotPermitted, NotFound."""
        owner_id = _owner(actor, customer_id)
        return self._store.read(lambda uow: newest_profile(uow, owner_id))

    def take_answers(self, actor: Actor, answers: Mapping[str, Any]) -> InvestorProfile:
        """Store whole answers as the customer's new profile.

        Raises AnswersContradict (the question to ask again), InvalidInput (missing or unknown).
        """
        access.require(actor, "investing.answer")
        clash = investor_questions.contradiction(answers)
        if clash is not None:
            raise AnswersContradict(question=clash.question, other=clash.other, why=clash.code)
        profile = investor_questions.profile_of(
            investor_questions.score(answers),
            profile_id=make_id("ip"),
            customer_id=actor.require_customer(),
            answers={
                one.code: investor_questions.check(one.code, answers[one.code])
                for one in investor_questions.questions()
            },
            taken_at_utc=self._clock(),
        )

        def work(uow: UnitOfWork) -> InvestorProfile:
            uow.investor_profiles.add(profile)
            self._audit.append_in(
                uow, actor, "investing.answer", profile.id, "done", "owner",
                {"tolerance": str(profile.tolerance)},
            )  # fmt: skip
            return profile

        return self._store.write(work)

    def holdings(self, actor: Actor, customer_id: str | None = None) -> list[Held]:
        """Return what is held, the most worth first; what has no price comes last."""
        owner_id = _owner(actor, customer_id)
        return self._store.read(lambda uow: holdings_in(uow, owner_id))

    def moods(self, instrument_ids: Collection[InstrumentId]) -> list[Mood]:
        """Return the moods of what something was written about lately, the worst first."""
        found = self._news.moods(instrument_ids, now_utc=self._clock())
        return sorted(found.values(), key=lambda one: one.value)

    def warnings(self, instrument_ids: Collection[InstrumentId]) -> list[Mood]:
        """Return the moods that have turned, the worst first."""
        return [one for one in self.moods(instrument_ids) if one.has_turned]

    def instruments(self) -> list[Instrument]:
        """Return everything on offer or once on offer, by id."""
        return self._store.read(lambda uow: uow.instruments.list())

    def take_market(
        self,
        actor: Actor,
        *,
        instruments: Sequence[Instrument] = (),
        holdings: Sequence[Holding] = (),
        profiles: Sequence[InvestorProfile] = (),
    ) -> None:
        """Store what comes from outside, all or nothing: an instrument known by id is replaced.

        Holdings and profiles are added. Raises NotPermitted, AlreadyExists.
        """
        reason = access.require(actor, "investing.take_file")

        def work(uow: UnitOfWork) -> None:
            known = {one.id for one in uow.instruments.list()} if instruments else set()
            uow.instruments.add_many([one for one in instruments if one.id not in known])
            for one in instruments:
                if one.id in known:
                    uow.instruments.save(one)
            uow.holdings.add_many(list(holdings))
            uow.investor_profiles.add_many(list(profiles))
            self._audit.append_in(
                uow, actor, "investing.take_file", "market", "done", reason,
                {
                    "instruments": str(len(instruments)),
                    "holdings": str(len(holdings)),
                    "profiles": str(len(profiles)),
                },
            )  # fmt: skip

        self._store.write(work)


def newest_profile(uow: UnitOfWork, customer_id: str) -> InvestorProfile | None:
    """Return the newest profile of a customer."""
    found: list[InvestorProfile] = uow.investor_profiles.list(
        customer_id=customer_id, order_by="taken_at_utc", descending=True, limit=1
    )
    return found[0] if found else None


def holdings_in(uow: UnitOfWork, customer_id: str) -> list[Held]:
    """Return a customer's holdings, the most worth first."""
    held = []
    for one in uow.holdings.list(customer_id=customer_id):
        instrument: Instrument = uow.instruments.get(one.instrument_id)
        held.append(Held(one, instrument, worth_minor(one, instrument)))
    return sorted(held, key=lambda one: -(one.worth_minor if one.worth_minor is not None else -1))


def _owner(actor: Actor, customer_id: str | None) -> CustomerId:
    owner_id = CustomerId(customer_id) if customer_id else actor.require_customer()
    access.require(actor, "investing.read", owner_id=owner_id)
    return owner_id
