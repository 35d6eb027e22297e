"""recognizers-text on the rows of benchmarks/entities.py: rows as JSON in, what it finds out.

Runs in a throw-away environment that holds recognizers-text alone, so it imports nothing of ours.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime, timedelta

from recognizers_date_time import recognize_datetime
from recognizers_number_with_unit import recognize_currency
from recognizers_text import Culture

TODAY = datetime(2026, 11, 20)  # noqa: DTZ001 – it compares with naive times
CULTURES = {"en": Culture.English, "es": Culture.Spanish}
REPEATS = 3
#: Units that are hundredths.
CENTS = ("cent", "penny", "pence", "centavo", "céntimo")


def money(text: str, culture: str) -> list[list]:
    """Return [value in major units, ISO code or None] of each sum."""
    found = []
    for one in recognize_currency(text, culture):
        value = (one.resolution or {}).get("value")
        unit = str((one.resolution or {}).get("unit", "")).lower()
        if value is None:  # a unit without a number
            continue
        number = float(value) / 100 if unit in CENTS else float(value)
        found.append([f"{number:.10g}", one.resolution.get("isoCurrency")])
    return found


def days(text: str, culture: str) -> list[list]:
    """Return [from, to] of every reading, `to` not included where it says so itself."""
    found = []
    for one in recognize_datetime(text, culture, reference=TODAY):
        for value in (one.resolution or {}).get("values", []):
            if "value" in value and value.get("type") in ("date", "datetime"):
                day = value["value"][:10]
                following = datetime.fromisoformat(day) + timedelta(days=1)
                found.append([day, following.date().isoformat()])
            elif value.get("type") in ("daterange", "datetimerange"):
                found.append(
                    [part and part[:10] for part in (value.get("start"), value.get("end"))]
                )
    return found


def read(row: dict) -> list[list]:
    """Return what is found of the entity a row is about; an error of the library finds nothing."""
    reader = money if row["entity"] == "amount" else days
    try:
        return reader(row["text"], CULTURES[row["language"]])
    except Exception:  # noqa: BLE001 – it raises many kinds on odd input, and the run goes on
        return []


def main() -> None:
    rows = json.load(sys.stdin)
    found = [read(row) for row in rows]
    began_s = time.process_time()
    for _ in range(REPEATS):
        found = [read(row) for row in rows]
    took_ms = (time.process_time() - began_s) * 1000 / REPEATS / len(rows)
    json.dump({"read": found, "cpu_ms": took_ms}, sys.stdout)


if __name__ == "__main__":
    main()
