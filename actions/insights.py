"""Insights: what the money did and will do, with a picture; and notices told unasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import languages
from actions.base import BankAction, EventType
from actions.facts import abs_money, add_up, day, is_named, label_of, sums
from actions.labels import table
from actions.pictures import draw_spending
from actions.questions import Question, changed, heard, remembered
from actions.searching import SearchingAction, unknown_shop
from actions.transaction_replies import table as table_of
from bank.domain.actors import Actor
from bank.domain.ledger import Category
from bank.domain.money import Money
from bank.domain.transactions import Direction

if TYPE_CHECKING:
    from bank.domain.insights import CategorySpend, Spending

ROWS = 10
REFUND_DAYS = 60
#: Nearer to the usual than this share (1/n) is "about as much".
SAME_SHARE = 20


class CheckSpending(SearchingAction):
    """Say what was spent: on a category, at a shop, or on all with a picture.

    Sets   transactions_* (the question, to go on from)
    Says   utter_insights_spending[_subject|_compared|_none|_none_subject], utter_insights_picture
    """

    action_name = "action_check_spending"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        asked = self.complete(actor, tracker, heard(tracker))
        if asked.subject() is None:  # an unknown shop gets no sum of everything
            asked = replace(asked, merchant=unknown_shop(tracker))
        return self.answer(actor, asked, tracker, say)

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Add up and say it."""
        del tracker
        today = self.today()
        asked = asked.within(today.replace(day=1), today + timedelta(days=1))
        if asked.merchant:
            return self._at_merchant(actor, asked, say)
        spending = self.spending(actor, asked)
        subject = asked.subject()
        facts = {"period": asked.period(), "total": sums(spending.total)}
        if subject:
            of_category = self.spending(actor, asked, category=Category(asked.category or ""))
            previous = [one.previous for one in of_category.by_category]
            response = (
                "none_subject" if not any(one.amount_minor for one in of_category.total)
                else "compared" if any(one.amount_minor for one in previous)
                else "subject"
            )  # fmt: skip
            say.utter_message(
                response=f"utter_insights_{'spending_' + response}",
                **{**facts, "total": sums(of_category.total)},
                subject=subject,
                previous=sums(previous),
            )
        elif not spending.by_category:
            say.utter_message(response="utter_insights_spending_none", **facts)
        else:
            top = spending.by_category[0]
            self.say_picture(
                actor, asked, spending, say, "utter_insights_spending",
                top=label_of(top.category),
                top_amount=languages.money(abs_money(top.amount)), **facts,
            )  # fmt: skip
        return asked.events(self.action_name)

    def spending(
        self, actor: Actor, asked: Question, *, category: Category | None = None
    ) -> Spending:
        """Return the bank's sums for the question's time, the largest category first."""
        from_utc, to_utc = asked.from_utc(), asked.to_utc()
        assert from_utc is not None
        assert to_utc is not None
        found: Spending = self.bank.insights.spending(
            actor, from_utc=from_utc, to_utc=to_utc, category=category
        )
        largest_first = sorted(
            found.by_category, key=lambda one: -abs(one.amount.amount_minor)
        )
        return replace(found, by_category=largest_first)

    def say_picture(
        self, actor: Actor, asked: Question, spending: Spending,
        say: CollectingDispatcher, response: str, **facts: str,
    ) -> None:  # fmt: skip
        """Say the sentence with the picture; the picture belongs to the customer alone."""
        drawn = draw_spending(
            tuple(bars(spending.by_category)), title=asked.period(), total=sums(spending.total),
            marked=label_of(asked.category) if asked.category else None,
            language=languages.current(),
        )  # fmt: skip
        picture_id = self.bank.pictures.store(actor, drawn.png)
        rows = [
            {"category": label_of(one.category), "amount": languages.money(abs_money(one.amount)),
             "count": one.count, "previous": languages.money(abs_money(one.previous))}
            for one in spending.by_category
        ]  # fmt: skip
        say.utter_message(
            response=response,
            image=f"/api/pictures/{picture_id}",
            json_message=table("picture", rows, alt=drawn.alt),
            **facts,
        )

    def _at_merchant(
        self, actor: Actor, asked: Question, say: CollectingDispatcher
    ) -> list[EventType]:
        page, asked = self.search(actor, asked, direction=Direction.OUT, limit=ROWS)
        response = "spending_subject" if page.lines else "spending_none_subject"
        rows = table_of(page.lines, count=page.total_count)
        say.utter_message(
            response=f"utter_insights_{response}",
            json_message=rows if page.lines else None,
            period=asked.period(),
            subject=asked.subject() or "",
            total=sums(page.spent),
        )
        return asked.events(self.action_name, len(page.lines))


