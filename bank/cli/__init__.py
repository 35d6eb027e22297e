"""`florin`: one front door of commands.

    florin up | status | down      the branch on this machine
    florin seed                    the invented town
    florin train                   the assistant's model
    florin chat                    a terminal client of the chat API
    florin nlu evaluate            the assistant's own pipeline on any intent table
    florin audit verify            the chain of audit records
    florin keys …                  which systems may ask for scores
    florin outbox …                what could not be delivered
    florin blocks …                which doors are closed to whom
    florin campaigns …             what is written to many, and what came of it
    florin identity …              what stands above the bank adds its own groups, by entry point

Every command has `--json` for machines and exits with 0 done, 1 refused, 2 misuse.
"""

from __future__ import annotations

import sys
from importlib.metadata import entry_points

import typer
from pydantic import ValidationError

from bank.cli import (
    audit,
    blocks,
    branch,
    campaigns,
    chat,
    evidence,
    keys,
    model,
    nlu,
    outbox,
    seed,
)
from bank.cli.output import complain
from bank.domain.errors import BankError

app = typer.Typer(
    name="florin",
    help="Florin: a conversational bank branch that a bank can run itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
branch.register(app)
seed.register(app)
model.register(app)
chat.register(app)
evidence.register(app)
app.add_typer(nlu.app, name="nlu", help="What the assistant understands, measured.")
app.add_typer(audit.app, name="audit", help="The chain of audit records.")
app.add_typer(keys.app, name="keys", help="Keys of the systems that may ask for scores.")
app.add_typer(outbox.app, name="outbox", help="What could not be delivered.")
app.add_typer(blocks.app, name="blocks", help="Doors that are closed to whom, and until when.")
app.add_typer(campaigns.app, name="campaigns", help="What is written to many.")
# The bank imports no room above it; identity and its like say in pyproject.toml what they add.
for group in sorted(entry_points(group="florin.commands"), key=lambda one: one.name):
    app.add_typer(group.load(), name=group.name)


def main() -> None:
    """Run the command line; a refusal of the bank is a sentence, not a traceback."""
    try:
        app()
    except BankError as refusal:
        complain(str(refusal))
        sys.exit(1)
    except ValidationError as wrong:  # of the settings: name the variable, not the class
        for error in wrong.errors():
            name = "_".join(str(part) for part in error["loc"]).upper()
            complain(f"FLORIN_{name}: {error['msg']}. The settings are listed in .env.example.")
        sys.exit(2)
