"""Versions of segments as files, side by side; one of them is the current.

    <home>/models/segments/20261128-134500/model.json   profiles, facts, SHA-256 of the arrays
                                           arrays.npz   scaling and shapes; no objects, so no code
                           current.json                 which version serves

Not in the registry (analytics/registry): what is kept there foretells and is promoted against
labels. No row of a customer is kept; movement is computed anew from the books of both moments.
Nothing is ever overwritten but the pointer, so a campaign can name the version it was built on.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import numpy as np

from analytics.errors import BrokenModel, FeatureMismatch, NoSuchModel
from analytics.models import Floats
from analytics.registry.folders import by_time, is_version
from analytics.segments.features import FEATURES, LEARNT, NAMES
from analytics.segments.learning import Segmentation
from analytics.segments.profiles import Profile
from analytics.segments.scaling import Scaling
from analytics.segments.shapes import Centres, Method, Mixture, Shape
from bank.whole_files import sha256_of, write_whole

FORMAT = 1
MODEL, ARRAYS, CURRENT = "model.json", "arrays.npz", "current.json"


def versions(folder: Path) -> tuple[str, ...]:
    """Return the versions that are kept, oldest first."""
    found = [path.parent.name for path in folder.glob(f"*/{MODEL}")]
    return tuple(sorted((one for one in found if is_version(one)), key=by_time))


def current(folder: Path) -> str | None:
    """Return the version that serves; None where none was learnt."""
    try:
        told = json.loads((folder / CURRENT).read_text(encoding="utf-8"))
        version = str(told["version"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as fault:
        raise BrokenModel(f"{CURRENT} is no pointer to a version.") from fault
    return version


def keep(found: Segmentation, folder: Path, *, makes_current: bool = True) -> Segmentation:
    """Write a version beside the others; return it with its name."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=".draft-"))
    try:
        kept = _named(found, draft, folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    if makes_current:
        serve(folder, kept.version)
    return kept


def serve(folder: Path, version: str) -> None:
    """Let a version be the current one. Raises NoSuchModel, BrokenModel, FeatureMismatch."""
    load(folder, version)
    write_whole(folder / CURRENT, json.dumps({"version": version}) + "\n")


def find(folder: Path) -> Segmentation | None:
    """Return the current version; None where none was learnt. Raises as `load`."""
    version = current(folder)
    return None if version is None else load(folder, version)


def load(folder: Path, version: str) -> Segmentation:
    """Return a version.

    Raises NoSuchModel, BrokenModel (a file is missing, changed or not ours), FeatureMismatch (it
    learnt from other features than a customer has now).
    """
    place = folder / version
    if not is_version(version) or not place.is_dir():
        raise NoSuchModel(f"There is no version {version} of segments.")
    told = _told(place)
    if told["features"] != list(NAMES) or told["learnt"] != list(LEARNT):
        raise FeatureMismatch(f"Segments {version} learnt from other features. Learn anew.")
    path = place / ARRAYS
    if not path.is_file() or sha256_of(path) != told["sha256"]:
        raise BrokenModel(f"{ARRAYS} of {version} is missing, or not the file that was saved.")
    try:
        with np.load(path, allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        return _segmentation(told, arrays)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise BrokenModel(f"Segments {version} cannot be read.") from fault


def ids_ever(folder: Path) -> tuple[str, ...]:
    """Return all ids any kept version gave, so that none is given twice."""
    told = (_told(folder / version) for version in versions(folder))
    return tuple({str(one["id"]) for each in told for one in each["profiles"]})


def _named(found: Segmentation, draft: Path, folder: Path) -> Segmentation:
    stem = f"{found.as_of_utc:%Y%m%d-%H%M%S}"
    for version in (stem, *(f"{stem}-{number}" for number in range(2, 1000))):
        kept = replace(found, version=version)
        _save(kept, draft)
        if (folder / version).exists():
            continue
        try:
            draft.rename(folder / version)  # refused where another process was faster
        except OSError:
            continue
        return kept
    raise BrokenModel(f"A thousand versions of {stem}: something learns in a loop.")


def _save(found: Segmentation, folder: Path) -> None:
    packed = io.BytesIO()
    scaling: dict[str, Any] = {"unit": found.scaling.unit, "middle": found.scaling.middle,
                               "spread": found.scaling.spread}  # fmt: skip
    np.savez(packed, **scaling, **_arrays(found.shape))
    write_whole(folder / ARRAYS, packed.getvalue())
    told = {
        "format": FORMAT, "version": found.version, "as_of_utc": found.as_of_utc.isoformat(),
        "method": found.method, "features": list(NAMES), "learnt": list(LEARNT),
        "profiles": [one.as_json() for one in found.profiles], "facts": found.facts,
        "sha256": sha256_of(folder / ARRAYS),
    }  # fmt: skip
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1)
    write_whole(folder / MODEL, text + "\n")


def _arrays(shape: Shape) -> dict[str, Any]:
    if isinstance(shape, Centres):
        return {"means": shape.means}
    return {"means": shape.means, "weights": shape.weights, "factors": shape.factors}


def _told(place: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads((place / MODEL).read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BrokenModel(f"{MODEL} of {place.name} is missing or no JSON.") from fault
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise BrokenModel(f"{MODEL} of {place.name} is not of format {FORMAT}.")
    return told


def _segmentation(told: dict[str, Any], arrays: dict[str, Floats]) -> Segmentation:
    method = told["method"]
    if method not in ("mixture", "kmeans"):
        raise ValueError(method)
    means, width = arrays["means"], len(LEARNT)
    shape: Shape = Centres(means)
    if method == "mixture":
        shape = Mixture(arrays["weights"], means, arrays["factors"])
        if shape.factors.shape != (len(means), width, width) or len(shape.weights) != len(means):
            raise ValueError("arrays of other shapes")
    scaling = Scaling(arrays["unit"], arrays["middle"], arrays["spread"])
    profiles = tuple(Profile.from_json(one) for one in told["profiles"])
    if means.shape[1] != width or len(scaling.middle) != len(FEATURES):
        raise ValueError("arrays of other features")
    return Segmentation(
        told["version"], datetime.fromisoformat(told["as_of_utc"]), cast("Method", method),
        scaling, shape, profiles, told["facts"],
    )  # fmt: skip
