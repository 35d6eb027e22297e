"""Any script in Latin letters: accents, alphabets, disguises and broken encodings.

Łukasz MÜLLER ─▶ lukasz muller        MÃ¼ller ─▶ muller         (UTF-8 read as Windows-1252)
习近平        ─▶ xi jin ping          J0hn     stays: spelling.py weighs digits as letters
الرحمن        ─▶ al rhmn (bare: written without short vowels)
Маriа         ─▶ maria                (Cyrillic letters that look like Latin ones)
"""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii

#: Letters of other alphabets that look like Latin ones.
_LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТХаеорсухіјѕԁɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορυνι",
    "ABEKMHOPCTXaeopcyxijsdgABEZHIKMNOPTYXaopuvi",
)
#: In a name that mixes alphabets: a word that mixes them, or is all lookalikes.
_DISGUISED = re.compile(
    r"\w*(?:[A-Za-z][\u0370-\u052f]|[\u0370-\u052f][A-Za-z])\w*"
    r"|\b[АВЕКМНОРСТХаеорсухіјѕԁɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧαορυνι]{2,}\b"
)
_LATIN = re.compile(r"[A-Za-z]")
_OTHER_ALPHABET = re.compile(r"[\u0370-\u04ff\u0500-\u052f]")
#: Letters that hands write for each other at the end of a word, and hamza on its seats.
_SEATS = str.maketrans({"ة": "ه", "ى": "ي", "ؤ": "و", "ئ": "ي", "ء": ""})
#: Signs that stand for letters inside a word.
_SIGNS = {"@": "a", "$": "s", "!": "i", "€": "e", "£": "l", "¢": "c", "¥": "y"}
_SIGN = re.compile(r"(?<=[^\W\d_])[@$!€£¢¥](?=[^\W\d_])|^[@$€£](?=[^\W\d_]{2})")
_MOJIBAKE = re.compile(r"[\u00c2-\u00df][\u0080-\u00bf\u0152-\u0178\u2013-\u20ac]")
#: Accents that stand alone and the points of Arabic and Hebrew; vowel signs of Indic scripts stay.
_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]")
_BARE = re.compile(r"[\u0590-\u05ff\u0600-\u06ff\u0750-\u077f]")
_CAPITALS = re.compile(r"(?<=[a-z'])(?=[A-Z])")
_EAST_ASIAN = re.compile(r"[\u3400-\u9fff\uac00-\ud7af]")
_DOTTED = re.compile(r"\b(?:\w\.){1,}\w\b\.?")
_APOSTROPHES = re.compile(r"[’‘'`´ʼʿʾ\"]")
_SPLIT = re.compile(r"[^a-z0-9]+")


def latin(text: str) -> str:
    """Return text in ASCII, lower case; marks of writing direction are gone.

    >>> latin("Łukasz MÜLLER")
    'lukasz muller'
    >>> latin("习近平")
    'xi jin ping'
    """
    return " ".join(piece for piece, _ in pieces_of(text, joins_dots=False))


def pieces_of(text: str, *, joins_dots: bool) -> list[tuple[str, bool]]:
    """Return (ASCII word, came from a script without vowels) in the order written."""
    text = _MARKS.sub("", unicodedata.normalize("NFKC", _mended(text)))
    text = "".join(
        " " if unicodedata.category(char)[0] == "Z" else char
        for char in text
        if unicodedata.category(char) not in {"Cf", "Cc", "So", "Sk"} or char in "\t\n"
    )
    if joins_dots:
        text = _DOTTED.sub(lambda found: found.group().replace(".", ""), text)
        text = text.replace("&", " and ").replace("+", " and ")
    if _LATIN.search(text) and _OTHER_ALPHABET.search(text):
        text = _DISGUISED.sub(lambda found: found.group().translate(_LOOKALIKES), text)
    found: list[tuple[str, bool]] = []
    for chunk in re.split(r"[\s,;/()\[\]{}._|\-–—‐:]+", text):
        if not chunk:
            continue
        is_bare = bool(_BARE.search(chunk))
        romanised = _romanised(chunk, is_bare=is_bare)
        cleaned = _APOSTROPHES.sub("", romanised).casefold()
        found += [(part, is_bare) for part in _SPLIT.split(cleaned) if part]
    return found


def _mended(text: str) -> str:
    """Return UTF-8 that was read as Windows-1252 ("MÃ¼ller") as it was meant."""
    if not _MOJIBAKE.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _romanised(chunk: str, *, is_bare: bool) -> str:
    if is_bare:
        # Alif is a vowel where anyascii is silent; the article stands apart as in "al-Rahman".
        chunk = re.sub(r"^(?:ال|الْ)(?=...)", "al ", chunk)
        chunk = chunk.translate(_SEATS)
        chunk = re.sub(r"[اأإآ]", "a", chunk).replace("ع", "a" if chunk[:1] == "ع" else "")
        return anyascii(chunk)
    romanised = anyascii(_SIGN.sub(lambda found: _SIGNS[found.group()], chunk))
    if _EAST_ASIAN.search(chunk):
        return _CAPITALS.sub(" ", romanised)
    return romanised
