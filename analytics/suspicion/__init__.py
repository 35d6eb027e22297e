"""Suspicious requests in a conversation: a scammer's script, an attack, somebody in need.

    corpus/*.txt ─▶ learning.py ─▶ models/suspicion ─▶ Detector.look(text) ─▶ [Suspicion, …]
                                                         Listener.hear(line) ─▶ [Finding, …]

A suspicion speaks of what was said, never of who said it. What follows from one is decided
elsewhere; it is shown to staff, and never told to the customer.
"""

from analytics.suspicion.detecting import Detector, Span, Suspicion
from analytics.suspicion.kinds import KINDS, Kind
from analytics.suspicion.listening import Finding, Line, Listener

__all__ = ["KINDS", "Detector", "Finding", "Kind", "Line", "Listener", "Span", "Suspicion"]
