"""Groups of questions nobody could answer: whole, counted, named by the most central one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge.clusters import Asked, cluster


class Corners:
    """An encoder that knows boats, cheques and nothing else."""

    digest = "corners"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[("boat" in one) * 1.0, ("cheque" in one) * 1.0, 0.2] for one in texts]
        table = np.array(rows, dtype=np.float32)
        return table / np.linalg.norm(table, axis=1, keepdims=True)


def asked(*texts: str, language: str = "en", times: int = 1) -> list[Asked]:
    return [Asked(f"uq_{at}_{language}", one, language, times) for at, one in enumerate(texts)]


def test_given_an_encoder_when_grouped_then_meanings_are_together_and_the_largest_comes_first():
    found = cluster(asked("a boat", "cheque book?", "the boat please", "boats"), Corners())

    assert [len(one.questions) for one in found] == [3, 1]
    assert found[0].times == 3


def test_given_no_encoder_when_grouped_then_words_in_common_do_it():
    found = cluster(
        asked("¿Tienen cheques de viaje?", "quiero cheques de viaje", "¿Venden oro?", language="es")
    )

    assert [len(one.questions) for one in found] == [2, 1]


def test_given_one_asked_often_when_named_then_it_weighs_more():
    often = Asked("uq_9", "travel cheques please", "en", 20)
    found = cluster([*asked("travel cheques abroad"), often])

    assert found[0].name == "travel cheques please"
    assert found[0].times == 21


def test_given_two_languages_when_grouped_then_none_is_mixed():
    found = cluster([*asked("boat"), *asked("boat", language="es")], Corners())

    assert len(found) == 2


_TEXTS = st.lists(st.text(alphabet="abc quiero boat cheque?", max_size=24), max_size=12)


@settings(max_examples=60, deadline=None)
@given(_TEXTS)
def test_every_question_is_in_exactly_one_group(texts):
    questions = asked(*texts)

    found = cluster(questions)

    held = [each.id for one in found for each in one.questions]
    assert sorted(held) == sorted(one.id for one in questions)
