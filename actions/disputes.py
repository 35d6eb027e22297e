"""Disputes: which payment, what is wrong with it, a word about what happened, then yes.

posting? ──▶ reason? ──▶ shall I report it? (any sentence now is the note) ──yes──▶ open
"""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import event_replies, languages, slots
from actions.base import BankAction, EventType
from actions.facts import abs_money, day, name_of
from actions.open_tasks import closed, intent_of, is_open, is_return, opened
from actions.questions import Question, heard
from actions.searching import SearchingAction
from bank.domain.actors import Actor
from bank.domain.asked_events import AskedEvent
from bank.domain.errors import BankError, NotAuthenticated
from bank.domain.ledger import Posting
from bank.domain.transactions import Direction

OFFERED = 5
#: Among this many of the newest payments, the ones that can be reported are offered.
LOOKED_AT = 50
SEARCH_DAYS = 400
NOTE_CHARS_MAX = 500

_UNRECOGNISED = (
    r"recogni[sz]e|wasn'?t me|not me\b|not mine|isn'?t mine|never made|strange|unknown|"
    r"did(n'?t| not) (make|buy|do|authori[sz]e)|unauthori[sz]ed|fraud\w*|suspicious|"
    r"without my permission|don'?t (know|remember)|not my transaction|"
    r"\bno (lo |la |me )?(recono\w+|suena|hice|he hecho|autoric\w+|he autorizado)|\bno fui yo|"
    r"no he sido yo|no es m[ií][oa]|sospechos\w+|desconocid\w+|\bextra[ñn][oa]\b"
)
#: Words → reason; the first that fits. What fits none is asked.
_REASONS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (reason, re.compile(words, re.IGNORECASE))
    for reason, words in (
        ("duplicate", (r"\b(twice|two times|double|duplicate|second time"
         r"|dos veces|doble|duplicad[oa]|segunda vez)\b")),
        ("cash_not_dispensed", r"\b(atm|cash machine|cashpoint|dispens\w+|cajero)\b"),
        ("cancelled_subscription", (r"\bcancell?ed\b|\bafter i cancel|\bcancel(é|ado|ada)\b"
         r"|\b(di|hab[ií]a dado) de baja\b")),
        ("not_received",
         (r"(never|not|didn'?t) (get|got|come|came|arrived?|received?|delivered)"
         r"|\b(nunca|no) (me |lo |la )*(ha |han |he )?(lleg|recib|entreg)\w+")),
        ("not_as_described", (r"\b(broken|faulty|damaged|defective|not as described|fake"
         r"|rot[oa]|defectuos[oa]|da[ñn]ad[oa]|fals[oa]|no es lo que (ped[ií]|compr[eé]))\b")),
        ("wrong_amount", (r"\b(wrong amount|too much|but they took|overcharged"
         r"|importe (incorrecto|equivocado|err[oó]neo)|demasiado|de m[aá]s)\b")),
        ("unwanted_direct_debit", (r"\b(return|reverse|object to|refuse) (a|the|this) direct debit"
         r"|\bdevolver (un|el|este) recibo")),
        ("unrecognised", _UNRECOGNISED),
    )
)  # fmt: skip


