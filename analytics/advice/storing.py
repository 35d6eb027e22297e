"""Advice as files: arrays in one npz, what they mean in model.json, with the npz's SHA-256.

    <home>/models/advice/model.json      instruments in order, version, facts, sha256
    <home>/models/advice/arrays.npz      weights, blend, rows and holdings; no objects, so no code
    <home>/models/.advice.before/        the one it replaced, to go back to

Not in the registry (analytics/registry): what is kept there gives a probability for the rows of a
table and is promoted against labels; this gives an order of instruments for a person, and learns
anew from the bank's own holdings. A draft takes the name only when it is whole.

The rows are of customers, without a name or an id: the folder is as private as the bank's database.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from analytics.advice.blending import GROUPS_FROM, PARTS
from analytics.advice.learning import Learnt
from analytics.advice.parts import People, Weights
from analytics.advice.profiles import COLUMNS
from analytics.errors import BrokenModel, FeatureMismatch
from bank.domain.instruments import InstrumentId
from bank.whole_files import replace_folder, sha256_of, write_whole

FORMAT = 1
NAME, ARRAYS = "model.json", "arrays.npz"
_HOLDINGS = ("indptr", "indices")


def keep(learnt: Learnt, folder: Path) -> Path:
    """Write a model in the place of the one before; return its folder."""
    replace_folder(folder, lambda draft: _save(learnt, draft))
    return folder


def find(folder: Path) -> Learnt | None:
    """Return the model in a folder, None where none was learnt. Raises as `load`."""
    return load(folder) if (folder / NAME).is_file() else None


def load(folder: Path) -> Learnt:
    """Return the model in a folder.

    Raises BrokenModel (a file is missing, changed or not ours), FeatureMismatch (it learnt from
    other columns than a row has now).
    """
    told = _told(folder)
    if told["columns"] != [list(one) for one in COLUMNS]:
        raise FeatureMismatch(f"{folder.name} learnt from other columns of a profile. Learn anew.")
    path = folder / ARRAYS
    if not path.is_file() or sha256_of(path) != told["sha256"]:
        raise BrokenModel(f"{ARRAYS} of {folder.name} is missing, or not the file that was saved.")
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        return _learnt(told, arrays)
    except (OSError, ValueError, KeyError) as fault:
        raise BrokenModel(f"{ARRAYS} of {folder.name} cannot be read.") from fault


def _save(learnt: Learnt, folder: Path) -> None:
    folder.mkdir(parents=True)
    held = learnt.people.holdings
    packed = io.BytesIO()
    arrays: dict[str, Any] = dict(learnt.weights.as_arrays())
    np.savez(
        packed, blend=learnt.blend, rows=learnt.people.rows,
        indptr=held.indptr.astype(np.int64), indices=held.indices.astype(np.int32),
        **arrays,
    )  # fmt: skip
    write_whole(folder / ARRAYS, packed.getvalue())
    told = {
        "format": FORMAT, "version": learnt.version, "ids": list(learnt.ids),
        "columns": [list(one) for one in COLUMNS], "parts": list(PARTS),
        "groups_from": list(GROUPS_FROM), "facts": learnt.facts,
        "sha256": sha256_of(folder / ARRAYS),
    }  # fmt: skip
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(folder / NAME, text + "\n")


def _told(folder: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BrokenModel(f"{NAME} of {folder.name} is missing or no JSON.") from fault
    is_ours = isinstance(told, dict) and told.get("format") == FORMAT
    if (
        not is_ours
        or told.get("parts") != list(PARTS)
        or told.get("groups_from") != list(GROUPS_FROM)
    ):
        raise BrokenModel(f"{NAME} of {folder.name} is not of format {FORMAT}.")
    return told


def _learnt(told: dict[str, Any], arrays: dict[str, Any]) -> Learnt:
    ids = tuple(InstrumentId(one) for one in told["ids"])
    rows = arrays["rows"]
    indptr, indices = (arrays[name] for name in _HOLDINGS)
    holdings = sparse.csr_array(
        (np.ones(len(indices), np.float32), indices, indptr), shape=(len(rows), len(ids))
    )
    weights = Weights(**{name: arrays[name] for name in Weights.__dataclass_fields__})
    if weights.together.shape != (len(ids), len(ids)) or len(weights.popular) != len(ids):
        raise ValueError("arrays of other instruments")
    return Learnt(
        ids, weights, arrays["blend"], People(rows, holdings), told["version"], told["facts"]
    )
