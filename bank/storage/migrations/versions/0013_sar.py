"""SAR drafts; who else paid an account is looked up; a card keeps since when it is frozen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sar_drafts",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("case_id", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("parts_enc", sa.LargeBinary(), nullable=False),
        sa.Column("written_by", TEXT, nullable=False),
        sa.Column("written_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "version", name="uq_sar_drafts_case_id_version"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_transfers_to_iban_posted_at_utc", "transfers", ["to_iban", "posted_at_utc"])
    op.add_column("cards", sa.Column("frozen_at_utc", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("cards") as batch_op:
        batch_op.drop_column("frozen_at_utc")
    op.drop_index("ix_transfers_to_iban_posted_at_utc", "transfers")
    op.drop_table("sar_drafts")
