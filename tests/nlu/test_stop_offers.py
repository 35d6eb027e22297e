"""Unsubscribe in one turn: every phrasing of the table, through the whole trained pipeline."""

from __future__ import annotations

import pytest

from tests.nlu.sentences import rows_of


@pytest.mark.rasa
def test_given_each_way_to_say_it_then_the_pipeline_knows_it_in_one_turn(readings):
    texts = [row["text"] for row in rows_of("stop_offers")]

    understood = [(text, readings[text]["intent"]) for text in texts]

    assert len(understood) >= 40
    assert [(text, got) for text, got in understood if got != "stop_offers"] == []
