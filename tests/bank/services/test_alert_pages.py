"""An alert's page: who may open it, what stands in it, and that it is bounded and masked."""

from __future__ import annotations

import pytest

from bank.domain import errors
from bank.domain.actors import SYSTEM, VISITOR
from bank.domain.cases import CaseKind
from bank.domain.challenges import CodeProof
from bank.domain.ibans import make_iban
from bank.domain.risk import RiskSource
from bank.services.alert_timeline import MARKS_MOST, MarkKind
from bank.services.counterparties import ACCOUNTS_MOST, NODES_MOST, OTHERS_MOST, NodeKind
from tests.bank.builders import ELSEWHERE, World
from tests.bank.services.desk import AGENT, OFFICER, SUPERVISOR, Sure


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def amal(world):
    return world.person(funds_minor=900_000)


def held(world, person, amount_minor=400_000, payee=None):
    """A payment that waits for a person; returns the case."""
    payee = payee or world.payee(person)
    world.bank.protection.use(Sure(9.0))
    world.confirm(person, world.propose(person, amount_minor, payee_id=payee.id))
    world.bank.protection.use(Sure(0.0))
    return max(
        (one for one in world.bank.cases.list(OFFICER) if one.kind is CaseKind.ALERT),
        key=lambda one: one.id,
    )


def sentences(page) -> list[str]:
    return [one.sentence for one in page.timeline.marks]


# --- who -------------------------------------------------------------------------------------


@pytest.mark.parametrize("actor", [OFFICER, SUPERVISOR])
def test_given_somebody_of_the_queue_when_opened_then_the_look_is_in_the_record(world, amal, actor):
    case = held(world, amal)

    page = world.bank.alert_pages.open(actor, case.id)

    assert page.waits
    assert [one.subject_id for one in page.assessments] == list(page.transfers)
    (entry,) = [
        one for one in world.bank.audit.list(SYSTEM, resource=case.id) if one.action == "alert.view"
    ]
    assert (entry.actor_id, entry.details) == (actor.id, {})


@pytest.mark.parametrize(
    ("actor", "refusal"),
    [
        (AGENT, errors.NotPermitted),
        (VISITOR, errors.NotAuthenticated),
        (SYSTEM, errors.NotPermitted),
    ],
)
def test_given_somebody_else_when_opened_then_refused_and_nothing_is_written(
    world, amal, actor, refusal
):
    case = held(world, amal)

    with pytest.raises(refusal):
        world.bank.alert_pages.open(actor, case.id)

    assert "alert.view" not in {
        one.action for one in world.bank.audit.list(SYSTEM, resource=case.id)
    }


def test_given_the_customer_themselves_when_opened_then_refused(world, amal):
    case = held(world, amal)

    with pytest.raises(errors.NotPermitted):
        world.bank.alert_pages.open(amal.actor, case.id)


def test_given_a_case_that_is_no_alert_when_opened_then_it_does_not_exist(world, amal):
    case = world.bank.cases.open(
        SYSTEM, kind="dispute", queue="disputes", subject="s", reason_code="duplicate", why="w",
        customer_id=amal.id,
    )  # fmt: skip

    with pytest.raises(errors.NotFound):
        world.bank.alert_pages.open(OFFICER, case.id)


def test_given_an_alert_without_a_customer_when_opened_then_it_is_there_and_empty(world):
    case = world.bank.cases.open(
        SYSTEM, kind="alert", queue="alerts", subject="s", reason_code="many_doors", why="w"
    )

    page = world.bank.alert_pages.open(OFFICER, case.id)

    assert (page.assessments, page.timeline, page.graph.nodes, page.waits) == ([], None, (), False)


# --- the timeline ------------------------------------------------------------------------------


def test_given_a_day_of_events_when_read_then_in_order_and_only_what_is_asked_is_marked(
    world, amal
):
    card = world.bank.cards.issue(
        SYSTEM, account_id=amal.current.id, kind="debit", limit_day_minor=100_000
    )
    payee = world.payee(amal)
    world.bank.habits.note_login(amal.id, place="somewhere")
    world.clock.turn(minutes=5)
    world.bank.risk_notes.note(
        SYSTEM, amal.id, source=RiskSource.CONVERSATION, code="urgency", strength=0.5,
        evidence={"seq": 3, "spans": [[0, 4]], "sentence": "Somebody else presses for time."},
    )  # fmt: skip
    case = held(world, amal, payee=payee)
    world.clock.turn(minutes=10)
    world.bank.cards.freeze(amal.actor, card.id)

    page = world.bank.alert_pages.open(OFFICER, case.id)

    told = sentences(page)
    assert told[0] == "Payee added: Ana Silva, DE•• 3000"
    assert told[1] == "Login from a place not seen before"
    assert "In line 3 of the chat: Somebody else presses for time" in told
    assert told[-1] == f"Card {card.pan_masked} was frozen (precaution)"
    asked = [one for one in page.timeline.marks if one.is_asked]
    assert {one.kind for one in asked} == {MarkKind.PAYMENT}
    assert [one.at_utc for one in page.timeline.marks] == sorted(
        one.at_utc for one in page.timeline.marks
    )
    assert ELSEWHERE not in str(page.timeline)


