"""Who told what when, and who bought what when: cut at a moment, and what came after it.

    profiles, holdings ──▶ Histories ──at(moment)──▶ Book: rows, what was held, limits
                                     └─bought_between──▶ what the people of a book bought later

`at` looks at nothing later than its moment: answers given later, holdings bought later and the
columns that follow from them are not there yet. Holdings that were sold before are unknown to the
bank's table of holdings, so a history tells a little too well of those who stayed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analytics.advice import profiles as columns
from analytics.advice.catalogue import Catalogue, Mask
from bank.domain.instruments import Holding
from bank.domain.investors import InvestorProfile
from bank.policies.suitability import Limits, limits_of

Floats32: TypeAlias = NDArray[np.float32]
Places: TypeAlias = NDArray[np.intp]
Moments: TypeAlias = NDArray[np.datetime64]


@dataclass(frozen=True)
class Book:
    """People as of a moment, row by row.

    people: their numbers in the histories. rows: shape (n, COLUMNS_COUNT). holdings: CSR of
    0 and 1, shape (n, instruments). masks: shape (kinds of limits, instruments), what fits each
    kind; mask_of: each person's kind.
    """

    people: Places
    rows: Floats32
    holdings: Any
    masks: Mask
    mask_of: Places

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many instruments each person holds, shape (n,)."""
        found: NDArray[np.int64] = np.diff(self.holdings.indptr).astype(np.int64)
        return found

    def some(self, which: Places) -> Book:
        """Return the book of some of its people."""
        return Book(
            self.people[which], self.rows[which], self.holdings[which], self.masks,
            self.mask_of[which],
        )  # fmt: skip

    def unmasked(self) -> Book:
        """Return the book as if everything fitted everybody: what published figures rank."""
        return Book(
            self.people, self.rows, self.holdings,
            np.ones((1, self.masks.shape[1]), bool), np.zeros(len(self.people), np.intp),
        )  # fmt: skip


class Histories:
    """All that is known of investors, in time."""

    def __init__(
        self,
        catalogue: Catalogue,
        profiles: Sequence[InvestorProfile],
        holdings: Sequence[Holding],
        *,
        income_month_minor: Mapping[str, int] | None = None,
    ) -> None:
        """profiles: all of each customer, also old ones. Holdings of who told nothing are left out.

        income_month_minor: by customer id; who is not in it has an unknown one.
        """
        incomes = income_month_minor or {}
        kept = sorted(profiles, key=lambda one: one.taken_at_utc)
        self.catalogue = catalogue
        self.customers = tuple(sorted({str(one.customer_id) for one in kept}))
        place = {who: number for number, who in enumerate(self.customers)}
        rows = [
            columns.row_of(one, income_month_minor=incomes.get(one.customer_id), held=())
            for one in kept
        ]
        self._rows: Floats32 = np.array(rows, np.float32).reshape(-1, columns.COLUMNS_COUNT)
        self._who: Places = np.array([place[one.customer_id] for one in kept], np.intp)
        self._told_at = moments_of([one.taken_at_utc for one in kept])
        self._limits = [limits_of(one) for one in kept]
        known = [
            one for one in holdings
            if one.customer_id in place and one.instrument_id in catalogue.place
        ]  # fmt: skip
        self._owner: Places = np.array([place[one.customer_id] for one in known], np.intp)
        self._what: Places = np.array(
            [catalogue.place[one.instrument_id] for one in known], np.intp
        )
        self._since = moments_of([one.since_utc for one in known])

    def at(self, moment_utc: datetime) -> Book:
        """Return everybody who had told something by a moment, with what they held then."""
        return self._book(moment_utc, self._since <= _moment(moment_utc))

    def _book(self, moment_utc: datetime, held: NDArray[np.bool_]) -> Book:
        told = np.flatnonzero(self._told_at <= _moment(moment_utc))
        # Profiles are in order of time, so the last one of each person wins.
        newest = np.full(len(self.customers), -1, np.intp)
        newest[self._who[told]] = told
        people = np.flatnonzero(newest >= 0)
        holdings = self._held(held, people)
        risk = np.array([one.risk_class for one in self.catalogue.instruments], np.float64)
        counts = np.diff(holdings.indptr).astype(np.int64)
        risks = np.asarray(holdings @ risk, np.float64) / np.maximum(counts, 1)
        masks, mask_of = self._masks([self._limits[place] for place in newest[people]])
        rows = columns.with_holdings(self._rows[newest[people]], counts, risks)
        return Book(people, rows, holdings, masks, mask_of)

    def bought_between(self, book: Book, from_utc: datetime, to_utc: datetime) -> Any:
        """Return what the book's people bought after a moment until another, and did not hold.

        CSR of 0 and 1, in the book's order.
        """
        later = (self._since > _moment(from_utc)) & (self._since <= _moment(to_utc))
        bought = self._held(later, book.people)
        return sparse.csr_array(bought - bought.multiply(book.holdings))

    def last_out(self, moment_utc: datetime) -> tuple[Book, Any]:
        """Return the book of a moment without each person's latest holding, and those, as CSR.

        Only of people who hold at least two: who is left with nothing says nothing of the rest.
        """
        known = self._since <= _moment(moment_utc)
        order = np.lexsort((self._since, self._owner))
        order = order[known[order]]
        is_last = np.append(self._owner[order][1:] != self._owner[order][:-1], True)[: len(order)]
        counts = np.bincount(self._owner[order], minlength=len(self.customers))
        hidden = np.zeros(len(known), bool)
        hidden[order[is_last & (counts[self._owner[order]] > 1)]] = True
        book = self._book(moment_utc, known & ~hidden)
        latest = self._held(hidden, book.people)
        return book, sparse.csr_array(latest - latest.multiply(book.holdings))

    def last_utc(self) -> datetime | None:
        """Return when the last holding was bought; None without any."""
        if not len(self._since):
            return None
        return datetime.fromtimestamp(int(self._since.max().astype(np.int64)), UTC)

    def _held(self, which: NDArray[np.bool_], people: Places) -> Any:
        """Return some holdings as a matrix of these people: 1 however often it was bought."""
        shape = (len(self.customers), len(self.catalogue))
        ones = np.ones(int(which.sum()), np.float32)
        found = sparse.csr_array((ones, (self._owner[which], self._what[which])), shape=shape)
        found.data[:] = 1.0
        return sparse.csr_array(found[people])

    def _masks(self, limits: Sequence[Limits]) -> tuple[Mask, Places]:
        kinds: dict[Limits, int] = {}
        mask_of = np.array([kinds.setdefault(one, len(kinds)) for one in limits], np.intp)
        masks = [self.catalogue.allowed(one) for one in kinds]
        return np.array(masks, bool).reshape(len(masks), len(self.catalogue)), mask_of


def moments_of(moments: Sequence[datetime]) -> Moments:
    """Return moments as seconds, UTC without a zone."""
    return np.array([_moment(one) for one in moments], "datetime64[s]")


def _moment(moment_utc: datetime) -> np.datetime64:
    return np.datetime64(moment_utc.astimezone(UTC).replace(tzinfo=None), "s")
