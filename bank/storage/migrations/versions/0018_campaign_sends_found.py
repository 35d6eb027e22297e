"""Campaign sends are found without reading all others of their campaign.

The next due ones in their order, and whether somebody was reached: a campaign for a million asks
both a million times.
"""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_TABLE = "campaign_sends"
_DUE = ["campaign_id", "state", "due_at_utc"]
_REACHED = ["campaign_id", "customer_id", "state"]


def upgrade() -> None:
    op.drop_index(f"ix_{_TABLE}_{'_'.join(_DUE)}", _TABLE)
    op.create_index(f"ix_{_TABLE}_{'_'.join([*_DUE, 'id'])}", _TABLE, [*_DUE, "id"])
    op.create_index(f"ix_{_TABLE}_{'_'.join(_REACHED)}", _TABLE, _REACHED)


def downgrade() -> None:
    op.drop_index(f"ix_{_TABLE}_{'_'.join(_REACHED)}", _TABLE)
    op.drop_index(f"ix_{_TABLE}_{'_'.join([*_DUE, 'id'])}", _TABLE)
    op.create_index(f"ix_{_TABLE}_{'_'.join(_DUE)}", _TABLE, _DUE)
