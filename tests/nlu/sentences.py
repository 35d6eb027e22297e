"""Sentences to be read: tables of what customers say, and what nobody should write."""

from __future__ import annotations

import csv
from pathlib import Path

ROOT = Path(__file__).parents[2]
#: What was written, and the readings a reader would accept beside ASKS.
WRITTEN: dict[str, set[str]] = {
    "": set(),
    "   ": set(),
    "🤷🤷🤷": set(),
    "👍": {"affirm"},
    "…!?": set(),
    "\u200b\u200d\ufeff": set(),
    "\u202e": set(),
    "20": set(),
    "20 €": set(),
    "1.250,50": set(),
    "Ana": set(),
    "Carla Mendes": set(),
    "DE89 3704 0044 0532 0130 00": set(),
    "asdkjh qweqwe zxczxc": set(),
    "wbdhasidlqkwh": set(),
    "SELECT * FROM accounts; DROP TABLE customers": set(),
    "<script>alert(1)</script>": set(),
    "{{7*7}} ${jndi:ldap://x}": set(),
    "a " * 5_000: set(),
    "🏦" * 10_000: set(),
    "balance" * 1_500: {"check_balance"},
    "\u0301" * 500: set(),
    "привет balance مرحبا": {"check_balance", "greet"},
    "what is the capital of Peru": set(),
    "ciao 你好 hello hola": {"greet"},
}
#: Tricks with letters: read as what they look like.
DISGUISED = {
    "what is my bal\u200bance": "check_balance",
    "whаt is my bаlаnce": "check_balance",  # Cyrillic а
    "ｗｈａｔ ｉｓ ｍｙ ｂａｌａｎｃｅ": "check_balance",
    "\u202ewhat is my balance\u202c": "check_balance",
    "WHAT IS MY BALANCE???!!!": "check_balance",
    "what is my balance 🙏🙏": "check_balance",
    "whatismybalance": "check_balance",
    "wat is my balnce pls": "check_balance",
    "cuál es mi sald\u200bo": "check_balance",
}


def rows_of(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of this folder."""
    with (ROOT / "tests" / "nlu" / f"{table}.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def held_out_tables() -> list[str]:
    """Return the names of the tables of sentences that nothing was learnt from."""
    return sorted(path.stem for path in (ROOT / "tests" / "nlu").glob("holdout_*.csv"))


def all_texts() -> list[str]:
    """Return every sentence, each once."""
    tables = [*held_out_tables(), "stop_offers"]
    from_tables = [row["text"] for table in tables for row in rows_of(table)]
    return list(dict.fromkeys([*from_tables, *WRITTEN, *DISGUISED]))
