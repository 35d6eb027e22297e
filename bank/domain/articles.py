"""Articles by staff: what the library says is written by one person and published by another.

    draft ──submit──▶ in_review ──publish, by another──▶ published ──▶ retired
      ▲                   │                                  (taken away, or a newer one holds)
      └──── send back ────┘

A revision is one version of one article. `edit` grows with each change of it, so that two who
write at once do not undo each other: whoever is later is told, and keeps both texts.

Pure: no clock, no store. What may stand in a body: bank/policies/articles.py.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bank.domain.answers import Audience
from bank.domain.errors import Conflict, InvalidText, SecondPersonNeeded
from bank.domain.ids import QuestionId, RevisionId, StaffId

NOTE_MAX_CHARS = 1_000


class ArticleState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    RETIRED = "retired"


#: One of these at a time an article: the text that is being worked on.
OPEN_STATES = (ArticleState.DRAFT, ArticleState.IN_REVIEW)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleText:
    """What an article says, and to whom. `valid_until`: the last day it holds; None for no end."""

    article_id: str
    title: str
    audience: Audience
    language: str
    valid_from: date
    valid_until: date | None
    owner: str
    topic: str
    body: str


@dataclass(frozen=True, slots=True)
class ArticleRevision:
    """One version. `base_version` held when it was begun (0: nothing did).

    `made_by` wrote it last: whoever changes another's draft makes it theirs. `written_by` are all
    who did, and none of them publishes it.
    """

    id: RevisionId
    article_id: str
    version: int
    state: ArticleState
    title: str
    audience: Audience
    language: str
    valid_from: date
    valid_until: date | None
    owner: str
    topic: str
    body: str
    base_version: int
    edit: int
    made_by: StaffId
    written_by: tuple[str, ...]
    made_at_utc: datetime
    changed_at_utc: datetime
    note: str = ""
    reviewed_by: StaffId | None = None
    reviewed_at_utc: datetime | None = None

    @property
    def text(self) -> ArticleText:
        """What it says."""
        return ArticleText(**{name: getattr(self, name) for name in _TEXT_FIELDS})


@dataclass(frozen=True, slots=True)
class UnansweredQuestion:
    """A question the articles had no answer to. Its id is a digest of the plain words.

    Nothing in it leads to a customer or a conversation; the words are sealed.
    """

    id: QuestionId
    language: str
    text_enc: bytes
    times: int
    asked_at_utc: datetime
    is_dismissed: bool = False


@dataclass(frozen=True, slots=True)
class QuestionView:
    """An unanswered question in clear, for staff."""

    id: QuestionId
    text: str
    language: str
    times: int
    asked_at_utc: datetime


_TEXT_FIELDS = tuple(ArticleText.__dataclass_fields__)


def draft(
    revision_id: str,
    text: ArticleText,
    *,
    version: int,
    base_version: int,
    by: StaffId,
    now_utc: datetime,
) -> ArticleRevision:
    """Return a new draft."""
    return ArticleRevision(
        id=RevisionId(revision_id),
        version=version,
        state=ArticleState.DRAFT,
        base_version=base_version,
        edit=1,
        made_by=by,
        written_by=(by,),
        made_at_utc=now_utc,
        changed_at_utc=now_utc,
        **{name: getattr(text, name) for name in _TEXT_FIELDS},
    )


def rewritten(
    revision: ArticleRevision, text: ArticleText, *, edit: int, by: StaffId, now_utc: datetime
) -> ArticleRevision:
    """Return the draft with another text. `edit`: of what the writer had before them.

    Raises Conflict (it changed meanwhile; or it is not a draft; or it is another article's).
    """
    check_unchanged(revision, edit)
    check_is(revision, ArticleState.DRAFT)
    if text.article_id != revision.article_id:
        raise Conflict(reason="another_article", revision_id=revision.id)
    fields = {name: getattr(text, name) for name in _TEXT_FIELDS}
    writers = tuple(dict.fromkeys((*revision.written_by, by)))
    return _changed(revision, now_utc, made_by=by, written_by=writers, **fields)


def submitted(revision: ArticleRevision, *, edit: int, now_utc: datetime) -> ArticleRevision:
    """Return the draft as it waits for a second person. Raises Conflict."""
    check_unchanged(revision, edit)
    check_is(revision, ArticleState.DRAFT)
    return _changed(revision, now_utc, state=ArticleState.IN_REVIEW, note="")


def sent_back(
    revision: ArticleRevision, *, edit: int, note: str, by: StaffId, now_utc: datetime
) -> ArticleRevision:
    """Return it as a draft again, with what is to be done. Raises Conflict, InvalidText."""
    check_unchanged(revision, edit)
    check_is(revision, ArticleState.IN_REVIEW)
    if not note.strip() or len(note) > NOTE_MAX_CHARS:
        raise InvalidText(reason="note", max_chars=NOTE_MAX_CHARS)
    return _changed(
        revision, now_utc, state=ArticleState.DRAFT, note=note.strip(), reviewed_by=by,
        reviewed_at_utc=now_utc,
    )  # fmt: skip


def published(
    revision: ArticleRevision, *, edit: int, by: StaffId, now_utc: datetime
) -> ArticleRevision:
    """Return it published. Raises Conflict, SecondPersonNeeded (one of its writers)."""
    check_unchanged(revision, edit)
    check_is(revision, ArticleState.IN_REVIEW)
    if by in revision.written_by:
        raise SecondPersonNeeded(revision_id=revision.id)
    return _changed(
        revision, now_utc, state=ArticleState.PUBLISHED, reviewed_by=by, reviewed_at_utc=now_utc
    )


def retired(revision: ArticleRevision, *, now_utc: datetime) -> ArticleRevision:
    """Return it taken away. Raises Conflict: it is not published."""
    check_is(revision, ArticleState.PUBLISHED)
    return _changed(revision, now_utc, state=ArticleState.RETIRED)


def check_unchanged(revision: ArticleRevision, edit: int) -> None:
    """Refuse where somebody changed it meanwhile. Raises Conflict with whose text is newer."""
    if revision.edit != edit:
        raise Conflict(
            reason="edited_meanwhile", revision_id=revision.id, edit=revision.edit,
            staff_id=revision.made_by,
        )  # fmt: skip


def check_is(revision: ArticleRevision, state: ArticleState) -> None:
    """Refuse an act that does not fit the state. Raises Conflict."""
    if revision.state is not state:
        raise Conflict(reason="state", status=revision.state, revision_id=revision.id)


def _changed(revision: ArticleRevision, now_utc: datetime, **fields: object) -> ArticleRevision:
    return replace(revision, edit=revision.edit + 1, changed_at_utc=now_utc, **fields)  # type: ignore[arg-type]
