"""How well faces are told apart: measured on pairs of photos, beside the plain library.

    pairs ─▶ find ─▶ embed (quick; thorough where near) ─▶ distances ─▶ rates, with 95 % intervals
          └▶ face_recognition at its defaults: first face, one embedding, 0.6 ─▶ the same rates

    evaluate_faces(folder)               folder/<person>/*.jpg: all pairs
    evaluate_pairs(read_lfw(txt, folder)) the LFW protocol: ten folds in the order of the file

A photo without a face makes its pairs strangers: that is an error where they are not. Intervals
are Wilson's and take pairs as independent; pairs that share photos are not, so read them as the
narrowest they could be.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import sqrt
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from identity.document.reading import Picture
from identity.face.faces import Embedding
from identity.face.port import DlibMatcher, FaceMatcher

#: What the plain library decides at, and the distance of a pair that cannot be compared.
PLAIN_DISTANCE: Final = 0.6
_NO_FACE: Final = 9.0
_TARGET_FMR: Final = 0.001
_SIZES: Final = {"640x480": (640, 480), "1920x1080": (1920, 1080), "4000x3000": (4000, 3000)}

Distances = NDArray[np.float64]


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


def rates(distances: Distances, same: NDArray[np.bool_], threshold: float) -> dict[str, Any]:
    """Return what a threshold does to these pairs, and what the best ones would.

    `folds_accuracy` takes ten parts in order and judges each by the threshold that is best for
    the other nine.
    """
    genuine, impostor = distances[same], distances[~same]
    missed, let_in = int((genuine > threshold).sum()), int((impostor <= threshold).sum())
    right = len(distances) - missed - let_in
    best, best_at = _best(distances, same)
    eer, eer_at = _equal_error(genuine, impostor)
    folds = _folds(distances, same)
    allowed = int(np.floor(_TARGET_FMR * len(impostor)))
    strict = float(np.sort(impostor)[allowed]) - 1e-9 if len(impostor) else 0.0
    return {
        "at_distance": round(threshold, 4),
        "accuracy": _share(right, len(distances)),
        "fmr": _share(let_in, len(impostor)),
        "fnmr": _share(missed, len(genuine)),
        "best_accuracy": round(best, 5),
        "best_at_distance": round(best_at, 4),
        "folds_accuracy": {"mean": round(folds[0], 5), "deviation": round(folds[1], 5)},
        "eer": round(eer, 5),
        "eer_at_distance": round(eer_at, 4),
        "fnmr_at_fmr_0.001": {
            **_share(int((genuine > strict).sum()), len(genuine)),
            "at_distance": round(strict, 4),
        },
    }


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927).

    >>> [round(edge, 4) for edge in wilson(0, 100)]
    [0.0, 0.037]
    """
    if count == 0:
        return 0.0, 1.0
    z = 1.96
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    half /= 1 + z * z / count
    return max(0.0, middle - half), min(1.0, middle + half)


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


def _best(distances: Distances, same: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the best accuracy any threshold reaches, and that threshold."""
    order = np.argsort(distances)
    sorted_same = same[order]
    right = np.cumsum(sorted_same) + (int((~same).sum()) - np.cumsum(~sorted_same))
    best = int(right.argmax())
    return float(right[best] / len(same)), float(distances[order][best])


def _equal_error(genuine: Distances, impostor: Distances) -> tuple[float, float]:
    """Return the rate at which both errors are nearest to equal, and its threshold."""
    candidates = np.unique(np.concatenate([genuine, impostor]))
    fnmr = 1 - np.searchsorted(np.sort(genuine), candidates, side="right") / len(genuine)
    fmr = np.searchsorted(np.sort(impostor), candidates, side="right") / len(impostor)
    place = int(np.abs(fnmr - fmr).argmin())
    return float((fnmr[place] + fmr[place]) / 2), float(candidates[place])


def _folds(distances: Distances, same: NDArray[np.bool_]) -> tuple[float, float]:
    parts = np.array_split(np.arange(len(distances)), min(10, len(distances)))
    accuracies = []
    for part in parts:
        others = np.ones(len(distances), dtype=bool)
        others[part] = False
        _, threshold = _best(distances[others], same[others])
        accuracies.append(float(((distances[part] <= threshold) == same[part]).mean()))
    return float(np.mean(accuracies)), float(np.std(accuracies))


def _share(hits: int, count: int) -> dict[str, Any]:
    low, high = wilson(hits, count)
    share = hits / count if count else 0.0
    return {"share": round(share, 5), "low": round(low, 5), "high": round(high, 5), "count": hits}


def _lfw(folder: Path, name: str, number: str) -> Path:
    return folder / name / f"{name}_{int(number):04d}.jpg"


def _open(photo: Path) -> Picture:
    with Image.open(photo) as opened:
        return np.asarray(opened.convert("RGB"), dtype=np.uint8)
