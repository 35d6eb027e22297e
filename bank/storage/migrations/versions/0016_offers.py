"""Offers said in conversations with what came of them, and notices a customer does not want."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "offer_answers",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=False),
        sa.Column("campaign_id", TEXT, nullable=False),
        sa.Column("offer", TEXT, nullable=False),
        sa.Column("product", TEXT, nullable=False),
        sa.Column("segment", TEXT, nullable=False),
        sa.Column("shown_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("answer", TEXT, nullable=True),
        sa.Column("answered_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_offer_answers_customer_id_shown_at_utc",
        "offer_answers",
        ["customer_id", "shown_at_utc"],
    )
    op.create_index(
        "ix_offer_answers_offer_segment_answer",
        "offer_answers",
        ["offer", "segment", "answer"],
    )
    op.create_table(
        "offerless_talks",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("closed_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "notice_choices",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("is_wanted", sa.Boolean(), nullable=False),
        sa.Column("changed_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_notice_choices_customer_id", "notice_choices", ["customer_id"])


def downgrade() -> None:
    for name in ("notice_choices", "offerless_talks", "offer_answers"):
        op.drop_table(name)
