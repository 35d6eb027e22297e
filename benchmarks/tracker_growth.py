"""CPU of a turn as a conversation grows: our tracker store beside Rasa's own, in one run.

    bot/.venv/bin/python benchmarks/tracker_growth.py [--turns 100] [--json]

In process, no HTTP, the classifier and the policies of config.yml, a small domain without an
action server. CPU milliseconds of this process a turn: the mean over a window of turns around 10,
50 and 100 and over conversations. The claim: ours at turn 100 costs at most twice turn 10.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
warnings.simplefilter("ignore")

WINDOW = 4
CLAIM = 2.0
DOMAIN = """
version: "3.1"
intents: [greet, check_balance, goodbye]
entities: [amount, period, date, iban, payee_name, merchant, category, account_kind, card_digits,
           currency, country, number]
responses:
  utter_greet: [{text: "Hello there."}]
  utter_balance: [{text: "You have 1,250.00 EUR in your current account."}]
  utter_more: [{text: "Anything else?", buttons: [{title: "Bye", payload: "/goodbye"}]}]
  utter_bye: [{text: "Goodbye."}]
"""
NLU = """
version: "3.1"
nlu:
- intent: greet
  examples: "- hello\\n- hi there\\n- good morning\\n- hey\\n"
- intent: check_balance
  examples: "- what is my balance\\n- how much money do I have\\n- show my account\\n- balance\\n"
- intent: goodbye
  examples: "- bye\\n- goodbye\\n- see you\\n- that is all\\n"
rules:
- rule: greet
  steps: [{intent: greet}, {action: utter_greet}]
- rule: balance
  steps: [{intent: check_balance}, {action: utter_balance}, {action: utter_more}]
- rule: bye
  steps: [{intent: goodbye}, {action: utter_bye}]
"""
SENTENCES = ("hello", "what is my balance", "how much money do I have", "show my account")


def train_small_bot(folder: Path) -> str:
    """Train config.yml's own pipeline and policies on a domain of four responses."""
    from rasa.model_training import train

    (folder / "domain.yml").write_text(DOMAIN)
    (folder / "data").mkdir()
    (folder / "data" / "all.yml").write_text(NLU)
    result = train(
        domain=str(folder / "domain.yml"), config=str(ROOT / "config.yml"),
        training_files=[str(folder / "data")], output=str(folder / "models"),
    )  # fmt: skip
    assert result.model is not None
    return result.model


async def measure(
    agent: object, *, turns: int, conversations: int, prefix: str = "cv"
) -> list[float]:
    """Return mean CPU ms of every turn."""
    from rasa.core.channels.channel import UserMessage

    cpu_ms: list[list[float]] = [[] for _ in range(turns)]
    for conversation in range(conversations):
        for turn in range(turns):
            message = UserMessage(
                SENTENCES[turn % len(SENTENCES)], sender_id=f"{prefix}_{conversation}",
                message_id=f"m{turn}",
            )  # fmt: skip
            started_s = time.process_time()
            await agent.handle_message(message)
            cpu_ms[turn].append((time.process_time() - started_s) * 1000)
    return [statistics.fmean(samples) for samples in cpu_ms]


def stores(folder: Path) -> dict[str, object]:
    """Return the contenders; the two on disk have a file of their own each."""
    from rasa.core.tracker_store import InMemoryTrackerStore, SQLTrackerStore

    from bot.tracker_store import EncryptedTrackerStore

    os.environ["FLORIN_MASTER_KEY"] = "benchmark"
    return {
        "ours (sealed, SQLite)": EncryptedTrackerStore(host=f"sqlite:///{folder}/ours.db"),
        "Rasa in memory": InMemoryTrackerStore(None),
        "Rasa SQL (SQLite)": SQLTrackerStore(None, db=f"{folder}/stock.db"),
    }


def main() -> int:
    """Print the table; 1 when the claim does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--conversations", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()

    from rasa.core.agent import Agent
    from rasa.utils.log_utils import configure_structlog

    configure_structlog()
    marks = [mark for mark in (10, 50, 100) if mark <= args.turns]
    table: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = train_small_bot(folder)
        for title, store in stores(folder).items():
            agent = Agent.load(model, tracker_store=store)
            agent.tracker_store = agent.processor.tracker_store = store
            store.domain = agent.domain
            asyncio.run(measure(agent, turns=5, conversations=1, prefix="warm"))  # warm caches
            series = asyncio.run(measure(agent, turns=args.turns, conversations=args.conversations))
            table[title] = {
                f"turn_{mark}_cpu_ms": round(
                    statistics.fmean(series[mark - WINDOW - 1 : min(mark + WINDOW, args.turns)]), 2
                )
                for mark in marks
            }
            first, last = table[title][f"turn_{marks[0]}_cpu_ms"], series[-2 * WINDOW :]
            table[title]["growth"] = round(statistics.fmean(last) / first, 2)
    if args.json:
        print(json.dumps(table, indent=2))
    else:
        heads = ["CPU of a turn", *(f"turn {mark}" for mark in marks), "growth"]
        print("| " + " | ".join(heads) + " |\n" + "|---" * len(heads) + "|")
        for title, row in table.items():
            *costs, growth = row.values()
            print(f"| {title} |", *(f"{cost:.1f} ms |" for cost in costs), f"× {growth:.2f} |")
    return 0 if table["ours (sealed, SQLite)"]["growth"] <= CLAIM else 1


if __name__ == "__main__":
    sys.exit(main())
