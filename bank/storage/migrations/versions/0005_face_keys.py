"""Face keys; finding a customer's application."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

# Text sorts by code point, as in Python and SQLite.
TEXT = sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql")

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "face_keys",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("model", TEXT, nullable=False),
        sa.Column("consent_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("created_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("used_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "face_enrolments",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("consent_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_utc", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "face_trials",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("customer_id", TEXT, nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("step_up_id", TEXT, nullable=True),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("limit_s", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at_utc", sa.BigInteger(), nullable=False),
        sa.Column("evidence_id", TEXT, nullable=True),
        sa.Column("job_id", TEXT, nullable=True),
        sa.Column("codes", sa.Text(), nullable=False),
        sa.Column("decided_at_utc", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    with op.batch_alter_table("face_trials", schema=None) as batch_op:
        batch_op.create_index(
            "ix_face_trials_customer_id_started_at_utc",
            ["customer_id", "started_at_utc"],
            unique=False,
        )
        batch_op.create_index("ix_face_trials_job_id", ["job_id"], unique=False)
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.create_index("ix_applications_customer_id", ["customer_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_index("ix_applications_customer_id")
    with op.batch_alter_table("face_trials", schema=None) as batch_op:
        batch_op.drop_index("ix_face_trials_job_id")
        batch_op.drop_index("ix_face_trials_customer_id_started_at_utc")
    op.drop_table("face_trials")
    op.drop_table("face_enrolments")
    op.drop_table("face_keys")
