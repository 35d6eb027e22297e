"""Files of a model of effects: JSON and LightGBM's text format, each with its SHA-256.

    uplift.json                  design, arms, beliefs, calibrations, and the hash of each file
    whole/<learner>/…            the learners of all rows
    witness/<learner>/…          those that are only asked whether they agree
    half_00/<learner>/… …        the learners of halves, for the intervals

All of it is text, and none of it runs when it is read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.errors import BrokenModel
from analytics.retention.designs import Design
from analytics.retention.learners import Effect, fitted_of

if TYPE_CHECKING:
    from analytics.retention.uplift import Uplift

HEAD = "uplift.json"
_FORMAT = 1


def save(model: Uplift, folder: Path) -> None:
    """Write the model into an empty folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    hashes = {}
    for part, learners in _parts(model):
        for name, learner in learners.items():
            for file, text in learner.files().items():
                path = folder / part / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                hashes[f"{part}/{name}/{file}"] = _hash(text)
    head = {
        "format": _FORMAT,
        "design": model.design.as_json(),
        "arms": list(model.arms),
        "belief": [dict(one) for one in model.belief],
        "qinis": [dict(one) for one in model.qinis],
        "witness_means": {name: list(one) for name, one in model.witness_means.items()},
        "half_means": [list(one) for one in model.half_means],
        "calibrations": [asdict(one) for one in model.calibrations],
        "control_rate": model.control_rate,
        "sha256": hashes,
    }
    (folder / HEAD).write_text(json.dumps(head, indent=1), encoding="utf-8")


def load(folder: Path) -> Uplift:
    """Read a model. Raises BrokenModel: a file is absent, changed or of another format."""
    from analytics.retention.uplift import Calibration, Uplift  # noqa: PLC0415, they save by us

    head = _head(folder)
    parts: dict[str, dict[str, dict[str, str]]] = {}
    for path, wanted in head["sha256"].items():
        part, name, file = path.split("/")
        parts.setdefault(part, {}).setdefault(name, {})[file] = _read(folder, path, wanted)
    fitted = {
        part: {name: fitted_of(files) for name, files in learners.items()}
        for part, learners in parts.items()
    }
    return Uplift(
        design=Design.from_json(head["design"]),
        arms=tuple(head["arms"]),
        belief=tuple(head["belief"]),
        qinis=tuple(head["qinis"]),
        learners=fitted.pop("whole"),
        witnesses=fitted.pop("witness", {}),
        witness_means={name: tuple(one) for name, one in head["witness_means"].items()},
        halves=tuple(fitted[part] for part in sorted(fitted)),
        half_means=tuple(tuple(one) for one in head["half_means"]),
        calibrations=tuple(Calibration(**one) for one in head["calibrations"]),
        control_rate=head["control_rate"],
    )


def _parts(model: Uplift) -> list[tuple[str, Mapping[str, Effect]]]:
    halves = [(f"half_{i:02d}", learners) for i, learners in enumerate(model.halves)]
    return [("whole", model.learners), ("witness", model.witnesses), *halves]


def _head(folder: Path) -> dict[str, Any]:
    try:
        head = json.loads((folder / HEAD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BrokenModel(f"{folder.name} has no readable {HEAD}.") from fault
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise BrokenModel(f"{HEAD} is not of format {_FORMAT}.")
    return head


def _read(folder: Path, path: str, wanted: str) -> str:
    try:
        text = (folder / path).read_text(encoding="utf-8")
    except OSError as fault:
        raise BrokenModel(f"The model lacks its file {path}.") from fault
    if _hash(text) != wanted:
        raise BrokenModel(f"The file {path} is not the one that was saved: its hash differs.")
    return text


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
