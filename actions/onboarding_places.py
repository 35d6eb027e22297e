"""Addresses and countries as people write them, in one go or apart.

    "Rua Augusta 12, 1100-053 Lisboa"           street · postcode · city
    "10 Downing Street, London SW1A 2AA"        the postcode may stand behind the city
    "Hauptstraße 5"                             a street; the rest is asked

A postcode is found by the shapes countries use, the more telling shape first, so a house number of
four digits is none where five stand as well. Pure.
"""

from __future__ import annotations

import difflib
import re
from functools import cache

from babel import Locale

from actions import languages
from actions.domain_parts import ROOT
from bank.yaml_text import read_yaml

STREET, POSTCODE, CITY = "street", "postcode", "city"
#: Languages in which a country may be named.
COUNTRY_LOCALES = ("en", "de", "fr", "es", "pt", "it", "nl", "pl", "sv", "tr")
#: Written where a country has no postcodes, as letters and parcels have it.
NO_POSTCODE = "00000"
#: A country's name misspelt this little is still that country.
ALIKE_LEAST = 0.86
CITY_WORDS_MOST = 6

#: Shapes of postcodes, the most telling first.
_POSTCODES = tuple(
    re.compile(rf"(?<![\w-]){shape}(?![\w-])", re.IGNORECASE)
    for shape in (
        r"[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}",  # GB
        r"[A-Z]\d[A-Z]\s?\d[A-Z]\d",  # CA
        r"[A-Z]\d[\dW]\s?[A-Z\d]{4}",  # IE
        r"\d{4}-\d{3}",  # PT
        r"\d{5}-\d{3}",  # BR
        r"\d{5}-\d{4}",  # US, long
        r"\d{2}-\d{3}",  # PL
        r"\d{3}-\d{4}",  # JP
        r"(?:[A-Z]{1,2}-|AD)\d{3,5}",  # D-10115, LV-1010, AD500
        r"\d{4}\s?(?!(?:st|nd|rd|th|nr|no|an|am|im|in|at|on|of|de|la|le|do|da|di)\b)[A-Z]{2}",  # NL
        r"\d{3}\s\d{2}",  # SE, CZ, SK, GR
        r"\d{6}",  # IN, CN, SG
        r"\d{5}",
        r"\d{4}",  # AT, CH, BE, DK, NO, AU
        r"\d{3}",  # IS, FO; only beside words
    )
)
_LEAD = re.compile(
    r"^(?:(?:no|yes|ok|okay|sorry|well|actually|s[ií]|vale|perd[oó]n|bueno)\b[\s,.!:]*)*"
    r"(?:(?:i|we)\s+(?:now\s+)?(?:live|am\s+living|reside|stay)\s+(?:at|in|on)\s+|"
    r"(?:i['’]?m|i\s+am|we\s+are)\s+(?:at|in|from|living\s+(?:at|in)|a?\s*resident\s+(?:of|in))\s+|"
    r"(?:(?:my|the|our)\s+)?(?:home\s+|full\s+|postal\s+|current\s+|new\s+)*"
    r"(?:address|street(?:\s+name)?|post\s?code|zip(?:\s?code)?|postal\s+code|city|town|"
    r"country(?:\s+of\s+residence)?)\s*(?:is|are|should\s+be|must\s+be|=|:)\s*|"
    r"(?:it['’]?s|it\s+is|that['’]?s)\s+|"
    r"(?:vivo|vivimos|resido|estoy)\s+en\s+(?:la\s+(?=calle|avenida|plaza))?|"
    r"(?:mi|la|el)\s+(?:nuev[oa]\s+)?(?:direcci[oó]n|domicilio|calle|c[oó]digo\s+postal|ciudad|"
    r"pa[ií]s(?:\s+de\s+residencia)?)\s*(?:es|:)\s*|(?:es|soy\s+de)\s+)?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,]*(?:please|thanks|thank you|por favor|gracias)?[\s.!;]*$", re.IGNORECASE
)
#: Words that only link the parts of an address.
_LINKS = re.compile(
    r"^(?:in|and|the|city|town|is|of|en|y)(?:\s+(?:in|and|the|city|town|is|of|en))*\s+|"
    r"\s+(?:in|and|at|with|post\s?code|zip(?:\s?code)?|en|y|c[oó]digo\s+postal|cp)"
    r"(?:\s+(?:is|code))?$",
    re.IGNORECASE,
)
_STREET_WORD = re.compile(
    r"stra(?:ß|ss)e\b|str\.|weg\b|platz\b|allee\b|gasse\b|gracht\b|straat\b|laan\b|gatan\b|"
    r"\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|way|square|court|close|crescent|terrace|"
    r"boulevard|blvd|place|row|park|gardens|mews|hill|rua|avenida|av|travessa|largo|praça|"
    r"estrada|calle|c/|avda|ronda|glorieta|pasaje|carretera|piso|plaza|paseo|carrer|via|viale|piazza|corso|rue|chemin|quai|ul|ulica|aleja|"
    r"flat|apartment|apt|house|building|cottage|p\.?\s?o\.?\s?box)\b",
    re.IGNORECASE,
)
_NO_PLACE = re.compile(
    r"\b(?:why|what|how|who|which|when|you|your|don['’]?t|can['’]?t|want|need|tell|account|"
    r"bank|because|wrong|not|nothing|secret|qu[eé]|c[oó]mo|cu[aá]l|qui[eé]n|quiero|necesito|"
    r"porque|nada)\b|\?",
    re.IGNORECASE,
)
_HAS_NO_POSTCODE = re.compile(
    r"\b(?:no|not|don['’]?t|doesn['’]?t|without|hasn['’]?t|haven['’]?t)\b.{0,25}"
    r"\b(?:post\s?codes?|zip(?:\s?codes?)?|postal codes?|c[oó]digos? postal(?:es)?)\b|"
    r"\b(?:there is|have|has) none\b",
    re.IGNORECASE,
)


