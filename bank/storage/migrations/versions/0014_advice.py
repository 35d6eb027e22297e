"""Investing: instruments, what customers hold and tell, and the advice they were given."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "instruments",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("ticker", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("risk_class", sa.BigInteger(), nullable=False),
        sa.Column("complexity", TEXT, nullable=False),
        sa.Column("horizon_years_min", sa.BigInteger(), nullable=False),
        sa.Column("fee_bp", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("region", TEXT, nullable=False),
        sa.Column("sector", TEXT, nullable=False),
        sa.Column("esg_score", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("close_minor", sa.BigInteger(), nullable=True),
        sa.Column("close_on_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("ticker", name="uq_instruments_ticker"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "holdings",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("instrument_id", TEXT, nullable=False),
        sa.Column("units_micro", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("since_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "customer_id", "instrument_id", name="uq_holdings_customer_id_instrument_id"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "investor_profiles",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("ability", sa.BigInteger(), nullable=False),
        sa.Column("willingness", sa.BigInteger(), nullable=False),
        sa.Column("horizon_years", sa.BigInteger(), nullable=False),
        sa.Column("reserve_months", sa.BigInteger(), nullable=False),
        sa.Column("goal", TEXT, nullable=False),
        sa.Column("knowledge", TEXT, nullable=False),
        sa.Column("exclusions", sa.Text(), nullable=False),
        sa.Column("interests", sa.Text(), nullable=False),
        sa.Column("wants_esg", sa.Boolean(), nullable=False),
        sa.Column("taken_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_investor_profiles_customer_id_taken_at_utc",
        "investor_profiles",
        ["customer_id", "taken_at_utc"],
    )
    op.create_table(
        "advice",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("conversation_id", TEXT, nullable=True),
        sa.Column("profile_id", TEXT, nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", TEXT, nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("risk", sa.Text(), nullable=False),
        sa.Column("model_version", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("locale", TEXT, nullable=False),
        sa.Column("given_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("case_id", TEXT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_advice_customer_id_given_at_utc", "advice", ["customer_id", "given_at_utc"]
    )


def downgrade() -> None:
    for name in ("advice", "investor_profiles", "holdings", "instruments"):
        op.drop_table(name)
