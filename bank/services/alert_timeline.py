"""The alert's timeline: what happened around it, in the customer's name, as staff read it.

    72 hours before ──────────────────────── alert ───── now, at most 72 hours after
      a login from a new place, codes, payees, passkeys, what was noticed in lines, payments, cards

Reads only, from what the rooms keep anyway. Account numbers are masked, lines are named by their
number and never quoted. Who may read it: alert_pages.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bank.domain import ibans
from bank.domain.asked_events import AskedEvent, EventAnswer, EventKind
from bank.domain.cards import Card
from bank.domain.challenges import CODE_TRIES, Challenge, ChallengeState, Passkey
from bank.domain.habits import LoginPlace
from bank.domain.payees import Payee
from bank.domain.risk import Assessment, RiskDecision, RiskNote, RiskOutcome, RiskSource
from bank.domain.transfers import Transfer, TransferStatus
from bank.ports import UnitOfWork

WINDOW = timedelta(hours=72)
#: More of one kind than this is a flood; the newest are read.
EACH_MOST = 100
MARKS_MOST = 200

_DECIDED = {RiskDecision.PAUSE: "paused with a warning", RiskDecision.HOLD: "held for a person"}
_ENDED = {
    TransferStatus.VOIDED: ", later voided",
    TransferStatus.EXPIRED: ", never confirmed",
    TransferStatus.HELD: ", held now",
}


class MarkKind(StrEnum):
    LOGIN = "login"
    CODE = "code"
    PASSKEY = "passkey"
    PAYEE = "payee"
    NOTED = "noted"
    PAYMENT = "payment"
    CARD = "card"
    ANSWER = "answer"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class Mark:
    """One moment. sentence: for staff, in English. is_asked: it is what the alert is about."""

    at_utc: datetime
    kind: MarkKind
    sentence: str
    is_asked: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """Marks, the oldest first. is_cut: there were too many, and older ones are not shown."""

    since_utc: datetime
    until_utc: datetime
    marks: tuple[Mark, ...] = ()
    is_cut: bool = False


def timeline_in(
    uow: UnitOfWork, customer_id: str, *, around_utc: datetime, now_utc: datetime,
    asked_ids: Collection[str] = (),
) -> Timeline:  # fmt: skip
    """Return what happened. asked_ids: transfers and acts the alert is about."""
    since_utc, until_utc = around_utc - WINDOW, max(around_utc, min(now_utc, around_utc + WINDOW))
    reader = _Reader(uow, customer_id, since_utc, until_utc, frozenset(asked_ids))
    marks = sorted(reader.marks(), key=lambda one: (one.at_utc, one.kind, one.sentence))
    is_cut = bool(reader.cut) or len(marks) > MARKS_MOST
    return Timeline(since_utc, until_utc, tuple(marks[-MARKS_MOST:]), is_cut)


@dataclass(frozen=True, slots=True)
class _Reader:
    uow: UnitOfWork
    customer_id: str
    since_utc: datetime
    until_utc: datetime
    asked_ids: frozenset[str]
    cut: list[str] = field(default_factory=list)  # of what there was more than is read

    def marks(self) -> Iterator[Mark]:
        for read in (
            self._logins, self._answers, self._codes, self._passkeys, self._payees, self._notes,
            self._payments, self._decisions, self._cards,
        ):  # fmt: skip
            yield from (one for one in read() if self.since_utc <= one.at_utc <= self.until_utc)

    def _newest(self, table: str, *, by: str = "id", **filters: Any) -> list[Any]:
        """Return the customer's newest records; `cut` says where there were more."""
        found: list[Any] = getattr(self.uow, table).list(
            customer_id=self.customer_id, order_by=by, descending=True, limit=EACH_MOST, **filters
        )
        if len(found) == EACH_MOST:
            self.cut.append(table)
        return found

    def _logins(self) -> Iterator[Mark]:
        places: list[LoginPlace] = self._newest(
            "login_places", by="first_seen_at_utc", first_seen_at_utc__gte=self.since_utc
        )
        for one in places:
            yield Mark(one.first_seen_at_utc, MarkKind.LOGIN, "Login from a place not seen before")

    def _answers(self) -> Iterator[Mark]:
        events: list[AskedEvent] = self._newest("asked_events")
        for one in events:
            what = "the login" if one.kind is EventKind.LOGIN else "the card payment"
            is_asked = one.id in self.asked_ids
            yield Mark(
                one.asked_at_utc, MarkKind.ANSWER, f"Was asked whether {what} was theirs", is_asked
            )
            if one.answered_at_utc is not None and one.answer is not None:
                word = "was them" if one.answer is EventAnswer.YES else "was not them"
                yield Mark(
                    one.answered_at_utc, MarkKind.ANSWER, f"Answered that {what} {word}", is_asked
                )

    def _codes(self) -> Iterator[Mark]:
        asked: list[Challenge] = self._newest("challenges", created_at_utc__gte=self.since_utc)
        for one in asked:
            wrong = CODE_TRIES - one.tries_left
            ended = [f"{wrong} wrong {'try' if wrong == 1 else 'tries'}"] if wrong else []
            if one.state is ChallengeState.CONSUMED:
                ended.append("then right" if wrong else "given right")
            yield Mark(
                one.created_at_utc, MarkKind.CODE,
                f"A confirmation was asked for ({_words(one.purpose)})"
                + (f": {', '.join(ended)}" if ended else ""),
            )  # fmt: skip

    def _passkeys(self) -> Iterator[Mark]:
        keys: list[Passkey] = self.uow.passkeys.list(customer_id=self.customer_id)
        for one in keys:
            yield Mark(one.registered_at_utc, MarkKind.PASSKEY, "A passkey was added")

    def _payees(self) -> Iterator[Mark]:
        payees: list[Payee] = self._newest("payees", added_at_utc__gte=self.since_utc)
        for one in payees:
            yield Mark(
                one.added_at_utc, MarkKind.PAYEE, f"Payee added: {one.name}, {one.iban_masked}"
            )

    def _notes(self) -> Iterator[Mark]:
        notes: list[RiskNote] = self._newest("risk_notes")
        for one in notes:
            line = one.evidence.get("seq")
            where = (
                f"In line {line} of the chat: "
                if one.source is RiskSource.CONVERSATION and isinstance(line, int)
                else ""
            )
            yield Mark(one.at_utc, MarkKind.NOTED, f"{where}{one.sentence.removesuffix('.')}")

    def _payments(self) -> Iterator[Mark]:
        transfers: list[Transfer] = self._newest(
            "transfers", by="proposed_at_utc", proposed_at_utc__gte=self.since_utc
        )
        for one in transfers:
            is_asked = one.id in self.asked_ids
            to = "between own accounts" if one.is_own else f"to {one.payee_name}"
            what = f"{one.amount} {to}, {one.to_iban_masked}"
            yield Mark(
                one.proposed_at_utc, MarkKind.PAYMENT,
                f"Payment proposed{_ENDED.get(one.status, '')}: {what}", is_asked,
            )  # fmt: skip
            if one.posted_at_utc is not None:
                yield Mark(one.posted_at_utc, MarkKind.PAYMENT, f"Payment posted: {what}", is_asked)

    def _decisions(self) -> Iterator[Mark]:
        seen: list[Assessment] = self._newest("assessments", at_utc__gte=self.since_utc)
        for one in seen:
            is_asked = one.subject_id in self.asked_ids
            if one.decision in _DECIDED and one.to_iban:
                yield Mark(
                    one.at_utc, MarkKind.PAYMENT,
                    f"Payment {_DECIDED[one.decision]}, to {ibans.mask(one.to_iban)}", is_asked,
                )  # fmt: skip
            elif one.decision in _DECIDED:
                yield Mark(
                    one.at_utc,
                    MarkKind.DECISION,
                    f"Stopped for a look: {_words(one.act)}",
                    is_asked,
                )
            if one.outcome is not None and one.outcome_at_utc is not None:
                word = "fraud" if one.outcome is RiskOutcome.FRAUD else "the customer"
                yield Mark(
                    one.outcome_at_utc, MarkKind.DECISION, f"Staff decided: it was {word}", is_asked
                )

    def _cards(self) -> Iterator[Mark]:
        cards: list[Card] = self.uow.cards.list(customer_id=self.customer_id)
        for one in cards:
            if one.frozen_at_utc is not None:
                why = f" ({_words(one.frozen_reason)})" if one.frozen_reason else ""
                yield Mark(
                    one.frozen_at_utc, MarkKind.CARD, f"Card {one.pan_masked} was frozen{why}"
                )


def _words(code: str) -> str:
    return str(code).replace("_", " ")
