"""The file of a model of shares: JSON, with the SHA-256 of what it says.

    effects.json    {"format", "sha256", "model": design, arms, coefficients, what it learnt from}

One file, so that it is whole or not there; text, and none of it runs when it is read.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics.errors import BrokenModel
from analytics.registry.cards import libraries
from analytics.retention.designs import Design
from bank.whole_files import write_whole

if TYPE_CHECKING:
    from analytics.retention.shares import Shares

FILE = "effects.json"
_FORMAT = 1
_NUMBERS = ("mean", "covariance", "speaks")


def save(model: Shares, folder: Path) -> None:
    """Write the model into a folder, which is made if it is not there. Raises OSError."""
    told: dict[str, Any] = {
        "design": model.design.as_json(),
        "arms": list(model.arms),
        "rows_count": list(model.rows_count),
        "left_count": list(model.left_count),
        "libraries": libraries(),
        **{name: getattr(model, name).tolist() for name in _NUMBERS},
    }
    whole = {"format": _FORMAT, "sha256": _digest(told), "model": told}
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / FILE, json.dumps(whole, allow_nan=False) + "\n")


def load(folder: Path) -> Shares:
    """Read a model. Raises BrokenModel: the file is absent, changed or of another format."""
    from analytics.retention.shares import Shares  # noqa: PLC0415, it saves by us

    try:
        whole = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BrokenModel(f"{folder.name} has no readable {FILE}.") from fault
    if not isinstance(whole, dict) or whole.get("format") != _FORMAT:
        raise BrokenModel(f"{FILE} is not of format {_FORMAT}.")
    told = whole.get("model")
    if not isinstance(told, dict) or whole.get("sha256") != _digest(told):
        raise BrokenModel(f"{FILE} is not the one that was saved: its hash differs.")
    return Shares(
        design=Design.from_json(told["design"]),
        arms=tuple(told["arms"]),
        rows_count=tuple(told["rows_count"]),
        left_count=tuple(told["left_count"]),
        **{name: np.array(told[name], np.float64) for name in _NUMBERS},
    )


def _digest(told: dict[str, Any]) -> str:
    plain = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()
