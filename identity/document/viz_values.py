"""Values of the visual zone: is this line a name, a number, a date, and which?

Each reader takes a line as it was recognised and returns the value in the form of reading.FIELDS,
or "" where the line cannot be one. They refuse rather than guess: a value that is wrong accuses
its holder of a forgery.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from babel import Locale
from rapidfuzz import fuzz, process

from identity.document.viz_dates import find_dates
from identity.document.words import fold

_NUMBERED = re.compile(r"^\s*\(?\d{1,2}[A-D]?[.):]\s*")
_SEXES = {
    "M": "M", "F": "F", "X": "X", "MALE": "M", "FEMALE": "F", "MASCULINO": "M", "FEMININO": "F",
    "MASCULIN": "M", "FEMININ": "F", "MANNLICH": "M", "WEIBLICH": "F", "HOMME": "M", "FEMME": "F",
    "K": "F", "W": "F", "V": "F", "Z": "F", "H": "M", "E": "M", "N": "F", "MAN": "M", "MIES": "M",
    "FEMENINO": "F", "MASCHIO": "M", "FEMMINA": "F", "KVINNA": "F", "KVINDE": "F", "MAND": "M",
    "KVK": "F", "MOT": "F", "VYR": "M", "DIVERS": "X", "NAINEN": "F",
}  # fmt: skip
#: Words of titles and headings: never a name.
_TITLES = frozenset(
    "PASSPORT PASSEPORT REISEPASS PASAPORTE PASSAPORTO PASSAPORTE PASZPORT PASPOORT IDENTITY CARD "
    "IDENTITE CARTE AUSWEIS PERSONALAUSWEIS REPUBLIC REPUBLIK REPUBLICA REPUBLIQUE KINGDOM VISA "
    "DRIVING LICENCE LICENSE DRIVER SPECIMEN UNION EUROPEAN TYPE CODE".split()
)
#: Languages whose names of countries are known.
_LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "pl", "nl", "sv", "cs", "ro", "hu", "hr")
#: What people are called whose country's name does not begin alike; ICAO codes.
_PEOPLES = {
    "DEUTSCH": "D", "GERMAN": "D", "ALLEMANDE": "D", "BRITISH CITIZEN": "GBR", "BRITISH": "GBR",
    "DUTCH": "NLD", "NEDERLANDSE": "NLD", "SWISS": "CHE", "SUISSE": "CHE", "FRANCAISE": "FRA",
    "FRENCH": "FRA", "SPANISH": "ESP", "ESPANOLA": "ESP", "POLSKIE": "POL", "POLISH": "POL",
    "DANISH": "DNK", "DANSK": "DNK", "SWEDISH": "SWE", "SVENSK": "SWE", "IRISH": "IRL",
    "EIREANNACH": "IRL", "GREEK": "GRC", "TURKISH": "TUR", "WELSH": "GBR", "FILIPINO": "PHL",
    "CZECH": "CZE", "SLOVENIAN": "SVN", "SLOVAK": "SVK", "FINNISH": "FIN", "SUOMI": "FIN",
    "MAGYAR": "HUN", "HUNGARIAN": "HUN", "HRVATSKO": "HRV", "ISLENSKUR": "ISL", "ISLENSKT": "ISL",
    "UNITED STATES OF AMERICA": "USA", "USA": "USA", "UTOPIAN": "UTO", "CANADIAN": "CAN",
    "CANADIENNE": "CAN", "CANADIAN/CANADIENNE": "CAN", "PORTUGUESA": "PRT", "ITALIANA": "ITA",
    "BRASILEIRA": "BRA", "BRASILEIRO": "BRA", "OSTERREICH": "AUT", "BELGE": "BEL", "BELG": "BEL",
}  # fmt: skip


def read_name(text: str) -> str:
    """Return a name in capital Latin letters, "" where the line is none.

    >>> read_name("1. Müller-Lüdenscheidt"), read_name("12.01.1985"), read_name("PASSPORT")
    ('MULLER-LUDENSCHEIDT', '', '')
    """
    plain = fold(_NUMBERED.sub("", text)).strip(" .,:;*-_|")
    plain = re.sub(r"\s+", " ", re.sub(r"(?<=[A-Z])0(?=[A-Z])", "O", plain))
    if re.search(r"[0-9<]", plain) or not re.fullmatch(r"[A-Z][A-Z '\-.,`]*", plain):
        return ""
    words = re.findall(r"[A-Z]+", plain)
    if not words or sum(map(len, words)) < 2 or any(word in _TITLES for word in words):
        return ""
    return plain.replace("`", "'").replace(",", "").strip(" .")


def read_number(text: str) -> str:
    """Return a document number without its gaps, "" where the line is none.

    >>> read_number("ZS 0000177"), read_number("No. L898902C3"), read_number("WARSZAWA")
    ('ZS0000177', 'L898902C3', '')
    """
    plain = re.sub(r"^(?:N[O0R]?[.°º:]\s*|#\s*)", "", fold(text).strip())
    number = re.sub(r"[\s\-.]", "", plain)
    figures = sum(map(str.isdigit, number))
    if not re.fullmatch(r"[A-Z0-9]{5,14}", number):
        return ""
    # Some issuers draw from letters and figures alike: then they are nine, without a gap.
    return number if figures >= 3 or re.fullmatch(r"[A-Z0-9]{9}", plain) else ""


def read_sex(text: str) -> str:
    """Return M, F or X, "" where the line is none. Of two languages the second decides ("K/F").

    >>> read_sex("K/F"), read_sex("M"), read_sex("Female"), read_sex("MADRID")
    ('F', 'M', 'F', '')
    """
    words: list[str] = re.findall(r"[A-Z]+", fold(text.replace("×", "X")))
    if not words or len(words) > 3:
        return ""
    for word in reversed(words):
        if word in {"M", "F", "X"}:
            return word
    return _SEXES.get(words[-1], "") if len(words) == 1 else ""


def read_date(text: str, *, today: date, ahead: bool, month_first: bool, last: bool = False) -> str:
    """Return the first (or last) date of the line in ISO form, "" where there is none."""
    dates = find_dates(text, today=today, ahead=ahead, month_first=month_first)
    return dates[-1 if last else 0].day.isoformat() if dates else ""


def read_nationality(text: str) -> str:
    """Return the ICAO code of a country or its people, "" where none is meant.

    >>> read_nationality("POL"), read_nationality("POLSKIE/POLISH"), read_nationality("Österreich")
    ('POL', 'POL', 'AUT')
    """
    plain = re.sub(r"\s+", " ", fold(text)).strip(" .,:")
    if plain in {"D", "D<<"}:
        return "D"
    if plain in _codes():
        return "D" if plain == "DEU" else plain
    parts = [plain, *(part.strip() for part in re.split(r"[/|,]", plain))]
    for part in parts:
        if part in _PEOPLES:
            return _PEOPLES[part]
        if part in _countries():
            return _countries()[part]
    for part in parts:
        if len(part) >= 6:
            best = process.extractOne(
                part, [*_PEOPLES, *_countries()], scorer=fuzz.ratio, score_cutoff=86
            )
            if best:
                return _PEOPLES.get(best[0]) or _countries()[best[0]]
    return ""


def read_address(text: str) -> str:
    """Return a line of an address, "" where it has no letters."""
    plain = re.sub(r"\s+", " ", _NUMBERED.sub("", text)).strip(" :")
    return plain if len(re.findall(r"[^\W\d_]", plain)) >= 3 and "<<" not in plain else ""


@cache
def _countries() -> dict[str, str]:
    """Return country names, folded, in our languages → ICAO code."""
    alpha3 = _alpha3()
    found: dict[str, str] = {}
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in alpha3:
                found.setdefault(re.sub(r"\s+", " ", fold(name)), alpha3[code])
    return found


@cache
def _codes() -> frozenset[str]:
    return frozenset(_alpha3().values()) | {
        "DEU",
        "UTO",
        "GBD",
        "GBN",
        "GBO",
        "GBP",
        "GBS",
        "XXA",
        "XXB",
        "XXC",
        "RKS",
    }


@cache
def _alpha3() -> dict[str, str]:
    """Return ISO alpha-2 → ICAO code (alpha-3, but D for Germany), from CLDR's aliases."""
    from babel.core import get_global  # noqa: PLC0415 - large, and only for nationalities

    aliases = get_global("territory_aliases")
    found: dict[str, str] = {}
    for alias, (code, *_) in aliases.items():
        if len(alias) == 3 and alias.isalpha() and len(code) == 2:
            found.setdefault(code, alias)
    found |= {"DE": "D", "RS": "SRB", "GB": "GBR", "FR": "FRA", "RU": "RUS", "CD": "COD"}
    return found
