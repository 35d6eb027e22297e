"""The card watch: rows from before a payment counts, each payment once, and who is asked."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest

from analytics.features import payments as past
from analytics.fraud.state import State
from analytics.protection import card_watch
from analytics.protection.background import BackgroundScorer
from analytics.protection.card_watch import CardWatch, is_asked_about
from analytics.protection.keeper import KEEP_DAYS, StateKeeper
from bank.domain.errors import NotFound
from bank.domain.notices import NoticeKind
from bank.domain.risk import PaymentScore, RiskSignal, RiskSource
from bank.policies import protection as policy
from tests.analytics.protection.test_keeper import asked, same
from tests.bank.builders import World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def amal(world):
    person = world.person(funds_minor=900_000)
    for days in range(60, 1, -3):
        world.book(person.current.id, -1_000 - 7 * days, merchant="Corner shop", days_ago=days)
    return person


@pytest.fixture
def keeper(world, amal):
    warm = StateKeeper(world.store, clock=world.clock)
    warm.warm()
    warm.take_watched()
    return warm


class Large:
    """A scorer that finds what costs more than 100 euros unlike anybody."""

    def __init__(self, world, keeper) -> None:
        self.world, self.keeper = world, keeper
        self.rows: dict[int, str] = {}

    def take_watched(self):
        taken = self.keeper.take_watched()
        self.rows |= {id(one.row): one.posting_id for one in taken}
        return taken

    def rate(self, row):
        posting = self.world.store.read(lambda uow: uow.postings.get(self.rows[id(row)]))
        return score(6.5 if posting.amount_minor < -10_000 else -2.0)


def score(share):
    return PaymentScore((RiskSignal(RiskSource.MODEL, "fraud", share, "Unlike them."),), "v1")


def replayed(world, posting):
    """Return the row of a posting as a replay sees it, just before it counts."""
    log = past.payments(world.store, world.clock() - timedelta(days=KEEP_DAYS), world.clock())
    state = State()
    for payment in log.payments:
        if payment.payment_id == posting.id:
            return state.features(payment)
        state.add(payment)
    raise AssertionError(posting.id)


def questions(world, person):
    return [one.facts["merchant"] for one in world.bank.event_questions.open(person.actor)]


def test_given_card_payments_when_taken_then_rows_of_before_they_counted_each_once(
    world, amal, keeper
):
    world.clock.turn(minutes=5)
    first = world.book(amal.current.id, -48_000, merchant="Goldmine")
    world.clock.turn(minutes=5)
    keeper.features(asked(world, amal))  # somebody else's look counts them as well
    second = world.book(amal.current.id, -2_000, merchant="Goldmine")
    world.book(amal.current.id, -2_000, merchant="Ben", kind="transfer", category="transfers")

    taken = keeper.take_watched()

    assert [one.posting_id for one in taken] == [first.id, second.id]
    same(taken[0].row, replayed(world, first))
    same(taken[1].row, replayed(world, second))
    assert keeper.take_watched() == []


def test_given_a_cold_state_when_taken_then_nothing(world, amal):
    assert StateKeeper(world.store, clock=world.clock).take_watched() == []


def test_given_payments_while_no_process_ran_when_warm_then_a_days_are_watched(world, amal):
    world.book(amal.current.id, -3_000, merchant="Long ago", days_ago=1.5)
    late = world.book(amal.current.id, -48_000, merchant="Goldmine", days_ago=0.5)
    keeper = StateKeeper(world.store, clock=world.clock)

    keeper.warm()

    (one,) = keeper.take_watched()
    assert one.posting_id == late.id
    same(one.row, replayed(world, late))


def test_given_a_payment_unlike_them_when_looked_then_asked_once_whoever_looks(world, amal, keeper):
    world.clock.turn(minutes=1)
    world.book(amal.current.id, -48_000, merchant="Goldmine")
    world.book(amal.current.id, -2_000, merchant="Corner shop")
    other = StateKeeper(world.store, clock=world.clock)
    other.warm()
    watches = [CardWatch(Large(world, one), world.bank.event_questions) for one in (keeper, other)]

    told = [one.look() for one in (*watches, *watches)]

    assert told == [1, 0, 0, 0]
    assert questions(world, amal) == ["Goldmine"]
    (notice,) = world.bank.notices.pending(amal.id)
    assert notice.kind is NoticeKind.CARD_UNUSUAL


def test_given_a_payment_that_is_gone_when_looked_then_the_others_are_still_asked(
    world, amal, keeper
):
    world.clock.turn(minutes=1)
    for _ in range(2):
        world.book(world.person(funds_minor=90_000).current.id, -48_000, merchant="Goldmine")
    asking, gone = world.bank.event_questions, []

    class Forgetful:
        def ask_card(self, actor, posting_id):
            if not gone:
                gone.append(posting_id)
                raise NotFound(table="postings")
            return asking.ask_card(actor, posting_id)

    assert CardWatch(Large(world, keeper), Forgetful()).look() == 1


def test_given_silence_of_the_scorer_then_nobody_is_asked():
    assert not is_asked_about(PaymentScore())


@pytest.mark.parametrize(("over", "expected"), [(0.1, True), (-0.1, False)])
def test_given_a_score_around_the_threshold_then_only_beyond_it(over, expected):
    low, high = -20.0, 20.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        view = policy.view(score(middle).signals, amount_eur_minor=None)
        is_beyond = policy.card_is_asked_about(view.probability)
        low, high = (low, middle) if is_beyond else (middle, high)

    assert is_asked_about(score(high + over)) is expected


def test_given_a_bad_moment_of_the_database_when_watching_then_the_next_look_is_made(
    world, monkeypatch
):
    monkeypatch.setattr(card_watch, "LOOK_EVERY_S", 0.001)
    stopped, looks = threading.Event(), []

    class Broken:
        def take_watched(self):
            looks.append(1)
            if len(looks) > 1:
                stopped.set()
            raise OSError("the disk")

    CardWatch(Broken(), world.bank.event_questions).run(stopped)

    assert len(looks) == 2


def test_given_a_serving_process_when_started_and_stopped_then_no_watch_goes_on(
    world, tmp_path, monkeypatch
):
    monkeypatch.setattr(card_watch, "LOOK_EVERY_S", 0.001)
    scorer = BackgroundScorer(world.bank, tmp_path)

    before = set(threading.enumerate())
    scorer.start()
    for _ in range(1_000):  # its libraries load first
        begun = [one for one in set(threading.enumerate()) - before if one.name == "card-watch"]
        if any(one.is_alive() for one in begun):  # one that is just being started is listed too
            break
        time.sleep(0.02)
    scorer.stop()

    (watch,) = begun
    watch.join(20)
    assert not watch.is_alive()
