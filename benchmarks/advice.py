"""Advice: neighbours, recommendations on public invoices and in a town-like set, suitability.

    python -m benchmarks.advice [--quick] [--only search|retail|town|draws]

Online retail needs FLORIN_DATA_DIR; without it that table is left out, with a sentence.
"""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from benchmarks import advice_retail, advice_search, advice_town


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, for a look")
    parser.add_argument("--only", choices=("search", "retail", "town", "draws"))
    options = parser.parse_args()
    people, draws = (2_000, 1_000) if options.quick else (20_000, 100_000)
    told = {
        "search": ("Ten nearest profiles", lambda: advice_search.rows(quick=options.quick)),
        "retail": ("Online retail: new items of the next invoice", advice_retail.rows),
        "town": ("A town-like set", lambda: advice_town.rows(people)),
        "draws": ("Suitability", lambda: advice_town.violations(2_000, draws)),
    }
    for name, (title, lines) in told.items():
        if options.only in (None, name):
            print(f"### {title}\n", *lines(), sep="\n", flush=True)
            print(flush=True)


if __name__ == "__main__":
    main()
