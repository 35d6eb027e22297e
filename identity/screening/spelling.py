"""Spelling: how likely two words are one word, spelled by different hands.

    same            hassan · hassan                                 1.00
    transliterated  khrushchev · hruschev  (one sound after folding) 0.96
    variant         sasha · aleksandr      (words.toml)              0.93
    vowels          hesham · hishem        (same but for e/i, o/u)   0.92
    sound           knight · nite          (read aloud in English)   0.88
    bare            mhmd · mohamed         (a script without vowels) 0.90
    initial         j · john                                         0.80
    shortened       maxi · maximilian, mfg · manufacturing           0.85
    typo            brandner · bradner     (weighed edits)           < 0.95
    other                                                            0.00

What sounds alike is in `folding.py`, what edits cost in `edits.py`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA

from identity.screening.edits import VOWELS, edits_cost
from identity.screening.folding import abd_fold, fold, heard, skeleton, sound, vowel_fold
from identity.screening.names import Token, TokenKind
from identity.screening.words import words

#: Below this two words are two words.
SAME_WORD_MIN = 0.70

#: What one edit a letter takes from 1, and the letters by which short words count as shorter.
EDIT_COST = 0.8
SHORTNESS = 0.5
#: What an edit costs at least where words are still one: bounds the plain distance, for speed.
USUAL_EDIT = 0.6


class How(StrEnum):
    """How two words came to be one."""

    SAME = "same"
    TRANSLITERATED = "transliterated"
    VARIANT = "variant"
    VOWELS = "vowels"
    SOUND = "sound"
    BARE = "bare"
    SHORTENED = "shortened"
    INITIAL = "initial"
    TYPO = "typo"
    OTHER = "other"


@lru_cache(maxsize=131072)
def compare_tokens(a: Token, b: Token) -> tuple[float, How]:
    """Return (likelihood of being one word in [0, 1], how). Symmetric."""
    if a.kind is TokenKind.NUMBER or b.kind is TokenKind.NUMBER:
        return (1.0, How.SAME) if a.text == b.text else (0.0, How.OTHER)
    if len(a.text) == 1 or len(b.text) == 1:
        return _compare_initial(a.text, b.text)
    best = _compare_words(a, b)
    if best[0] >= 0.96 or a.is_bare or b.is_bare:
        return best
    if (a.glued or b.glued or a.text[:2] in _ARTICLES or b.text[:2] in _ARTICLES) and (
        _glued(a) & _glued(b)
    ):
        return 0.96, How.TRANSLITERATED
    return best


_ARTICLES = ("al", "el")


def _glued(token: Token) -> set[str]:
    """Return a word with and without the article or particle before it: alhamid, hamid."""
    texts = {token.text, token.glued + token.text}
    if len(token.text) > 5 and token.text[:2] in _ARTICLES:
        texts.add(token.text[2:])
    return {fold(text) for text in texts}


def _compare_initial(a: str, b: str) -> tuple[float, How]:
    if a == b:
        return 1.0, How.SAME
    if (len(a) == 1) == (len(b) == 1) or a[0] != b[0]:
        return 0.0, How.OTHER
    return 0.8, How.INITIAL


def _compare_words(a: Token, b: Token) -> tuple[float, How]:
    if a.text == b.text:
        return 1.0, How.SAME
    if a.is_bare or b.is_bare:
        return _compare_bare(a, b)
    if _sounds_same(a.text, b.text):
        return 0.96, How.TRANSLITERATED
    groups_a = words().groups.get(a.text, frozenset())
    groups_b = words().groups.get(b.text, frozenset())
    if groups_a and groups_b:
        # Two names people really have: one of them in two forms, or no slip of the pen.
        return (0.93, How.VARIANT) if groups_a & groups_b else (0.0, How.OTHER)
    return _compare_unknown(a, b)


def _compare_unknown(a: Token, b: Token) -> tuple[float, How]:
    """Compare where at least one word is no name we know."""
    length_min = min(len(a.text), len(b.text))
    # Germans and Poles write j where others write y: Jusupow, Yusupov.
    if "j" in (a.text[0], b.text[0]) and fold(_soft(a.text)) == fold(_soft(b.text)):
        return 0.95, How.TRANSLITERATED
    if length_min > 3 and vowel_fold(a.text) == vowel_fold(b.text):
        return 0.92, How.VOWELS
    found = [(_typo(a.text, b.text), How.TYPO)]
    if a.kind is b.kind and _is_short_form(*sorted((a.text, b.text), key=len)):
        found.append((0.85, How.SHORTENED))
    if length_min > 3 and len(sound(a.text)) > 2 and sound(a.text) == sound(b.text):
        found.append((0.88, How.SOUND))
    best = max(found, key=lambda one: one[0])
    return best if best[0] >= SAME_WORD_MIN else (0.0, How.OTHER)


def _sounds_same(a: str, b: str) -> bool:
    return fold(a) == fold(b) or abd_fold(a) == abd_fold(b)


def _soft(text: str) -> str:
    return "y" + text[1:] if text[0] == "j" else text


def _is_short_form(short: str, long: str) -> bool:
    """Whether a name is the beginning of another: Maxi, Maximilian. Sons and daughters are not."""
    if len(short) > 3:
        short = re.sub(r"(.)\1?(?:y|ie|i)$", r"\1", short)
    if not long.startswith(short) or len(long) < 6 or short.startswith("abd"):
        return False
    return len(short) >= 5 or (
        len(short) >= 3 and len(long) >= len(short) + 3 and not _SURNAME.search(long)
    )


_SURNAME = re.compile(
    r"(?:ov|ev|in|ez|es|sen|son|sson|man|mann|ski|sky|ska|enko|uk|yan|dze|ova|eva|ina)$"
)


def _typo(a: str, b: str) -> float:
    """Return 1 less the weighed edits per letter, the better of as written and as it sounds."""
    score = _edits_score(a, b)
    if score < 0.9:
        score = max(score, _edits_score(fold(a), fold(b)) - 0.02)
    return min(score, 0.95)


def _edits_score(a: str, b: str) -> float:
    length = max(1.0, (len(a) + len(b)) / 2 - SHORTNESS)
    cost_max = (1.0 - SAME_WORD_MIN) * length / EDIT_COST + 1e-9
    edits_max = int(cost_max / USUAL_EDIT)
    if OSA.distance(a, b, score_cutoff=edits_max) > edits_max:
        return 0.0
    return max(0.0, 1.0 - EDIT_COST * edits_cost(a, b, cost_max) / length)


def _compare_bare(a: Token, b: Token) -> tuple[float, How]:
    """Compare where one side was written without short vowels: its letters in the other's order."""
    if a.is_bare and b.is_bare:
        if _bare_ending(a.text) == _bare_ending(b.text):
            return 0.96, How.BARE
        is_slip = min(len(a.text), len(b.text)) > 3 and OSA.distance(a.text, b.text) == 1
        return (0.8, How.TYPO) if is_slip else (0.0, How.OTHER)
    bare, full = (a.text, b.text) if a.is_bare else (b.text, a.text)
    if len(skeleton(bare)) < 2 or not (
        skeleton(bare) == skeleton(full) or heard(bare) == heard(full)
    ):
        return 0.0, How.OTHER
    # Long vowels are written: a missing or surplus one is a little evidence against.
    long_bare = re.sub(r"[^aiv]", "", fold(bare).replace("u", "v")[1:])
    long_full = re.sub(r"[^aiv]", "", vowel_fold(full).replace("u", "v")[1:])
    surplus = sum(max(0, long_bare.count(x) - long_full.count(x)) for x in "aiv")
    return (0.90 - 0.12 * surplus), How.BARE


def _bare_ending(text: str) -> str:
    """Return a word without the ending that hands write in three ways (ta marbuta, ha, alif)."""
    return re.sub(r"[ahy]$", "", fold(text))


def is_shortened(short: str, long: str) -> bool:
    """Whether a firm's word is abbreviated: its beginning, or its first letter and consonants.

    >>> is_shortened("bldg", "building"), is_shortened("petro", "petroleum")
    (True, True)
    """
    if not 2 <= len(short) <= 6 or len(long) < len(short) + 2 or short[0] != long[0]:
        return False
    if long.startswith(short):
        return len(short) >= 3
    if any(letter in VOWELS for letter in short[1:]) or len(short) < 3:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)