def test_given_wrong_codes_when_read_then_how_many_and_that_one_was_right(world, amal):
    payee = world.payee(amal)
    world.bank.protection.use(Sure(9.0))
    transfer = world.propose(amal, 400_000, payee_id=payee.id)
    with pytest.raises(errors.StepUpRequired) as asked:
        world.bank.transfers.confirm(amal.actor, transfer.id)
    right = world.code(amal, asked.value)
    wrong = "000000" if right != "000000" else "111111"
    for code in (wrong, wrong):
        with pytest.raises(errors.BankError):
            world.bank.transfers.confirm(amal.actor, transfer.id, proof=CodeProof(code))
    world.bank.transfers.confirm(amal.actor, transfer.id, proof=CodeProof(right))
    (case,) = [one for one in world.bank.cases.list(OFFICER) if one.kind is CaseKind.ALERT]

    page = world.bank.alert_pages.open(OFFICER, case.id)

    told = "A confirmation was asked for (transfer): 2 wrong tries, then right"
    assert told in sentences(page)


def test_given_what_happened_long_before_or_after_when_read_then_it_is_left_out(world, amal):
    old = world.payee(amal, "Long ago", iban="GB29NWBK60161331926819")
    world.clock.turn(days=10)
    case = held(world, amal)
    world.clock.turn(days=10)
    world.payee(amal, "Much later", iban=make_iban("DE", "370400440532013001"))

    told = " ".join(sentences(world.bank.alert_pages.open(OFFICER, case.id)))

    assert old.name not in told
    assert "Much later" not in told


def test_given_a_flood_when_read_then_the_newest_are_kept_and_it_says_so(world, amal):
    case = held(world, amal)
    for _ in range(150):
        world.clock.turn(seconds=1)
        world.bank.risk_notes.note(
            SYSTEM, amal.id, source=RiskSource.CONVERSATION, code="urgency", strength=0.5
        )
        world.propose(amal, 100, payee_id=world.bank.payees.list(amal.actor)[0].id)

    line = world.bank.alert_pages.open(OFFICER, case.id).timeline

    assert len(line.marks) <= MARKS_MOST
    assert line.is_cut
    assert line.marks[-1].at_utc == world.clock()


# --- counterparties ------------------------------------------------------------------------------


def test_given_others_who_paid_the_same_account_when_drawn_then_they_have_no_name(world, amal):
    ben = world.person(funds_minor=900_000)
    world.confirm(ben, world.propose(ben, 55_000, payee_id=world.payee(ben).id))
    case = held(world, amal)

    graph = world.bank.alert_pages.open(OFFICER, case.id).graph

    kinds = [one.kind for one in graph.nodes]
    assert kinds == [NodeKind.CUSTOMER, NodeKind.ACCOUNT, NodeKind.OTHER]
    assert [
        (one.from_id, one.to_id, one.amount_eur_minor, one.is_asked) for one in graph.edges
    ] == [
        ("c", "a0", 400_000, True),
        ("o0", "a0", 55_000, False),
    ]
    assert ben.id not in str(graph)
    assert ELSEWHERE not in str(graph)
    assert "Person B" not in str(graph)


def test_given_an_account_others_lost_money_to_when_drawn_then_it_says_how_many(world, amal):
    ben = world.person(funds_minor=900_000)
    first = held(world, ben)
    world.bank.cases.claim(OFFICER, first.id)
    world.bank.alert_desk.decide(OFFICER, first.id, "fraud")
    case = held(world, amal)

    graph = world.bank.alert_pages.open(OFFICER, case.id).graph

    assert [one.lost_count for one in graph.nodes if one.kind is NodeKind.ACCOUNT] == [1]


def test_given_many_counterparties_when_drawn_then_bounded_and_the_one_in_question_is_there(
    world, amal
):
    for _ in range(OTHERS_MOST + 3):
        other = world.person(funds_minor=50_000)
        payee = world.payee(other, is_new=True)
        world.confirm(other, world.propose(other, 1_000, payee_id=payee.id))
    for number in range(ACCOUNTS_MOST + 5):
        payee = world.payee(
            amal, f"Shop {number}", iban=make_iban("DE", f"3704004405320{number:05}")
        )
        world.confirm(amal, world.propose(amal, 9_000 + number, payee_id=payee.id))
    case = held(world, amal, amount_minor=200_000)

    graph = world.bank.alert_pages.open(OFFICER, case.id).graph

    assert len(graph.nodes) <= NODES_MOST
    assert graph.left_off_count == 6 + 3
    assert graph.nodes[1].is_asked
    ids = {one.id for one in graph.nodes}
    assert all({one.from_id, one.to_id} <= ids for one in graph.edges)


# --- lines -----------------------------------------------------------------------------------------


def test_given_lines_of_another_chat_when_opened_then_only_those_of_the_case_are_flagged(
    world, amal
):
    case = held(world, amal)
    assert case.conversation_id is None
    world.bank.risk_notes.note(
        SYSTEM, amal.id, source=RiskSource.CONVERSATION, code="urgency", strength=0.5,
        conversation_id="cv_other", evidence={"seq": 1, "spans": [[0, 3]]},
    )  # fmt: skip

    assert world.bank.alert_pages.open(OFFICER, case.id).flags == []
