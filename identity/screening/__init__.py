"""Screening: is this name on a sanctions or PEP list?

    latin, words, names   a name, taken apart         lists         the lists in force, cached
    folding, edits        how words differ            ofac, un, own readers of each list
    spelling, alignment   word by word                refresh       fetches them weekly
    features, context     named reasons               rescreening   everybody, when a list changes
    scoring               two names, a score          evaluate      how good it is, measured
    index, matching       hits in milliseconds        in_force      lists of a running process

Nothing is decided here: a hit goes to a person. Limits and figures: docs/cards/screening.md
"""

from identity.screening.entries import Entry, ListBroken
from identity.screening.features import Reason
from identity.screening.lists import ScreeningLists, invented_lists, load_lists
from identity.screening.matching import Hit, HitState, Threshold, default_threshold, screen
from identity.screening.scoring import explain_pair, name_pair_score

__all__ = [
    "Entry",
    "Hit",
    "HitState",
    "ListBroken",
    "Reason",
    "ScreeningLists",
    "Threshold",
    "default_threshold",
    "explain_pair",
    "invented_lists",
    "load_lists",
    "name_pair_score",
    "screen",
]
