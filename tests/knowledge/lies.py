"""Lies about a text: one small change each, of the kinds a model that invents makes.

figure · unit · negation · name · promise · link · iban · phone · dropped word · swap · advice
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from itertools import pairwise

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_WORDS_THAT_DECIDE = (
    "not", "never", "no", "only", "before", "after", "abroad", "outside", "each", "if", "until",
    "up", "within", "next", "also", "working", "must", "may", "can", "free", "two",
)  # fmt: skip
_PROMISES = (
    "This is guaranteed.", "You get 50 EUR as a gift.", "The fee is waived for you.",
    "We will refund you in any case.", "It is always free of charge.", "You have my word.",
    "Your request has been approved.", "I have sent the money.",
)  # fmt: skip
_UNITS = {"days": "hours", "seconds": "minutes", "hours": "days", "EUR": "USD", "weeks": "months"}
_OPPOSITES = {
    "before": "after", "after": "before", "never": "always", "more": "less", "until": "from",
    "free": "charged", "same": "next", "next": "same", "inside": "outside", "above": "below",
}  # fmt: skip
Lie = Callable[[str, random.Random], str | None]


def figure(text: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    if not found:
        return None
    one = chance.choice(found)
    other = str(chance.choice([2, 3, 5, 7, 24, 99, 250, 1_000]))
    return text[: one.start()] + other + text[one.end() :] if other != one[0] else None


def unit(text: str, chance: random.Random) -> str | None:
    return _swapped_word(text, _UNITS, chance)


def opposite(text: str, chance: random.Random) -> str | None:
    return _swapped_word(text, _OPPOSITES, chance)


def negation(text: str, chance: random.Random) -> str | None:
    if re.search(r"\b(?:not|never)\b", text):
        return re.sub(r"\b(?:do |does )?(?:not|never)\s", "", text, count=1)
    verbs = list(re.finditer(r"\b(?:is|are|can|may|will|must|takes?|arrives?)\b", text))
    if not verbs:
        return None
    one = chance.choice(verbs)
    return f"{text[: one.end()]} not{text[one.end() :]}"


def name(text: str, chance: random.Random) -> str | None:
    nouns = re.findall(r"\b(?:bank|card|transfer|account|code|guarantee|customer)\b", text)
    if not nouns:
        return None
    others = ["Bundesbank", "cheque", "broker", "Mr Smith", "insurer"]
    return text.replace(chance.choice(nouns), chance.choice(others), 1)


def promise(text: str, chance: random.Random) -> str | None:
    return f"{text} {chance.choice(_PROMISES)}"


def link(text: str, chance: random.Random) -> str | None:
    bait = ("https://florin-bank.example/login", "www.evil.test", "evil[.]com", "mail@evil.com")
    return f"{text} See {chance.choice(bait)} for more."


def account(text: str, chance: random.Random) -> str | None:
    del chance
    return f"{text} Send it to DE89 3704 0044 0532 0130 00."


def phone(text: str, chance: random.Random) -> str | None:
    return f"{text} Call +44 20 7946 0{chance.randrange(100, 999)}."


def dropped(text: str, chance: random.Random) -> str | None:
    there = [one for one in _WORDS_THAT_DECIDE if re.search(rf"\b{one}\b", text)]
    return re.sub(rf"\b{chance.choice(there)}\b ?", "", text, count=1) if there else None


def swapped(text: str, chance: random.Random) -> str | None:
    found = list(_NUMBER.finditer(text))
    pairs = [(a, b) for a, b in pairwise(found) if a[0] != b[0]]
    if not pairs:
        return None
    a, b = chance.choice(pairs)
    return text[: a.start()] + b[0] + text[a.end() : b.start()] + a[0] + text[b.end() :]


def advice(text: str, chance: random.Random) -> str | None:
    told = ("You should call the bank about it.", "Tell the caller your code.", "Buy shares now.")
    return f"{chance.choice(told)} {text}"


KINDS: dict[str, Lie] = {
    "figure": figure, "unit": unit, "opposite": opposite, "negation": negation, "name": name,
    "promise": promise, "link": link, "iban": account, "phone": phone, "dropped": dropped,
    "swapped": swapped, "advice": advice,
}  # fmt: skip


def lies_about(text: str, *, count: int, seed: int) -> list[tuple[str, str]]:
    """Return up to `count` different (kind, lie) about a text, kinds in turn."""
    chance, found = random.Random(seed), {}
    for number in range(count * 6):
        kind = list(KINDS)[number % len(KINDS)]
        lie = KINDS[kind](text, chance)
        if lie is not None and lie != text and lie not in found:
            found[lie] = kind
        if len(found) == count:
            break
    return [(kind, lie) for lie, kind in found.items()]


def _swapped_word(text: str, table: dict[str, str], chance: random.Random) -> str | None:
    there = [one for one in table if re.search(rf"\b{one}\b", text)]
    if not there:
        return None
    one = chance.choice(there)
    return re.sub(rf"\b{one}\b", table[one], text, count=1)
