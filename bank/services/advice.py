"""Advice: a recommendation that passed the gate twice, and the record of it.

    wish ─▶ who may be advised? ─no─▶ AdviceRefused, with every reason
             └yes─▶ what may be recommended ──▶ ports.Adviser ──▶ the gate again ──▶ record
                        (bank.policies.suitability)  proposes                └ words shown, later

The adviser sees only what is allowed; whatever it answers is judged again before it is stored, so
a faulty model gives no unsuitable advice but none. Nothing is bought: that is another wish.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bank.domain.actors import Actor
from bank.domain.advice import Advice, AdviceLine, AdviceWish, Proposal
from bank.domain.customers import Customer
from bank.domain.errors import (
    AdviceRefused,
    AdviserUnavailable,
    InvalidAmount,
    InvalidInput,
    NothingSuitable,
)
from bank.domain.ids import CaseId, CustomerId, make_id
from bank.domain.instruments import Instrument, InstrumentId
from bank.domain.investors import InvestorProfile
from bank.domain.money import Money
from bank.investing_ports import Adviser
from bank.policies import access, suitability
from bank.policies.tables import load_table
from bank.ports import Auditor, Clock, Store, UnitOfWork
from bank.services.investing import holdings_in, newest_profile

HORIZON_YEARS_MAX = 50
TEXT_MAX_CHARS = 8_000


class NoAdviser:
    """A bank whose model has not learnt: advice has to wait."""

    def propose(self, wish: AdviceWish) -> Proposal:
        del wish
        raise AdviserUnavailable


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known as the wish comes in."""

    customer: Customer
    profile: InvestorProfile | None
    instruments: Sequence[Instrument]
    held_minor: dict[InstrumentId, int]


class AdviceRoom:
    """Recommendations and their records."""

    def __init__(self, store: Store, *, clock: Clock, audit: Auditor) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._adviser: Adviser = NoAdviser()

    def use(self, adviser: Adviser) -> None:
        """From now on ask this one."""
        self._adviser = adviser

    def refusals(self, actor: Actor) -> tuple[suitability.Unsuitable, ...]:
        """Return why the customer would get no advice at all now; empty when they would."""
        facts = self._facts(actor.require_customer())
        return suitability.refusals_of(facts.customer, facts.profile, now_utc=self._clock())

    def recommend(self, actor: Actor, amount: Money, *, horizon_years: int | None = None) -> Advice:
        """Return a recommendation for an amount, stored without its words yet.

        horizon_years: where the wish differs from the profile ("and if I need it in two years?").

        Raises AdviceRefused, NothingSuitable, AdviserUnavailable, InvalidAmount, InvalidInput.
        """
        access.require(actor, "advice.ask")
        advice = self._made(actor, actor.require_customer(), amount, horizon_years=horizon_years)

        def work(uow: UnitOfWork) -> Advice:
            uow.advice.add(advice)
            self._audit.append_in(
                uow, actor, "advice.give", advice.id, "done", "owner",
                {"model": advice.model_version, "lines": str(len(advice.lines))},
            )  # fmt: skip
            return advice

        return self._store.write(work)

    def preview(
        self, actor: Actor, customer_id: str, amount: Money, *, horizon_years: int | None = None
    ) -> Advice:
        """Return what a customer would be recommended; nothing is kept, nobody is told.

        For the bank's own hands. Raises as `recommend`, NotPermitted, NotFound.
        """
        access.require(actor, "advice.preview")
        return self._made(actor, CustomerId(customer_id), amount, horizon_years=horizon_years)

    def note_shown(self, actor: Actor, advice_id: str, *, text: str, locale: str) -> None:
        """Keep the words that were shown. Once: a second call changes nothing. Raises NotFound."""

        def work(uow: UnitOfWork) -> None:
            advice: Advice = uow.advice.get(advice_id, lock=True)
            access.require(actor, "advice.ask", owner_id=advice.customer_id)
            if not advice.text:
                shown = text[:TEXT_MAX_CHARS]
                uow.advice.save(replace(advice, text=shown, locale=locale))

        self._store.write(work)

    def note_person(self, actor: Actor, advice_id: str, case_id: str) -> None:
        """Keep which case the customer opened about an advice. Raises NotFound."""

        def work(uow: UnitOfWork) -> None:
            advice: Advice = uow.advice.get(advice_id, lock=True)
            access.require(actor, "advice.ask", owner_id=advice.customer_id)
            uow.advice.save(replace(advice, case_id=CaseId(case_id)))

        self._store.write(work)

    def get(self, actor: Actor, advice_id: str) -> Advice:
        """Return one advice to its customer or to staff. Raises NotFound, NotPermitted."""
        advice: Advice = self._store.read(lambda uow: uow.advice.get(advice_id))
        access.require(actor, "advice.read", owner_id=advice.customer_id)
        return advice

    def given(
        self, actor: Actor, customer_id: str | None = None, *, limit: int = 20
    ) -> list[Advice]:
        """Return what a customer was advised, the newest first."""
        owner_id = CustomerId(customer_id) if customer_id else actor.require_customer()
        access.require(actor, "advice.read", owner_id=owner_id)
        return self._store.read(
            lambda uow: uow.advice.list(
                customer_id=owner_id, order_by="given_at_utc", descending=True, limit=limit
            )
        )

    def _made(
        self, actor: Actor, customer_id: CustomerId, amount: Money, *, horizon_years: int | None
    ) -> Advice:
        """Return a recommendation that passed the gate twice."""
        _check(amount, horizon_years)
        facts = self._facts(customer_id)
        refusals = suitability.refusals_of(facts.customer, facts.profile, now_utc=self._clock())
        if refusals or facts.profile is None:
            raise AdviceRefused(reasons=",".join(refusals))
        limits = suitability.limits_of(facts.profile, horizon_years=horizon_years)
        ruled_out = {one.id: suitability.judge(limits, one) for one in facts.instruments}
        wish = wish_of(facts.profile, amount, facts, limits=limits, ruled_out=ruled_out)
        proposal = self._adviser.propose(wish)
        self._check_again(actor, wish, proposal, limits)
        return Advice(
            id=make_id("ad"),
            customer_id=facts.customer.id,
            conversation_id=actor.conversation_id,
            profile_id=facts.profile.id,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
            lines=tuple(_line(one) for one in proposal.lines),
            refused={
                one: list(ruled_out[one]) for one in proposal.first_otherwise if ruled_out.get(one)
            },
            inputs=_inputs(wish, facts),
            risk=proposal.risk,
            model_version=proposal.model_version,
            text="",
            locale=facts.customer.locale,
            given_at_utc=self._clock(),
        )

    def _facts(self, customer_id: CustomerId) -> _Facts:
        def read(uow: UnitOfWork) -> _Facts:
            held = holdings_in(uow, customer_id)
            return _Facts(
                customer=uow.customers.get(customer_id),
                profile=newest_profile(uow, customer_id),
                instruments=uow.instruments.list(),
                held_minor={one.instrument.id: one.worth_minor or 0 for one in held},
            )

        return self._store.read(read)

    def _check_again(
        self, actor: Actor, wish: AdviceWish, proposal: Proposal, limits: suitability.Limits
    ) -> None:
        """Refuse, and write down, a proposal that is not what was asked for."""
        bought: Counter[InstrumentId] = Counter()
        for line in proposal.lines:
            bought[line.instrument_id] += line.amount_minor
        is_whole = sum(bought.values()) == wish.amount_minor and all(
            amount_minor > 0 for amount_minor in bought.values()
        )
        known = (*wish.allowed, *wish.others)
        broken = suitability.violations(
            limits, bought, instruments=known, held_minor=wish.held_minor
        )
        foreign = set(bought) - {one.id for one in wish.allowed}
        if is_whole and not broken and not foreign:
            return

        def work(uow: UnitOfWork) -> None:
            self._audit.append_in(
                uow, actor, "advice.give", wish.customer_id, "refused", "unsuitable",
                {"model": proposal.model_version, "instruments": ",".join([*broken, *foreign])},
            )  # fmt: skip

        self._store.write(work)
        raise AdviserUnavailable


