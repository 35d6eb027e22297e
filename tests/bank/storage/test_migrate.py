"""The migrations make exactly what RECORDS asks for."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from bank.storage.database import make_engine, open_store
from bank.storage.migrate import upgrade, upgrade_on
from bank.storage.records import RECORDS
from bank.storage.schema import make_metadata
from bank.storage.tables import make_kinds


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bank.db'}"


def test_given_a_migrated_database_then_it_is_what_the_records_say(url: str) -> None:
    upgrade(url)

    with make_engine(url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, make_metadata())

    assert differences == [], (
        "a record or RECORDS changed: uv run alembic revision --autogenerate -m '...'"
    )


def test_given_a_migrated_database_then_its_tables_are_laid_out_as_the_fast_path_does(
    url: str, tmp_path: Path
) -> None:
    fast = f"sqlite:///{tmp_path / 'fast.db'}"
    upgrade(url)
    open_store(fast, create=True).close()

    def layout(of: str) -> dict[str, bool]:
        with sqlite3.connect(of.removeprefix("sqlite:///")) as connection:
            rows = connection.execute("SELECT name, wr FROM pragma_table_list").fetchall()
        return {name: bool(wr) for name, wr in rows if name in RECORDS}

    assert layout(url) == layout(fast)
    assert set(layout(url)) == set(RECORDS)


def test_given_an_up_to_date_database_when_upgraded_again_then_nothing_changes(url: str) -> None:
    upgrade(url)
    before = Path(url.removeprefix("sqlite:///")).stat().st_size

    upgrade(url)

    assert Path(url.removeprefix("sqlite:///")).stat().st_size == before


def test_given_a_crash_in_the_middle_then_no_table_is_there(url: str) -> None:
    engine = make_engine(url)

    def crash() -> None:
        with engine.begin() as connection:
            upgrade_on(connection)
            raise KeyError("power cut")

    with pytest.raises(KeyError):
        crash()

    assert sa.inspect(engine).get_table_names() == []


def test_given_two_processes_that_start_together_then_both_find_the_schema(url: str) -> None:
    code = "import sys; from bank.storage.migrate import upgrade; upgrade(sys.argv[1])"
    children = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(2)]

    assert [child.wait(60) for child in children] == [0, 0]


def test_given_postgresql_then_every_table_and_statement_compiles() -> None:
    dialect = postgresql.dialect(paramstyle="format")
    metadata = make_metadata()

    ddl = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.tables.values()]
    kinds = make_kinds(RECORDS, metadata, dialect)

    assert len(ddl) == len(RECORDS)
    assert all("FOR UPDATE" in kind.statements.get_locked.text for kind in kinds.values())
    assert all("ON CONFLICT DO NOTHING" in kind.statements.insert.text for kind in kinds.values())
