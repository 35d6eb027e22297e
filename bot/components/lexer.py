"""Tokens as money, dates and names need them, on a blank spaCy pipeline.

    "£5k on 05/03/2026"   →   £ · 5 · k · on · 05/03/2026
    "1.250,00 € to Ana"   →   1.250,00 · € · to · Ana

spaCy's English tokenizer keeps "5k" whole and cuts "1.250,00" by locale; ours splits digits from
letters and keeps grouped numbers and numeric dates in one piece. The matchers of `amounts.py`,
`periods.py` and `names.py` run on these tokens.
"""

from __future__ import annotations

import re
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

_TOKEN = re.compile(
    r"(?P<date>\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})(?!\d))"
    r"|(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d{1,3})?(?!\d)"  # 1 250,00
    r"|\d+(?:[.,'’]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.DOTALL,
)


def _tokenize(vocab: Vocab, text: str) -> Doc:
    words: list[str] = []
    spaces: list[bool] = []
    for match in _TOKEN.finditer(text):
        piece = match.group()
        if match.lastgroup == "space" and words and not spaces[-1] and piece[0] == " ":
            spaces[-1] = True
            piece = piece[1:]
            if not piece:
                continue
        words.append(piece)
        spaces.append(False)
    return Doc(vocab, words=words, spaces=spaces)


@lru_cache(maxsize=1)
def blank_english() -> Language:
    """Return the shared blank pipeline (no model, nothing to download)."""
    nlp = spacy.blank("en")
    nlp.tokenizer = lambda text: _tokenize(nlp.vocab, text)
    return nlp


def read(text: str) -> Doc:
    """Return the tokens of `text`; `doc.text == text` always."""
    return blank_english()(text)


def lowers(span: Span | Doc) -> list[str]:
    """Return the lower-cased tokens that are not white space."""
    return [token.lower_ for token in span if not token.is_space]


def chars(span: Span) -> tuple[int, int]:
    """Return start and end of the span in characters of the text."""
    return span.start_char, span.end_char
