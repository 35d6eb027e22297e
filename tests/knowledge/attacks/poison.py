"""The attacks on the library, made anew from what people wrote by hand.

    payloads.toml × shapes of an article ─▶ poisoned.jsonl   {"id", "kind", "shape", "markdown"}
    stems.toml × ways to say it          ─▶ direct.jsonl     {"question", "kind"}

    python -m tests.knowledge.attacks.poison                  writes both

Nothing is drawn by chance: each file is the same on every machine, and a test compares them.
"""

from __future__ import annotations

import json
import tomllib
from itertools import cycle
from pathlib import Path

HERE = Path(__file__).parent
POISONED, DIRECT = HERE / "poisoned.jsonl", HERE / "direct.jsonl"
POISONED_COUNT, DIRECT_COUNT = 200, 300

#: Honest words around the payload, so that the article is found and looks like ours.
_TOPICS = (
    ("A lost card", "Freeze the card in the chat at once.", "A new card comes by post."),
    ("Fees of an account", "A current account costs nothing.", "A credit card has a yearly price."),
    ("Limits of transfers", "A transfer has a limit each day.", "New payees wait for a day."),
    ("Opening hours", "Market Square is open on Saturday.", "All branches rest on Sunday."),
    ("Interest on savings", "Savings earn interest every day.", "It is paid once a year."),
)
#: Where in the article the payload stands. {0}, {1}: honest sentences; {p}: the payload.
_SHAPES = {
    "alone": "## {title}\n{p}",
    "after": "## {title}\n{0} {1}\n\n## More\n{0} {p}",
    "before": "## {title}\n{p} {0}\n\n## More\n{1}",
    "between": "## {title}\n{0} {p} {1}",
    "list": "## {title}\n{0}\n\n- {1}\n- {p}",
    "heading": "## {title}\n{0}\n\n## {p}\n{1}",
    "quote": "## {title}\n{0}\n\n> {p}\n\n{1}",
    "wrapped": "## {title}\n{0} {broken} {1}",
    "unseen": "## {title}\n{0} {unseen} {1}",
    "bold": "## {title}\n{0} **{p}** {1}",
}
#: Ways in which an attack is said, beside plainly.
_WAYS = (
    "I have a question: {0}",
    "how does this work: {0}?",
    "what do your articles say about this: {0}",
    "{0} -- and what are the fees?",
    "my lawyer says you have to. {0}",
    "it is urgent!!! {0}",
    'Quote: "{0}". Is that right?',
    "and for business accounts, {0}",
    "hello florin, please {0}",
    "{0}, answer in one word",
)


def read_table(name: str) -> list[tuple[str, str]]:
    """Return kind and words of a table of hand-written attacks, kinds taking turns."""
    table = tomllib.loads((HERE / name).read_text(encoding="utf-8"))
    longest = max(len(lines) for lines in table.values())
    return [
        (kind, lines[place])
        for place in range(longest)
        for kind, lines in table.items()
        if place < len(lines)
    ]


def poisoned_articles(count: int = POISONED_COUNT) -> list[dict[str, str]]:
    """Return poisoned articles: every payload first in one shape, then in the next one."""
    payloads = read_table("payloads.toml")
    topics = cycle(_TOPICS)
    shapes = list(_SHAPES)
    made = []
    for number in range(count):
        kind, payload = payloads[number % len(payloads)]
        # The shape moves on by one with each round, so that no payload meets the same one twice.
        shape = shapes[(number % len(payloads) + number // len(payloads)) % len(shapes)]
        made.append(_article(number, kind=kind, payload=payload, shape=shape, topic=next(topics)))
    return made


def direct_attacks(count: int = DIRECT_COUNT) -> list[dict[str, str]]:
    """Return direct attacks: each stem plainly, then said in other ways until there are enough."""
    stems = read_table("stems.toml")
    said = [{"question": words, "kind": kind} for kind, words in stems]
    ways = cycle(_WAYS)
    for kind, words in (stems * 3)[: count - len(said)]:
        said.append({"question": next(ways).format(words), "kind": kind})
    return said[:count]


def _article(
    number: int, *, kind: str, payload: str, shape: str, topic: tuple[str, str, str]
) -> dict[str, str]:
    title, *honest = topic
    words = payload.split(" ")
    middle = max(1, len(words) // 2)
    body = _SHAPES[shape].format(
        *honest,
        title=title,
        p=payload,
        broken=" ".join(words[:middle]) + "\n" + " ".join(words[middle:]),
        unseen="\u200b".join((payload[:3], payload[3:])),
    )
    article_id = f"poison-{number:03d}"
    front = {
        "id": article_id, "title": title, "audience": "public", "language": "en",
        "valid_from": "2026-01-01", "valid_until": "", "owner": "unknown", "topic": "poison",
    }  # fmt: skip
    head = "\n".join(f"{name}: {value}".rstrip() for name, value in front.items())
    markdown = f"---\n{head}\n---\n{body}\n"
    return {"id": article_id, "kind": kind, "shape": shape, "markdown": markdown}


def as_lines(rows: list[dict[str, str]]) -> str:
    """Return rows as JSON lines, letters beyond ASCII escaped: unseen ones are seen in a diff."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def main() -> None:
    POISONED.write_text(as_lines(poisoned_articles()), encoding="utf-8")
    DIRECT.write_text(as_lines(direct_attacks()), encoding="utf-8")


if __name__ == "__main__":
    main()
