"""Offer rates: how an offer has done so far among people who keep what this person keeps.

    offer × segment ─▶ shown, wanted ─▶ a Beta posterior's mean (policies/offers)

The bank's own counts: there from the first day, and never surer than the answers allow. A showing
nobody answered counts as not wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bank.domain.offers import OfferReply, Rate
from bank.policies.offers import chance
from bank.ports import Store


class OfferRates:
    """Chances from counts; an `OfferScores` port."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def chances(self, codes: Sequence[str], *, segment: str) -> Mapping[str, float]:
        """Return the chance that somebody of this segment wants each offer."""
        return {code: chance(self.rate(code, segment=segment)) for code in codes}

    def rate(self, code: str, *, segment: str) -> Rate:
        """Return the counts of one offer in one segment."""
        return self._store.read(
            lambda uow: Rate(
                shown=uow.offer_answers.count(offer=code, segment=segment),
                wanted=uow.offer_answers.count(
                    offer=code, segment=segment, answer=OfferReply.INTERESTED
                ),
            )
        )
