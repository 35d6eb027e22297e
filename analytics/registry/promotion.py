"""Promotion and roll-back: what two people agreed on in the bank, carried out in the registry.

    one person ──propose──▶ bank: this card instead of that version, and why
    another    ──approve──▶ bank: same card, same champion? ──▶ registry: swap ──▶ bank: done

The bank's word comes first and is exact; the swap compares it with what lies in the folder. A
process that dies in between leaves an approved promotion that is not carried out: `finish` does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from analytics.errors import NoSuchModel, NotApproved
from analytics.registry.cards import Fate
from analytics.registry.versions import Registry
from bank.domain.actors import SYSTEM, Actor
from bank.domain.promotions import Promotion, PromotionAct
from bank.services.promotions import Promotions


@dataclass(frozen=True, slots=True)
class Swaps:
    """The registry and the bank's promotions, together."""

    registry: Registry
    promotions: Promotions

    def propose_promotion(self, actor: Actor, name: str, version: str, *, reason: str) -> Promotion:
        """Propose that a version serves.

        Raises NoSuchModel, BrokenModel (it must be whole now), NotApproved (it serves already);
        the bank's NotPermitted, InvalidText, Conflict (another proposal waits).
        """
        card = self.registry.verify(name, version)
        return self._propose(actor, PromotionAct.PROMOTE, name, version, card.digest, reason)

    def propose_rollback(
        self, actor: Actor, name: str, *, reason: str, to: str | None = None
    ) -> Promotion:
        """Propose that the version before serves again, or the one named. Raises as above."""
        pointer = self.registry.pointer(name)
        wanted = to or (pointer.before if pointer else None)
        if wanted is None:
            raise NoSuchModel(f"No version of {name} served before. `models` lists them.")
        digest = self.registry.verify(name, wanted).digest
        return self._propose(actor, PromotionAct.ROLLBACK, name, wanted, digest, reason)

    def approve(self, actor: Actor, promotion: Promotion) -> Promotion:
        """Approve what somebody else proposed, and carry it out.

        The card and the champion are looked up now. Raises the bank's SecondPersonNeeded,
        NotPermitted, Conflict; BrokenModel, NotApproved, RegistryBusy.
        """
        card = self.registry.verify(promotion.model, promotion.to_version)
        approved = self.promotions.approve(
            actor,
            promotion.id,
            card_digest=card.digest,
            from_version=self._serving(promotion.model),
        )
        return self._carry_out(approved)

    def finish(self, name: str) -> Promotion | None:
        """Carry out what was approved and left, or None: there is nothing. Raises as approve."""
        left = self.promotions.unfinished(SYSTEM, name)
        if left is None:
            return None
        if self._serving(name) not in (left.from_version, left.to_version):
            return None  # the champion was changed since by others who agreed
        return self._carry_out(left)

    def _propose(
        self, actor: Actor, act: PromotionAct, name: str, version: str, digest: str, reason: str
    ) -> Promotion:
        serving = self._serving(name)
        if serving == version:
            raise NotApproved(f"{name} {version} serves already.")
        return self.promotions.propose(
            actor,
            act,
            model=name,
            from_version=serving,
            to_version=version,
            card_digest=digest,
            reason=reason,
        )

    def _carry_out(self, approved: Promotion) -> Promotion:
        if self._serving(approved.model) != approved.to_version:
            is_back = approved.act is PromotionAct.ROLLBACK
            self.registry.swap(
                approved.model,
                to=approved.to_version,
                instead_of=approved.from_version,
                card_digest=approved.card_digest,
                promotion=approved.id,
                fate_of_old=Fate.ROLLED_BACK if is_back else Fate.REPLACED,
            )
        return self.promotions.carried_out(SYSTEM, approved.id)

    def _serving(self, name: str) -> str | None:
        pointer = self.registry.pointer(name)
        return pointer.version if pointer else None
