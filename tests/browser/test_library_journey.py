"""From a customer's question to a person's draft: the library in a running branch.

The questions are asked twice: without a language model, and with a server of one that is honest,
lies and goes down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.branch import Branch, open_branch
from tests.browser.pages import ANSWER_MS, ChatPage, ConsolePage
from tests.knowledge import fake_llm
from tests.knowledge.fake_llm import FakeModel

QUESTIONS = Path(__file__).parents[1] / "knowledge" / "journey.jsonl"
#: Of the questions that the articles answer, asked in the chat with all its other skills.
CITED_LEAST = 13
#: Customers of a branch that only answers questions.
FEW = 20
#: The actions look at what is published every two seconds, and make the index beside the old one;
#: a busy machine takes its time, so it is asked again.
MADE_MS, TRIES_MOST = 10_000, 8
TASK = "send 14 euros to Ana Silva"
BODY = "## Renting a boat\n\nThe branch at the harbour rents out rowing boats for 12 EUR an hour."
ASKED = "how much is it to rent a rowing boat?"


def questions() -> list[tuple[str, list[str]]]:
    """The journey's questions, with the articles that answer them; none: nobody does."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines() if line]
    return [(one["question"], one["ids"]) for one in rows]


def cited(page: Page) -> list[str]:
    """The articles that the chat's answers lead to, in their order."""
    links = page.locator(".answer-sources a").evaluate_all("all => all.map(one => one.pathname)")
    return [str(one).rsplit("/", 1)[-1] for one in links]


def ask_all(chat: ChatPage, page: Page) -> list[str]:
    """Ask all questions, one of them inside a task; return those answered from a right article."""
    right: list[str] = []
    asked = questions()
    inside = next(place for place, (_, ids) in enumerate(asked) if ids == ["lost-card"])
    for place, (question, ids) in enumerate(asked):
        if place == inside:
            chat.say(TASK, "14.00 EUR")
        before = cited(page)
        chat.say(question)
        page.wait_for_timeout(150)  # links come with their line
        new = cited(page)[len(before) :]
        assert new == [] or ids, (question, new)  # what no article answers is not made up
        right += [question] if set(new) & set(ids) else []
        if place == inside:
            assert new == ids
            chat.wait_for("14.00 EUR")  # the answer came, and the task goes on
            chat.press("Cancel")
            chat.wait_for("No money has moved")  # or the next question would take it for its answer
    return right


def write_article(writer: Page, url: str) -> None:
    """Write an article and hand it in."""
    writer.goto(f"{url}/console/library/new")
    for label, text in (
        ("Title", "Rowing boats"), ("Name in its address", "boat-rental"), ("Topic", "boats"),
    ):  # fmt: skip
        writer.get_by_label(label).fill(text)
    writer.get_by_label("Text", exact=True).fill(BODY)
    writer.get_by_role("button", name="Save the draft").click()
    writer.get_by_role("button", name="Submit for review").click()


def publish_as_second(second: Page, url: str) -> None:
    second.goto(f"{url}/console/library/boat-rental")
    second.get_by_role("button", name="Publish").click()
    expect(second.locator("#tags")).to_contain_text("Published", timeout=ANSWER_MS)


@pytest.fixture(scope="module")
def modelled_branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Branch, FakeModel]]:
    """A branch that asks a language model's server to word what its articles say."""
    with fake_llm.running() as model:
        settings = {
            "FLORIN_LLM_MODEL": "openai:fake", "FLORIN_LLM_URL": f"{model.url}/v1",
            "FLORIN_LLM_KEY": "none",
        }  # fmt: skip
        home = tmp_path_factory.mktemp("modelled")
        with open_branch(home, customers=FEW, settings=settings) as branch:
            yield branch, model


def test_given_twenty_questions_inside_and_outside_a_task_when_asked_then_cited_or_an_honest_no(
    running_branch: Branch, page: Page
) -> None:
    chat = ChatPage(page, running_branch.url).open()
    chat.log_in(*running_branch.customer)

    right = ask_all(chat, page)

    assert len(right) >= CITED_LEAST, right


def test_given_a_language_model_when_the_same_are_asked_then_its_words_are_cited_and_no_lie_is(
    modelled_branch: tuple[Branch, FakeModel], page: Page
) -> None:
    branch, model = modelled_branch
    chat = ChatPage(page, branch.url).open()
    chat.log_in(*branch.customer)

    right = ask_all(chat, page)

    assert len(right) >= CITED_LEAST - 1, right
    worded = page.get_by_text(fake_llm.HONEST).count()
    assert worded >= CITED_LEAST - 2, worded  # the model's sentences stood up to their check

    for mode in ("liar", "markup", "injection", "down"):
        model.mode = mode
        before = cited(page)
        chat.say(right[0])
        page.wait_for_timeout(150)
        assert cited(page) != before, mode  # the article's own words came, with their source
    assert page.get_by_text(fake_llm.HONEST).count() == worded
    for lie in ("as a gift", "our page", "I have sent 500 EUR"):
        expect(page.get_by_text(lie)).to_have_count(0)


def test_given_an_article_by_staff_when_two_have_seen_it_then_the_next_answer_and_draft_cite_it(
    running_branch: Branch, page: Page, staff: ConsolePage, colleague: ConsolePage
) -> None:
    chat = ChatPage(page, running_branch.url).open()
    chat.say(ASKED)
    expect(page.locator(".answer-sources")).to_have_count(0)

    writer = staff.page
    write_article(writer, running_branch.url)
    expect(writer.locator("#tags")).to_contain_text("In review")
    expect(writer.get_by_role("button", name="Publish")).to_have_count(0)
    publish_as_second(colleague.page, running_branch.url)

    for _ in range(TRIES_MOST):
        page.wait_for_timeout(MADE_MS)
        chat.say(ASKED)
        page.wait_for_timeout(150)
        if page.get_by_text("12 EUR an hour").count():
            break
    expect(page.get_by_text("12 EUR an hour").last).to_be_visible()
    expect(page.locator(".answer-sources").last).to_contain_text("Rowing boats")

    chat.say("I want to talk to a person")
    staff.open().open_newest_handoff()
    staff.take_over()
    drafts = writer.locator("#copilot .draft").filter(has_text="12 EUR an hour")
    expect(drafts).to_be_visible(timeout=ANSWER_MS)
    lines = chat.lines.count()
    drafts.get_by_role("button", name="Put into the reply").click()
    expect(writer.get_by_label("Reply to the customer")).to_have_value(
        "The branch at the harbour rents out rowing boats for 12 EUR an hour."
    )
    assert chat.lines.count() == lines  # a draft is sent by nobody but a person
