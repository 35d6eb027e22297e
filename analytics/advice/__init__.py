"""Advice: who is like you, what do they hold, what goes with what you have, and what fits.

    profiles.py       an investor's profile as one row of numbers
    catalogue.py      instruments as rows of numbers, and who may be recommended which
    neighbours.py     the people most alike: exact search, or a graph beyond two million
    collaborative.py  what is held together (EASE, item-kNN)
    content.py        what people of a profile hold, by what the instruments are
    blending.py       the parts together, by how much somebody holds already
    diversity.py      not five funds of one region
    reasons.py        why, as codes with facts
    recommending.py   Recommender: the above in one question
    learning.py       from the bank's profiles and holdings, as of a moment; storing.py keeps it
    evaluating.py     forward in time: nDCG, hits, coverage, people new to it, suitability

Suitability is a gate before any of it (bank.policies.suitability) and is asked again after.
"""

from __future__ import annotations
