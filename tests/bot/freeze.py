"""Freeze what the extractor finds: run the tables of cases/, write frozen_run.csv, tell the shares.

    bot/.venv/bin/python -m tests.bot.freeze [--wrong]

    strong   anybody would expect it: all must be right
    medium   everyday and sloppy: nine of ten
    weak     hard; kept to show where it ends

A row is right when the values of that entity in that sentence are exactly the expected ones, in
the order of the sentence. Read the diff of frozen_run.csv before you commit it: each line is a
sentence that is read otherwise than before. `--wrong` lists what is not right.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.components.entities import find_entities
from bot.components.found import Found

CASES = Path(__file__).parent / "cases"
RUN = CASES / "frozen_run.csv"
#: A Friday; every "last month" of the tables is read on it.
TODAY = date(2026, 11, 20)
TIERS = ("strong", "medium", "weak")
#: Table → the entity it is about, and its column of expected values.
TABLES = {
    "amounts": ("amount", "amounts"), "currencies": ("currency", "currencies"),
    "periods": ("period", "period"), "ibans": ("iban", "ibans"),
    "card_digits": ("card_digits", "digits"), "payees": ("payee_name", "payees"),
    "merchants": ("merchant", "merchants"), "categories": ("category", "categories"),
}  # fmt: skip
COLUMNS = ("table", "tier", "language", "text", "found", "right")


def load_cases(table: str) -> list[dict[str, str]]:
    """Return the rows of a table as column → text."""
    with (CASES / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="|"))


def told(table: str, found: list[Found]) -> str:
    """Return what was found, written as the table writes what it expects."""
    entity = TABLES[table][0]
    if table == "currencies":  # those of an amount count, too
        codes = [
            one.value if one.entity == "currency" else one.value["currency"]
            for one in found
            if one.entity in ("currency", "amount")
        ]
        return ";".join(code for code in codes if code)
    values = [one.value for one in found if one.entity == entity]
    if table == "amounts":
        return ";".join(f"{_plain(v['amount'])} {v['currency'] or '-'}" for v in values)
    if table == "periods":
        return ";".join(map(_days, values)) or "-"
    return ";".join(dict.fromkeys(values) if table in ("categories", "merchants") else values)


def _plain(amount: str) -> str:
    """Return a number without zeros that say nothing.

    >>> _plain("1250.50"), _plain("1E+3")
    ('1250.5', '1000')
    """
    number = f"{Decimal(amount):f}"
    return number.rstrip("0").rstrip(".") if "." in number else number


def _days(period: dict[str, str | None]) -> str:
    since = f" {period['since']}" if "since" in period else ""
    return f"{period['from'] or ''}..{period['to']}{since}"


def run_table(table: str) -> list[dict[str, str]]:
    """Return one row a sentence: what was found, and whether it is right ("1" or "0")."""
    rows = []
    for case in load_cases(table):
        found = find_entities(case["text"], TODAY)
        said = told(table, found)
        right = said == case[TABLES[table][1]]
        if case.get("date"):
            right = right and case["date"] in [o.value for o in found if o.entity == "date"]
        rows.append(
            {"table": table, "tier": case["tier"], "language": case["language"],
             "text": case["text"], "found": said, "right": str(int(right))}
        )  # fmt: skip
    return rows


def run_all() -> list[dict[str, str]]:
    """Return the rows of all tables."""
    return [row for table in TABLES for row in run_table(table)]


def shares(rows: list[dict[str, str]]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Return (table, tier, language) → rows right, rows; language "all" is their sum."""
    right: Counter[tuple[str, str, str]] = Counter()
    count: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        for language in (row["language"], "all"):
            key = (row["table"], row["tier"], language)
            right[key] += row["right"] == "1"
            count[key] += 1
    return {key: (right[key], count[key]) for key in count}


def markdown(rows: list[dict[str, str]]) -> str:
    """Return the shares as a table: entity by tier, English and Spanish together and apart."""
    found = shares(rows)
    lines = ["| entity | " + " | ".join(f"{t} | {t}, Spanish" for t in TIERS) + " |",
             "|---|" + "---|" * (2 * len(TIERS))]  # fmt: skip
    for table in TABLES:
        cells = [
            "{} of {}".format(*found[table, tier, language])
            for tier in TIERS
            for language in ("all", "es")
        ]
        lines.append(f"| {table} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wrong", action="store_true", help="list the rows that are not right")
    parser.add_argument("--look", action="store_true", help="write nothing")
    options = parser.parse_args()
    rows = run_all()
    if not options.look:
        with RUN.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS, delimiter="|", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    if options.wrong:
        for row in (row for row in rows if row["right"] == "0"):
            told_row = f"{row['table']:12} {row['tier']:7} {row['text']!r} → {row['found']!r}"
            sys.stdout.write(told_row + "\n")
    sys.stdout.write(markdown(rows) + "\n")


if __name__ == "__main__":
    main()
