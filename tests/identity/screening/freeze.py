"""Freeze the accuracy: run the cases, write the scores and the threshold's figures.

    python -m tests.identity.screening.freeze

Read the diff of run.csv before you commit it: each line is a pair that changed its mind.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from identity.screening.evaluate import load_cases, rates
from identity.screening.features import features_digest
from identity.screening.scoring import explain_pair

HERE = Path(__file__).parent
CASES = HERE / "cases.csv"
RUN = HERE / "run.csv"
THRESHOLD = HERE.parents[2] / "identity" / "screening" / "threshold.json"
#: Chosen so that on the strong cases precision and recall are both best.
SCORE = 0.80


def run_rows() -> list[list[str]]:
    """Return one line a case: names, judgement, score, the features that decided."""
    rows = []
    for case in load_cases(CASES):
        score, reasons = explain_pair(case.a, case.b, case.kind)
        codes = " ".join(one.code for one in reasons if one.score)
        judged = "match" if case.is_match else "other"
        rows.append([case.a, case.b, case.tier, judged, f"{score:.2f}", codes])
    return rows


def main() -> None:
    rows = run_rows()
    with RUN.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["name1", "name2", "tier", "judged", "score", "features"])
        writer.writerows(rows)
    strong = [(row[3] == "match", float(row[4]) >= SCORE) for row in rows if row[2] == "strong"]
    found = rates(strong)
    data = {
        "score": SCORE,
        "precision": found["precision"],
        "recall": found["recall"],
        "cases_count": len(strong),
        "features": features_digest(),
    }
    THRESHOLD.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
