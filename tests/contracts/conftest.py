"""One store of each kind, empty, per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bank.ports import Store
from bank.storage.database import open_store
from bank.storage.memory import MemoryStore
from tests.contracts.probes import PROBES


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'bank.db'}"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, url: str) -> Iterator[Store]:
    made = (
        MemoryStore(PROBES)
        if request.param == "memory"
        else open_store(url, records=PROBES, create=True)
    )
    yield made
    made.close()


@pytest.fixture
def database(url: str) -> Iterator[Store]:
    made = open_store(url, records=PROBES, create=True, busy_timeout_s=0.5)
    yield made
    made.close()
