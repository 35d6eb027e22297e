"""Audiences: streams the members of an audience, a page of customers at a time.

Reads customers, the kinds of accounts they keep, and their segment; nothing else of them. What a
rule may ask is `domain/audiences.py`, a closed list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bank.campaign_ports import Segments
from bank.domain.accounts import AccountKind, AccountStatus
from bank.domain.audiences import Member, Value, fits
from bank.domain.campaigns import Campaign
from bank.domain.customers import Customer
from bank.domain.errors import NotFound
from bank.ports import Clock, Store, UnitOfWork

PAGE_ROWS = 2_000
_OPEN = (AccountStatus.ACTIVE, AccountStatus.RESTRICTED)


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
        count, after = 0, ""
        while True:
            after, chosen = self._page(audience, after=after, limit=PAGE_ROWS)
            if not after:
                return count
            count += len(chosen)

    def _page(
        self, audience: Mapping[str, Any], *, after: str, limit: int
    ) -> tuple[str, list[str]]:
        asked = {rule["feature"] for rule in audience["rules"]}

        def read(uow: UnitOfWork) -> tuple[list[Customer], Mapping[str, set[str]]]:
            people = uow.customers.list(id__gt=after, limit=limit)
            wants = bool(people) and bool(asked - _PLAIN)
            return people, _kept(uow, people) if wants else {}

        people, kept = self._store.read(read)
        if not people:
            return "", []
        codes = self._codes([one.id for one in people], audience)
        today = self._clock().date()
        chosen: list[str] = [
            one.id
            for one in people
            if fits(audience, Member(one.id, codes.get(one.id), _features(one, kept, asked, today)))
        ]
        return people[-1].id, chosen

    def is_member(self, campaign: Campaign, customer: Customer) -> bool:
        """Whether one customer belongs to a campaign's audience now."""
        asked = {rule["feature"] for rule in campaign.audience["rules"]}
        kept = self._store.read(lambda uow: _kept(uow, [customer]))
        code = self._codes([customer.id], campaign.audience).get(customer.id)
        features = _features(customer, kept, asked, self._clock().date())
        return fits(campaign.audience, Member(customer.id, code, features))

    def mix(self, customer_id: str) -> str:
        """Return what somebody keeps with the bank, in a word: investor, saver, current, none.

        Raises NotFound.
        """

        def read(uow: UnitOfWork) -> set[str]:
            customer: Customer = uow.customers.get(customer_id)
            return set(_kept(uow, [customer]).get(customer_id, set()))

        kept = self._store.read(read)
        words = (("holding", "investor"), (str(AccountKind.SAVINGS), "saver"))
        found = next((word for kind, word in words if kind in kept), None)
        return found or ("current" if str(AccountKind.CURRENT) in kept else "none")

    def _codes(self, ids: Sequence[str], audience: Mapping[str, Any]) -> Mapping[str, str]:
        if not audience["segments"]:
            return {}
        if self._segments is None:
            raise NotFound(table="segments", version=audience["segment_version"])
        return self._segments.codes(ids, version=audience["segment_version"])


#: What the customer's own record tells.
_PLAIN = frozenset({"age_years", "country", "kyc_tier", "locale", "tenure_days"})


def _kept(uow: UnitOfWork, people: Sequence[Customer]) -> Mapping[str, set[str]]:
    """Return by customer which kinds of accounts they keep, and "holding" of investors."""
    ids = tuple(one.id for one in people)
    kept: dict[str, set[str]] = defaultdict(set)
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        # Whether an account is restricted may be a suspicion: it is neither asked nor told.
        for account in uow.accounts.list(customer_id=some, status=_OPEN):
            kept[account.customer_id].add(str(account.kind))
        for holding in uow.holdings.list(customer_id=some):
            kept[holding.customer_id].add("holding")
    return kept


def _features(
    customer: Customer, kept: Mapping[str, set[str]], asked: set[str], today: date
) -> dict[str, Value]:
    features: dict[str, Value] = {
        "country": customer.country,
        "kyc_tier": customer.kyc_tier,
        "locale": customer.locale,
        "tenure_days": (today - customer.created_at_utc.date()).days,
    }
    if customer.birth_date is not None and "age_years" in asked:
        features["age_years"] = age_years(date.fromisoformat(customer.birth_date), today=today)
    if asked - _PLAIN:
        kinds = kept.get(customer.id, set())
        features["has_current"] = str(AccountKind.CURRENT) in kinds
        features["has_savings"] = str(AccountKind.SAVINGS) in kinds
        features["has_investments"] = "holding" in kinds
    return features


def age_years(born: date, *, today: date) -> int:
    """Return the full years of somebody born then.

    >>> age_years(date(2000, 3, 2), today=date(2026, 3, 1))
    25
    """
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
