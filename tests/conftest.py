"""One branch for all rooms that talk: Rasa takes 15 s to start, a turn 20 ms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

try:
    from hypothesis import settings
except ImportError:  # tests/bot has another Python, without property tests
    settings = None

if settings is not None:
    # The same examples in every run, so that a change is judged by what it changes. Fresh ones are
    # drawn by `make evidence`, where a finding stops nobody (pytest --hypothesis-profile=fresh).
    # No deadline: how long an example takes is the machine's business.
    settings.register_profile("same", derandomize=True, deadline=None)
    settings.register_profile("fresh", print_blob=True, deadline=None)
    settings.load_profile("same")

if TYPE_CHECKING:
    from tests.dialogue.harness import Branch


@pytest.fixture(scope="session")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Branch]:
    """The whole bank with a real Rasa, for tests/dialogue and tests/attacks."""
    from tests.dialogue.harness import Branch  # noqa: PLC0415  tests/bot has another Python

    started = Branch(tmp_path_factory.mktemp("home"))
    yield started
    started.close()
