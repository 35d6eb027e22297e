"""Drift: what changed since a model learnt, and whether somebody has to act.

reference.py  what the training window looked like, small enough for the card
psi.py        how far a feature or the score has moved, by bins fixed in the reference
ks.py         the largest distance of two distributions, with its p-value
estimate.py   how good the model still is, from its own probabilities, without labels
adwin.py      has a rate changed, looked at event by event
watch.py      all of it about a new window, as sentences and one verdict
"""

from __future__ import annotations

from analytics.drift.adwin import Adwin
from analytics.drift.estimate import Estimate
from analytics.drift.psi import Moved
from analytics.drift.reference import Reference, summarise
from analytics.drift.watching import Finding, Level, Watched, watch

__all__ = [
    "Adwin",
    "Estimate",
    "Finding",
    "Level",
    "Moved",
    "Reference",
    "Watched",
    "summarise",
    "watch",
]
