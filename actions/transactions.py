"""Transactions: find postings, money that came in, statements; and go on from the answer before.

heard ─▶ (+ remembered, when the customer goes on) ─▶ bank.transactions.search ─▶ rows
"""

from __future__ import annotations

import re
from dataclasses import replace

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import insights, languages, slots
from actions.base import EventType
from actions.facts import sums
from actions.questions import Question, changed, goes_back, heard, one_back, remembered
from actions.searching import SearchingAction
from actions.transaction_replies import say_none, say_page, say_posting, table
from bank.domain.actors import Actor
from bank.domain.ledger import Category
from bank.domain.periods import Period, add_months
from bank.domain.transactions import Direction

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
    r"|\bdid i last\b|\bnewest thing\b|\bdid i (pay|buy|spend).{0,20} last\W*$"
    r"|\b[uú]ltim[oa]\s+(\w+\s+){0,2}?"
    r"(vez|pago|movimiento|transacci[oó]n|compra|cargo|visita|operaci[oó]n|ticket)\b",
    re.IGNORECASE,
)
_LATEST_FEW = re.compile(
    r"\b(last|latest|newest)\s+\w+\s+(\w+\s+)?(payments|transactions|purchases|postings)\b"
    r"|\b([uú]ltim[oa]s\s+\w+|\w+\s+[uú]ltim[oa]s)\s+"
    r"(pagos|movimientos|transacciones|compras|operaciones|cargos)\b",
    re.IGNORECASE,
)
_LARGEST = re.compile(
    r"\b(largest|biggest|highest|most expensive|priciest"
    r"|mayor(?! (?:de|que|a)\b)|m[aá]s (?:grande|alt[oa]|car[oa]))\b",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\W*(when|cu[aá]ndo)\b", re.IGNORECASE)
_PAY = re.compile(
    r"\b(salary|wages?|pay|paid|payday|pay ?check|earn(ed|ings)?|employer"
    r"|n[oó]mina|salario|sueldo|cobr(?:[eé]|ado)|me (?:han )?pag\w+|empresa)\b",
    re.IGNORECASE,
)


class SearchTransactions(SearchingAction):
    """Find postings by shop or person, amount, category and time.

    Reads  the message's entities and words
    Sets   transactions_* (the question, to go on from)
    Says   utter_transactions_found[_subject], _one, _last, _none[_subject]
    """

    action_name = "action_search_transactions"

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Search and say what was found."""
        text = str((tracker.latest_message or {}).get("text") or "")
        number = slots.entity(tracker, "number")
        few = number if _LATEST_FEW.search(text) and isinstance(number, int) else None
        wants_largest = _LARGEST.search(text) is not None
        particular = asked.subject() or asked.min_minor is not None or asked.max_minor is not None
        is_wide = particular or few or wants_largest
        asked = asked.within(*self.days_back(SEARCH_DAYS if is_wide else GLANCE_DAYS))
        if wants_largest:
            return self._largest(actor, asked, say)
        rows = min(max(few, 1), ROWS_MAX) if few else ROWS
        page, asked = self.search(actor, asked, limit=rows)
        wants_latest = _LATEST.search(text)
        if not page.lines:
            say_none(say, asked)
        elif few:
            say.utter_message(
                response="utter_transactions_latest",
                json_message=table(page.lines, count=page.total_count), count=str(len(page.lines)),
            )  # fmt: skip
        elif wants_latest or page.total_count == 1:
            response = "utter_transactions_last" if wants_latest else "utter_transactions_one"
            say_posting(say, response, page.lines[0])
        else:
            say_page(say, asked, page)
        return asked.events(self.action_name, len(page.lines))


    def _largest(
        self, actor: Actor, asked: Question, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say the largest payment that fits; what only moved between own accounts is none."""
        page, asked = self.search(
            actor, asked, direction=Direction.OUT, has_own_moves=False, is_largest_first=True,
            limit=1,
        )  # fmt: skip
        if page.lines:
            say_posting(say, "utter_transactions_largest", page.lines[0], period=asked.period())
        else:
            say_none(say, asked)
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
        has_time = asked.from_day is not None
        is_when = _WHEN.match(str((tracker.latest_message or {}).get("text") or ""))
        asked = asked.within(*self.days_back(INCOME_DAYS))
        page, asked = self.search(
            actor, asked, direction=Direction.IN, has_own_moves=False, limit=ROWS
        )
        period = asked.period()
        if page.lines and asked.subject() and not has_time:
            response = f"utter_transactions_income_{'last' if is_when else 'yes'}"
            say_posting(say, response, page.lines[0], name="merchant")
        elif page.lines:
            say.utter_message(
                response="utter_transactions_income_found",
                json_message=table(page.lines, count=page.total_count),
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
            json_message=table(found.lines[:ROWS_MAX], count=len(found.lines)),
            account=account.name,
            period=asked.period(),
            opening=languages.money(found.opening),
            closing=languages.money(found.closing),
            received=languages.money(found.received),
            spent=languages.money(found.spent),
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
        before = remembered(tracker)
        if before.from_day and goes_back(tracker, now):
            before, now = one_back(before), replace(now, from_day=None, to_day=None)
        if asked_before not in answers:
            if now == Question():
                say.utter_message(response="utter_transactions_nothing_to_continue")
                return []
            asked_before = SearchTransactions.action_name
        action = answers[asked_before](self.bank, self.turns)
        return action.answer(actor, changed(before, now), tracker, say)


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
            json_message=None if is_all else table(page.lines, count=page.total_count),
            count=str(page.total_count),
            shown=str(len(page.lines)),
        )
        return [SlotSet("transactions_rows", max(shown, len(page.lines)))]


#: Whose answer can be gone on from.
ANSWERS = (SearchTransactions, CheckIncome, GetStatement)

ACTIONS = [SearchTransactions, CheckIncome, GetStatement, ContinueSearch, ShowMore]
