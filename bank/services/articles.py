"""Articles by staff: written, looked at by a second person, published, taken away.

    begin ─▶ save … ─▶ submit ─▶ publish (somebody else) │ send_back (with a note) ─▶ save …
                                    └─▶ the revision number grows; who serves looks at it

What is shipped with the bank is not kept here; a revision of the same id takes its place. One text
of an article is worked on at a time. Who may: bank/policies/access.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from bank.domain import articles as rules
from bank.domain.actors import Actor
from bank.domain.articles import OPEN_STATES, ArticleRevision, ArticleState, ArticleText
from bank.domain.conversations import Counter
from bank.domain.errors import Conflict, NotFound
from bank.domain.ids import make_id
from bank.policies.access import require
from bank.policies.articles import validate
from bank.ports import Clock, Store, UnitOfWork
from bank.services.audit import Audit
from bank.services.published_articles import LIST_MAX, served
from bank.services.unanswered import Unanswered

COUNTER_ID = "articles"
#: Of one article, newest first: what its page shows.
HISTORY_MAX = 50
#: What was shipped under an id: version, text.
Shipped = tuple[int, ArticleText]


class Articles:
    """What staff write for the library. `questions`: what it had no answer to."""

    def __init__(self, store: Store, *, clock: Clock, audit: Audit, questions: Unanswered) -> None:
        self._store = store
        self._clock = clock
        self._audit = audit
        self.questions = questions

    def unanswered(self, actor: Actor, text: str, *, language: str) -> None:
        """Keep a question that had no answer; see `Unanswered.note`."""
        self.questions.note(actor, text, language=language)

    # --- reading ---

    def list(self, actor: Actor) -> Sequence[ArticleRevision]:
        """Return all revisions that hold or are worked on, and those retired, by article."""
        require(actor, "articles.read")
        return self._store.read(
            lambda uow: uow.article_revisions.list(order_by="article_id", limit=LIST_MAX)
        )

    def history(self, actor: Actor, article_id: str) -> Sequence[ArticleRevision]:
        """Return an article's revisions, the newest first; none where staff wrote none."""
        require(actor, "articles.read")
        return self._store.read(
            lambda uow: uow.article_revisions.list(
                order_by="version", descending=True, limit=HISTORY_MAX, article_id=article_id
            )
        )

    def get(self, actor: Actor, revision_id: str) -> ArticleRevision:
        """Return one revision. Raises NotFound."""
        require(actor, "articles.read")
        found: ArticleRevision = self._store.read(
            lambda uow: uow.article_revisions.get(revision_id)
        )
        return found

    def published(self) -> tuple[int, Iterator[ArticleRevision]]:
        """Return a number that grows with each change, and what is to be served; for who serves.

        The articles are read when they are asked for, so to look at the number is cheap. Of an
        article that was taken away the newest revision is given as one that is over: it still
        stands in the way of a shipped one.
        """

        def number_in(uow: UnitOfWork) -> int:
            counter: Counter | None = uow.counters.find(COUNTER_ID)
            return counter.value if counter else 0

        return self._store.read(number_in), served(self._store, today=self._clock().date())

    # --- writing ---

    def begin(self, actor: Actor, text: ArticleText, *, base_version: int) -> ArticleRevision:
        """Begin a draft. `base_version`: the version that was read, 0 where there was none.

        Raises NotPermitted, InvalidInput, InvalidText, Conflict (another draft waits, or another
        version holds by now).
        """
        require(actor, "articles.write")
        by, clean = actor.require_staff(), validate(text)

        def work(uow: UnitOfWork) -> ArticleRevision:
            waiting: ArticleRevision | None = uow.article_revisions.first(
                article_id=clean.article_id, state=OPEN_STATES
            )
            if waiting is not None:
                raise Conflict(
                    reason="draft_waits", revision_id=waiting.id, staff_id=waiting.made_by
                )
            newest = _newest_in(uow, clean.article_id)
            holds = _holding_in(uow, clean.article_id)
            if holds is not None and holds.version != base_version:
                raise Conflict(reason="published_meanwhile", revision_id=holds.id)
            made = rules.draft(
                make_id("ar"), clean, by=by, now_utc=self._clock(), base_version=base_version,
                version=max(base_version, newest) + 1,
            )  # fmt: skip
            uow.article_revisions.add(made)
            self._record_in(uow, actor, made, "article.begin")
            return made

        return self._store.write(work)

    def save(
        self, actor: Actor, revision_id: str, text: ArticleText, *, edit: int
    ) -> ArticleRevision:
        """Write a draft anew. `edit`: of the text the writer had before them.

        Raises NotPermitted, NotFound, InvalidInput, InvalidText, Conflict (somebody was quicker:
        nothing is overwritten).
        """
        require(actor, "articles.write")
        by, clean = actor.require_staff(), validate(text)
        return self._change(
            actor, revision_id, "article.save",
            lambda held: rules.rewritten(held, clean, edit=edit, by=by, now_utc=self._clock()),
        )  # fmt: skip

    def submit(self, actor: Actor, revision_id: str, *, edit: int) -> ArticleRevision:
        """Hand a draft to a second person. Raises NotPermitted, NotFound, Conflict."""
        require(actor, "articles.write")
        return self._change(
            actor, revision_id, "article.submit",
            lambda held: rules.submitted(held, edit=edit, now_utc=self._clock()),
        )  # fmt: skip

    def send_back(self, actor: Actor, revision_id: str, *, edit: int, note: str) -> ArticleRevision:
        """Give it back to be written anew. Raises NotPermitted, NotFound, Conflict, InvalidText."""
        require(actor, "articles.publish")
        by = actor.require_staff()
        return self._change(
            actor, revision_id, "article.send_back",
            lambda held: rules.sent_back(
                held, edit=edit, note=note, by=by, now_utc=self._clock()
            ),
        )  # fmt: skip

    def drop(self, actor: Actor, revision_id: str, *, edit: int) -> None:
        """Throw a draft away. Raises NotPermitted, NotFound, Conflict."""
        require(actor, "articles.write")

        def work(uow: UnitOfWork) -> None:
            held: ArticleRevision = uow.article_revisions.get(revision_id, lock=True)
            rules.check_unchanged(held, edit)
            rules.check_is(held, ArticleState.DRAFT)
            uow.article_revisions.remove(held.id)
            self._record_in(uow, actor, held, "article.drop")

        self._store.write(work)

    def publish(
        self, actor: Actor, revision_id: str, *, edit: int, shipped: Shipped | None = None
    ) -> ArticleRevision:
        """Let it be served. Somebody else than its writers.

        A version that begins on a later day leaves the earlier one in force until then; `shipped`
        is what was shipped under this id (version, text), kept beside it for that.

        Raises NotPermitted, NotFound, SecondPersonNeeded, Conflict.
        """
        require(actor, "articles.publish")
        by = actor.require_staff()

        def work(uow: UnitOfWork) -> ArticleRevision:
            held: ArticleRevision = uow.article_revisions.get(revision_id, lock=True)
            now_utc = self._clock()
            after = rules.published(held, edit=edit, by=by, now_utc=now_utc)
            others = uow.article_revisions.list(
                article_id=held.article_id, state=ArticleState.PUBLISHED
            )
            if after.valid_from > now_utc.date():
                if not others and shipped is not None:
                    self._keep_shipped_in(uow, after, *shipped)
            else:
                for older in others:
                    uow.article_revisions.save(rules.retired(older, now_utc=now_utc))
            uow.article_revisions.save(after)
            _grow_in(uow)
            self._record_in(uow, actor, after, "article.publish")
            return after

        return self._store.write(work)

    def retire(self, actor: Actor, article_id: str, *, shipped: Shipped | None = None) -> None:
        """Take an article away, at once: it answers nobody any more.

        shipped: where nobody has rewritten it, version and text. Raises NotPermitted, NotFound.
        """
        require(actor, "articles.publish")
        by = actor.require_staff()

        def work(uow: UnitOfWork) -> None:
            now_utc = self._clock()
            held: list[ArticleRevision] = uow.article_revisions.list(
                article_id=article_id, state=ArticleState.PUBLISHED
            )
            for one in held:
                after = replace(rules.retired(one, now_utc=now_utc), reviewed_by=by)
                uow.article_revisions.save(after)
                self._record_in(uow, actor, after, "article.retire")
            if not held:
                if shipped is None or _newest_in(uow, article_id, ArticleState.RETIRED):
                    raise NotFound(table="article_revisions")
                self._retire_shipped_in(uow, actor, *shipped)
            _grow_in(uow)

        self._store.write(work)

    # --- small steps ---

    def _retire_shipped_in(
        self, uow: UnitOfWork, actor: Actor, version: int, text: ArticleText
    ) -> None:
        made = rules.draft(
            make_id("ar"), text, version=max(version, _newest_in(uow, text.article_id) + 1),
            base_version=version, by=actor.require_staff(), now_utc=self._clock(),
        )  # fmt: skip
        gone = replace(made, state=ArticleState.RETIRED)
        uow.article_revisions.add(gone)
        self._record_in(uow, actor, gone, "article.retire")

    def _keep_shipped_in(
        self, uow: UnitOfWork, after: ArticleRevision, version: int, text: ArticleText
    ) -> None:
        made = rules.draft(
            make_id("ar"), text, version=version, base_version=version, by=after.made_by,
            now_utc=self._clock(),
        )  # fmt: skip
        uow.article_revisions.add(replace(made, state=ArticleState.PUBLISHED))

    def _change(
        self,
        actor: Actor,
        revision_id: str,
        action: str,
        change: Callable[[ArticleRevision], ArticleRevision],
    ) -> ArticleRevision:
        def work(uow: UnitOfWork) -> ArticleRevision:
            after = change(uow.article_revisions.get(revision_id, lock=True))
            uow.article_revisions.save(after)
            self._record_in(uow, actor, after, action)
            return after

        return self._store.write(work)

    def _record_in(
        self, uow: UnitOfWork, actor: Actor, revision: ArticleRevision, action: str
    ) -> None:
        self._audit.append_in(
            uow, actor, action, revision.id,
            details={"article": revision.article_id, "version": revision.version},
        )  # fmt: skip


def _newest_in(uow: UnitOfWork, article_id: str, *states: ArticleState) -> int:
    """Return the highest version staff wrote, 0 where there is none."""
    asked: dict[str, Any] = {"state": states} if states else {}
    found = uow.article_revisions.list(
        order_by="version", descending=True, limit=1, article_id=article_id, **asked
    )
    return found[0].version if found else 0


def _holding_in(uow: UnitOfWork, article_id: str) -> ArticleRevision | None:
    found = uow.article_revisions.list(
        order_by="version", descending=True, limit=1, article_id=article_id,
        state=ArticleState.PUBLISHED,
    )  # fmt: skip
    return found[0] if found else None


def _grow_in(uow: UnitOfWork) -> None:
    """Let the number grow that who serves looks at."""
    known: Counter | None = uow.counters.find(COUNTER_ID)
    if known is None:
        uow.counters.add(Counter(COUNTER_ID, 1))
    else:
        uow.counters.save(Counter(COUNTER_ID, known.value + 1))
