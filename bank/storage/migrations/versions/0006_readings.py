"""Readings of the assistant, and the sentences learnt from them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readings",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=False),
        sa.Column("message_id", TEXT, nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("ranking", sa.Text(), nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("meant", TEXT, nullable=True),
        sa.Column("intent", TEXT, nullable=True),
        sa.Column("sentence_id", TEXT, nullable=True),
        sa.Column("decided_by", TEXT, nullable=True),
        sa.Column("decided_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "conversation_id", "message_id", name="uq_readings_conversation_id_message_id"
        ),
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("readings", schema=None) as batch_op:
        batch_op.create_index("ix_readings_noted_at_utc", ["noted_at_utc"], unique=False)
        batch_op.create_index("ix_readings_sentence_id", ["sentence_id"], unique=False)
        batch_op.create_index("ix_readings_state_why", ["state", "why"], unique=False)
    op.create_table(
        "sentences",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("intent", TEXT, nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("text_enc", sa.LargeBinary(), nullable=False),
        sa.Column("labelled_by", TEXT, nullable=False),
        sa.Column("labelled_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("sentences")
    with op.batch_alter_table("readings", schema=None) as batch_op:
        batch_op.drop_index("ix_readings_state_why")
        batch_op.drop_index("ix_readings_sentence_id")
        batch_op.drop_index("ix_readings_noted_at_utc")
    op.drop_table("readings")
