"""A customer whom the bank suspects is told, word for word, what anybody else is told.

The same at size, 500 pairs: `python -m benchmarks.tipping_off`.
"""

from __future__ import annotations

import pytest

from tests.attacks.tipping_off import QUESTIONS, pair
from tests.dialogue.harness import Branch


@pytest.mark.rasa
def test_given_two_customers_alike_but_for_a_suspicion_when_they_ask_then_the_words_are_the_same(
    branch: Branch,
) -> None:
    clean, flagged = pair(branch)

    assert len(clean) == len(QUESTIONS) == 40
    assert clean == flagged
