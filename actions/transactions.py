"""Transactions: find postings, money that came in, statements; and go on from the answer before.

heard ─▶ (+ remembered, when the customer goes on) ─▶ bank.transactions.search ─▶ rows
"""

from __future__ import annotations

import re
from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import insights, slots
from actions.base import EventType
from actions.facts import abs_money, day, name_of, rows_of, sums
from actions.questions import Question, changed, heard, remembered
from actions.searching import SearchingAction
from bank.domain.actors import Actor
from bank.domain.ledger import Category, Posting
from bank.domain.periods import Period, add_months
from bank.domain.transactions import Direction, TransactionPage

ROWS = 10
ROWS_MAX = 50
#: Without a time: a search for something particular looks back a year, a glance one month.
SEARCH_DAYS = 365
GLANCE_DAYS = 30
#: A salary of last month's end is still "did my salary come in".
INCOME_DAYS = 31

_LATEST = re.compile(
    r"\b(last|latest|newest|most recent)\s+(\w+\s+){0,2}?"
    r"(time|payment|transaction|purchase|posting|visit|charge|ticket|one)\b"
    r"|\bdid i last\b|\bnewest thing\b",
    re.IGNORECASE,
)
_PAY = re.compile(
    r"\b(salary|wages?|pay|paid|payday|pay ?check|earn(ed|ings)?|employer)\b", re.IGNORECASE
)


class SearchTransactions(SearchingAction):
    """Find postings by shop or person, amount, category and time.

    Reads  the message's entities and words
    Sets   transactions_* (the question, to go on from)
    Says   utter_transactions_found[_subject], _one, _last, _none[_subject]
    """

    action_name = "action_search_transactions"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        return self.answer(actor, self.complete(actor, tracker, heard(tracker)), tracker, say)

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Search and say what was found."""
        particular = asked.subject() or asked.min_minor is not None or asked.max_minor is not None
        asked = asked.within(*self.days_back(SEARCH_DAYS if particular else GLANCE_DAYS))
        page, asked = self.search(actor, asked, limit=ROWS)
        wants_latest = _LATEST.search(str((tracker.latest_message or {}).get("text") or ""))
        if not page.lines:
            say_none(say, asked)
        elif wants_latest or page.total_count == 1:
            response = "utter_transactions_last" if wants_latest else "utter_transactions_one"
            say_posting(say, response, page.lines[0])
        else:
            say_page(say, asked, page)
        return asked.events(self.action_name, len(page.lines))


class CheckIncome(SearchingAction):
    """Say whether money came in: the salary, somebody's transfer, or all of it.

    Sets   transactions_* (the question, to go on from)
    Says   utter_transactions_income_yes, _no, _found, _none
    """

    action_name = "action_check_income"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        asked = self.complete(actor, tracker, heard(tracker))
        text = str((tracker.latest_message or {}).get("text") or "")
        if _PAY.search(text) and not asked.merchant:
            asked = replace(asked, category=Category.SALARY.value)
        return self.answer(actor, asked, tracker, say)

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Search what came in and say it."""
        del tracker
        has_time = asked.from_day is not None
        asked = asked.within(*self.days_back(INCOME_DAYS))
        page, asked = self.search(actor, asked, direction=Direction.IN, limit=ROWS)
        period = asked.period()
        if page.lines and asked.subject() and not has_time:
            say_posting(say, "utter_transactions_income_yes", page.lines[0], name="merchant")
        elif page.lines:
            say.utter_message(
                response="utter_transactions_income_found",
                json_message=table(page),
                received=sums(page.received),
                period=period,
            )
        else:
            response = "no" if asked.subject() else "none"
            say.utter_message(response=f"utter_transactions_income_{response}", period=period)
        return asked.events(self.action_name, len(page.lines))


