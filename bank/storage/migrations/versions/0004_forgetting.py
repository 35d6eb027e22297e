"""Forgetting ended applications; finding customers by birth date."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgotten_at_utc", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index("ix_customers_birth_date", ["birth_date"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index("ix_customers_birth_date")
    with op.batch_alter_table("applications", schema=None) as batch_op:
        batch_op.drop_column("forgotten_at_utc")
