"""Articles by staff, and questions the library had no answer to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "article_revisions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("article_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("audience", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=True),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("body", TEXT, nullable=False),
        sa.Column("base_version", sa.BigInteger(), nullable=False),
        sa.Column("edit", sa.BigInteger(), nullable=False),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("written_by", sa.Text(), nullable=False),
        sa.Column("made_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("changed_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("note", TEXT, nullable=False),
        sa.Column("reviewed_by", TEXT, nullable=True),
        sa.Column("reviewed_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "article_id", "version", name="uq_article_revisions_article_id_version"
        ),
    )
    op.create_index("ix_article_revisions_state", "article_revisions", ["state"])
    op.create_table(
        "unanswered_questions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.Column("asked_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("is_dismissed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_unanswered_questions_asked_at_utc", "unanswered_questions", ["asked_at_utc"]
    )


def downgrade() -> None:
    op.drop_table("unanswered_questions")
    op.drop_table("article_revisions")
