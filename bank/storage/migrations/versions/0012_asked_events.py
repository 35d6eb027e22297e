"""Events a customer is asked about, and where a session began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sessions", sa.Column("place_id", TEXT, nullable=True))
    op.create_table(
        "asked_events",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("once_key", TEXT, nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("asked_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("place_id", TEXT, nullable=True),
        sa.Column("posting_id", TEXT, nullable=True),
        sa.Column("answer", TEXT, nullable=True),
        sa.Column("answered_by", TEXT, nullable=False),
        sa.Column("answered_at_utc", sa.BigInteger(), nullable=True),
        sa.Column("case_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "customer_id", "once_key", name="uq_asked_events_customer_id_once_key"
        ),
        sqlite_with_rowid=True,
    )
    op.create_index("ix_asked_events_customer_id", "asked_events", ["customer_id"])


def downgrade() -> None:
    op.drop_table("asked_events")
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.drop_column("place_id")
