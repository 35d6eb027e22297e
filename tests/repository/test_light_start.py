"""A process that serves starts in seconds: what learns and draws is loaded when it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pandas", "scipy", "sklearn", "spacy", "lightgbm", "catboost", "skfolio")


@pytest.mark.parametrize(
    "first", ["import web.__main__", "from actions.registry import action_classes as a; a()"]
)
def test_given_a_process_that_serves_when_imported_then_nothing_that_learns_is(first):
    told = f"{first}\nimport sys\nprint(*[one for one in {HEAVY!r} if one in sys.modules])"

    done = subprocess.run(
        [sys.executable, "-c", told], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.split() == []