def read_address(text: str, wanted: tuple[str, ...]) -> dict[str, str]:
    """Return what of the `wanted` parts a message tells; empty when it tells none.

    >>> read_address("I live at Rua Augusta 12, 1100-053 Lisboa", (STREET, POSTCODE, CITY))
    {'street': 'Rua Augusta 12', 'postcode': '1100-053', 'city': 'Lisboa'}
    >>> read_address("10 Downing Street, London SW1A 2AA", (STREET, POSTCODE, CITY))
    {'street': '10 Downing Street', 'postcode': 'SW1A 2AA', 'city': 'London'}
    >>> read_address("Porto", (POSTCODE, CITY)), read_address("why?", (STREET,))
    ({'city': 'Porto'}, {})
    """
    rest = _TAIL.sub("", _LEAD.sub("", text.strip()))
    if POSTCODE in wanted and has_no_postcode(text):
        return {POSTCODE: NO_POSTCODE}
    if not rest or _NO_PLACE.search(rest):
        return {}
    parts = [part.strip(" .") for part in re.split(r"[,;\n]+", rest) if part.strip(" .")]
    if len(parts) > 1 and find_country(parts[-1], is_sure=True):
        parts = parts[:-1]
    found = _with_postcode(parts, wanted) if POSTCODE in wanted else None
    if found is None:
        found = _without_postcode(parts, wanted)
    return {name: found[name] for name in (STREET, POSTCODE, CITY) if found.get(name)}


def has_no_postcode(text: str) -> bool:
    """Return whether somebody says that their country has none.

    >>> has_no_postcode("we have no postcodes here"), has_no_postcode("12345")
    (True, False)
    """
    return bool(_HAS_NO_POSTCODE.search(text)) and not any(char.isdigit() for char in text)


def _with_postcode(parts: list[str], wanted: tuple[str, ...]) -> dict[str, str] | None:
    for shape in _POSTCODES:
        for place in range(len(parts) - 1, -1, -1):
            matches = list(shape.finditer(parts[place]))
            if not matches:
                continue
            last = matches[-1]
            before = _LINKS.sub("", parts[place][: last.start()].strip(" ,-"))
            after = _LINKS.sub("", parts[place][last.end() :].strip(" ,-"))
            if len(last[0]) < 4 and not before and not after and len(parts) == 1:
                continue
            if STREET in wanted and _is_house_number(parts, place, before, after):
                continue
            return {POSTCODE: last[0].upper(), **_around(parts, place, before, after, wanted)}
    return None


