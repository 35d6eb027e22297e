"""Every figure about identity, by one command: `florin identity evaluate`.

    mrz        photographs of documents          $FLORIN_DATA_DIR/mrz
    faces      all pairs of public figures       $FLORIN_DATA_DIR/faces
    liveness   our own honest and attack films   made here
    screening  name cases, OFAC and UN lists     $FLORIN_DATA_DIR/sanctions
    documents  our own documents, tampered       made here, --documents of them

Nothing is trained or tuned here. A part whose data is not there is left out with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

PARTS = ("mrz", "faces", "liveness", "screening", "documents")
#: Parts that need public data, by the folder's name.
FOLDERS = {"mrz": "mrz", "faces": "faces", "screening": "sanctions"}

Progress = Callable[[float], None]


class DataMissing(LookupError):
    """The public data of this part is not there; the argument is the folder."""


def evaluate(
    part: str, data: Path, *, documents_count: int = 200, progress: Progress = lambda _: None
) -> dict[str, Any]:
    """Return the figures of one part. Raises DataMissing, KeyError (no such part)."""
    folder = data / FOLDERS[part] if part in FOLDERS else data
    if part in FOLDERS and not folder.is_dir():
        raise DataMissing(str(folder))
    return _PARTS[part](folder, documents_count, progress)


def rows(figures: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Return figures as lines of a table: dotted name and value, lists left out.

    >>> list(rows({"a": {"b": 0.98765, "c": [1]}, "n": 3}))
    [('a.b', '0.988'), ('n', '3')]
    """
    for name, value in figures.items():
        label = f"{prefix}{name}"
        if isinstance(value, Mapping):
            yield from rows(value, f"{label}.")
        elif isinstance(value, float):
            yield label, f"{value:.3f}"
        elif isinstance(value, tuple) and all(isinstance(one, float) for one in value):
            yield label, " – ".join(f"{one:.3f}" for one in value)
        elif not isinstance(value, (list, tuple)):
            yield label, str(value)


def _mrz(folder: Path, _count: int, _progress: Progress) -> dict[str, Any]:
    from identity.document.evaluate import evaluate_mrz

    return evaluate_mrz(folder)


def _faces(folder: Path, _count: int, _progress: Progress) -> dict[str, Any]:
    from identity.face.evaluating import evaluate_faces

    return evaluate_faces(folder)


def _liveness(_folder: Path, _count: int, _progress: Progress) -> dict[str, Any]:
    from identity.liveness.evaluating import evaluate_liveness

    return evaluate_liveness()


def _screening(folder: Path, _count: int, _progress: Progress) -> dict[str, Any]:
    from identity.screening.evaluate import evaluate_screening

    return evaluate_screening(folder)


def _documents(_folder: Path, count: int, progress: Progress) -> dict[str, Any]:
    from identity.authenticity.evaluating import evaluate_documents

    return evaluate_documents(count, progress=progress)


_PARTS: dict[str, Callable[[Path, int, Progress], dict[str, Any]]] = {
    "mrz": _mrz,
    "faces": _faces,
    "liveness": _liveness,
    "screening": _screening,
    "documents": _documents,
}
