"""Serving: a swap drops no request, no answer is of two versions, a broken one stays outside."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

from analytics.errors import NoSuchModel
from analytics.registry import LiveModel, Registry
from tests.analytics.registry.logistic import a_card, constant, load

ROWS = pd.DataFrame({"age": np.arange(50.0), "debt": 1.0})


@pytest.fixture
def registry(tmp_path) -> Registry:
    return Registry(tmp_path, load=load)


def serve(registry: Registry, probability: float) -> str:
    """Add a version and let it serve, as two people would."""
    version = registry.add("churn", constant(probability), a_card())
    champion = registry.champion("churn")
    if champion.version != version:
        registry.swap(
            "churn",
            to=version,
            instead_of=champion.version,
            card_digest=registry.get("churn", version).card.digest,
            promotion="pm_1",
        )
    return version


def test_given_nobody_serves_when_opened_then_it_is_refused(registry):
    with pytest.raises(NoSuchModel):
        LiveModel(registry, "churn")


def test_given_a_swap_when_refreshed_then_the_new_version_answers(registry):
    serve(registry, 0.2)
    live = LiveModel(registry, "churn")
    version = serve(registry, 0.4)

    assert live.refresh()

    assert live.probability(ROWS).version == version
    assert live.probability(ROWS).probability[0] == pytest.approx(0.4)
    assert not live.refresh()


def test_given_a_swap_when_only_asked_then_it_is_taken_up_beside(registry):
    serve(registry, 0.2)
    live = LiveModel(registry, "churn", look_every_s=0.0)
    version = serve(registry, 0.4)

    for _ in range(1000):
        if live.probability(ROWS).version == version:
            break
        threading.Event().wait(0.01)

    assert live.current.version == version


def test_given_a_swap_while_nobody_asked_when_asked_then_the_first_answer_is_the_new_ones(registry):
    serve(registry, 0.2)
    live = LiveModel(registry, "churn", look_every_s=0.0, silence_s=0.0)
    version = serve(registry, 0.4)

    assert live.probability(ROWS).version == version


def test_given_a_broken_new_version_then_the_old_one_answers_and_the_complaint_names_it(registry):
    first = serve(registry, 0.2)
    live = LiveModel(registry, "churn")
    second = serve(registry, 0.4)
    path = registry.get("churn", second).folder / "model.json"
    kept = path.read_text()
    path.write_text("{}")

    assert not live.refresh()
    assert live.probability(ROWS).version == first
    assert "model.json" in live.complaint

    path.write_text(kept)
    assert live.refresh()
    assert live.complaint == ""


def test_given_a_pointer_that_is_gone_then_the_version_held_answers_on(registry):
    first = serve(registry, 0.2)
    live = LiveModel(registry, "churn", look_every_s=0.0)
    registry.pointer_path("churn").unlink()

    assert not live.refresh()
    assert live.probability(ROWS).version == first


def test_while_versions_swap_every_answer_is_of_one_whole_version(registry):
    said = {serve(registry, 0.1): 0.1}
    live = LiveModel(registry, "churn", look_every_s=0.0)
    done = threading.Event()
    answers: list[tuple[str, float, float]] = []
    faults: list[BaseException] = []

    def ask() -> None:
        while not done.is_set():
            try:
                told = live.probability(ROWS)
            except BaseException as fault:  # noqa: BLE001  a dropped request is what we look for
                faults.append(fault)
                return
            answers.append((told.version, told.probability.min(), told.probability.max()))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(2, 6):
        said[serve(registry, number / 10)] = number / 10
        live.refresh()
    done.set()
    for thread in threads:
        thread.join()

    assert not faults
    assert len({version for version, _, _ in answers}) > 1
    for version, low, high in answers:
        assert (low, high) == (pytest.approx(said[version]), pytest.approx(said[version]))
