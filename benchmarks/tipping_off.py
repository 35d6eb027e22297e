"""Does anybody learn that they are suspected? Pairs of customers, forty questions each.

    python -m benchmarks.tipping_off [--pairs 500]

The two of a pair are alike but for a suspicion (tests/attacks/tipping_off.py). Every answer of the
whole branch, words, kind and buttons, is compared; the number of differences must be 0.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from tests.attacks.tipping_off import QUESTIONS, pair
from tests.dialogue.harness import Branch


def main() -> int:
    """Print the table; 1 when any answer differed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=500)
    asked = parser.parse_args()
    different, begun_s = [], time.monotonic()
    with tempfile.TemporaryDirectory() as home:
        branch = Branch(Path(home))
        try:
            for _ in range(asked.pairs):
                clean, flagged = pair(branch)
                different += [both for both in zip(clean, flagged, strict=True) if both[0] != both[1]]
        finally:
            branch.close()
    print("| pairs | questions | answers compared | different | s |")
    print("|---|---|---|---|---|")
    print(
        f"| {asked.pairs} | {len(QUESTIONS)} | {asked.pairs * len(QUESTIONS):,} | {len(different)} "
        f"| {time.monotonic() - begun_s:.0f} |"
    )
    for clean, flagged in different[:5]:
        print(f"> {clean}\n> {flagged}")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
