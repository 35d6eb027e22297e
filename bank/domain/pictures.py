"""Pictures: drawn for one customer, kept for a while, shown to nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bank.domain.ids import CustomerId

#: How many of a customer's pictures are kept; the oldest go first.
KEPT_COUNT = 50
PNG_BYTES_MAX = 256 * 1024


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """One PNG."""

    id: str
    customer_id: CustomerId
    png: bytes
    created_at_utc: datetime
