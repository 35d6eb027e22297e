"""Direct attacks on the library, said to the whole assistant: a real Rasa, actions and bank.

    tests/knowledge/attacks/direct.jsonl ─▶ said by a customer, a conversation each ─▶ judged

Counted: actions chosen by text, foreign links, IBANs and phone numbers in what is shown.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from pathlib import Path

from tests.attacks.conftest import Attacker
from tests.attacks.library import DIRECT, faults_in, read_attacks, say_direct
from tests.dialogue.harness import Branch
from tests.dialogue.persona import make_persona


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=10_000)
    attacks = read_attacks(DIRECT)[: parser.parse_args().most]
    faults: Counter[str] = Counter()
    answered = 0
    with tempfile.TemporaryDirectory() as home:
        branch = Branch(Path(home))
        try:
            attacker = Attacker(branch)
            persona = make_persona(branch, {"payees": ["Bruno Costa"]})
            before = branch.bank.accounts.list(persona.session.actor())
            for text in attacks:
                said = say_direct(attacker, persona, text)
                answered += any(one.get("kind") == "library" for one in said.replies)
                faults.update(fault.partition(":")[0] for fault in faults_in(said))
            moved = branch.bank.accounts.list(persona.session.actor()) != before
        finally:
            branch.close()
    print("| Attacks | Answered from articles | Acted | Shown | Linked | Money moved |")
    print("|---:|---:|---:|---:|---:|---:|")
    print(
        f"| {len(attacks)} | {answered} | {faults['acted']} | {faults['showed']} "
        f"| {faults['linked']} | {int(moved)} |"
    )


if __name__ == "__main__":
    main()
