"""The copilot: sentences that were said, the task that waits, cases that are alike."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.copilot import Line, Mood, PastCase, last_question, nearest, summarise


def customer(text: str, intent: str = "", **entities: str) -> Line:
    return Line(who="customer", text=text, intent=intent, entities=entities)


def bot(text: str, action: str = "", **about) -> Line:
    return Line(who="bot", text=text, action=action, **about)


TALK = [
    customer("hello", "greet"),
    bot("Hello, what can I do?", "action_greet"),
    customer("what is my balance?", "check_balance"),
    bot("You have 120.00 EUR. It is up to date.", "action_check_balance"),
    customer("send 40 euros to Ana", "transfer_money", amount="40", payee_name="Ana"),
    bot("From which account?", "action_transfer_money", has_buttons=True),
    customer("how long does it take?", "ask_library"),
    bot("A transfer takes one day.", "action_answer_question"),
    customer("from savings", "inform", account="savings"),
    bot("40.00 EUR to Ana from savings, is that right?", "action_transfer_money", kind="confirm"),
    customer("I want a person", "ask_human"),
    bot("Somebody will be with you.", "action_hand_off", kind="handoff"),
]


def test_given_a_task_that_waits_when_summed_up_then_it_stands_with_its_facts():
    told = summarise(TALK)

    assert told.open_task is not None
    assert told.open_task.action == "transfer_money"
    assert told.open_task.facts == {"amount": "40", "payee_name": "Ana", "account": "savings"}
    assert told.asked == ("what is my balance?", "send 40 euros to Ana", "how long does it take?")
    assert told.done == ("You have 120.00 EUR.", "A transfer takes one day.")
    assert (told.last, told.mood) == ("I want a person", Mood.CALM)


def test_given_a_task_that_was_finished_when_summed_up_then_none_is_open():
    done = [*TALK[:10], customer("yes", "affirm"), bot("Sent.", "action_transfer_money")]

    assert summarise(done).open_task is None


def test_given_angry_or_worried_words_when_summed_up_then_the_mood():
    assert summarise([customer("This is ridiculous")]).mood is Mood.UPSET
    assert summarise([customer("WHERE IS MY MONEY NOW")]).mood is Mood.UPSET
    assert summarise([customer("my card was stolen")]).mood is Mood.WORRIED


def test_given_a_call_for_a_person_last_when_asked_for_then_the_question_before_it():
    assert last_question(TALK) == "how long does it take?"
    assert last_question([customer("hello", "greet")]) == ""


def test_given_nothing_said_when_summed_up_then_it_is_empty():
    told = summarise([])

    assert (told.asked, told.done, told.open_task, told.last) == ((), (), None, "")


def test_given_closed_cases_when_compared_then_the_alike_one_and_no_other():
    past = [
        PastCase("ca_1", "dispute: a double charge at the hotel"),
        PastCase("ca_2", "card lost abroad, new card wanted"),
        PastCase("ca_3", "question about a mortgage"),
    ]

    found = nearest("the hotel charged me double", past)

    assert [name for name, _ in found] == ["ca_1"]


_LINES = st.lists(
    st.builds(
        Line,
        who=st.sampled_from(["customer", "bot", "staff", "system"]),
        text=st.text(max_size=40),
        intent=st.sampled_from(["", "greet", "transfer_money"]),
        action=st.sampled_from(["", "action_hand_off", "action_transfer_money", "action_a"]),
    ),
    max_size=12,
)


@settings(max_examples=80, deadline=None)
@given(_LINES)
def test_whatever_was_said_every_word_of_a_summary_was_said(lines):
    told = summarise(lines)

    said = " ".join(" ".join(one.text.split()) for one in lines)
    asked_back = (told.open_task.question,) if told.open_task else ()
    for sentence in (*told.asked, *told.done, told.last, *asked_back):
        assert sentence.removesuffix(" …") in said
