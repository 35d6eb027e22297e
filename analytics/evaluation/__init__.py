"""How well does a recipe do, honestly: on rows it did not learn from, with intervals, in slices.

recipe, table ──protocols──▶ train | test ──▶ probabilities of rows nobody learnt from
                                               ├─▶ metrics, bootstrap   figures, differences
                                               ├─▶ slices, thresholds   for whom, from where
                                               ├─▶ leakage              too good to be true?
                                               └─▶ pictures, report     one page for a board
"""

from __future__ import annotations

from analytics.evaluation.evaluation import Evaluation
from analytics.evaluation.measuring import evaluate
from analytics.evaluation.words import Words

__all__ = ["Evaluation", "Words", "evaluate"]
