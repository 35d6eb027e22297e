"""A whole answer in the chat: from "invest 5,000 euros" to the mix with two pictures.

    python -m benchmarks.advice_turn [--turns 60]

A branch by `florin up` with a town of 300, through `POST /api/chat/messages`: web, Rasa, the action
server, the gate, neighbours, weights, 2,000 courses, two PNGs, the record. Beside it a thank-you in the
same conversations, so that what the advice itself costs can be told. Wall time on one machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.chatting import Person
from benchmarks.running import RunningBranch

#: Personas that have no profile yet: the journey's questions, in order.
BUTTONS = (
    "Let it grow", "Later than that", "More than 6 months", "Less than half", "It stays as it is",
    "Wait", "About 1,500", "Weighing things up", "Shares or bonds", "Nothing special",
)  # fmt: skip
CUSTOMERS, TARGET_MS = 300, 400
AMOUNTS = ("5,000", "2,500", "12,000", "800", "40,000")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=60)
    options = parser.parse_args()
    with RunningBranch(customers=CUSTOMERS) as branch:
        branch.florin("analytics", "learn-advice")
        people = [Person(branch.url, *login) for login in branch.demo["customer"][:4]]
        for one in people:
            one.log_in()
        told = [one for one in people if questioned(one)]
        advice, thanks = [], []
        for turn in range(options.turns):
            one, amount = told[turn % len(told)], AMOUNTS[turn % len(AMOUNTS)]
            advice.append(timed(lambda one=one, amount=amount: asked(one, amount)))
            thanks.append(timed(lambda one=one: one.say("thank you")))
    print("### A whole answer in the chat\n")
    print("| turn | turns | p50 ms | p95 ms | most ms | target p95 |\n|---|---|---|---|---|---|")
    for name, took, target in (
        ("invest 5,000 euros", advice, f"{TARGET_MS}"), ("thank you", thanks, ""),
    ):  # fmt: skip
        print(
            f"| {name} | {len(took)} | {statistics.median(took):.0f} | {quantile(took, 0.95):.0f} "
            f"| {max(took):.0f} | {target} |"
        )


def questioned(one: Person) -> bool:
    """Answer the ten questions; False for who may not be advised."""
    replies = one.say("what should I do with 5,000 euros?")
    for title in BUTTONS:
        titles = [each["title"] for reply in replies for each in reply.get("buttons") or ()]
        if title not in titles:
            return False
        replies = one.press(replies, title)
    return any(reply.get("image") for reply in replies)


def asked(one: Person, amount: str) -> None:
    replies = one.say(f"invest {amount} euros")
    assert sum(bool(reply.get("image")) for reply in replies) == 2, replies


def timed(act: Callable[[], object]) -> float:
    """Return milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def quantile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


if __name__ == "__main__":
    main()
