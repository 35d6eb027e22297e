"""A payment's score: the champion and the rules as shares; silence where there is no model."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

from analytics.fraud.features import ALL
from analytics.fraud.models import FraudRecipe
from analytics.fraud.replay import replay
from analytics.protection.background import BackgroundScorer
from analytics.protection.scorer import MODEL, FraudScorer
from analytics.registry import Card, Registry, Window
from bank.domain.risk import RiskDecision, RiskSource
from tests.analytics.fraud.streams import a_stream, labels_of
from tests.analytics.protection.test_keeper import asked
from tests.bank.builders import World


@pytest.fixture(scope="module")
def registry_dir(tmp_path_factory):
    """A registry whose fraud model finds large payments suspicious."""
    payments = a_stream(3, 700)
    rows = replay(payments, labels_of(payments, 3))
    labels = np.array([one.amount_minor > 8_000 for one in payments], np.int8)
    model = FraudRecipe("large", ("catboost",)).fit(
        pd.DataFrame(rows, columns=list(ALL.names)), labels, ALL
    )
    folder = tmp_path_factory.mktemp("registry")
    registry = Registry(folder)
    card = Card(
        name=MODEL, recipe="large", schema=ALL, window=Window(700, int(labels.sum())), seed=7
    )
    registry.add(MODEL, model, card)
    return folder


@pytest.fixture
def world():
    return World()


@pytest.fixture
def amal(world):
    person = world.person(funds_minor=9_000_000)
    for days in range(40, 1, -2):
        world.book(person.current.id, -1_500, merchant="Corner shop", days_ago=days)
    return person


def warm(world, registry_dir):
    scorer = FraudScorer(world.store, registry_dir, clock=world.clock)
    scorer.warm()
    return scorer


def share(score):
    return next(one.share for one in score.signals if one.source is RiskSource.MODEL)


def test_given_a_champion_when_a_payment_is_asked_for_then_a_larger_one_weighs_more(
    world, amal, registry_dir
):
    scorer = warm(world, registry_dir)

    small = scorer.score(asked(world, amal, 1_500, payee="Corner shop"))
    large = scorer.score(asked(world, amal, 900_000, payee="Somebody new"))

    assert share(large) > share(small)
    assert large.model_version == small.model_version != ""


def test_given_a_large_payment_to_somebody_new_then_rules_speak_in_words_for_staff(
    world, amal, registry_dir
):
    found = warm(world, registry_dir).score(asked(world, amal, 900_000, payee="Somebody new"))

    spoken = {one.code: one.sentence for one in found.signals if one.source is RiskSource.RULE}
    assert "new_payee_large" in spoken
    assert all(sentence.endswith(".") for sentence in spoken.values())


def test_given_a_large_payment_then_the_models_words_for_staff_say_money(world, amal, registry_dir):
    found = warm(world, registry_dir).score(asked(world, amal, 900_000, payee="Somebody new"))

    (words,) = [one.sentence for one in found.signals if one.source is RiskSource.MODEL]
    assert "an amount of 9,000.00 EUR" in words
    assert "minor units" not in words


def test_given_no_model_when_asked_then_it_is_silent_and_payments_go_on(world, amal, tmp_path):
    world.bank.protection.use(warm(world, tmp_path))
    payee = world.payee(amal)

    looked = world.bank.protection.check(world.propose(amal, 400_000, payee_id=payee.id))

    assert looked.view.decision is RiskDecision.ALLOW
    assert looked.view.model_version == ""


def test_given_a_process_that_just_started_then_it_is_silent_until_it_is_warm(
    world, amal, registry_dir
):
    scorer = BackgroundScorer(world.bank, registry_dir)
    before = scorer.score(asked(world, amal))
    scorer.start()
    ready = threading.Event()
    for _ in range(200):
        if scorer.score(asked(world, amal)).signals:
            break
        ready.wait(0.05)
    after = scorer.score(asked(world, amal))
    scorer.stop()

    assert before.signals == ()
    assert after.signals != ()
