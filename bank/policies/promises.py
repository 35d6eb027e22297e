"""Promises: finds words that promise a gain. Whatever is said of investments passes here.

The domain's sentences are read by tests/repository, and what a language model words by the same
rule before it is shown. A hit is a word, where it stands, never a judgement of meaning: "nobody
can guarantee" is caught too, and said in other words.

The words are `promises.toml`. Pure.
"""

from __future__ import annotations

import re
from functools import cache

from bank.domain.folding import folded
from bank.policies.tables import load_table


def promises_in(text: str) -> list[str]:
    """Return the promising words of a text, in order.

    >>> promises_in("A sure thing: you cannot lose!")
    ['sure thing', 'cannot lose']
    >>> promises_in("Its value can fall.")
    []
    """
    return [one.group(0) for one in _pattern().finditer(folded(text))]


@cache
def _pattern() -> re.Pattern[str]:
    words = sorted((folded(one) for one in load_table("promises")["words"]), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b")
