"""Judged documents kept in a file, so that a long evaluation can stop, go on, and add up.

    1 … 800 judged, 800 lines ─▶ stopped ─▶ asked for 5,000 ─▶ 801 … 5,000 judged
                                                └─▶ figures over all lines of this code

One JSON object a line. Each carries the digest of what judged it: what another version of the
rules, the readers or the specimens said counts no more, and is judged anew.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path

from identity.authenticity.judging import Case, Result
from identity.decision import Outcome
from identity.specimens import Tamper

#: What a judgement follows from, within `identity`.
_SOURCES = ("authenticity", "document", "specimens")
_FILES = ("quality.py", "measures.py", "views.py", "framing.py", "decision.py", "decision.toml")
#: These measure or keep, they do not judge.
_ASIDE = ("kept.py", "evaluating.py", "evaluate.py", "train_ocrb.py")
_ENDINGS = (".py", ".toml", ".npz", ".otf")


def code_digest() -> str:
    """Return 16 hex digits that change when anything changes that a judgement follows from."""
    root = Path(str(files("identity")))
    paths = [root / name for name in _FILES]
    for folder in _SOURCES:
        paths += sorted(
            path
            for path in (root / folder).rglob("*")
            if path.suffix in _ENDINGS and path.name not in _ASIDE
        )
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def load_results(path: Path, *, code: str) -> dict[Case, Result]:
    """Return what this code judged, by case; {} where there is no file.

    A last line that was cut off when a run was stopped is left out.
    """
    if not path.is_file():
        return {}
    found = (_result(line, code) for line in path.read_text(encoding="utf-8").splitlines())
    return {one.case: one for one in found if one is not None}


def append_result(path: Path, result: Result, *, code: str) -> None:
    """Add one judged document to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_cut_off = path.is_file() and not path.read_bytes().endswith(b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if is_cut_off else "") + json.dumps({"code": code, **asdict(result)}))
        file.write("\n")


def _result(line: str, code: str) -> Result | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if row.pop("code") != code:
        return None
    case = row["case"]
    tamper = None if case["tamper"] is None else Tamper(case["tamper"])
    return Result(
        case=Case(case["seed"], case["kind"], tamper),
        outcome=Outcome(row["outcome"]),
        codes=tuple(row["codes"]),
        hints=tuple(row["hints"]),
        reasons=tuple(row["reasons"]),
        read_exact=row["read_exact"],
        read_key=row["read_key"],
        cpu_s=row["cpu_s"],
    )
