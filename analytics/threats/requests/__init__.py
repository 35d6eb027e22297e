"""Requests that carry an attack: signatures that can say why, and a model for what none knows.

target ──▶ normalising.py ──▶ signatures.py ──▶ Hit(kind, technique, reason, span)
                  └─────────▶ grams.py ──▶ model.py ──▶ score, and the spans that raised it

detecting.py   both together, per source, into alerts
grammar/       requests made up by rules, to learn from; other families are kept to measure with
"""
