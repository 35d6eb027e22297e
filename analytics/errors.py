"""What the model house refuses, and why: each refusal with a stable code and a sentence.

    AnalyticsError
    ├── BadTable           a table that cannot be used: which column, which rows, what is allowed
    ├── FeatureMismatch    a model was given other features than it learnt, or in another order
    ├── BrokenModel        files of a model that are missing, changed or not ours
    ├── CannotLearn        a table from which nothing can be learnt: one class only, too few rows
    ├── NoSuchModel        a name or version that the registry does not know
    ├── NotApproved        a swap that two people have not agreed on, or not on this very model
    ├── RegistryBusy       another process writes this model's folder just now
    └── LooksAhead         features of a moment were given something later: leakage

A door shows `code` and the sentence; values of rows are never part of it, since a table may hold
what belongs to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class AnalyticsError(Exception):
    """Base of all refusals. The message says what was wrong, what is allowed, what to do next."""

    code: ClassVar[str]


@dataclass(frozen=True, slots=True)
class TableProblem:
    """One thing wrong with a table.

    code: "missing_column", "extra_column", "wrong_type", "out_of_range", "not_finite",
    "unknown_level", "duplicate_id", "future_time", "empty", "unreadable", "ragged_row",
    "duplicate_column", "target".
    rows: 1-based line numbers of the table without its header, the first ten of `rows_count`.
    """

    code: str
    column: str
    sentence: str
    rows: tuple[int, ...] = ()
    rows_count: int = 0


class BadTable(AnalyticsError):
    """The table cannot be used. `problems` has all that was found, in the order of columns."""

    code = "bad_table"

    def __init__(self, problems: tuple[TableProblem, ...]) -> None:
        super().__init__(" ".join(each.sentence for each in problems))
        self.problems = problems


class FeatureMismatch(AnalyticsError):
    """Other columns than the model's: numbers would come out, and look reasonable."""

    code = "feature_mismatch"


class BrokenModel(AnalyticsError):
    """A file of the model is missing, or its SHA-256 is not the card's."""

    code = "broken_model"


class CannotLearn(AnalyticsError):
    """Nothing can be learnt from this table."""

    code = "cannot_learn"


class NoSuchModel(AnalyticsError):
    """The registry has no model, or no version, of this name."""

    code = "no_such_model"


class NotApproved(AnalyticsError):
    """What is to be carried out is not what two people agreed on."""

    code = "not_approved"


class RegistryBusy(AnalyticsError):
    """Another process writes here; nothing was changed. Try again."""

    code = "registry_busy"


class LooksAhead(AnalyticsError):
    """Rows later than the moment a table is made for: a model would learn from the future."""

    code = "looks_ahead"
