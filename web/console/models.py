"""What the console's doors take and give. Times are UTC, ISO 8601."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bank.domain.cases import Case, CaseEvent
from bank.domain.conversations import MessageView
from web.chat.models import Button, IdText, LoginName, MessageIdText, PasswordText
from web.guard import Answer, Body

NoteText = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
CodeText = Annotated[str, StringConstraints(min_length=6, max_length=12)]


class StaffLogIn(Body):
    name: LoginName
    password: PasswordText
    code: CodeText | None = None


class ConfirmTotp(Body):
    """The first code of a new authenticator: proves that it was set up."""

    name: LoginName
    password: PasswordText
    code: CodeText


class ReplyToCustomer(Body):
    text: NoteText
    message_id: MessageIdText


class AddNote(Body):
    text: NoteText


class HandBack(Body):
    summary: Annotated[str, StringConstraints(max_length=1000)] = ""


class Resolve(Body):
    outcome: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[a-z_]+$")]
    note: Annotated[str, StringConstraints(max_length=4000)] = ""


class Assign(Body):
    staff_id: IdText


class StaffView(Answer):
    """Whoever works here; `first_name` is what customers see."""

    id: str
    name: str
    first_name: str
    roles: list[str]
    may_label: bool = False
    may_view_customers: bool = False


class CaseView(Answer):
    id: str
    kind: str
    queue: str
    state: str
    priority: str
    subject: str
    reason_code: str
    why: str
    customer_id: str | None
    customer_name: str | None
    conversation_id: str | None
    assignee: str | None
    assignee_name: str | None
    mine: bool
    version: int
    opened_at: datetime
    due_at: datetime
    lease_until: datetime | None
    resolved_at: datetime | None
    outcome: str | None


class CaseList(Answer):
    cases: list[CaseView]


class CaseEventView(Answer):
    id: str
    at: datetime
    actor_kind: str
    actor_id: str
    actor_name: str | None
    kind: str
    text: str
    data: dict[str, Any]


class CustomerView(Answer):
    """What staff may know of the customer beside a case."""

    id: str
    name: str
    login_name: str
    kyc_tier: int
    country: str
    locale: str
    since: datetime


class ConversationView(Answer):
    id: str
    channel: str
    speaker: Literal["bot", "staff"]
    speaker_since: datetime
    staff_id: str | None


class CaseDetail(Answer):
    case: CaseView
    events: list[CaseEventView]
    customer: CustomerView | None
    conversation: ConversationView | None


class TranscriptLine(Answer):
    """One line with what the assistant understood; the reading is for staff only."""

    seq: int
    from_: Literal["customer", "bot", "staff", "system"] = Field(
        serialization_alias="from", validation_alias="from"
    )
    name: str | None = None
    text: str | None = None
    buttons: list[Button] = Field(default_factory=list)
    kind: str = "text"
    at: datetime
    nlu: dict[str, Any] | None = None
    message_id: str | None = None


class Transcript(Answer):
    messages: list[TranscriptLine]


class Replied(Answer):
    message_id: str
    seq: int


class CannedReplyView(Answer):
    id: str
    locale: str
    title: str
    text: str


class CannedReplies(Answer):
    replies: list[CannedReplyView]


class LoggedOutStaff(Answer):
    logged_out: bool = True


def show_case(case: Case, *, viewer_id: str, names: dict[str, str]) -> CaseView:
    """Return a case as `viewer_id` sees it; `names` are display names by id."""
    return CaseView(
        id=case.id,
        kind=case.kind,
        queue=case.queue,
        state=case.state,
        priority=case.priority,
        subject=case.subject,
        reason_code=case.reason_code,
        why=case.why,
        customer_id=case.customer_id,
        customer_name=names.get(case.customer_id) if case.customer_id else None,
        conversation_id=case.conversation_id,
        assignee=case.assignee,
        assignee_name=names.get(case.assignee) if case.assignee else None,
        mine=case.assignee == viewer_id,
        version=case.version,
        opened_at=case.opened_at_utc,
        due_at=case.due_at_utc,
        lease_until=case.lease_until_utc,
        resolved_at=case.resolved_at_utc,
        outcome=case.outcome,
    )


def show_event(event: CaseEvent, *, names: dict[str, str]) -> CaseEventView:
    return CaseEventView(
        id=event.id,
        at=event.at_utc,
        actor_kind=event.actor_kind,
        actor_id=event.actor_id,
        actor_name=names.get(event.actor_id),
        kind=event.kind,
        text=event.text,
        data=event.data,
    )


def show_transcript_line(line: MessageView) -> TranscriptLine:
    """Return a line for staff: the customer's view, and the reading beside it.

    Buttons are shown by title; their tokens are the customer's to spend.
    """
    buttons = [Button(title=b["title"], token="") for b in line.data.get("buttons") or ()]
    return TranscriptLine.model_validate(
        {
            "seq": line.seq,
            "from": line.sender.value,
            "name": line.name,
            "text": line.text or None,
            "buttons": [button.model_dump() for button in buttons],
            "kind": line.data.get("kind") or "text",
            "at": line.at_utc,
            "nlu": line.info.get("nlu"),
            "message_id": line.message_id,
        }
    )


def show_transcript(lines: Sequence[MessageView]) -> list[TranscriptLine]:
    """Return the lines with each reading beside the customer's words it is about.

    It is stored with the reply, because it is known only then; a reply whose question is not
    among `lines` (a later page, an event nobody typed) keeps it.
    """
    shown = [show_transcript_line(line) for line in lines]
    asked = {
        line.message_id or "": place
        for place, line in enumerate(shown)
        if line.from_ == "customer" and line.message_id is not None
    }
    for place, line in enumerate(shown):
        question = asked.get(line.message_id or "")
        if line.from_ == "bot" and line.nlu is not None and question is not None:
            shown[question] = shown[question].model_copy(update={"nlu": line.nlu})
            shown[place] = line.model_copy(update={"nlu": None})
    return shown
