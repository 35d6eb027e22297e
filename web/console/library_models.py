"""What the console's library doors take and give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bank.domain.answers import Audience, Span
from bank.domain.articles import ArticleRevision, ArticleText
from knowledge.article import Article
from web.guard import Answer, Body

BODY_MAX_CHARS = 30_000
ArticleId = Annotated[
    str, StringConstraints(min_length=1, max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=80)]
Day = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class TextFields(Body):
    """What an article says, as the form gives it. `valid_until` empty: no end."""

    article_id: ArticleId
    title: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    audience: Literal["public", "customer", "business", "staff"]
    language: Literal["en", "es"]
    valid_from: Day
    valid_until: Day | None
    owner: Name
    topic: Name
    body: Annotated[str, StringConstraints(min_length=1, max_length=BODY_MAX_CHARS)]


class Begin(Body):
    text: TextFields
    base_version: Annotated[int, Field(ge=0, le=10**6)]


class Save(Body):
    text: TextFields
    edit: int


class AtEdit(Body):
    edit: int


class SendBack(Body):
    edit: int
    note: Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class AskAs(Body):
    text: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    audience: Literal["public", "customer", "business", "staff"]
    language: Literal["en", "es"]


class Dismissed(Body):
    ids: Annotated[list[Annotated[str, StringConstraints(max_length=60)]], Field(max_length=200)]


class ArticleHead(Answer):
    """`state`: of the newest text. `is_shipped`: nobody of staff has written it anew."""

    article_id: str
    title: str
    audience: str
    language: str
    topic: str
    owner: str
    valid_from: date
    valid_until: date | None
    state: str
    version: int
    is_shipped: bool
    is_expired: bool
    is_future: bool


class ArticleList(Answer):
    articles: list[ArticleHead]
    may_write: bool
    may_publish: bool


class TextView(Answer):
    article_id: str
    title: str
    audience: str
    language: str
    valid_from: date
    valid_until: date | None
    owner: str
    topic: str
    body: str


class RevisionView(Answer):
    id: str
    version: int
    state: str
    edit: int
    made_by: str
    made_by_name: str
    changed_at: datetime
    note: str
    reviewed_by_name: str | None
    is_mine: bool
    text: TextView


class DiffLine(Answer):
    """op: `=` in both, `-` only in the published text, `+` only in the new one."""

    op: Literal["=", "-", "+"]
    text: str


class ArticleView(Answer):
    """An article's page: what holds, what is worked on, what they differ in."""

    article_id: str
    holds: TextView | None
    holds_version: int
    is_shipped: bool
    open: RevisionView | None
    history: list[RevisionView]
    diff: list[DiffLine]
    may_write: bool
    may_publish: bool


class QuestionLine(Answer):
    id: str
    text: str
    times: int


class ClusterView(Answer):
    name: str
    language: str
    times: int
    questions: list[QuestionLine]


class ClusterList(Answer):
    clusters: list[ClusterView]


class CitationView(Answer):
    article_id: str
    version: int
    title: str
    heading: str
    anchor: str


class SpanView(Answer):
    text: str
    citation: CitationView


class Asked(Answer):
    """What a customer would be answered now. `answer` None: "I don't know"."""

    answer: str | None
    spans: list[SpanView]
    found: list[SpanView]


class Done(Answer):
    ok: bool = True


def to_text(fields: TextFields) -> ArticleText:
    """Return the text a form gave. Raises ValueError: no date."""
    return ArticleText(
        article_id=fields.article_id,
        title=fields.title,
        audience=Audience(fields.audience),
        language=fields.language,
        valid_from=date.fromisoformat(fields.valid_from),
        valid_until=date.fromisoformat(fields.valid_until) if fields.valid_until else None,
        owner=fields.owner,
        topic=fields.topic,
        body=fields.body,
    )


def show_text(text: ArticleText) -> TextView:
    return TextView(**{name: getattr(text, name) for name in TextView.model_fields})


def show_plain(article: Article) -> TextView:
    """Return an article that was no Markdown (HTML, PDF), its sections as Markdown."""
    body = "\n\n".join(f"## {one.heading}\n\n{one.text}" for one in article.sections)
    about = TextView.model_fields.keys() - {"article_id", "body"}
    return TextView(
        article_id=article.id, body=body, **{name: getattr(article, name) for name in about}
    )


def show_revision(
    one: ArticleRevision, *, names: Mapping[str, str], viewer_id: str
) -> RevisionView:
    return RevisionView(
        id=one.id,
        version=one.version,
        state=one.state.value,
        edit=one.edit,
        made_by=one.made_by,
        made_by_name=names.get(one.made_by, one.made_by),
        changed_at=one.changed_at_utc,
        note=one.note,
        reviewed_by_name=names.get(one.reviewed_by, one.reviewed_by) if one.reviewed_by else None,
        is_mine=viewer_id in one.written_by,
        text=show_text(one.text),
    )


def show_span(span: Span) -> SpanView:
    cited = span.citation
    return SpanView(
        text=span.text,
        citation=CitationView(**{name: getattr(cited, name) for name in CitationView.model_fields}),
    )


def diff(before: str, after: str) -> list[DiffLine]:
    """Return two texts line by line: what goes, what comes, what stays."""
    old, new = before.splitlines(), after.splitlines()
    found: list[DiffLine] = []
    for op, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            found += [DiffLine(op="=", text=line) for line in old[i1:i2]]
            continue
        found += [DiffLine(op="-", text=line) for line in old[i1:i2]]
        found += [DiffLine(op="+", text=line) for line in new[j1:j2]]
    return found
