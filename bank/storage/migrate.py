"""Brings a database to the newest migration. Safe to call from every process at start.

The lock is taken before the version is read (`BEGIN IMMEDIATE`; on PostgreSQL an advisory
lock), and all steps run in that one transaction: a crash leaves the old schema, whole.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from bank.storage.database import make_engine

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 7_203_611


def upgrade(url: str) -> None:
    """Run the migrations that this database has not had yet."""
    engine = make_engine(url)
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="SERIALIZABLE")
    try:
        with engine.begin() as connection:
            upgrade_on(connection)
    finally:
        engine.dispose()


def upgrade_on(connection: sa.Connection) -> None:
    """The same, inside the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    command.upgrade(_config(connection), "head")


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
