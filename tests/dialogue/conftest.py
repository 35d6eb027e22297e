"""One branch for all stories of a run: Rasa takes 15 s to start, a story a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.dialogue.harness import Branch


@pytest.fixture(scope="session")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    started = Branch(tmp_path_factory.mktemp("home"))
    yield started
    started.close()