def wish_of(
    profile: InvestorProfile,
    amount: Money,
    facts: _Facts,
    *,
    limits: suitability.Limits,
    ruled_out: Mapping[InstrumentId, Sequence[suitability.Unsuitable]],
) -> AdviceWish:
    """Return what the adviser is asked: only what passes. Raises NothingSuitable.

    ruled_out: of each instrument, what `limits` say against it.
    """
    rooms = {
        one.id: suitability.room_minor(
            one, held_minor=facts.held_minor, amount_minor=amount.amount_minor
        )
        for one in facts.instruments
        if not ruled_out[one.id] and one.currency == amount.currency
    }
    allowed = tuple(one for one in facts.instruments if rooms.get(one.id, 0) > 0)
    if sum(rooms.values()) < amount.amount_minor:
        ruled = Counter(code for codes in ruled_out.values() for code in codes)
        raise NothingSuitable(reasons=",".join(code for code, _ in ruled.most_common(3)))
    return AdviceWish(
        customer_id=facts.customer.id,
        profile=profile,
        amount_minor=amount.amount_minor,
        currency=amount.currency,
        horizon_years=limits.horizon_years,
        risk_class_max=limits.risk_class_max,
        allowed=allowed,
        room_minor={one.id: rooms[one.id] for one in allowed},
        others=tuple(one for one in facts.instruments if rooms.get(one.id, 0) <= 0),
        held_minor=facts.held_minor,
    )


def amount_bounds() -> tuple[Money, Money]:
    """Return the least and the most that advice is given on."""
    table = load_table("suitability")["amount_minor"]
    return Money(int(table["min"]), table["currency"]), Money(int(table["max"]), table["currency"])


def _check(amount: Money, horizon_years: int | None) -> None:
    least, most = amount_bounds()
    if amount.currency != least.currency:
        raise InvalidInput(field="currency", allowed=[least.currency])
    if not least.amount_minor <= amount.amount_minor <= most.amount_minor:
        raise InvalidAmount(field="amount", min=least, max=most)
    if horizon_years is not None and not 0 <= horizon_years <= HORIZON_YEARS_MAX:
        raise InvalidInput(field="horizon_years", allowed=[0, HORIZON_YEARS_MAX])


def _inputs(wish: AdviceWish, facts: _Facts) -> dict[str, Any]:
    closes = [one.close_on_utc for one in wish.allowed if one.close_on_utc is not None]
    return {
        "horizon_years": wish.horizon_years,
        "risk_class_max": wish.risk_class_max,
        "answers": wish.profile.answers,
        "held_minor": dict(facts.held_minor),
        "allowed_count": len(wish.allowed),
        "market_day": max(closes).date().isoformat() if closes else "",
    }


def _line(one: AdviceLine) -> dict[str, Any]:
    return {**asdict(one), "reasons": list(one.reasons)}
