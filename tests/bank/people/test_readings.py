"""Readings: what is noted, what a click means, who labels, what goes when."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bank.domain.actors import SYSTEM
from bank.domain.errors import (
    InvalidInput,
    InvalidText,
    NotAuthenticated,
    NotFound,
    NotPermitted,
)
from bank.domain.readings import (
    NONE_OF_THESE,
    SENTENCE_MAX_CHARS,
    ReadingState,
    Why,
    discreet,
    validate_sentence,
)
from bank.policies.tables import load_table
from tests.bank.people.world import World

RANKING = [("check_balance", 0.31), ("list_accounts", 0.27)]


def noted(world: World, who, *, text="the money thing", message_id="m1", why=Why.NOT_UNDERSTOOD):
    return world.bank.readings.note(
        who,
        conversation_id=who.conversation_id,
        message_id=message_id,
        text=text,
        ranking=RANKING,
        why=why,
    )


def one(world: World, staff, **asked):
    [view] = world.bank.readings.list(staff, **asked)
    return view


def learn(world: World, staff, reading_id, *, intent="check_balance", sentence="my money"):
    return world.bank.readings.label(
        staff, reading_id, intent=intent, sentence=sentence, language="en"
    )


def counted(world: World, table: str) -> int:
    return world.store.read(lambda uow: getattr(uow, table).count())


def test_given_a_message_when_noted_then_staff_see_words_and_ranking_and_no_customer(world: World):
    amal = world.customer()
    chat = world.chat(amal)
    noted(world, chat, text="ring amal@example.org on 0170 555 0123 about it")
    view = one(world, world.staff())

    assert view.text == "ring ••• on ••• about it"
    assert view.reading.readings == (("check_balance", 0.31), ("list_accounts", 0.27))
    assert amal.id not in repr(view)
    assert amal.full_name not in repr(view)


def test_given_the_stored_row_when_looked_at_then_the_words_are_sealed(world: World):
    noted(world, world.chat(), text="walrus")

    [row] = world.store.read(lambda uow: uow.readings.list())

    assert b"walrus" not in row.text_enc


def test_given_the_same_message_when_noted_twice_then_it_is_one_reading(world: World):
    chat = world.chat()

    first, again = noted(world, chat), noted(world, chat)

    assert first == again
    assert counted(world, "readings") == 1


def test_given_a_doubtful_answer_when_it_is_corrected_then_the_correction_is_the_reason(
    world: World,
):
    chat = world.chat()
    noted(world, chat, why=Why.LOW_CONFIDENCE)
    noted(world, chat, why=Why.CORRECTED)
    noted(world, chat, why=Why.LOW_CONFIDENCE)

    assert one(world, world.staff()).reading.why is Why.CORRECTED


def test_given_a_message_of_another_conversation_when_noted_then_it_does_not_exist(world: World):
    mine, other = world.chat(), world.chat()
    with pytest.raises(NotFound):
        world.bank.readings.note(
            mine, conversation_id=other.conversation_id, message_id="m1", text="words",
            ranking=RANKING, why=Why.CORRECTED,
        )  # fmt: skip


@pytest.mark.parametrize("text", ["", "12345", "🙂🙂", "+49 170 5550123"])
def test_given_no_words_when_noted_then_nothing_is_kept(world: World, text: str):
    assert noted(world, world.chat(), text=text) is None
    assert counted(world, "readings") == 0


def test_given_a_click_when_kept_then_staff_see_it_and_the_first_one_counts(world: World):
    chat = world.chat()
    reading_id = noted(world, chat)

    world.bank.readings.meant(chat, reading_id, intent=NONE_OF_THESE)
    world.bank.readings.meant(chat, reading_id, intent="list_accounts")

    assert one(world, world.staff()).reading.meant == NONE_OF_THESE


def test_given_a_click_from_another_conversation_then_it_does_not_exist(world: World):
    reading_id = noted(world, world.chat())

    for wrong in (reading_id, "re_unknown"):
        with pytest.raises(NotFound):
            world.bank.readings.meant(world.chat(), wrong, intent="list_accounts")
    assert one(world, world.staff()).reading.meant is None


def test_given_a_label_when_set_then_its_sentence_is_learnt_and_the_act_is_audited(world: World):
    reading_id = noted(world, world.chat(), text="show Maria Lopez my money")
    staff = world.staff()

    view = learn(world, staff, reading_id, sentence="show [somebody] my money")

    assert view.reading.state is ReadingState.LABELLED
    [example] = world.bank.readings.examples(SYSTEM)
    assert (example.text, example.intent) == ("show (somebody) my money", "check_balance")
    [entry] = world.store.read(lambda uow: uow.audit.list(action="reading.label"))
    assert (entry.actor_id, entry.resource) == (staff.id, reading_id)
    assert "Maria" not in repr(entry)


def test_given_a_second_thought_when_labelled_again_then_only_it_is_learnt(world: World):
    reading_id, staff = noted(world, world.chat()), world.staff()
    learn(world, staff, reading_id, sentence="my money")
    learn(world, staff, reading_id, intent="list_accounts", sentence="all my money")

    [example] = world.bank.readings.examples(SYSTEM)

    assert (example.text, example.intent) == ("all my money", "list_accounts")


def test_given_two_readings_of_one_sentence_when_one_is_dismissed_then_it_is_still_learnt(
    world: World,
):
    staff, first, second = world.staff(), noted(world, world.chat()), noted(world, world.chat())
    learn(world, staff, first, sentence="my money!")
    learn(world, staff, second, sentence="My  money")

    world.bank.readings.dismiss(staff, first, state=ReadingState.SKIPPED)
    assert len(world.bank.readings.examples(SYSTEM)) == 1
    world.bank.readings.dismiss(staff, second, state="no_wish")

    assert world.bank.readings.examples(SYSTEM) == []


@pytest.mark.parametrize(
    ("about", "refusal"),
    [
        ({"intent": "Check Balance!"}, InvalidInput),
        ({"sentence": "  •••  "}, InvalidText),
        ({"sentence": "x" * (SENTENCE_MAX_CHARS + 1)}, InvalidText),
    ],
)
def test_given_a_label_that_teaches_nothing_when_set_then_refused(world: World, about, refusal):
    reading_id = noted(world, world.chat())

    with pytest.raises(refusal):
        learn(world, world.staff(), reading_id, **about)


def test_given_a_state_that_is_no_dismissal_when_dismissed_then_refused(world: World):
    reading_id = noted(world, world.chat())

    for state in ("open", "labelled"):
        with pytest.raises(InvalidInput):
            world.bank.readings.dismiss(world.staff(state), reading_id, state=state)


@pytest.mark.parametrize("roles", [("kyc",), ("compliance",), ("admin",)])
def test_given_another_desk_when_asking_for_readings_then_refused(world: World, roles):
    other, reading_id = world.staff(roles=roles), noted(world, world.chat())

    for act in (
        lambda: world.bank.readings.list(other),
        lambda: world.bank.readings.tally(other),
        lambda: learn(world, other, reading_id),
        lambda: world.bank.readings.dismiss(other, reading_id, state="skipped"),
        lambda: world.bank.readings.examples(other),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_given_a_visitor_when_asking_for_readings_then_refused(world: World):
    with pytest.raises(NotAuthenticated):
        world.bank.readings.list(world.chat())


def test_given_readings_when_listed_then_newest_first_by_state_and_reason_page_by_page(
    world: World,
):
    staff = world.staff()
    ids = [noted(world, world.chat(), why=why) for why in Why]
    world.bank.readings.dismiss(staff, ids[0], state="skipped")

    def listed(**asked):
        return [view.reading.id for view in world.bank.readings.list(staff, **asked)]

    assert set(listed()) == {ids[1], ids[2]}
    assert listed(state=None) == sorted(ids, reverse=True)
    assert listed(state=ReadingState.SKIPPED) == [ids[0]]
    assert listed(why=Why.CORRECTED) == [ids[2]]
    newest, *older = sorted(ids, reverse=True)
    assert listed(state=None, before=newest) == older
    tally = world.bank.readings.tally(staff)
    assert (tally.by_state["open"], tally.by_state["skipped"]) == (2, 1)
    assert tally.open_by_why["corrected"] == 1


def test_given_a_conversation_when_erased_then_its_readings_and_their_sentences_go(world: World):
    staff, gone, stays = world.staff(), world.chat(), world.chat()
    learn(world, staff, noted(world, gone), sentence="show Maria my money")
    shared = noted(world, gone, message_id="m2")
    learn(world, staff, shared, sentence="what have I got")
    learn(world, staff, noted(world, stays), sentence="What have I got?")

    world.bank.conversations.erase(SYSTEM, gone.conversation_id)

    assert counted(world, "readings") == 1
    assert [one.text for one in world.bank.readings.examples(SYSTEM)] == ["What have I got?"]


def test_given_readings_that_had_their_time_when_purged_then_what_was_learnt_stays(world: World):
    staff = world.staff()
    learn(world, staff, noted(world, world.chat()))
    world.clock.pass_s(load_table("readings")["keep_days"] * 86_400 - 1)
    noted(world, world.chat())
    world.clock.pass_s(2)

    assert world.bank.readings.purge() == 1

    assert counted(world, "readings") == 1
    assert len(world.bank.readings.examples(SYSTEM)) == 1


def test_given_too_many_open_readings_when_another_comes_then_the_oldest_open_one_goes(
    world: World, monkeypatch
):
    monkeypatch.setitem(load_table("readings"), "open_max", 2)
    staff = world.staff()
    kept = noted(world, world.chat())
    learn(world, staff, kept)
    ids = [noted(world, world.chat()) for _ in range(3)]

    left = {view.reading.id for view in world.bank.readings.list(staff, state=None)}

    assert len(left & set(ids)) == 2
    assert kept in left


def test_given_one_conversation_when_it_has_left_its_share_then_no_more_is_noted(
    world: World, monkeypatch
):
    monkeypatch.setitem(load_table("readings"), "conversation_max", 2)
    chat = world.chat()

    ids = [noted(world, chat, message_id=f"m{number}") for number in range(3)]

    assert ids[2] is None
    assert counted(world, "readings") == 2


def test_given_two_labels_for_one_sentence_then_the_later_intent_is_learnt(world: World):
    staff = world.staff()
    learn(world, staff, noted(world, world.chat()), sentence="my money")
    learn(world, staff, noted(world, world.chat()), intent="list_accounts", sentence="My money.")

    [example] = world.bank.readings.examples(SYSTEM)

    assert example.intent == "list_accounts"


@given(st.text(max_size=200))
def test_discreet_text_is_discreet_already(text: str):
    once = discreet(text)

    assert discreet(once) == once


@given(st.text(max_size=250))
def test_a_sentence_to_learn_is_one_line_without_markup_and_stays_as_it_is(text: str):
    try:
        clean = validate_sentence(text)
    except InvalidText:
        return
    assert "\n" not in clean
    assert not set(clean) & set("[]{}`")
    assert validate_sentence(clean) == clean
