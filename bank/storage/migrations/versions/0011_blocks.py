"""Blocks of addresses and customers, and an outbox that is read kind by kind."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("subject", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("at_utc", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("lifted_at_utc", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", TEXT, nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    op.create_index(
        "ix_blocks_kind_subject_expires_at_utc", "blocks", ["kind", "subject", "expires_at_utc"]
    )
    op.create_index("ix_blocks_at_utc", "blocks", ["at_utc"])
    op.create_index("ix_outbox_kind_state_due_at_utc", "outbox", ["kind", "state", "due_at_utc"])
    op.drop_index("ix_outbox_state_due_at_utc", "outbox")


def downgrade() -> None:
    op.create_index("ix_outbox_state_due_at_utc", "outbox", ["state", "due_at_utc"])
    op.drop_index("ix_outbox_kind_state_due_at_utc", "outbox")
    op.drop_table("blocks")
