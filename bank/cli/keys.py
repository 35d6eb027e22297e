"""`florin keys`: which systems may call the scoring door.

florin keys make "card switch" --scope score:fraud     the key is shown once
florin keys list                                       whose, what for, until when
florin keys revoke ak_…                                over with the next call
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.table import Table

from bank.bootstrap import open_bank
from bank.cli.output import Json, out, print_json
from bank.domain.actors import SYSTEM
from bank.domain.api_keys import ApiKey
from bank.services.api_keys import DEFAULT_DAYS
from bank.settings import load_settings

app = typer.Typer(no_args_is_help=True)


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="The system whose key it is.")],
    *,
    scope: Annotated[list[str], typer.Option(help="score:<model> or score:*; may be repeated.")],
    days: Annotated[int, typer.Option(help="How long it is good for.")] = DEFAULT_DAYS,
    as_json: Json = False,
) -> None:
    """Make a key. It is printed once and cannot be shown again."""
    text, key = open_bank(load_settings()).api_keys.make(SYSTEM, name=name, scopes=scope, days=days)
    if as_json:
        print_json({**_told(key), "key": text})
        return
    out.print(f"{key.id} for {key.name}, {', '.join(key.scopes)}, until {_day(key)}", markup=False)
    out.print(text, markup=False, soft_wrap=True)
    out.print("It is shown this once. Send it as: Authorization: Bearer <key>", style="dim")


@app.command("list")
def list_keys(*, as_json: Json = False) -> None:
    """Show all keys, also those that are over."""
    keys = open_bank(load_settings()).api_keys.list(SYSTEM)
    if as_json:
        print_json({"keys": [_told(key) for key in keys]})
        return
    table = Table("id", "system", "may", "until", "state")
    for key in keys:
        table.add_row(key.id, key.name, ", ".join(key.scopes), _day(key), _state(key))
    out.print(table)


@app.command()
def revoke(key_id: str, *, as_json: Json = False) -> None:
    """End a key: its next call is refused."""
    key = open_bank(load_settings()).api_keys.revoke(SYSTEM, key_id)
    if as_json:
        print_json(_told(key))
    else:
        out.print(f"{key.id} of {key.name} is revoked", markup=False)


def _told(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "made_at_utc": key.made_at_utc.isoformat(),
        "expires_at_utc": key.expires_at_utc.isoformat(),
        "state": _state(key),
    }


def _state(key: ApiKey) -> str:
    if key.revoked_at_utc is not None:
        return "revoked"
    return "over" if datetime.now(UTC) >= key.expires_at_utc else "good"


def _day(key: ApiKey) -> str:
    return f"{key.expires_at_utc:%Y-%m-%d}"
