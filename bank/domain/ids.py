"""Identifiers: a prefix that names the kind, and 20 characters that sort by creation time.

`make_id("tr")` → `tr_0k3vq6z1h8p2m4x7c9ab`: 9 base-32 characters of milliseconds, 11 random.
Sorting by id is sorting by age, so an index on the primary key stays local. Two ids of one
process never tie: of the same millisecond (or after the clock was set back) the later one lies a
random step above the earlier, as in the monotonic UUID of RFC 9562 §6.2.
"""

from __future__ import annotations

import secrets
import threading
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
RevisionId = NewType("RevisionId", str)  # ar_
QuestionId = NewType("QuestionId", str)  # uq_

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32: no i, l, o, u
#: Two characters at a time: seeding makes a million ids.
_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]
#: A step so wide that a neighbour is not guessed, so narrow that a millisecond holds 30,000.
_STEP_BITS = 40


class _Numbers:
    """Rising numbers of 100 bits: 45 of milliseconds, 55 of chance."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        fresh = (time.time_ns() // 1_000_000) << 55 | secrets.randbits(55)
        with self._lock:
            if fresh >> 55 <= self._last >> 55:
                fresh = self._last + 1 + (fresh & ((1 << _STEP_BITS) - 1))
            self._last = fresh
        return fresh


_numbers = _Numbers()


def make_id(prefix: str) -> str:
    """Return a new identifier such as `tr_0k3vq6z1h8p2m4x7c9ab`, above all before it."""
    number = _numbers.next()
    pairs = [_PAIRS[number >> shift & 1023] for shift in range(90, -1, -10)]
    return f"{prefix}_{''.join(pairs)}"
