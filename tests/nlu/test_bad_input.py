"""What nobody should write, and somebody does: a sensible reading or a question, never a fault."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: Readings that ask, or take a value for what was asked.
ASKS = {"nlu_fallback", "gibberish", "inform", "out_of_scope", "other_language", "tell_details"}
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


@pytest.fixture(scope="module")
def readings() -> dict[str, dict]:
    texts = [*WRITTEN, *DISGUISED]
    done = subprocess.run(
        [str(ROOT / "bot/.venv/bin/python"), "-m", "bot.read", "--", *texts],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return {row["text"]: row for row in json.loads(done.stdout)}


@pytest.mark.rasa
@pytest.mark.parametrize("text", WRITTEN, ids=lambda text: ascii(text[:30]))
def test_given_what_is_no_wish_when_read_then_it_is_asked_about(readings, text):
    reading = readings[text]

    assert reading["intent"] in ASKS | WRITTEN[text] or reading["confidence"] < 0.5, reading


@pytest.mark.rasa
@pytest.mark.parametrize("text", DISGUISED, ids=ascii)
def test_given_letters_in_disguise_when_read_then_they_are_what_they_look_like(readings, text):
    assert readings[text]["intent"] == DISGUISED[text], readings[text]