class DisputeTransaction(SearchingAction):
    """Report one payment the customer does not accept.

    Reads  entities posting_id, dispute_reason, and what names a payment
    Sets   disputes_*
    Says   utter_disputes_ask_posting[_again], _ask_reason, _ask_confirm[_noted], _opened
    """

    action_name = "action_dispute_transaction"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        goes_on = is_open(tracker, self.action_name)
        answers = goes_on and not is_return(tracker)
        event = None if goes_on or is_return(tracker) else self.asked_event(actor, tracker)
        if event is not None:
            return event_replies.deny(self.bank, actor, event.id, tracker, say)
        if answers and intent_of(tracker) in ("cancel", "deny"):
            say.utter_message(response="utter_disputes_cancelled")
            return self.ended(tracker)
        told = slots.find_text(tracker, "disputes_note") if goes_on else None
        posting_id = slots.find_text(tracker, "disputes_posting_id") if goes_on else None
        reason = slots.find_text(tracker, "disputes_reason") if goes_on else None
        confirms = answers and intent_of(tracker) == "affirm"
        if not is_return(tracker) and not confirms:
            had_both = posting_id is not None and reason is not None
            reason = reason or reason_in(tracker)
            told, noted = with_words(told, tracker)
        else:
            had_both, noted = posting_id is not None and reason is not None, False
        kept = [SlotSet("disputes_reason", reason), SlotSet("disputes_note", told)]
        posting = self.posting(actor, tracker, posting_id)
        if posting is None:
            return [*kept, *self.ask_posting(actor, tracker, say, again=answers)]
        if not any(posting.kind in one.kinds for one in self.bank.disputes.reasons()):
            say_posting(say, "utter_disputes_not_disputable", posting)
            return self.ended(tracker)
        kept.append(SlotSet("disputes_posting_id", posting.id))
        if reason is None:
            self.ask_reason(posting, say)
        elif confirms and had_both:
            return self.open(actor, posting, reason, told or "", tracker, say)
        else:
            suffix = "_noted" if noted and had_both else ""
            say_posting(say, f"utter_disputes_ask_confirm{suffix}", posting)
        return [*kept, opened(tracker, self.action_name)]

    def asked_event(self, actor: Actor, tracker: Tracker) -> AskedEvent | None:
        """Return the event that is denied: "I did not make this payment", of the one asked."""
        event_id = slots.find_text(tracker, event_replies.SLOT)
        if event_id is None or slots.entity(tracker, "posting_id") is not None:
            return None
        event = event_replies.find_event(self.bank, actor, event_id)
        if event is None or event.posting_id is None or reason_in(tracker) != "unrecognised":
            return None
        asked = heard(tracker)
        found = self.candidates(actor, tracker)
        names_another = asked is not None and bool(asked.subject()) and not found
        is_meant = not found or event.posting_id in {one.id for one in found}
        return event if is_meant and not names_another else None

    def posting(self, actor: Actor, tracker: Tracker, known_id: str | None) -> Posting | None:
        """Return the payment that is meant: known, pressed, or the only one that fits."""
        pressed = slots.entity(tracker, "posting_id")
        wanted_id = known_id or (str(pressed) if pressed else None)
        if wanted_id:
            return self.bank.transactions.get(actor, wanted_id)
        found = self.candidates(actor, tracker)
        number = slots.entity(tracker, "number")
        if is_open(tracker, self.action_name) and isinstance(number, int):
            offered = self.latest(actor)
            if 0 < number <= len(offered) or number == -1:
                return offered[number - 1 if number > 0 else -1]
        return found[0] if len(found) == 1 else None

    def candidates(self, actor: Actor, tracker: Tracker) -> list[Posting]:
        """Return payments that fit the words; empty when they name nothing."""
        asked = heard(tracker) if not is_return(tracker) else None
        if asked is None:
            return []
        asked = self.complete(actor, tracker, asked)
        names_nothing = not (asked.subject() or asked.from_day or asked.min_minor is not None)
        if names_nothing:
            return []
        page, _ = self.search(
            actor, asked.within(*self.days_back(SEARCH_DAYS)),
            direction=Direction.OUT, limit=OFFERED,
        )  # fmt: skip
        return page.lines

    def latest(self, actor: Actor) -> list[Posting]:
        """Return the newest payments that can be reported at all."""
        page, _ = self.search(
            actor, Question(), direction=Direction.OUT, has_own_moves=False, limit=LOOKED_AT
        )
        kinds = {kind for one in self.bank.disputes.reasons() for kind in one.kinds}
        return [one for one in page.lines if one.kind in kinds][:OFFERED]

    def ask_posting(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher, *, again: bool
    ) -> list[EventType]:
        """Offer what fits, or the newest payments, each as a button."""
        fitting = self.candidates(actor, tracker)
        offered = fitting or self.latest(actor)
        if not offered:
            say.utter_message(response="utter_disputes_no_postings")
            return self.ended(tracker)
        say.utter_message(
            response=f"utter_disputes_ask_posting{'_again' if again and not fitting else ''}",
            buttons=[
                {"title": title_of(one), "payload": f'/inform{{"posting_id": "{one.id}"}}'}
                for one in offered
            ],
        )
        return [opened(tracker, self.action_name)]

    def ask_reason(self, posting: Posting, say: CollectingDispatcher) -> None:
        """Offer the reasons that fit this kind of payment; their words are the response's."""
        say_posting(say, f"utter_disputes_ask_reason_{posting.kind.value}", posting)

    def open(
        self, actor: Actor, posting: Posting, reason: str, note: str,
        tracker: Tracker, say: CollectingDispatcher,
    ) -> list[EventType]:  # fmt: skip
        """Report it."""
        dispute = self.bank.disputes.open(
            actor, posting.id, reason=reason, note=note[:NOTE_CHARS_MAX],
            idempotency_key=self.idempotency_key(tracker, "dispute"),
        )  # fmt: skip
        say.utter_message(
            response="utter_disputes_opened",
            dispute_id=dispute.id,
            date=day(dispute.answer_by_utc),
        )
        if reason == "unrecognised":
            say.utter_message(response="utter_disputes_freeze_offer")
        return self.ended(tracker)

    def ended(self, tracker: Tracker) -> list[EventType]:
        """Return the events that end the task."""
        forgotten = slots.clear("disputes_posting_id", "disputes_reason", "disputes_note")
        return [*forgotten, closed(tracker, self.action_name)]

    def refused(
        self, error: BankError, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        """Say it, and end the task: another payment is another report."""
        events = super().refused(error, tracker, say)
        return events if isinstance(error, NotAuthenticated) else [*events, *self.ended(tracker)]


class CheckDispute(BankAction):
    """Say how the newest report stands.

    Says   utter_disputes_list, utter_disputes_none
    """

    action_name = "action_check_dispute"

    def perform(
        self, actor: Actor, tracker: Tracker, say: CollectingDispatcher
    ) -> list[EventType]:
        del tracker
        disputes = self.bank.disputes.list(actor)
        if not disputes:
            say.utter_message(response="utter_disputes_none")
            return []
        newest = max(disputes, key=lambda one: one.opened_at_utc)
        say.utter_message(
            response=f"utter_disputes_status_{newest.status.value}",
            count=str(len(disputes)),
            subject=newest.merchant or newest.id,
            amount=languages.money(newest.amount),
            date=day(newest.answer_by_utc),
        )
        return []


def reason_in(tracker: Tracker) -> str | None:
    """Return the reason from a button or the words."""
    pressed = slots.entity(tracker, "dispute_reason")
    if pressed:
        return str(pressed)
    text = str((tracker.latest_message or {}).get("text") or "")
    return next((reason for reason, words in _REASONS if words.search(text)), None)


def with_words(told: str | None, tracker: Tracker) -> tuple[str | None, bool]:
    """Return the note with this message added, and whether it grew; a button says nothing new."""
    text = str((tracker.latest_message or {}).get("text") or "").strip()
    if not text or text.startswith("/"):
        return told, False
    return (f"{told} {text}" if told else text)[:NOTE_CHARS_MAX], True


def say_posting(say: CollectingDispatcher, response: str, posting: Posting) -> None:
    """Say a sentence about one payment."""
    facts: dict[str, Any] = {
        "subject": name_of(posting),
        "amount": languages.money(abs_money(posting.amount)),
        "date": day(posting.booked_at_utc),
    }
    say.utter_message(response=response, **facts)


def title_of(posting: Posting) -> str:
    """Return a payment on a button."""
    amount = languages.money(abs_money(posting.amount))
    return f"{name_of(posting)} · {amount} · {day(posting.booked_at_utc)}"


ACTIONS = [DisputeTransaction, CheckDispute]
