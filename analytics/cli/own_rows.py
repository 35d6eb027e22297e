"""The bank's own rows for a model it learnt from them: those it has seen, and those since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analytics.models import Recipe
    from analytics.registry import Card
    from analytics.retraining import Rows


@dataclass(frozen=True)
class OwnRows:
    """Rows until the model's window ended, rows since, and how its tenant learns."""

    older: Rows
    newer: Rows
    recipe: Recipe
    slices: tuple[str, ...]
    #: The figure by which a challenger must be better.
    judged_by: str


def newest(rows: Rows, days: int) -> Rows:
    """Return the rows of the last days, counted back from the newest of them."""
    import numpy as np

    assert rows.moments is not None, "the bank's own rows have moments"
    first = rows.moments.searchsorted(rows.moments[-1] - np.timedelta64(days, "D"), side="right")
    return rows.part(int(first), len(rows))


def own_rows(name: str, card: Card) -> OwnRows:
    """Return the rows of a tenant as of now, parted where the card's window ends.

    Raises NoSuchModel (no tenant of this name), CannotLearn: the card has no moment, or no row is
    later than it.
    """
    import numpy as np

    from analytics import tenants
    from analytics.errors import CannotLearn
    from analytics.retraining import Rows
    from bank.bootstrap import open_bank
    from bank.settings import load_settings

    tenant = tenants.tenant(name)
    if not card.window.to_utc:
        raise CannotLearn(f"The card of {name} does not say until when it learnt; give --data.")
    bank = open_bank(load_settings())
    try:
        table, labels, _ = tenant.table(bank, as_of_utc=datetime.now(UTC))
    finally:
        bank.store.close()
    moments = table[tenants.MOMENT].dt.tz_convert(None).to_numpy("datetime64[s]")
    order = moments.argsort(kind="stable")
    rows = Rows(table.iloc[order].reset_index(drop=True), labels[order], moments[order])
    assert rows.moments is not None
    ended = datetime.fromisoformat(card.window.to_utc).astimezone(UTC).replace(tzinfo=None)
    cut = int(rows.moments.searchsorted(np.datetime64(ended), side="right"))
    if cut == len(rows):
        raise CannotLearn(f"No row of {name} is later than {card.window.to_utc}: wait for more.")
    how = tenant.quick if card.recipe == tenant.quick.name else tenant.recipe
    return OwnRows(
        rows.part(0, cut), rows.part(cut, len(rows)), how, tenant.slices, tenant.judged_by
    )
