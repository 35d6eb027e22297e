"""The card of a version: what it learnt from, how good it is, what it may be used for.

    candidate ──two people──▶ serving ──another takes its place──▶ replaced
        └──worse──▶ refused               └──two people──▶ rolled_back

A card is written once and goes with its version. Only the fate changes, so the digest, which two
people approve, is of everything else; the digests of the files are part of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Self

from analytics.tables.columns import Schema

#: Raise when a field changes its meaning: an older reader then refuses the card.
FORMAT = 1
#: The libraries whose version may change what a saved model answers.
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "lightgbm", "catboost", "onnxruntime", "florin")
_NOT_IN_DIGEST = ("fate", "fate_reasons")


class Fate(StrEnum):
    """What became of a version. `first` serves because nothing was there to compare it with."""

    CANDIDATE = "candidate"
    FIRST = "first"
    SERVING = "serving"
    REPLACED = "replaced"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Window:
    """The rows a version learnt from: when, how many, how late their labels come."""

    rows_count: int
    positives_count: int
    from_utc: str = ""
    to_utc: str = ""
    label_delay_days: float = 0.0
    #: SHA-256 of the table and its labels; the same rows give the same digest.
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure, and the ends of its 95 % interval where one was made."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class SliceFigures:
    """The measures of a part of the rows: `by` a column, `level` one of its values."""

    by: str
    level: str
    rows_count: int
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One version. What the registry fills in itself: version, made_at_utc, libraries, files.

    threshold: how the alarm is set, as the evaluation wrote it; {"value": 0.31, "by": "capacity"}.
    reference: what drift is measured against (analytics/drift/reference.py).
    """

    name: str
    recipe: str
    schema: Schema
    window: Window
    seed: int
    version: str = ""
    made_at_utc: str = ""
    figures: tuple[Figure, ...] = ()
    measured_on: str = ""
    slices: tuple[SliceFigures, ...] = ()
    threshold: dict[str, Any] = field(default_factory=dict)
    reference: dict[str, Any] = field(default_factory=dict)
    libraries: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    parent: str | None = None
    permitted_use: str = ""
    limits: tuple[str, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)
    fate: Fate = Fate.CANDIDATE
    fate_reasons: tuple[str, ...] = ()

    def figure(self, name: str) -> Figure | None:
        """Return the measure of this name, or None."""
        return next((one for one in self.figures if one.name == name), None)

    def as_json(self) -> dict[str, Any]:
        written = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            "format": FORMAT,
            **written,
            "schema": self.schema.as_json(),
            "window": asdict(self.window),
            "figures": [asdict(one) for one in self.figures],
            "slices": [asdict(one) for one in self.slices],
            "limits": list(self.limits),
            "fate": str(self.fate),
            "fate_reasons": list(self.fate_reasons),
        }

    def as_text(self) -> str:
        """Return the card as it is written: JSON, indented, without numbers JSON lacks."""
        return json.dumps(self.as_json(), ensure_ascii=False, indent=2, allow_nan=False) + "\n"

    @property
    def digest(self) -> str:
        """SHA-256 of all but the fate: what two people agree on when they promote."""
        held = {key: one for key, one in self.as_json().items() if key not in _NOT_IN_DIGEST}
        plain = json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """Read a card. Raises ValueError, KeyError, TypeError for one that is not ours."""
        told = dict(written)
        if told.pop("format") != FORMAT:
            raise ValueError("another format of card")
        return cls(
            **{
                **told,
                "schema": Schema.from_json(told["schema"]),
                "window": Window(**told["window"]),
                "figures": _figures(told["figures"]),
                "slices": tuple(
                    SliceFigures(**{**one, "figures": _figures(one["figures"])})
                    for one in told["slices"]
                ),
                "limits": tuple(told["limits"]),
                "fate": Fate(told["fate"]),
                "fate_reasons": tuple(told["fate_reasons"]),
            }
        )


def libraries() -> dict[str, str]:
    """Return the versions of what a saved model depends on, of those that are here."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def stamp(moment_utc: datetime) -> str:
    """Return a moment as cards write it.

    >>> stamp(datetime(2026, 3, 2, 12, 0, tzinfo=UTC))
    '2026-03-02T12:00:00Z'
    """
    return f"{moment_utc.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _figures(written: list[dict[str, Any]]) -> tuple[Figure, ...]:
    return tuple(Figure(**one) for one in written)
