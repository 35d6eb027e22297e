"""The console's library: articles read, written, published by two; questions without an answer.

    shipped ─┐                                          ┌ write · submit · send back
    by staff ┴─▶ list ─▶ article, what differs, history ┴ publish (somebody else) · retire

All rules are the bank's (bank/services/articles.py) and the library's own look at a text
(knowledge/safety.py), which a text passes before it is kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from http import HTTPStatus

from bank.domain.articles import OPEN_STATES, ArticleRevision, ArticleState, ArticleText
from bank.domain.errors import NotFound
from bank.policies.access import decide
from knowledge.errors import ArticleRefused
from knowledge.shelf import ShippedText, checked, shipped_texts
from web.api.errors import RequestRefused
from web.console import library_models as models
from web.guard import Caller, Door, Knock


async def articles(knock: Knock) -> models.ArticleList:
    """All articles: of each the newest text's state, and whether it holds today."""

    def read() -> models.ArticleList:
        today = knock.bank.clock().date()
        revisions = knock.bank.articles.list(knock.actor)
        newest: dict[str, ArticleRevision] = {}
        for one in revisions:
            known = newest.get(one.article_id)
            if known is None or known.version < one.version:
                newest[one.article_id] = one
        heads = [
            _head(one.text, today, state=one.state.value, version=one.version)
            for one in newest.values()
        ]
        heads += [
            _head(one.text, today, state="published", version=one.version, is_shipped=True)
            for name, one in shipped_texts().items()
            if name not in newest
        ]
        return models.ArticleList(articles=sorted(heads, key=lambda one: one.title), **_may(knock))

    return await asyncio.to_thread(read)


async def article(knock: Knock) -> models.ArticleView:
    """One article: what holds, what is worked on, and how they differ."""
    return await asyncio.to_thread(lambda: _show(knock, _article_id(knock)))


async def begin(knock: Knock) -> models.ArticleView:
    """Begin a text; `base_version` is what was read."""
    body: models.Begin = knock.body

    def work() -> models.ArticleView:
        text = _checked(body.text)
        knock.bank.articles.begin(knock.actor, text, base_version=body.base_version)
        return _show(knock, text.article_id)

    return await asyncio.to_thread(work)


async def save(knock: Knock) -> models.ArticleView:
    """Write it anew. 409 where somebody was quicker: both texts are there, nothing is lost."""
    body: models.Save = knock.body
    text = _checked(body.text)
    return await _act(
        knock, lambda id_: knock.bank.articles.save(knock.actor, id_, text, edit=body.edit)
    )


async def submit(knock: Knock) -> models.ArticleView:
    """Hand it to a second person."""
    body: models.AtEdit = knock.body
    return await _act(
        knock, lambda id_: knock.bank.articles.submit(knock.actor, id_, edit=body.edit)
    )


async def send_back(knock: Knock) -> models.ArticleView:
    """Give it back with a note."""
    body: models.SendBack = knock.body
    return await _act(
        knock,
        lambda id_: knock.bank.articles.send_back(knock.actor, id_, edit=body.edit, note=body.note),
    )


async def publish(knock: Knock) -> models.ArticleView:
    """Let it be served; none of its writers may."""
    body: models.AtEdit = knock.body

    def work(id_: str) -> ArticleRevision:
        held = knock.bank.articles.get(knock.actor, id_)
        _look(held.text)
        return knock.bank.articles.publish(
            knock.actor, id_, edit=body.edit, shipped=_shipped(held.article_id)
        )

    return await _act(knock, work)


async def drop(knock: Knock) -> models.Done:
    """Throw a draft away."""
    body: models.AtEdit = knock.body
    await asyncio.to_thread(
        lambda: knock.bank.articles.drop(knock.actor, _revision_id(knock), edit=body.edit)
    )
    return models.Done()


async def retire(knock: Knock) -> models.ArticleView:
    """Take an article away; it answers nobody any more."""

    def work() -> models.ArticleView:
        name = _article_id(knock)
        knock.bank.articles.retire(knock.actor, name, shipped=_shipped(name))
        return _show(knock, name)

    return await asyncio.to_thread(work)


async def _act(knock: Knock, work: Callable[[str], ArticleRevision]) -> models.ArticleView:
    return await asyncio.to_thread(lambda: _show(knock, work(_revision_id(knock)).article_id))


