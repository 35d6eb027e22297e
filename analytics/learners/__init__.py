"""Learners: recipes by name, and models from their folders.

recipe("blend").fit(table, labels, schema) ──▶ TableModel ──save──▶ folder
                                                    ▲                 │
                                                    └──────load───────┘

encoding.py, expanding.py     tables to matrices, fitted on training rows
linear.py, boosting.py,       members: logistic regression on splines, LightGBM,
categorical.py, forests.py      CatBoost, forests
growing.py, stacking.py,      how large, how much each counts, and calibration:
calibrating.py, fitting.py      out of fold, within the training rows
model.py, storing.py          the fitted model and its files
reasons.py                    contributions as sentences
"""

from __future__ import annotations

from analytics.learners.recipes import NAMES, recipe
from analytics.learners.storing import load

__all__ = ["NAMES", "load", "recipe"]
