"""The console's questions: what the articles had no answer to, and what is answered now.

unanswered ─▶ groups by meaning ─▶ "write an article for this" (library.py) │ put aside
ask as a customer ─▶ the library as it stands now ─▶ its words and where they stand, or a no
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bank.domain.answers import Audience, LibraryQuestion
from bank.policies.access import require
from web.console import library_models as models
from web.guard import Caller, Door, Knock
from web.keys import LIBRARY, SETTINGS

if TYPE_CHECKING:
    from knowledge.vectors import Encodes

#: What each kind of reader may read.
READS = {
    "public": frozenset({Audience.PUBLIC}),
    "customer": frozenset({Audience.PUBLIC, Audience.CUSTOMER}),
    "business": frozenset({Audience.PUBLIC, Audience.CUSTOMER, Audience.BUSINESS}),
    "staff": frozenset(Audience),
}


async def unanswered(knock: Knock) -> models.ClusterList:
    """What the articles had no answer to, in groups."""
    from knowledge.clusters import Asked, cluster  # noqa: PLC0415  slow

    def read() -> models.ClusterList:
        found = knock.bank.articles.questions.list(knock.actor)
        asked = [Asked(one.id, one.text, one.language, one.times) for one in found]
        return models.ClusterList(
            clusters=[
                models.ClusterView(
                    name=one.name,
                    language=one.questions[0].language,
                    times=one.times,
                    questions=[
                        models.QuestionLine(id=each.id, text=each.text, times=each.times)
                        for each in one.questions
                    ],
                )
                for one in cluster(asked, _encoder(knock))
            ]
        )

    return await asyncio.to_thread(read)


async def dismiss(knock: Knock) -> models.Done:
    """Put questions aside."""
    body: models.Dismissed = knock.body
    await asyncio.to_thread(lambda: knock.bank.articles.questions.dismiss(knock.actor, body.ids))
    return models.Done()


async def ask(knock: Knock) -> models.Asked:
    """What the assistant would answer such a customer now, word for word."""
    from knowledge.composing import composed  # noqa: PLC0415  slow

    body: models.AskAs = knock.body

    def read() -> models.Asked:
        require(knock.actor, "articles.read")
        library = knock.request.app[LIBRARY]
        library.refresh()
        question = LibraryQuestion(
            text=body.text, language=body.language, audiences=READS[body.audience],
            on=knock.bank.clock().date(),
        )  # fmt: skip
        # With a model where the bank has one: what is shown is what a customer would read.
        answer = composed(library, knock.request.app[SETTINGS]).answer(question)
        return models.Asked(
            answer=answer.text if answer else None,
            spans=[models.show_span(one) for one in answer.spans] if answer else [],
            found=[models.show_span(one) for one in library.find(question, most=3)],
        )

    return await asyncio.to_thread(read)


def _encoder(knock: Knock) -> Encodes | None:
    from analytics.suspicion.encoder import find_encoder  # noqa: PLC0415  slow

    return find_encoder(knock.request.app[SETTINGS].models_dir / "encoder")


DOORS = [
    Door(
        "GET", "/api/library/unanswered", Caller.STAFF, unanswered,
        "Questions the articles had no answer to, in groups", answer=models.ClusterList,
    ),
    Door(
        "POST", "/api/library/unanswered/dismiss", Caller.STAFF, dismiss, "Put questions aside",
        body=models.Dismissed, answer=models.Done,
    ),
    Door(
        "POST", "/api/library/ask", Caller.STAFF, ask, "What a customer would be answered now",
        body=models.AskAs, answer=models.Asked,
    ),
]  # fmt: skip
