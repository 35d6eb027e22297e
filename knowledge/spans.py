"""Spans: which words of a passage are shown. One to three sentences in a row, never cut.

s1  s2 [s3] s4      s3 fits best ─▶ s3 s4, with s2 where s3 begins with "It", "Then" …
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.index import Part
from knowledge.ranking import Asked, Ranked, sentence_values

SENTENCES_MOST, SPAN_CHARS_MOST = 3, 600
#: A sentence that begins so leans on the one before.
_LEANS = re.compile(
    r"(?:it|its|they|their|them|this|that|these|those|then|also|but|however|otherwise|both|"
    r"so|if not|after that|in that case|instead|he|she|esto|eso|estos|estas|ello|ellos|"
    r"tambi[eé]n|pero|entonces|en ese caso|si no|despu[eé]s|adem[aá]s|ambos)\b",
    re.IGNORECASE,
)


def best_span(one: Ranked, part: Part, asked: Asked) -> str:
    """Return the words to show, cut out of the section's text."""
    passage = one.passage
    values = sentence_values(part, asked, one.row)
    first = last = best_sentence(values)
    if first > 0 and _LEANS.match(passage.sentences[first].text):
        first -= 1
    while last - first + 1 < SENTENCES_MOST:
        after = values[last + 1] if last + 1 < len(values) else -1.0
        before = values[first - 1] if first > 0 else -1.0
        # What comes after explains more often than what came before.
        if max(after, before) < 0:
            break
        taken = (first, last + 1) if after + 0.1 >= before else (first - 1, last)
        if len(passage.cut(*taken)) > SPAN_CHARS_MOST:
            break
        first, last = taken
    return passage.cut(first, last)


def best_sentence(values: Sequence[float]) -> int:
    """Return the place of the sentence that comes nearest; the first of equals."""
    return max(range(len(values)), key=lambda place: (values[place], -place))
