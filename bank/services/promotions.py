"""Promotions of models: one member of staff proposes, another one approves; both are written down.

    propose ─▶ approve (somebody else, the same card, the same champion) ─▶ carried_out
            └▶ reject, withdraw

One proposal a model waits at a time, so the second person always knows which one they approve.
Who may: bank/policies/access.toml. The swap itself is carried out by whoever serves the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from bank.domain import promotions as rules
from bank.domain.actors import Actor
from bank.domain.errors import Conflict
from bank.domain.ids import make_id
from bank.domain.promotions import Promotion, PromotionAct, PromotionState
from bank.domain.security_events import SecurityEventKind
from bank.policies.access import require
from bank.ports import Clock, Store, UnitOfWork
from bank.services.audit import Audit
from bank.services.security_events import SecurityEvents

LIST_MAX = 200
_DONE = {PromotionAct.PROMOTE: "model.promote", PromotionAct.ROLLBACK: "model.rollback"}
_EVENTS = {
    PromotionAct.PROMOTE: SecurityEventKind.MODEL_PROMOTED,
    PromotionAct.ROLLBACK: SecurityEventKind.MODEL_ROLLED_BACK,
}
_MAY_PROPOSE = {
    PromotionAct.PROMOTE: "models.propose",
    PromotionAct.ROLLBACK: "models.propose_rollback",
}


class Promotions:
    """Who said which version of a model may serve."""

    def __init__(self, store: Store, *, clock: Clock, audit: Audit, events: SecurityEvents) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self._events = events

    def propose(
        self,
        actor: Actor,
        act: PromotionAct | str,
        *,
        model: str,
        from_version: str | None,
        to_version: str,
        card_digest: str,
        reason: str,
    ) -> Promotion:
        """Propose that another version serves.

        Raises NotPermitted, InvalidInput, InvalidText, Conflict (another proposal waits).
        """
        act = PromotionAct(act)
        require(actor, _MAY_PROPOSE[act])
        now_utc = self._clock()
        promotion = rules.propose(
            make_id("pm"),
            act,
            model=model,
            from_version=from_version,
            to_version=to_version,
            card_digest=card_digest,
            reason=reason,
            by=actor.require_staff(),
            now_utc=now_utc,
        )

        def work(uow: UnitOfWork) -> Promotion:
            for held in uow.promotions.list(model=model, state=PromotionState.PROPOSED):
                if rules.state_at(held, now_utc) is PromotionState.PROPOSED:
                    raise Conflict(reason="another_waits", promotion_id=held.id)
                uow.promotions.save(replace(held, state=PromotionState.EXPIRED))
            uow.promotions.add(promotion)
            self._record_in(uow, actor, promotion, "model.propose")
            return promotion

        return self._store.write(work)

    def approve(
        self, actor: Actor, promotion_id: str, *, card_digest: str, from_version: str | None
    ) -> Promotion:
        """Approve what somebody else proposed: this card, in place of this version.

        Raises NotPermitted, NotFound, SecondPersonNeeded, Conflict (decided, expired, or the card
        or the version that serves is another by now).
        """
        return self._decide(
            actor,
            promotion_id,
            lambda held: rules.approve(
                held,
                card_digest=card_digest,
                from_version=from_version,
                by=actor.require_staff(),
                now_utc=self._clock(),
            ),
        )

    def reject(self, actor: Actor, promotion_id: str) -> Promotion:
        """Reject what somebody else proposed. Raises as `approve`."""
        return self._decide(
            actor,
            promotion_id,
            lambda held: rules.reject(held, by=actor.require_staff(), now_utc=self._clock()),
        )

    def withdraw(self, actor: Actor, promotion_id: str) -> Promotion:
        """Take one's own proposal back. Raises NotPermitted, NotFound, Conflict."""
        by = actor.require_staff()

        def work(uow: UnitOfWork) -> Promotion:
            held: Promotion = uow.promotions.get(promotion_id, lock=True)
            after = rules.withdraw(held, by=by, now_utc=self._clock())
            uow.promotions.save(after)
            self._record_in(uow, actor, after, "model.withdraw")
            return after

        return self._store.write(work)

    def carried_out(self, actor: Actor, promotion_id: str) -> Promotion:
        """Write down that the swap was made. The bank only; twice is once. Raises Conflict."""
        require(actor, "models.carry_out")

        def work(uow: UnitOfWork) -> Promotion:
            held: Promotion = uow.promotions.get(promotion_id, lock=True)
            after = rules.carried_out(held, now_utc=self._clock())
            if after != held:
                uow.promotions.save(after)
                self._record_in(uow, actor, after, "model.carry_out")
                self._report_in(uow, actor, after)
            return after

        return self._store.write(work)

    def waiting(self, actor: Actor, model: str) -> Promotion | None:
        """Return the proposal about a model that waits for a second person, or None."""
        require(actor, "models.read")
        now_utc = self._clock()
        held = self._store.read(
            lambda uow: uow.promotions.list(model=model, state=PromotionState.PROPOSED)
        )
        alive = [one for one in held if rules.state_at(one, now_utc) is PromotionState.PROPOSED]
        return alive[-1] if alive else None

    def unfinished(self, actor: Actor, model: str) -> Promotion | None:
        """Return the newest approved swap that nobody has carried out, or None."""
        require(actor, "models.read")
        held: Sequence[Promotion] = self._store.read(
            lambda uow: uow.promotions.list(model=model, state=PromotionState.APPROVED)
        )
        return held[-1] if held and held[-1].carried_out_at_utc is None else None

    def list(self, actor: Actor, *, model: str | None = None) -> Sequence[Promotion]:
        """Return the newest proposals with their states as of now. Staff, the bank."""
        require(actor, "models.read")
        asked: dict[str, Any] = {} if model is None else {"model": model}
        now_utc = self._clock()
        held = self._store.read(
            lambda uow: uow.promotions.list(order_by="id", descending=True, limit=LIST_MAX, **asked)
        )
        return [replace(one, state=rules.state_at(one, now_utc)) for one in held]

    def _decide(
        self, actor: Actor, promotion_id: str, decide: Callable[[Promotion], Promotion]
    ) -> Promotion:
        require(actor, "models.approve")

        def work(uow: UnitOfWork) -> Promotion:
            after = decide(uow.promotions.get(promotion_id, lock=True))
            uow.promotions.save(after)
            is_yes = after.state is PromotionState.APPROVED
            self._record_in(uow, actor, after, _DONE[after.act] if is_yes else "model.reject")
            return after

        return self._store.write(work)

    def _report_in(self, uow: UnitOfWork, actor: Actor, done: Promotion) -> None:
        """Tell the security desk that another version serves, and who wanted it."""
        self._events.report_in(
            uow, actor, _EVENTS[done.act], subject=done.model, reason=done.act.value,
            details={
                "promotion_id": done.id,
                "proposed_by": done.proposed_by,
                "decided_by": done.decided_by or "",
                "from_version": done.from_version or "",
                "to_version": done.to_version,
            },
        )  # fmt: skip

    def _record_in(self, uow: UnitOfWork, actor: Actor, promotion: Promotion, action: str) -> None:
        self._audit.append_in(
            uow, actor, action, promotion.id,
            details={
                "act": str(promotion.act),
                "model": promotion.model,
                "from": promotion.from_version or "",
                "to": promotion.to_version,
                "card_digest": promotion.card_digest,
            },
        )  # fmt: skip
