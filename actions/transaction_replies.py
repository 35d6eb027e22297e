"""What is said about postings that were found: how many and what they come to, one, or none."""

from __future__ import annotations

from collections.abc import Iterable

from rasa_sdk.executor import CollectingDispatcher

from actions import labels, languages
from actions.facts import abs_money, day, name_of, rows_of, sums
from actions.questions import Question
from bank.domain.ledger import Posting
from bank.domain.transactions import TransactionPage


def say_page(say: CollectingDispatcher, asked: Question, page: TransactionPage) -> None:
    """Say how many, and what they come to."""
    subject = asked.subject()
    say.utter_message(
        response="utter_transactions_found_subject" if subject else "utter_transactions_found",
        json_message=table(page.lines, count=page.total_count),
        subject=subject or "",
        count=str(page.total_count),
        period=asked.period(),
        spent=sums(page.spent),
        received=sums(page.received),
    )


def say_none(say: CollectingDispatcher, asked: Question) -> None:
    """Say that nothing was found."""
    subject = asked.subject()
    say.utter_message(
        response="utter_transactions_none_subject" if subject else "utter_transactions_none",
        subject=subject or "",
        period=asked.period(),
    )


def say_posting(
    say: CollectingDispatcher, response: str, posting: Posting, *, name: str = "subject",
    **facts: str,
) -> None:
    """Say one posting; `name` is what the sentence calls the other side."""
    say.utter_message(
        response=response,
        json_message=table([posting], count=1),
        amount=languages.money(abs_money(posting.amount)),
        date=day(posting.booked_at_utc),
        **{name: name_of(posting)},
        **facts,
    )


def table(postings: Iterable[Posting], *, count: int) -> dict[str, object]:
    """Return the rows as the page draws them; `count` is how many there are in all."""
    return labels.table("transactions", rows_of(postings), count=count)
