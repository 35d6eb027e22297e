"""The database's tables, generated from RECORDS. Migrations are checked against this.

SQLite tables with at most one index beside their key are WITHOUT ROWID: the row lives in the
tree of its key. With more, each index entry would repeat our long keys instead of a short
row number, and a table of postings would be a tenth larger. On PostgreSQL text sorts by code
point (collation "C"), as in Python and SQLite: one order of a list everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from bank.storage.columns import Kind, shape_of
from bank.storage.records import RECORDS, RecordSpec

TEXT = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")

_TYPES: dict[Kind, sa.types.TypeEngine[Any]] = {
    Kind.TEXT: TEXT,
    Kind.JSON: sa.Text(),
    Kind.INTEGER: sa.BigInteger(),
    Kind.INSTANT: sa.BigInteger(),
    Kind.BOOLEAN: sa.Boolean(),
    Kind.REAL: sa.Double(),
    Kind.BYTES: sa.LargeBinary(),
}


def make_metadata(records: Mapping[str, RecordSpec] = RECORDS) -> sa.MetaData:
    """Return the tables of these records, with their unique constraints and indexes."""
    metadata = sa.MetaData()
    for name, spec in records.items():
        _add_table(metadata, name, spec)
    return metadata


def _add_table(metadata: sa.MetaData, name: str, spec: RecordSpec) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name), f"not a table name: {name}"
    columns = [
        sa.Column(
            field.name, _TYPES[field.kind], primary_key=field.name == "id", nullable=field.nullable
        )
        for field in shape_of(spec.record).fields
    ]
    sa.Table(
        name,
        metadata,
        *columns,
        *(sa.UniqueConstraint(*keys, name=_name("uq", name, keys)) for keys in spec.unique),
        *(sa.Index(_name("ix", name, keys), *keys) for keys in spec.indexes),
        sqlite_with_rowid=len(spec.unique) + len(spec.indexes) > 1,
    )


def _name(prefix: str, table: str, columns: tuple[str, ...]) -> str:
    # PostgreSQL cuts identifiers at 63 bytes; refuse rather than meet two equal stumps.
    name = f"{prefix}_{table}_{'_'.join(columns)}"
    assert len(name) <= 63, f"index name too long: {name}"
    return name
