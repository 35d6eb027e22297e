"""Words as the library compares them: small letters, no accents, stems, one word for one thing.

    "¿Cuánto cuestan las transferencias?" ─▶ cuant cuest transferent        (Snowball, es)
    "I've lost my debit card" ─▶ lost card                                   (Snowball, en)

A table of banking terms (knowledge/synonyms.toml) says which words mean one thing. Character
four-grams carry what stems do not: typing errors and the endings of Spanish.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib import resources
from typing import Any

import snowballstemmer

_WORD = re.compile(r"[a-z0-9ñ]+(?:[.,]\d+)*")
_SNOWBALL = {"en": "english", "es": "spanish"}

_STOP = {
    "en": frozenset(
        "a an and any are as at be been being but by can could did do does doing for from had has "
        "have having he her here him his how i if in into is it its just let me my of off on or "
        "our ours please she should so some such than that the their them then there these they "
        "this those through to too up us very was we were what when where which who whom why will "
        "with would you your yours im ive id ill dont doesnt didnt cant whats hows thats am also "
        "about get got need want know tell say hi hello hey thanks bank florin s t ve m re d ll"
        .split()
    ),
    "es": frozenset(
        "a al algo ante como con cual cuales cuando de del desde donde el ella ellas ellos en "
        "entre era es esa ese eso esta este esto estan estoy fue ha han hasta hay he la las le les "
        "lo los mas me mi mis mucho muy nada ni no nos o os otra otro para pero por porque que "
        "quien se ser si sin sobre son su sus tambien te tengo ti tiene todo tu tus un una uno "
        "unos y ya yo puedo puede quiero hola gracias favor necesito hacer hago saber banco florin "
        "podria seria esta soy eres"
        .split()
    ),
}  # fmt: skip
GRAM_CHARS = 4


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Return small letters without accents, ñ kept."""
    low = unicodedata.normalize("NFKC", text).lower().replace("ñ", "\0")
    bare = "".join(
        one for one in unicodedata.normalize("NFD", low) if unicodedata.category(one) != "Mn"
    )
    return bare.replace("\0", "ñ").replace("’", "'").replace("'", "")


def words_of(text: str) -> list[str]:
    """Return all words, in plain letters.

    >>> words_of("¿Cuánto cuesta? I've 1,000 €")
    ['cuanto', 'cuesta', 'ive', '1,000']
    """
    return _WORD.findall(plain(text))


def terms_of(text: str, language: str) -> list[str]:
    """Return the terms of a text: stems without the words that say nothing, one for one thing."""
    stop = _STOP.get(language, frozenset())
    return [term_of(word, language) for word in words_of(text) if word not in stop]


def names_of(text: str, language: str) -> list[str]:
    """Return the words that say something, as they are written, each once; no figures.

    >>> names_of("The card, the new card costs 5 EUR", "en")
    ['card', 'new', 'costs', 'eur']
    """
    stop = _STOP.get(language, frozenset())
    return list(
        dict.fromkeys(word for word in words_of(text) if word not in stop and word.isalpha())
    )


def grams_of(text: str, language: str) -> list[str]:
    """Return the four-grams of a text's words, word ends marked."""
    stop = _STOP.get(language, frozenset())
    found: list[str] = []
    for word in words_of(text):
        if word in stop:
            continue
        marked = f"_{word}_"
        found += (
            marked[at : at + GRAM_CHARS] for at in range(max(1, len(marked) - GRAM_CHARS + 1))
        )
    return found


@lru_cache(maxsize=50_000)
def term_of(word: str, language: str) -> str:
    """Return a plain word's term."""
    stem = _stem(word, language)
    return _one_word(language).get(stem, stem)


@lru_cache(maxsize=50_000)
def _stem(word: str, language: str) -> str:
    return str(_stemmer(language).stemWord(word)) if not word[0].isdigit() else word


@lru_cache(maxsize=4)
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_SNOWBALL.get(language, "english"))


@lru_cache(maxsize=4)
def _one_word(language: str) -> dict[str, str]:
    """Return stem → the stem of its row's first word."""
    raw = (resources.files("knowledge") / "synonyms.toml").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for row in tomllib.loads(raw).get(language, {}).get("rows", []):
        first, *others = (_stem(plain(word), language) for word in row.split())
        found |= dict.fromkeys(others, first)
    return found


@lru_cache(maxsize=4)
def specifics(language: str) -> frozenset[str]:
    """Return the terms that name one particular thing (knowledge/specifics.toml)."""
    raw = (resources.files("knowledge") / "specifics.toml").read_text(encoding="utf-8")
    words = tomllib.loads(raw).get(language, {}).get("words", "").split()
    return frozenset(term_of(word, language) for word in map(plain, words))
