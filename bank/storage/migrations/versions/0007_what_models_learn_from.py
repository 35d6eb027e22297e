"""When accounts closed, when customers logged in, and what staff found out about postings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("closed_at_utc", sa.BigInteger(), nullable=True))
    op.create_table(
        "login_days",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("day", TEXT, nullable=False),
        sa.Column("logins_count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_login_days_customer_id_day", "login_days", ["customer_id", "day"])
    op.create_table(
        "login_places",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("first_seen_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_login_places_customer_id", "login_places", ["customer_id"])
    op.create_table(
        "fraud_findings",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("posting_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("is_fraud", sa.Boolean(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("found_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("found_by", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    op.create_index("ix_fraud_findings_posting_id", "fraud_findings", ["posting_id"])
    op.create_index("ix_fraud_findings_customer_id", "fraud_findings", ["customer_id"])
    op.create_index("ix_fraud_findings_found_at_utc", "fraud_findings", ["found_at_utc"])


def downgrade() -> None:
    op.drop_table("fraud_findings")
    op.drop_table("login_places")
    op.drop_table("login_days")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("closed_at_utc")
