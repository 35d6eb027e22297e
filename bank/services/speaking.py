"""Who speaks in a conversation, changed together with the case that is the reason.

Called inside the case's own write. A conversation passes to staff only through the case its
speaker holds, so "speaker is staff" always means "some case here has that assignee".
"""

from __future__ import annotations

from datetime import datetime

from bank.domain.cases import Case
from bank.domain.conversations import (
    ChangeKind,
    Conversation,
    Speaker,
    pass_to_bot,
    pass_to_staff,
)
from bank.domain.errors import CaseNotOwned, InvalidInput
from bank.domain.staff import StaffMember
from bank.ports import UnitOfWork
from bank.services.changes import note_change


def let_staff_speak(uow: UnitOfWork, case: Case, *, now_utc: datetime, joining: bool) -> None:
    """Pass the case's conversation to its assignee.

    `joining` refuses when somebody else is already speaking there for another case; a case that
    changes hands passes `False`, because its previous owner was the speaker.
    Raises InvalidInput (no conversation), CaseNotOwned.
    """
    if case.conversation_id is None:
        raise InvalidInput(field="case_id", reason="no_conversation")
    assert case.assignee is not None, case.id
    conversation: Conversation = uow.conversations.get(case.conversation_id, lock=True)
    if joining and conversation.staff_id not in (None, case.assignee):
        raise CaseNotOwned(case_id=case.id, reason="somebody_else_speaks")
    _store(uow, conversation, pass_to_staff(conversation, staff_id=case.assignee, now_utc=now_utc))


def let_bot_speak(uow: UnitOfWork, case: Case, *, now_utc: datetime) -> None:
    """Pass the case's conversation back to the bot."""
    assert case.conversation_id is not None, case.id
    conversation: Conversation = uow.conversations.get(case.conversation_id, lock=True)
    _store(uow, conversation, pass_to_bot(conversation, now_utc=now_utc))


def _store(uow: UnitOfWork, before: Conversation, after: Conversation) -> None:
    if before == after:
        return
    uow.conversations.save(after)
    member: StaffMember | None = uow.staff.find(after.staff_id) if after.staff_id else None
    note_change(
        uow,
        ChangeKind.SPEAKER,
        at_utc=after.speaker_since_utc,
        conversation_id=after.id,
        customer_id=after.customer_id,
        data={
            "speaker": after.speaker,
            "name": member.display_name if member and after.speaker is Speaker.STAFF else None,
        },
    )


def speaks_in(uow: UnitOfWork, case: Case) -> bool:
    """Whether the case's owner speaks in its conversation."""
    if case.conversation_id is None or case.assignee is None:
        return False
    conversation: Conversation = uow.conversations.get(case.conversation_id, lock=True)
    return conversation.speaker is Speaker.STAFF and conversation.staff_id == case.assignee
