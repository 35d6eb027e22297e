"""One branch for all rooms that talk: Rasa takes 15 s to start, a turn 20 ms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch


@pytest.fixture(scope="session")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    """The whole bank with a real Rasa, for tests/dialogue and tests/attacks."""
    from tests.dialogue.harness import Branch  # noqa: PLC0415  tests/bot has another Python

    started = Branch(tmp_path_factory.mktemp("home"))
    yield started
    started.close()
