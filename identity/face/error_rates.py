"""What a threshold does to pairs: false matches, false non-matches, and how sure that is.

    distances + which are the same person + a threshold ─▶ FMR, FNMR, accuracy, EER, intervals

Intervals are Wilson's and take pairs as independent; pairs that share photos are not, so read
them as the narrowest they could be. Pure.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from identity.tables import interval

_TARGET_FMR: Final = 0.001

Distances = NDArray[np.float64]


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
    low, high = interval(hits, count)
    share = hits / count if count else 0.0
    return {"share": round(share, 5), "low": round(low, 5), "high": round(high, 5), "count": hits}