def _show(knock: Knock, name: str) -> models.ArticleView:
    """Return an article's page. Raises NotFound."""
    history = knock.bank.articles.history(knock.actor, name)
    shipped = shipped_texts().get(name)
    if not history and shipped is None:
        raise NotFound(table="articles")
    names = knock.bank.staff.names()
    shown = [models.show_revision(one, names=names, viewer_id=knock.actor.id) for one in history]
    waiting = next((one for one in shown if one.state in set(OPEN_STATES)), None)
    ours = next((one for one in shown if one.state == ArticleState.PUBLISHED), None)
    # What was retired here stays away, whatever is shipped.
    is_shipped = shipped is not None and all(one.state in set(OPEN_STATES) for one in shown)
    holds = (
        ours.text if ours else models.show_text(shipped.text) if is_shipped and shipped else None
    )
    version = ours.version if ours else shipped.version if is_shipped and shipped else 0
    return models.ArticleView(
        article_id=name,
        holds=holds,
        holds_version=version,
        is_shipped=is_shipped,
        open=waiting,
        history=shown,
        diff=models.diff(holds.body if holds else "", waiting.text.body) if waiting else [],
        **_may(knock),
    )


def _head(
    text: ArticleText, today: date, *, state: str, version: int, is_shipped: bool = False
) -> models.ArticleHead:
    return models.ArticleHead(
        article_id=text.article_id, title=text.title, audience=text.audience.value,
        language=text.language, topic=text.topic, owner=text.owner, valid_from=text.valid_from,
        valid_until=text.valid_until, state=state, version=version, is_shipped=is_shipped,
        is_expired=text.valid_until is not None and text.valid_until < today,
        is_future=text.valid_from > today,
    )  # fmt: skip


def _checked(fields: models.TextFields) -> ArticleText:
    """Return the text of a form, which the library would take in. Raises RequestRefused."""
    try:
        text = models.to_text(fields)
    except ValueError:
        raise RequestRefused("invalid_input", HTTPStatus.BAD_REQUEST, valid_from="date") from None
    _look(text)
    return text


def _look(text: ArticleText) -> None:
    try:
        checked(text)
    except ArticleRefused as reason:
        raise RequestRefused(
            "invalid_text", HTTPStatus.BAD_REQUEST, sentence=reason.sentence, reason=reason.code
        ) from None


def _shipped(name: str) -> tuple[int, ArticleText] | None:
    one: ShippedText | None = shipped_texts().get(name)
    return (one.version, one.text) if one else None


def _may(knock: Knock) -> dict[str, bool]:
    return {
        "may_write": decide(knock.actor, "articles.write").allowed,
        "may_publish": decide(knock.actor, "articles.publish").allowed,
    }


def _article_id(knock: Knock) -> str:
    return knock.request.match_info["article_id"][:80]


def _revision_id(knock: Knock) -> str:
    return knock.request.match_info["revision_id"][:60]


_ONE = "/api/library/revisions/{revision_id}"
DOORS = [
    Door(
        "GET", "/api/library/articles", Caller.STAFF, articles, "All articles of the library",
        answer=models.ArticleList,
    ),
    Door(
        "GET", "/api/library/articles/{article_id}", Caller.STAFF, article,
        "One article with what is worked on", answer=models.ArticleView,
    ),
    Door(
        "POST", "/api/library/articles", Caller.STAFF, begin, "Begin a text of an article",
        body=models.Begin, answer=models.ArticleView,
    ),
    Door(
        "POST", "/api/library/articles/{article_id}/retire", Caller.STAFF, retire,
        "Take an article away", answer=models.ArticleView,
    ),
    Door(
        "POST", f"{_ONE}/save", Caller.STAFF, save, "Write a text anew",
        body=models.Save, answer=models.ArticleView,
    ),
    Door(
        "POST", f"{_ONE}/submit", Caller.STAFF, submit, "Hand a text to a second person",
        body=models.AtEdit, answer=models.ArticleView,
    ),
    Door(
        "POST", f"{_ONE}/send-back", Caller.STAFF, send_back, "Give a text back with a note",
        body=models.SendBack, answer=models.ArticleView,
    ),
    Door(
        "POST", f"{_ONE}/publish", Caller.STAFF, publish, "Let a text be served",
        body=models.AtEdit, answer=models.ArticleView,
    ),
    Door(
        "POST", f"{_ONE}/drop", Caller.STAFF, drop, "Throw a draft away",
        body=models.AtEdit, answer=models.Done,
    ),
]  # fmt: skip
