"""How well faces are told apart: measured on pairs of photos, beside the plain library.

    pairs ─▶ find ─▶ embed (quick; thorough where near) ─▶ distances ─▶ rates, with 95 % intervals
          └▶ face_recognition at its defaults: first face, one embedding, 0.6 ─▶ the same rates

    evaluate_faces(folder)    folder/<person>/*.jpg: all pairs
    evaluate_lfw(folder)      folder/<Person_Name>/<Person_Name>_0001.jpg and pairs.txt: LFW's
                              protocol, ten folds in the order of the file

A photo without a face makes its pairs strangers: that is an error where they are not. The rates
themselves: error_rates.py.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from identity.document.reading import Picture
from identity.face.error_rates import Distances, rates
from identity.face.faces import Embedding
from identity.face.port import DlibMatcher, FaceMatcher

#: What the plain library decides at, and the distance of a pair that cannot be compared.
PLAIN_DISTANCE: Final = 0.6
_NO_FACE: Final = 9.0
_SIZES: Final = {"640x480": (640, 480), "1920x1080": (1920, 1080), "4000x3000": (4000, 3000)}

@dataclass(frozen=True, slots=True)
class Pair:
    """Two photos, and whether they show one person."""

    first: Path
    second: Path
    same: bool


def evaluate_faces(folder: Path, *, matcher: FaceMatcher | None = None) -> dict[str, Any]:
    """Return every figure for all pairs of `folder`/<person>/*.jpg, and the time they take."""
    photos = [
        (person.name, photo)
        for person in sorted(folder.iterdir())
        if person.is_dir()
        for photo in sorted(person.glob("*.jpg"))
    ]
    pairs = [Pair(one[1], two[1], one[0] == two[0]) for one, two in combinations(photos, 2)]
    result = evaluate_pairs(pairs, matcher=matcher)
    result["cpu_ms"] = measure_cpu(photos[0][1])
    return result


def evaluate_lfw(
    folder: Path, *, pairs_txt: Path | None = None, matcher: FaceMatcher | None = None
) -> dict[str, Any]:
    """Return the figures of a folder laid out as LFW, and which pairs it does not have.

    `pairs_txt` is looked for in the folder and beside it. `folds_accuracy` is LFW's own figure:
    ten folds, each judged by the threshold that is best for the other nine; all else is at our
    fixed threshold. A photo of several people counts by its largest face. Raises
    FileNotFoundError: no pairs.txt, or none of its photos.
    """
    listed = pairs_txt or _pairs_txt(folder)
    pairs = read_lfw(listed, folder)
    here = [pair for pair in pairs if pair.first.is_file() and pair.second.is_file()]
    if not here:
        raise FileNotFoundError(f"{folder} has no photo of {listed}")
    result = evaluate_pairs(here, matcher=matcher)
    result["pairs"]["missing"] = len(pairs) - len(here)
    return result


def _pairs_txt(folder: Path) -> Path:
    for place in (folder / "pairs.txt", folder.parent / "pairs.txt"):
        if place.is_file():
            return place
    raise FileNotFoundError(str(folder / "pairs.txt"))


def evaluate_pairs(
    pairs: Sequence[Pair], *, matcher: FaceMatcher | None = None, beside_plain: bool = True
) -> dict[str, Any]:
    """Return rates at the threshold, the best accuracy, EER and more for these pairs."""
    ours = matcher or DlibMatcher()
    same = np.array([pair.same for pair in pairs])
    distances, thorough_share, without = _our_distances(pairs, ours)
    result: dict[str, Any] = {
        "pairs": {
            "genuine": int(same.sum()),
            "impostor": int((~same).sum()),
            "photos_without_face": without,
        },
        "threshold": {
            "distance": ours.threshold.distance,
            "similarity": round(ours.threshold.similarity, 4),
            "stated_fmr": ours.threshold.fmr,
            "source": ours.threshold.source,
        },
        "ours": {
            "matcher": f"{ours.name} {ours.version}",
            "thorough_share": round(thorough_share, 4),
            **rates(distances, same, ours.threshold.distance),
        },
    }
    if beside_plain:
        plain = _plain_distances(pairs)
        result["plain"] = {
            "matcher": "face_recognition, defaults",
            **rates(plain, same, PLAIN_DISTANCE),
        }
    return result


def read_lfw(pairs_txt: Path, folder: Path) -> list[Pair]:
    """Return the pairs of LFW's pairs.txt (`name i j` or `name i other j`), in its order."""
    pairs = []
    for line in pairs_txt.read_text("utf-8").splitlines():
        words = line.split()
        if len(words) == 3:
            name, first, second = words
            pairs.append(Pair(_lfw(folder, name, first), _lfw(folder, name, second), True))
        elif len(words) == 4:
            name, first, other, second = words
            pairs.append(Pair(_lfw(folder, name, first), _lfw(folder, other, second), False))
    return pairs


def measure_cpu(photo: Path, *, repeats_count: int = 3) -> dict[str, Any]:
    """Return milliseconds of CPU for finding and embedding one face, by size of the picture."""
    matcher = DlibMatcher()
    picture = _open(photo)
    result: dict[str, Any] = {}
    for name, (width, height) in _SIZES.items():
        scene = np.full((height, width, 3), 120, dtype=np.uint8)
        side = height
        beside = (width - side) // 2
        scene[:, beside : beside + side] = cv2.resize(picture, (side, side))
        spent = []
        for _ in range(repeats_count):
            began = time.process_time()
            faces = matcher.find(scene)
            found = time.process_time()
            matcher.embed(scene, faces[0])
            spent.append((found - began, time.process_time() - found))
        detect, embed = np.median(np.array(spent), axis=0) * 1000
        result[name] = {"detect": round(float(detect)), "embed": round(float(embed))}
    return result


def _our_distances(pairs: Sequence[Pair], matcher: FaceMatcher) -> tuple[Distances, float, int]:
    """Return the distances, the share looked at thoroughly, the count of photos without a face."""
    quick, thorough = _Embeddings(matcher, thorough=False), _Embeddings(matcher, thorough=True)
    distances, looked_again = [], 0
    for pair in pairs:
        one, two = quick.of(pair.first), quick.of(pair.second)
        if one is None or two is None:
            distances.append(_NO_FACE)
            continue
        comparison = matcher.compare(one, two)
        if comparison.near_threshold:
            again_one, again_two = thorough.of(pair.first), thorough.of(pair.second)
            assert again_one is not None
            assert again_two is not None
            comparison = matcher.compare(again_one, again_two)
            looked_again += 1
        distances.append(comparison.distance)
    return np.array(distances), looked_again / max(len(pairs), 1), quick.without_face


class _Embeddings:
    """Embeddings of photos, each made once."""

    def __init__(self, matcher: FaceMatcher, *, thorough: bool) -> None:
        self._matcher, self._thorough = matcher, thorough
        self._known: dict[Path, Embedding | None] = {}

    def of(self, photo: Path) -> Embedding | None:
        if photo not in self._known:
            picture = _open(photo)
            faces = self._matcher.find(picture)
            self._known[photo] = (
                self._matcher.embed(picture, faces[0], thorough=self._thorough) if faces else None
            )
        return self._known[photo]

    @property
    def without_face(self) -> int:
        return sum(1 for one in self._known.values() if one is None)


def _plain_distances(pairs: Sequence[Pair]) -> Distances:
    """Return the distances as face_recognition gives them to anybody."""
    embed = lru_cache(maxsize=None)(_plain_embedder())
    distances = []
    for pair in pairs:
        one, two = embed(pair.first), embed(pair.second)
        known = one is not None and two is not None
        distances.append(float(np.linalg.norm(one - two)) if known else _NO_FACE)
    return np.array(distances)


def _plain_embedder() -> Callable[[Path], Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in models.py
        import face_recognition  # noqa: PLC0415 - loads every model at import

    def embed(photo: Path) -> Any:
        found = face_recognition.face_encodings(_open(photo))
        return found[0] if found else None

    return embed


def _lfw(folder: Path, name: str, number: str) -> Path:
    return folder / name / f"{name}_{int(number):04d}.jpg"


def _open(photo: Path) -> Picture:
    with Image.open(photo) as opened:
        return np.asarray(opened.convert("RGB"), dtype=np.uint8)
