"""Assignment: who goes with whom so that the sum of gains is highest.

            ours ①  ours ②
    theirs ①  0.9    0.8        0.9 + 0.0 loses to 0.8 + 0.85
    theirs ②  0.85   0.0

Kuhn (1955), Munkres (1957), with potentials: O(n³), n at most a dozen words.
"""

from __future__ import annotations


def assign(gains: list[list[float]]) -> list[tuple[int, int]]:
    """Return the pairs (row, column) with gain > 0 whose sum is highest (Kuhn-Munkres, O(n³)).

    >>> assign([[0.9, 0.8], [0.85, 0.0]])
    [(0, 1), (1, 0)]
    """
    if not any(gain > 0 for row in gains for gain in row):
        return []
    size = max(len(gains), len(gains[0]))
    cost = [[0.0] * (size + 1) for _ in range(size + 1)]
    for i, row in enumerate(gains):
        for j, gain in enumerate(row):
            cost[i + 1][j + 1] = -gain
    columns = _kuhn_munkres(cost, size)
    return sorted(
        (columns[j] - 1, j - 1)
        for j in range(1, size + 1)
        if columns[j] <= len(gains) and j <= len(gains[0]) and gains[columns[j] - 1][j - 1] > 0
    )


def _kuhn_munkres(  # noqa: C901  one loop of the method as published
    cost: list[list[float]], size: int
) -> list[int]:
    """Return for each column the row assigned to it, both from 1 (potentials and paths)."""
    rows, columns = [0.0] * (size + 1), [0.0] * (size + 1)
    taken, way = [0] * (size + 1), [0] * (size + 1)
    for i in range(1, size + 1):
        taken[0], at = i, 0
        least, seen = [float("inf")] * (size + 1), [False] * (size + 1)
        while True:
            seen[at] = True
            row, delta, nearest = taken[at], float("inf"), 0
            for j in range(1, size + 1):
                if seen[j]:
                    continue
                slack = cost[row][j] - rows[row] - columns[j]
                if slack < least[j]:
                    least[j], way[j] = slack, at
                if least[j] < delta:
                    delta, nearest = least[j], j
            for j in range(size + 1):
                if seen[j]:
                    rows[taken[j]] += delta
                    columns[j] -= delta
                else:
                    least[j] -= delta
            at = nearest
            if taken[at] == 0:
                break
        while at:
            taken[at], at = taken[way[at]], way[at]
    return taken
