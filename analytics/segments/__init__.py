"""Segments: groups of customers who behave alike, found, named, kept and handed on.

    features ──▶ scaling ──▶ shapes (mixture, k-means) ──▶ choosing (BIC, stability)
                                                              │
    rules (built by hand) ◀── the same features ──▶ profiles ─┴─▶ words, drawing, storing
                                                              └─▶ matching: who moved where

What a segment may know of a person stands in features.py; never suspicion, fraud or a complaint.
Model card: docs/cards/segments.md
"""
