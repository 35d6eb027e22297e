"""Where the two models lie, and how one takes the place of another.

    models/threats/flows/      model.json and its files        models/threats/requests/
    models/threats/.flows.before/                              what it was before, to go back to

A model is written beside, then takes the name: a watch that starts meanwhile finds the one or the
other, never half of both.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from analytics.threats.flows.model import FlowModel
from analytics.threats.requests.model import RequestModel
from bank.whole_files import replace_folder

FLOWS, REQUESTS = "flows", "requests"
NAMES = (FLOWS, REQUESTS)
Kept = TypeVar("Kept")


def keep(model: FlowModel | RequestModel, folder: Path, name: str) -> Path:
    """Write a model in the place of the one before; return its folder."""
    assert name in NAMES, name
    replace_folder(folder / name, model.save)
    return folder / name


def find_flows(folder: Path) -> FlowModel | None:
    """Return the model of flows, None where none was trained. Raises BrokenModel."""
    return _find(folder / FLOWS, FlowModel.load)


def find_requests(folder: Path) -> RequestModel | None:
    """Return the model of requests, None where none was trained. Raises BrokenModel."""
    return _find(folder / REQUESTS, RequestModel.load)


def _find(place: Path, load: Callable[[Path], Kept]) -> Kept | None:
    return load(place) if place.is_dir() else None
