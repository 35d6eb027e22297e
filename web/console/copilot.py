"""The copilot's door: a summary, replies to choose from, cases like this one. All of it drafts.

    transcript ─▶ summary (rules)          last question ─▶ library ─▶ passages, with their source
    closed cases of the reader's queues ─▶ the nearest ones           canned replies ─▶ the nearest

Nothing here writes or sends. Who reads it sees no case that the inbox would not show them, and no
alert without the right to alerts: the wall of tipping-off stands here too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bank.domain.actors import VISITOR, Actor, a_customer
from bank.domain.answers import Span
from bank.domain.cases import Case, CaseKind, CaseState
from bank.domain.conversations import MessageView
from bank.domain.errors import ChatErased
from bank.domain.readings import discreet
from bank.policies.access import decide
from web.console.library_models import CitationView, show_span
from web.guard import Answer, Caller, Door, Knock
from web.keys import LIBRARY

if TYPE_CHECKING:
    from bank.bootstrap import Bank
    from knowledge.copilot import Line, Summary

CLOSED_READ, PASSAGES_MOST, CANNED_MOST, NOTE_CHARS = 200, 3, 2, 300


class TaskView(Answer):
    """What waits for the customer's answer. `facts`: what they told for it, redacted."""

    action: str
    facts: dict[str, str]
    question: str


class SummaryView(Answer):
    asked: list[str]
    done: list[str]
    open_task: TaskView | None
    mood: str
    last: str


class Suggestion(Answer):
    """A draft. `citation`: where its words stand; None for a canned reply.

    for_staff: the customer may not read that article, so it is to know and not to send.
    """

    text: str
    title: str
    citation: CitationView | None
    for_staff: bool = False


class SimilarCase(Answer):
    id: str
    subject: str
    reason_code: str
    outcome: str
    note: str
    similarity: float


class CopilotView(Answer):
    """Drafts for a person; none was sent and none is kept."""

    summary: SummaryView
    question: str
    suggestions: list[Suggestion]
    similar: list[SimilarCase]


async def copilot(knock: Knock) -> CopilotView:
    """What helps with this case, as drafts."""
    from knowledge.copilot import last_question, summarise  # noqa: PLC0415  slow

    def read() -> CopilotView:
        bank, actor = knock.bank, knock.actor
        case = bank.cases.get(actor, knock.request.match_info["case_id"][:100])
        messages, language = _said(bank, actor, case)
        lines = lines_of(messages)
        question = last_question(lines)
        if question:
            knock.request.app[LIBRARY].refresh()  # what was published just now is drafted from
        return CopilotView(
            summary=_show(summarise(lines)),
            question=question,
            suggestions=_suggestions(bank, actor, case, question, language),
            similar=_similar(bank, actor, case, lines, language),
        )

    return await asyncio.to_thread(read)


def lines_of(messages: Sequence[MessageView]) -> list[Line]:
    """Return a transcript as the copilot reads it: each reading beside the words it is about."""
    from knowledge.copilot import Line  # noqa: PLC0415  slow

    readings = {
        one.message_id: one.info["nlu"]
        for one in messages
        if one.message_id and one.sender.value == "bot" and one.info.get("nlu")
    }
    made: list[Line] = []
    for one in messages:
        who = one.sender.value
        nlu = readings.get(one.message_id or "", {})
        actions = nlu.get("actions") or []
        entities = {
            str(each.get("entity")): discreet(str(each.get("value")))
            for each in nlu.get("entities") or []
        }
        is_customer = who == "customer"
        made.append(
            Line(
                who=who,
                text=discreet(one.text),
                intent=str(nlu.get("intent") or "") if is_customer else "",
                entities=entities if is_customer else {},
                action=str(actions[0]["name"]) if actions and who == "bot" else "",
                kind=str(one.data.get("kind") or "text"),
                has_buttons=bool(one.data.get("buttons")),
            )
        )
    return made


def _said(bank: Bank, actor: Actor, case: Case) -> tuple[list[MessageView], str]:
    if case.conversation_id is None:
        return [], "en"
    try:
        said = bank.conversations.transcript(actor, case.conversation_id)
    except ChatErased:
        return [], "en"
    return said, bank.conversations.language(case.conversation_id) or "en"


def _suggestions(
    bank: Bank, actor: Actor, case: Case, question: str, language: str
) -> list[Suggestion]:
    from knowledge.copilot import PastCase, nearest  # noqa: PLC0415  slow

    if not question:
        return []
    found: Sequence[Span] = bank.library.find(
        actor, question, language=language, most=PASSAGES_MOST
    )
    reader = a_customer(case.customer_id) if case.customer_id else VISITOR
    made = [
        Suggestion(
            text=one.text,
            title=one.citation.title,
            citation=show_span(one).citation,
            for_staff=bank.library.article(reader, one.citation.article_id) is None,
        )
        for one in found
    ]
    replies = {one.id: one for one in bank.canned_replies.list(actor, locale=language)}
    past = [PastCase(one.id, f"{one.title} {one.text}", language) for one in replies.values()]
    near = nearest(question, past, language=language)[:CANNED_MOST]
    return made + [
        Suggestion(text=replies[name].text, title=replies[name].title, citation=None)
        for name, _ in near
        if replies[name].approved
    ]


def _similar(
    bank: Bank, actor: Actor, case: Case, lines: Sequence[Line], language: str
) -> list[SimilarCase]:
    """Closed cases of the reader's own queues; alerts for who may see alerts."""
    from knowledge.copilot import PastCase, nearest, summarise  # noqa: PLC0415  slow

    sees_alerts = decide(actor, "alerts.view").allowed
    closed: dict[str, Case] = {
        one.id: one
        for one in bank.cases.list(actor, state=CaseState.RESOLVED, limit=CLOSED_READ)
        if one.id != case.id and (sees_alerts or one.kind is not CaseKind.ALERT)
    }
    summary = summarise(lines)
    asked = " ".join((case.subject, case.reason_code, discreet(case.why), *summary.asked))
    past = [PastCase(one.id, _words(one), language) for one in closed.values()]
    return [
        SimilarCase(
            id=name,
            subject=closed[name].subject,
            reason_code=closed[name].reason_code,
            outcome=closed[name].outcome or "",
            note=_note(bank, actor, name),
            similarity=fit,
        )
        for name, fit in nearest(asked, past, language=language)
    ]


def _words(case: Case) -> str:
    return " ".join((case.subject, case.reason_code, discreet(case.why)))


def _note(bank: Bank, actor: Actor, case_id: str) -> str:
    """Return what was written when the case was closed."""
    closing = [one for one in bank.cases.events(actor, case_id) if one.kind == "resolved"]
    return discreet(closing[-1].text)[:NOTE_CHARS] if closing else ""


def _show(summary: Summary) -> SummaryView:
    task = summary.open_task
    return SummaryView(
        asked=list(summary.asked),
        done=list(summary.done),
        open_task=TaskView(action=task.action, facts=task.facts, question=task.question)
        if task
        else None,
        mood=summary.mood.value,
        last=summary.last,
    )


DOORS = [
    Door(
        "GET", "/api/cases/{case_id}/copilot", Caller.STAFF, copilot,
        "A summary, drafts of replies, cases like this one", answer=CopilotView,
    ),
]  # fmt: skip
