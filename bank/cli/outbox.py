"""`florin outbox`: what could not be delivered, and sending it again.

florin outbox dead             dead letters: what kind, to whom (masked), why
florin outbox retry ob_…       one of them, from the first try on
"""

from __future__ import annotations

import typer
from rich.table import Table

from bank.bootstrap import open_bank
from bank.cli.output import Json, out, print_json
from bank.domain.actors import SYSTEM
from bank.domain.outbox import OutboxItem, shown_recipient
from bank.settings import load_settings

app = typer.Typer(no_args_is_help=True)


@app.command()
def dead(*, as_json: Json = False) -> None:
    """Show what eight tries could not deliver, newest first. Bodies stay sealed."""
    bank = open_bank(load_settings())
    items, counts = bank.outbox.list_dead(SYSTEM), bank.outbox.count_by_state()
    if as_json:
        print_json({"dead": [_told(item) for item in items], "counts": counts})
        return
    table = Table("id", "kind", "to", "since", "tries", "last error")
    for item in items:
        told = _told(item)
        table.add_row(*(str(told[name]) for name in told))
    out.print(table)
    out.print(", ".join(f"{count:,} {state}" for state, count in counts.items()), style="dim")


@app.command()
def retry(item_id: str, *, as_json: Json = False) -> None:
    """Queue a dead letter again; the running branch delivers it."""
    item = open_bank(load_settings()).outbox.retry(SYSTEM, item_id)
    if as_json:
        print_json(_told(item))
    else:
        out.print(f"{item.id} waits for delivery again", markup=False)


def _told(item: OutboxItem) -> dict[str, object]:
    return {
        "id": item.id,
        "kind": str(item.kind),
        "to": shown_recipient(item),
        "since_utc": item.created_at_utc.isoformat(timespec="seconds"),
        "attempts": item.attempts,
        "last_error": item.last_error or "",
    }
