"""Audiences: streams the members of an audience, a page of customers at a time.

Reads customers, what rules ask of them (audience_features.py), and their segment; nothing else.
What a rule may ask is `domain/audience_rules.py`, a closed list. Memory holds one page.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bank.campaign_ports import Segments
from bank.domain.accounts import AccountKind
from bank.domain.audiences import is_named
from bank.domain.campaigns import Campaign
from bank.domain.customers import Customer
from bank.domain.errors import NotFound
from bank.ports import Clock, Store, UnitOfWork
from bank.services.audience_features import kept_by, sort_out

PAGE_ROWS = 2_000
_IDS_CHUNK = 500


class Audiences:
    """Whom a campaign is for."""

    def __init__(self, store: Store, *, clock: Clock, segments: Segments | None = None) -> None:
        self._store = store
        self._clock = clock
        self._segments = segments

    def use(self, segments: Segments) -> None:
        """Ask these for segments from now on."""
        self._segments = segments

    def page(
        self, campaign: Campaign, *, after: str, limit: int = PAGE_ROWS
    ) -> tuple[str, list[str]]:
        """Return the last customer looked at behind `after` ("" none is left), and who fits.

        Raises NotFound: the segments, or the version the campaign was made for, are not there.
        """
        return self._page(campaign.audience, after=after, limit=limit)

    def count(self, audience: Mapping[str, Any]) -> int:
        """Return how many fit an audience in its normal form now. Raises NotFound, as `page`."""
        return sum(len(chosen) for chosen in self._pages(audience))

    def is_empty(self, audience: Mapping[str, Any]) -> bool:
        """Whether nobody fits an audience in its normal form now. Raises NotFound, as `page`."""
        return not any(self._pages(audience))

    def sample(
        self, audience: Mapping[str, Any], *, most: int, seed: str
    ) -> tuple[int, list[str]]:
        """Return how many fit now, and at most `most` of them, each as likely as any other.

        The same seed and people give the same sample (reservoir: Vitter 1985, algorithm R).
        Raises NotFound, as `page`.
        """
        chance, held, count = random.Random(seed), list[str](), 0  # noqa: S311  no secret
        for chosen in self._pages(audience):
            for one in chosen:
                count += 1
                if len(held) < most:
                    held.append(one)
                elif (place := chance.randrange(count)) < most:
                    held[place] = one
        return count, sorted(held)

    def is_member(self, campaign: Campaign, customer: Customer) -> bool:
        """Whether one customer belongs to a campaign's audience now. Raises NotFound, as `page`."""
        audience = campaign.audience
        chosen = self._store.read(lambda uow: self._fitting(uow, audience, [customer]))
        return bool(self._of_segments(chosen, audience))

    def mix(self, customer_id: str) -> str:
        """Return what somebody keeps with the bank, in a word: investor, saver, current, none.

        Raises NotFound.
        """

        def read(uow: UnitOfWork) -> set[str]:
            uow.customers.get(customer_id)
            return kept_by(uow, customer_id)

        kept = self._store.read(read)
        words = (("holding", "investor"), (str(AccountKind.SAVINGS), "saver"))
        found = next((word for kind, word in words if kind in kept), None)
        return found or ("current" if str(AccountKind.CURRENT) in kept else "none")

    def _pages(self, audience: Mapping[str, Any]) -> Iterator[list[str]]:
        after = ""
        while True:
            after, chosen = self._page(audience, after=after, limit=PAGE_ROWS)
            if not after:
                return
            yield chosen

    def _page(
        self, audience: Mapping[str, Any], *, after: str, limit: int
    ) -> tuple[str, list[str]]:
        def read(uow: UnitOfWork) -> tuple[str, list[str]]:
            last_id, people = _people_behind(uow, audience, after, limit)
            return last_id, self._fitting(uow, audience, people)

        last_id, chosen = self._store.read(read)
        return last_id, self._of_segments(chosen, audience)

    def _fitting(
        self, uow: UnitOfWork, audience: Mapping[str, Any], people: Sequence[Customer]
    ) -> list[str]:
        """Return who is named, if anybody is, and fits all rules."""
        meant = [one for one in people if is_named(audience, one.id)]
        return list[str](sort_out(uow, meant, audience["rules"], self._clock().date()))

    def _of_segments(self, ids: list[str], audience: Mapping[str, Any]) -> list[str]:
        """Return those of the segments asked for. Raises NotFound."""
        if not audience["segments"] or not ids:
            return ids
        if self._segments is None:
            raise NotFound(table="segments", version=audience["segment_version"])
        codes = self._segments.codes(ids, version=audience["segment_version"])
        return [one for one in ids if codes.get(one) in audience["segments"]]


def _people_behind(
    uow: UnitOfWork, audience: Mapping[str, Any], after: str, limit: int
) -> tuple[str, list[Customer]]:
    """Return the last id looked at behind `after` ("" none is left), and the people up to it.

    Of a named list only those named are read; one that is gone is passed by.
    """
    named = audience.get("customer_ids")
    if named is None:
        people: list[Customer] = uow.customers.list(id__gt=after, limit=limit)
        return (people[-1].id if people else ""), people
    some = named[(begin := bisect_right(named, after)) : begin + limit]
    found: list[Customer] = []
    for start in range(0, len(some), _IDS_CHUNK):
        found += uow.customers.list(id=tuple(some[start : start + _IDS_CHUNK]))
    return (some[-1] if some else ""), found
