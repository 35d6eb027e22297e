"""What was noticed, seen and decided of payments before they moved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_postings_booked_at_utc", "postings", ["booked_at_utc"])
    op.create_table(
        "risk_notes",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=True),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("strength", sa.Double(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("at_utc", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    op.create_index("ix_risk_notes_customer_id", "risk_notes", ["customer_id"])
    op.create_index("ix_risk_notes_expires_at_utc", "risk_notes", ["expires_at_utc"])
    op.create_table(
        "assessments",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("act", TEXT, nullable=False),
        sa.Column("subject_id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=True),
        sa.Column("to_iban", TEXT, nullable=False),
        sa.Column("amount_eur_minor", sa.BigInteger(), nullable=False),
        sa.Column("probability", sa.Double(), nullable=False),
        sa.Column("decision", TEXT, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("signals", sa.Text(), nullable=False),
        sa.Column("model_version", TEXT, nullable=False),
        sa.Column("at_utc", sa.BigInteger(), nullable=False),
        sa.Column("case_id", TEXT, nullable=True),
        sa.Column("outcome", TEXT, nullable=True),
        sa.Column("outcome_by", TEXT, nullable=False),
        sa.Column("outcome_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    for name in ("to_iban", "case_id", "subject_id", "customer_id"):
        op.create_index(f"ix_assessments_{name}", "assessments", [name])
    op.create_table(
        "payment_pauses",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("to_iban", TEXT, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("made_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("until_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_payment_pauses_customer_id_to_iban", "payment_pauses", ["customer_id", "to_iban"]
    )


def downgrade() -> None:
    op.drop_table("payment_pauses")
    op.drop_table("assessments")
    op.drop_table("risk_notes")
    op.drop_index("ix_postings_booked_at_utc", "postings")