class GetStatement(SearchingAction):
    """Show the statement of an account; without a time, of last month.

    Sets   transactions_*
    Says   utter_transactions_statement, utter_transactions_statement_future
    """

    action_name = "action_get_statement"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        return self.answer(actor, heard(tracker), tracker, say)

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask the bank for the statement and say its sums."""
        del tracker
        today = self.today()
        this_month = today.replace(day=1)
        asked = asked.within(add_months(this_month, -1), this_month)
        from_utc, to_utc = asked.from_utc(), asked.to_utc()
        assert from_utc is not None
        assert to_utc is not None
        account = self.account(actor, asked.account)
        if from_utc.date() > today or account is None:
            future = "utter_transactions_statement_future"
            say.utter_message(response="utter_balances_none" if account is None else future)
            return []
        found = self.bank.transactions.statement(actor, account.id, Period(from_utc, to_utc))
        say.utter_message(
            response="utter_transactions_statement",
            json_message={
                "kind": "transactions",
                "data": {"rows": rows_of(found.lines[:ROWS_MAX]), "count": len(found.lines)},
            },
            account=account.name,
            period=asked.period(),
            opening=str(found.opening),
            closing=str(found.closing),
            received=str(found.received),
            spent=str(found.spent),
            count=str(len(found.lines)),
        )
        return asked.events(self.action_name, min(len(found.lines), ROWS_MAX))


class ContinueSearch(SearchingAction):
    """Answer the question before, with the one thing that was changed.

    Reads  transactions_*
    Says   what that question's action says, or utter_transactions_nothing_to_continue
    """

    action_name = "action_continue_search"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        answers = {one.action_name: one for one in (*ANSWERS, *insights.ANSWERS)}
        asked_before = slots.find_text(tracker, "transactions_question")
        now = self.complete(actor, tracker, heard(tracker))
        if asked_before not in answers:
            if now == Question():
                say.utter_message(response="utter_transactions_nothing_to_continue")
                return []
            asked_before = SearchTransactions.action_name
        action = answers[asked_before](self.bank, self.turns)
        return action.answer(actor, changed(remembered(tracker), now), tracker, say)


class ShowMore(SearchingAction):
    """Show more rows of the search before.

    Reads  transactions_*
    Sets   transactions_rows
    Says   utter_transactions_more, _no_more, _nothing_to_continue
    """

    action_name = "action_show_more"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        asked = remembered(tracker)
        shown = int(tracker.get_slot("transactions_rows") or 0)
        if not asked.from_day or not shown:
            say.utter_message(response="utter_transactions_nothing_to_continue")
            return []
        only_in = slots.find_text(tracker, "transactions_question") == CheckIncome.action_name
        page, _ = self.search(
            actor,
            asked,
            direction=Direction.IN if only_in else None,
            limit=min(shown + ROWS, ROWS_MAX),
        )
        is_all = len(page.lines) <= shown
        say.utter_message(
            response="utter_transactions_no_more" if is_all else "utter_transactions_more",
            json_message=None if is_all else table(page),
            count=str(page.total_count),
            shown=str(len(page.lines)),
        )
        return [SlotSet("transactions_rows", max(shown, len(page.lines)))]


def say_page(say: CollectingDispatcher, asked: Question, page: TransactionPage) -> None:
    """Say how many, and what they come to."""
    subject = asked.subject()
    say.utter_message(
        response="utter_transactions_found_subject" if subject else "utter_transactions_found",
        json_message=table(page),
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
    say: CollectingDispatcher, response: str, posting: Posting, *, name: str = "subject"
) -> None:
    """Say one posting; `name` is what the sentence calls the other side."""
    say.utter_message(
        response=response,
        json_message={"kind": "transactions", "data": {"rows": rows_of([posting]), "count": 1}},
        amount=str(abs_money(posting.amount)),
        date=day(posting.booked_at_utc),
        **{name: name_of(posting)},
    )


def table(page: TransactionPage) -> dict[str, object]:
    """Return the rows as the page draws them."""
    return {
        "kind": "transactions",
        "data": {"rows": rows_of(page.lines), "count": page.total_count},
    }


#: Whose answer can be gone on from.
ANSWERS = (SearchTransactions, CheckIncome, GetStatement)

ACTIONS = [SearchTransactions, CheckIncome, GetStatement, ContinueSearch, ShowMore]
