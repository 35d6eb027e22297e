"""The file that names a model's others: JSON of a known format, with their SHA-256.

    read_manifest ──▶ what was written ──▶ check_files: each is there, and the one that was saved

Shared by the models that lie in a folder of native files; what else stands in it is theirs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from analytics.errors import BrokenModel
from bank.whole_files import sha256_of


def read_manifest(folder: Path, name: str, *, form: int, hint: str = "") -> dict[str, Any]:
    """Return what the manifest says.

    form: the "format" it must have. hint: what to do where there is none. Raises BrokenModel.
    """
    try:
        written = json.loads((folder / name).read_text(encoding="utf-8"))
    except OSError as fault:
        raise BrokenModel(f"There is no {name} in {folder.name}.{hint}") from fault
    except ValueError as fault:
        raise BrokenModel(f"{name} of {folder.name} is not JSON.") from fault
    if not isinstance(written, dict) or written.get("format") != form:
        raise BrokenModel(f"{name} of {folder.name} is not of format {form}.")
    return written


def check_files(folder: Path, names: Iterable[str], written: dict[str, Any]) -> None:
    """Compare files with the digests of a manifest. Raises BrokenModel."""
    for name in names:
        path = folder / name
        if not path.is_file() or sha256_of(path) != written.get("sha256", {}).get(name):
            raise BrokenModel(f"{name} of {folder.name} is not the file that was saved.")
