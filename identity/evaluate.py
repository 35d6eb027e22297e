"""Every figure about identity, by one command: `florin identity evaluate`.

    mrz        photographs of documents          $FLORIN_DATA_DIR/mrz
    pictures   bad pictures, visual zones, hints made here
    faces      all pairs of public figures       $FLORIN_DATA_DIR/faces
    liveness   our own honest and attack films   made here
    screening  name cases, OFAC and UN lists     $FLORIN_DATA_DIR/sanctions
    documents  our own documents, tampered       made here, as many as asked for

Nothing is trained or tuned here. A part whose data is not there is left out with its reason. How
figures are told to a person: identity/measured.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARTS = ("mrz", "pictures", "faces", "liveness", "screening", "documents")
#: Parts that need public data, by the folder's name.
FOLDERS = {"mrz": "mrz", "faces": "faces", "screening": "sanctions"}

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Wish:
    """How much is to be measured.

    documents: how many of our own, from number `first` of `seed` on, judged by `processes`; what
    is in the file `keep` already counts and is not judged again. everything: all open tools
    beside the reader of zones, not the quickest alone. pictures: of each kind. lfw: a folder laid
    out as LFW is, measured in place of the pairs of public figures.
    """

    documents: int = 200
    first: int = 0
    seed: int = 1
    keep: Path | None = None
    processes: int = 2
    everything: bool = False
    pictures: int = 20
    lfw: Path | None = None


class DataMissing(LookupError):
    """The public data of this part is not there; the argument is the folder."""


def evaluate(
    part: str, data: Path, *, wish: Wish | None = None, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """Return the figures of one part. Raises DataMissing, KeyError (no such part)."""
    wish = wish or Wish()
    folder = data / FOLDERS[part] if part in FOLDERS else data
    if part == "faces" and wish.lfw is not None:
        folder = wish.lfw
    if part in FOLDERS and not folder.is_dir():
        raise DataMissing(str(folder))
    return _PARTS[part](folder, wish, progress)


def _mrz(folder: Path, wish: Wish, progress: Progress) -> dict[str, Any]:
    from identity.document.evaluate import baselines, evaluate_mrz

    # Faces are pictures without a zone: nothing may be read there.
    faces = folder.parent / FOLDERS["faces"]
    return evaluate_mrz(
        folder,
        faces_folder=faces if faces.is_dir() else None,
        beside=baselines(everything=wish.everything),
        progress=progress,
    )


def _pictures(_folder: Path, wish: Wish, progress: Progress) -> dict[str, Any]:
    from identity.picture_rates import TABLES_COUNT, tables

    figures: dict[str, Any] = {}
    for title, rows in tables(wish.pictures):
        figures[title] = rows
        progress(len(figures) / TABLES_COUNT)
    return figures


def _faces(folder: Path, wish: Wish, _progress: Progress) -> dict[str, Any]:
    from identity.face.evaluating import evaluate_faces, evaluate_lfw

    if wish.lfw is None:
        return evaluate_faces(folder)
    try:
        return evaluate_lfw(wish.lfw)
    except FileNotFoundError as fault:
        raise DataMissing(str(fault)) from fault


def _liveness(_folder: Path, _wish: Wish, progress: Progress) -> dict[str, Any]:
    from identity.liveness.evaluating import evaluate_liveness

    return evaluate_liveness(progress=progress)


def _screening(folder: Path, _wish: Wish, _progress: Progress) -> dict[str, Any]:
    from identity.screening.evaluate import evaluate_screening

    return evaluate_screening(folder)


def _documents(_folder: Path, wish: Wish, progress: Progress) -> dict[str, Any]:
    from identity.authenticity.evaluating import evaluate_documents

    return evaluate_documents(
        wish.documents, wish.seed, first=wish.first, keep=wish.keep, processes=wish.processes,
        progress=progress,
    )  # fmt: skip


_PARTS: dict[str, Callable[[Path, Wish, Progress], dict[str, Any]]] = {
    "mrz": _mrz,
    "pictures": _pictures,
    "faces": _faces,
    "liveness": _liveness,
    "screening": _screening,
    "documents": _documents,
}