def _is_house_number(parts: list[str], place: int, before: str, after: str) -> bool:
    """Whether the digits belong to the street: nothing else could be a street with a number."""
    rest = [part for n, part in enumerate(parts) if n != place]
    numbered = any(any(char.isdigit() for char in part) for part in [*rest, before, after])
    return not numbered and bool(_STREET_WORD.search(f"{before} {after}"))


def _around(
    parts: list[str], place: int, before: str, after: str, wanted: tuple[str, ...]
) -> dict[str, str]:
    ahead, behind = parts[:place], parts[place + 1 :]
    if before and _is_street(before) and not (ahead and _is_street(ahead[0])):
        ahead, before = [*ahead, before], ""
    city = after or before or (behind.pop(0) if behind else "")
    street = ", ".join(ahead)
    if not city and len(ahead) > 1:
        street, city = ", ".join(ahead[:-1]), ahead[-1]
    if not street and behind:
        street = ", ".join(behind)
    if STREET not in wanted and not city:
        city = street
    return {STREET: street if STREET in wanted else "", CITY: city}


def _without_postcode(parts: list[str], wanted: tuple[str, ...]) -> dict[str, str]:
    if STREET in wanted:
        if len(parts) > 1 and any(char.isdigit() for char in parts[-1]):
            return {STREET: ", ".join(parts)}
        if len(parts) > 1:
            return {STREET: ", ".join(parts[:-1]), CITY: parts[-1]} if CITY in wanted else {
                STREET: ", ".join(parts)
            }  # fmt: skip
        return {STREET: parts[0]} if _is_street(parts[0]) else {}
    if CITY in wanted:
        city = parts[-1]
        is_city = not any(char.isdigit() for char in city) and len(city.split()) <= CITY_WORDS_MOST
        return {CITY: city} if is_city else {}
    return {}


def _is_street(text: str) -> bool:
    has_letters = sum(char.isalpha() for char in text) >= 2
    return has_letters and (
        any(char.isdigit() for char in text) or bool(_STREET_WORD.search(text))
    )


def find_country(text: str, *, is_sure: bool = False) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of the country a message names, or None.

    >>> find_country("I live in Portugal"), find_country("Deutschland"), find_country("Portgual")
    ('PT', 'DE', 'PT')
    >>> find_country("the moon") is None
    True

    is_sure: the whole text is the country's name, rightly spelt.
    """
    rest = _TAIL.sub("", _LEAD.sub("", text.strip())).casefold().replace("’", "'")
    names = _countries()
    if rest in names or is_sure:
        return names.get(rest)
    words = re.findall(r"[^\W\d_]+(?:['.\-&][^\W\d_]*)*|&", rest)
    for length in range(min(len(words), 5), 0, -1):
        for at in range(len(words) - length + 1):
            said = " ".join(words[at : at + length])
            if said in names and len(said) > 2:
                return names[said]
    alike = difflib.get_close_matches(rest, names, n=1, cutoff=ALIKE_LEAST)
    return names[alike[0]] if alike else None


def country_name(code: str) -> str:
    """Return a country's name from its ISO code; other words as they are.

    >>> country_name("JP")
    'Japan'
    """
    names = Locale.parse(languages.locale()).territories
    return str(names.get(code.upper(), code))


@cache
def _countries() -> dict[str, str]:
    """Return name → code, in COUNTRY_LOCALES and with everyday names; codes name themselves."""
    path = ROOT / "nlu_data" / "vocabulary" / "countries.yml"
    listed: dict[str, list[str]] = read_yaml(path.read_text(encoding="utf-8"))
    names = {word: code for code, words in listed.items() for word in words}
    for locale in COUNTRY_LOCALES:
        for code, name in Locale(locale).territories.items():
            if code in listed:
                names.setdefault(name.casefold().replace("’", "'"), code)
    return names | {code.casefold(): code for code in listed}
