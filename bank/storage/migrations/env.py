"""Alembic's entry: the caller's connection when there is one, else FLORIN_DATABASE_URL."""

from __future__ import annotations

import os
from typing import Literal

import sqlalchemy as sa
from alembic import context

from bank.storage.database import make_engine
from bank.storage.schema import TEXT, make_metadata


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our text type by its name (script.py.mako); leave the rest to Alembic."""
    return "TEXT" if kind == "type" and item is TEXT else False


def migrate(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=make_metadata(),
        transactional_ddl=True,  # SQLite can; Alembic assumes it cannot
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    url = os.environ.get("FLORIN_DATABASE_URL") or "sqlite:///var/florin.db"
    with make_engine(url).begin() as own:
        migrate(own)
