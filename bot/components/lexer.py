"""Tokens as money, dates and names need them, on a blank spaCy pipeline.

    "£5k on 05/03/2026"   →   £ · 5 · k · on · 05/03/2026
    "1.250,00 € to Ana"   →   1.250,00 · € · to · Ana

spaCy's English tokenizer keeps "5k" whole and cuts "1.250,00" by locale; ours splits digits from
letters and keeps grouped numbers and numeric dates in one piece. A token's `norm_` is its folded
word with slips of typing mended: what the patterns of all languages read.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from bot.components.lexicon import fold, language_of, mended
from bot.components.spelling import corrected

_TOKEN = re.compile(
    r"(?P<short>2(?:day|moro|morrow|nite|mrw)(?![^\W\d_]))"  # as in "c u 2moro"
    r"|(?P<date>\d{4}([-/])\d{1,2}\3\d{1,2}(?!\d)"
    r"|\d{1,2}([-/.])\d{1,2}\4(?:\d{4}|\d{2})(?![\d-]))"
    r"|(?P<number>\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?:[.,]\d{1,3})?(?!\d)"  # 1 250,00
    r"|\d+(?:[.,'’]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<space>\s+)"
    r"|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)


@lru_cache(maxsize=8192)
def _norm(word: str) -> str:
    return corrected(mended(fold(word))) or word.lower()


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
    doc = Doc(vocab, words=words, spaces=spaces)
    folded = [_norm(word) for word in words]
    for token, word in zip(doc, folded):
        token.norm_ = word
    # Asked for once a token by many: doc.text is put together anew each time.
    doc.user_data.update(
        text=text, shouted=text.isupper(), starts=[token.idx for token in doc],
        language=language_of(folded, text), words=frozenset(folded),
    )  # fmt: skip
    return doc


@lru_cache(maxsize=1)
def blank_english() -> Language:
    """Return the shared blank pipeline (no model, nothing to download)."""
    nlp = spacy.blank("en")
    nlp.tokenizer = lambda text: _tokenize(nlp.vocab, text)
    return nlp


def read(text: str, language: str | None = None) -> Doc:
    """Return the tokens of `text`; `doc.text == text` always.

    `language` ("en", "es") is what the conversation is in: it decides where the sentence does not.
    """
    doc = blank_english()(text)
    if language and not doc.user_data["language"]:
        doc.user_data["language"] = language
    return doc


def is_spanish(doc: Doc) -> bool:
    """Say whether the sentence is Spanish, so that "a", "en" and "once" are."""
    return bool(doc.user_data["language"] == "es")


def is_shouted(doc: Doc) -> bool:
    """Say whether the whole message is in capitals, so that a capital says nothing."""
    return bool(doc.user_data["shouted"])


def words_of(doc: Doc) -> frozenset[str]:
    """Return the folded words of the message, in no order."""
    words: frozenset[str] = doc.user_data["words"]
    return words


def text_of(doc: Doc) -> str:
    """Return the message."""
    return str(doc.user_data["text"])


def span_at(doc: Doc, start: int, end: int) -> Span:
    """Return the tokens that touch the characters from `start` to before `end`."""
    starts = doc.user_data["starts"]
    return doc[bisect_right(starts, start) - 1 : bisect_left(starts, end)]
