"""A model as files: native formats, and a model.json that names them with their SHA-256.

    model.json        schema, weights, calibration, and which files there must be
    0_lightgbm.txt    LightGBM's text
    1_catboost.cbm    CatBoost's own
    2_linear.json     curves and weights
    3_forest.txt      a forest as LightGBM's text, with 3_forest.json for its columns

Nothing here can hold code: no pickle. A file that is missing, changed or of other features is
refused; a model loaded gives the same probabilities as the one saved.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import catboost
import lightgbm

from analytics.errors import BrokenModel, FeatureMismatch
from analytics.learners.boosting import Boosted
from analytics.learners.calibrating import Calibration
from analytics.learners.categorical import Categorical
from analytics.learners.encoding import Encoder
from analytics.learners.forests import Grove
from analytics.learners.linear import Linear
from analytics.learners.members import Member
from analytics.learners.model import Part, TableModel
from analytics.manifests import read_manifest
from analytics.tables.columns import Schema
from bank.whole_files import sha256_of

FORMAT = 1
NAME = "model.json"

_LOADERS: dict[str, Callable[[Path, Schema], Member]] = {
    Boosted.kind: lambda stem, _: Boosted.load(stem),
    Categorical.kind: Categorical.load,
    Linear.kind: lambda stem, _: Linear.load(stem),
    Grove.kind: lambda stem, _: Grove.load(stem),
}


def save(model: TableModel, folder: Path) -> None:
    """Write the model. The folder is made, or must be empty."""
    folder.mkdir(parents=True, exist_ok=True)
    assert not any(folder.iterdir()), f"{folder} is not empty"
    members = []
    for place, part in enumerate(model.parts):
        stem = f"{place}_{part.member.kind}"
        files = part.member.save(folder / stem)
        members.append(
            {"kind": part.member.kind, "weight": part.weight, "stem": stem,
             "sha256": {file.name: sha256_of(file) for file in files}}
        )  # fmt: skip
    written = {
        "format": FORMAT, "schema": model.schema.as_json(), "members": members,
        "calibration": model.calibration.to_json(), "facts": dict(model.facts),
    }  # fmt: skip
    text = json.dumps(written, indent=1, ensure_ascii=False)
    (folder / NAME).write_text(text + "\n", encoding="utf-8")


def load(folder: Path, *, schema: Schema | None = None) -> TableModel:
    """Return the model in a folder.

    schema: the features its caller will give, in order; None: do not compare.
    Raises BrokenModel: files missing, changed or not ours. FeatureMismatch: other features.
    """
    written = read_manifest(folder, NAME, form=FORMAT)
    try:
        kept = Schema.from_json(written["schema"])
        parts = tuple(
            Part(_member(folder, one, kept), float(one["weight"])) for one in written["members"]
        )
        calibration = Calibration.from_json(written["calibration"])
        facts = dict(written["facts"])
    except (KeyError, TypeError, ValueError) as fault:
        raise BrokenModel(f"{NAME} of {folder.name} is not one of ours.") from fault
    if schema is not None:
        _refuse_other(kept, schema)
    return TableModel(Encoder(kept), parts, calibration, facts)


def _member(folder: Path, told: dict[str, Any], schema: Schema) -> Member:
    for name, sha256 in told["sha256"].items():
        path = folder / name
        if path.parent != folder or not path.is_file():
            raise BrokenModel(f"{name} of {folder.name} is missing.")
        if sha256_of(path) != sha256:
            raise BrokenModel(f"{name} of {folder.name} is not the file that was saved.")
    try:
        member = _LOADERS[told["kind"]](folder / told["stem"], schema)
        count = _features_count(member)
    except (lightgbm.basic.LightGBMError, catboost.CatBoostError, OSError) as fault:
        raise BrokenModel(f"{told['stem']} of {folder.name} cannot be read.") from fault
    if count != len(schema.columns):
        raise FeatureMismatch(
            f"{told['stem']} of {folder.name} takes {count} features, "
            f"the model's schema has {len(schema.columns)}."
        )
    return member


def _features_count(member: Member) -> int:
    if isinstance(member, Boosted):
        return int(member.booster.num_feature())
    if isinstance(member, Categorical):
        return len(member.model.feature_names_ or ())
    assert isinstance(member, Linear | Grove), member
    return len(member.expansion.features)


def _refuse_other(kept: Schema, given: Schema) -> None:
    ours = [(one.name, one.kind) for one in kept.columns]
    theirs = [(one.name, one.kind) for one in given.columns]
    if ours == theirs:
        return
    names, others = [name for name, _ in ours], [name for name, _ in theirs]
    missing = [name for name in names if name not in others]
    extra = [name for name in others if name not in names]
    told = [
        f"it lacks {', '.join(missing)}" if missing else "",
        f"it has {', '.join(extra)} besides" if extra else "",
        "" if missing or extra else "order or kinds differ",
    ]
    raise FeatureMismatch(
        "These are not the model's features: " + "; ".join(one for one in told if one) + "."
    )
