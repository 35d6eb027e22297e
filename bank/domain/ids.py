"""Identifiers: a prefix that names the kind, and 20 characters that sort by creation time.

`make_id("tr")` → `tr_0k3vq6z1h8p2m4x7c9ab`: 9 base-32 characters of milliseconds, 11 random.
Sorting by id is sorting by age, so an index on the primary key stays local.
"""

from __future__ import annotations

import secrets
import time
from typing import NewType

CustomerId = NewType("CustomerId", str)  # cu_
StaffId = NewType("StaffId", str)  # st_
AccountId = NewType("AccountId", str)  # ac_
TransactionId = NewType("TransactionId", str)  # tx_
PostingId = NewType("PostingId", str)  # po_
TransferId = NewType("TransferId", str)  # tr_
PayeeId = NewType("PayeeId", str)  # pa_
CardId = NewType("CardId", str)  # cd_
StandingOrderId = NewType("StandingOrderId", str)  # so_
BillId = NewType("BillId", str)  # bi_
DisputeId = NewType("DisputeId", str)  # di_
CaseId = NewType("CaseId", str)  # ca_
ConversationId = NewType("ConversationId", str)  # cv_
MessageId = NewType("MessageId", str)  # made by the sender
ChallengeId = NewType("ChallengeId", str)  # ch_
SessionId = NewType("SessionId", str)  # se_
NoticeId = NewType("NoticeId", str)  # no_
ReadingId = NewType("ReadingId", str)  # re_
SentenceId = NewType("SentenceId", str)  # sn_
PromotionId = NewType("PromotionId", str)  # pm_
ApiKeyId = NewType("ApiKeyId", str)  # ak_
ModelAlertId = NewType("ModelAlertId", str)  # ma_

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u
#: Two characters at a time: seeding makes a million ids.
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]


def make_id(prefix: str) -> str:
    """Return a new identifier such as `tr_0k3vq6z1h8p2m4x7c9ab`."""
    number = (time.time_ns() // 1_000_000) << 55 | secrets.randbits(55)
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(90, -1, -10)]
    return f"{prefix}_{''.join(pairs)}"
