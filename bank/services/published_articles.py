"""What is served of what staff wrote: versions in force, and what stands before a shipped article.

published ─▶ as it is          all of an article retired ─▶ its newest version, as one that is over
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bank.domain.articles import ArticleRevision, ArticleState
from bank.ports import Store

LIST_MAX = 5_000


def served(store: Store, *, today: date) -> Iterator[ArticleRevision]:
    """Yield what is to be served; read when the first is asked for."""
    states = (ArticleState.PUBLISHED, ArticleState.RETIRED)
    found = store.read(lambda uow: uow.article_revisions.list(state=states, limit=LIST_MAX))
    holding = {one.article_id for one in found if one.state is ArticleState.PUBLISHED}
    gone: dict[str, ArticleRevision] = {}
    for one in found:
        if one.state is ArticleState.PUBLISHED:
            yield one
        elif one.article_id not in holding:
            known = gone.get(one.article_id)
            gone[one.article_id] = max(known or one, one, key=lambda each: each.version)
    yesterday = today - timedelta(days=1)
    for one in gone.values():
        yield replace(
            one,
            valid_from=min(one.valid_from, yesterday),
            valid_until=min(one.valid_until or date.max, yesterday),
        )