class ShowPicture(CheckSpending):
    """Draw the spending of the question before, or of what the message names.

    Reads  transactions_period, transactions_category
    Says   utter_insights_picture, utter_insights_spending_none
    """

    action_name = "action_show_picture"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        return self.answer(actor, changed(remembered(tracker), heard(tracker)), tracker, say)

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Draw all categories; the one that was asked about is marked."""
        del tracker
        today = self.today()
        asked = asked.within(today.replace(day=1), today + timedelta(days=1))
        spending = self.spending(actor, asked)
        facts = {"period": asked.period(), "total": sums(spending.total)}
        if spending.by_category:
            self.say_picture(actor, asked, spending, say, "utter_insights_picture", **facts)
        else:
            say.utter_message(response="utter_insights_spending_none", **facts)
        return asked.events(self.action_name)


class CheckSpendingPath(BankAction):
    """Hold this month against a usual one.

    Says   utter_insights_path_above, _below, _same
    """

    action_name = "action_check_spending_path"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        path = self.bank.insights.spending_path(actor)
        spent, usual = path.month_to_date, path.usual_by_now
        more = spent.amount_minor - usual.amount_minor
        way = "same" if abs(more) * SAME_SHARE < usual.amount_minor else (
            "above" if more > 0 else "below"
        )  # fmt: skip
        say.utter_message(
            response=f"utter_insights_path_{way}",
            spent=languages.money(spent),
            usual=languages.money(usual),
            difference=languages.money(Money(abs(more), spent.currency)),
            projected=languages.money(path.projected),
        )
        return []


class CheckLowBalance(BankAction):
    """Look ahead, whether an account runs low before money comes in.

    Says   utter_insights_low_balance, utter_insights_low_balance_none
    """

    action_name = "action_check_low_balance"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        low = self.bank.insights.low_balance(actor)
        if low is None:
            say.utter_message(response="utter_insights_low_balance_none")
        else:
            say.utter_message(
                response="utter_insights_low_balance",
                account=low.account.name,
                expected=languages.money(low.expected),
                date=day(low.date),
                because=low.because,
            )
        return []


class CheckRefunds(SearchingAction):
    """Say which refunds came in.

    Sets   transactions_*
    Says   utter_insights_refunds[_subject|_none|_none_subject]
    """

    action_name = "action_check_refunds"

    def answer(
        self, actor: Actor, asked: Question, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Ask the bank for refunds in this time, of this shop."""
        del tracker
        asked = asked.within(*self.days_back(REFUND_DAYS))
        from_utc, to_utc = asked.from_utc(), asked.to_utc()
        assert from_utc is not None
        assert to_utc is not None
        lines = [
            line
            for line in self.bank.insights.refunds(actor, from_utc)
            if line.booked_at_utc < to_utc
            and (not asked.merchant or is_named(line.merchant or "", asked.merchant))
        ]
        suffix = ("" if lines else "_none") + ("_subject" if asked.merchant else "")
        rows = table_of(lines[:ROWS], count=len(lines))
        say.utter_message(
            response=f"utter_insights_refunds{suffix}",
            json_message=rows if lines else None,
            count=str(len(lines)),
            subject=asked.merchant or "",
            received=sums(add_up([line.amount for line in lines])),
            period=asked.period(),
        )
        return asked.events(self.action_name, len(lines))


def bars(categories: list[CategorySpend]) -> list[tuple[str, Money]]:
    """Return what the picture shows: label and amount."""
    return [(label_of(one.category), abs_money(one.amount)) for one in categories]


#: Whose answer can be gone on from.
ANSWERS = (CheckSpending, ShowPicture, CheckRefunds)

ACTIONS = [
    CheckSpending, ShowPicture, CheckSpendingPath, CheckLowBalance, CheckRefunds,
]  # fmt: skip
