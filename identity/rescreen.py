"""Screening all customers again when a list has changed: hits become alerts for compliance.

    refresh ─▶ what changed ─▶ every customer, 500 at a time ─▶ an open hit ─▶ a case of kind alert

One hit is one case: its key is customer, entry and the entry's digest, so a weekly run over the
same lists opens nothing twice, and a case that was resolved stays resolved until the entry changes.
The customer is told nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from bank.domain.actors import SYSTEM
from bank.domain.cases import CaseKind, Priority
from identity.screening.rescreening import Person, rescreen, settled_key

if TYPE_CHECKING:
    from bank.bootstrap import Bank
    from identity.screening import Hit, ScreeningLists

PAGE_COUNT = 500


def screen_customers(
    bank: Bank,
    lists: ScreeningLists,
    *,
    previous: ScreeningLists | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Open a case for every open hit; return how many hits there were.

    With `previous`, only what changed since is looked for. `progress` gets customers so far.
    """
    hits_count = 0
    for person, hits in rescreen(lists, _people(bank, progress), previous=previous):
        for hit in hits:
            _open_case(bank, person, hit)
        hits_count += len(hits)
    return hits_count


def _people(bank: Bank, progress: Callable[[int], None]) -> Iterator[Person]:
    after = ""
    while page := bank.customers.page(SYSTEM, after=after, limit=PAGE_COUNT):
        for customer in page:
            born = date.fromisoformat(customer.birth_date) if customer.birth_date else None
            yield Person(customer.id, customer.full_name, born, customer.country)
        after = page[-1].id
        progress(len(page))


def _open_case(bank: Bank, person: Person, hit: Hit) -> None:
    bank.cases.open(
        SYSTEM,
        kind=CaseKind.ALERT,
        queue="alerts",
        subject=f"{person.name}: {hit.name} ({hit.list_name})",
        reason_code="screening_candidate",
        why="; ".join(one.text for one in hit.reasons),
        customer_id=person.person_id,
        priority=Priority.HIGH,
        idempotency_key=f"screening:{settled_key(person.person_id, hit)}",
    )
