"""`florin blocks`: which doors are closed to whom, closing one, opening it again.

florin blocks list                                      what is closed now (--all: what was, too)
florin blocks put ip 203.0.113.7 --reason scanning      for a while, see bank/policies/blocks.toml
florin blocks lift bk_…                                 open again, at once
"""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from bank.bootstrap import open_bank
from bank.cli.output import Json, out, print_json
from bank.domain.actors import SYSTEM
from bank.domain.blocks import Block, BlockKind
from bank.settings import load_settings

app = typer.Typer(no_args_is_help=True)

Kind = Annotated[BlockKind, typer.Argument(help="ip, rate_limit or customer_step_up.")]


@app.command("list")
def list_blocks(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: Json = False,
) -> None:
    """Show closed doors, the newest first."""
    bank = open_bank(load_settings())
    blocks = bank.blocks.list(SYSTEM, only_active=not everything)
    if as_json:
        print_json({"blocks": [_told(block) for block in blocks]})
        return
    table = Table("id", "kind", "subject", "reason", "by", "until (UTC)", "evidence")
    for block in blocks:
        told = _told(block)
        until = "lifted" if told["lifted_at_utc"] else str(told["expires_at_utc"])
        evidence = ", ".join(f"{name} {value}" for name, value in block.evidence.items())
        by = f"{block.made_by}{' (automatic)' if block.is_automatic else ''}"
        table.add_row(block.id, block.kind.value, block.subject, block.reason, by, until, evidence)
    out.print(table)


@app.command()
def put(
    kind: Kind,
    subject: Annotated[str, typer.Argument(help="An address, or a customer's id.")],
    *,
    reason: Annotated[str, typer.Option(help="A code for the record, such as scanning.")],
    minutes: Annotated[int | None, typer.Option(help="For how long.")] = None,
    as_json: Json = False,
) -> None:
    """Close a door by hand; also to staff when it is an address. It opens again by itself."""
    lasts_s = None if minutes is None else minutes * 60
    block = open_bank(load_settings()).blocks.put(
        SYSTEM, kind, subject, reason=reason, lasts_s=lasts_s
    )
    if as_json:
        print_json(_told(block))
    else:
        until = f"{block.expires_at_utc:%Y-%m-%d %H:%M} UTC"
        out.print(f"{block.id}: {block.kind} {block.subject} until {until}", markup=False)


@app.command()
def lift(
    block_id: str,
    *,
    reason: Annotated[str, typer.Option(help="A code for the record.")] = "lifted_by_hand",
    as_json: Json = False,
) -> None:
    """Open a door again; running servers follow within a second."""
    block = open_bank(load_settings()).blocks.lift(SYSTEM, block_id, reason=reason)
    if as_json:
        print_json(_told(block))
    else:
        out.print(f"{block.id}: {block.kind} {block.subject} is open again", markup=False)


def _told(block: Block) -> dict[str, object]:
    lifted = block.lifted_at_utc
    return {
        "id": block.id,
        "kind": block.kind.value,
        "subject": block.subject,
        "reason": block.reason,
        "is_automatic": block.is_automatic,
        "made_by": block.made_by,
        "at_utc": block.at_utc.isoformat(timespec="seconds"),
        "expires_at_utc": block.expires_at_utc.isoformat(timespec="seconds"),
        "lifted_at_utc": lifted.isoformat(timespec="seconds") if lifted else None,
        "evidence": block.evidence,
    }
