"""How far a share may be from the one that was counted: Wilson's score interval.

E. B. Wilson 1927, "Probable inference, the law of succession, and statistical inference".
"""

from __future__ import annotations


def wilson(hits: int, count: int, *, z: float = 1.959964) -> tuple[float, float]:
    """Return the interval of `hits` of `count`, at least one; 95 % unless `z` says otherwise.

    >>> tuple(round(one, 3) for one in wilson(0, 100))
    (0.0, 0.037)
    >>> tuple(round(one, 3) for one in wilson(36, 38))
    (0.827, 0.985)
    """
    share = hits / count
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count)
    half *= (share * (1 - share) / count + z * z / (4 * count * count)) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)
