"""Campaigns: what is written to many, who agreed to it, and which addresses are left alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("message_class", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("variants", sa.Text(), nullable=False),
        sa.Column("starts_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("ends_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("budget_minor", sa.BigInteger(), nullable=False),
        sa.Column("spent_minor", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("made_by", TEXT, nullable=False),
        sa.Column("made_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", TEXT, nullable=True),
        sa.Column("approved_at_utc", sa.BigInteger(), nullable=True),
        sa.Column("planned_until", TEXT, nullable=False),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.Column("ended_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_campaigns_state", "campaigns", ["state"])
    op.create_table(
        "campaign_sends",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("campaign_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("message_class", TEXT, nullable=False),
        sa.Column("variant", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("due_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("outbox_id", TEXT, nullable=True),
        sa.Column("sent_at_utc", sa.BigInteger(), nullable=True),
        sa.Column("responded_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "campaign_id",
            "customer_id",
            "channel",
            name="uq_campaign_sends_campaign_id_customer_id_channel",
        ),
    )
    op.create_index(
        "ix_campaign_sends_campaign_id_state_due_at_utc",
        "campaign_sends",
        ["campaign_id", "state", "due_at_utc"],
    )
    op.create_index(
        "ix_campaign_sends_customer_id_sent_at_utc",
        "campaign_sends",
        ["customer_id", "sent_at_utc"],
    )
    op.create_table(
        "consents",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("changed_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_consents_customer_id", "consents", ["customer_id"])
    op.create_table(
        "suppressions",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("channel", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for name in ("suppressions", "consents", "campaign_sends", "campaigns"):
        op.drop_table(name)
