"""Details of an applicant: each field's own form, as text in and normal form out.

    parse_detail("birth_date", "3 May 1990", today=…)  ─▶ "1990-05-03"
    parse_detail("country", "Deutschland", today=…)    ─▶ "DE"

Refusals name the field and what is wrong with it (`because`), so that the dialogue can say what to
do next. Dates with two readings (03/05/1990) are refused as `ambiguous`: the dialogue asks.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from functools import cache

from babel import Locale

from bank.domain.applications import DETAILS, OPTIONAL_DETAILS
from bank.domain.customers import parse_person_name
from bank.domain.errors import InvalidInput, InvalidText
from bank.policies.onboarding import age_years, number, purposes

TEXT_MAX_CHARS = 100
#: Languages in which months and countries are understood.
LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "nl", "pl", "tr")

_EMAIL = re.compile(r"[^\s@<>\"(),:;]{1,64}@(?:[\w-]{1,63}\.)+[a-zA-Z]{2,24}")
_NUMERIC = re.compile(r"(\d{1,4})[\s./-]+(\d{1,2})[\s./-]+(\d{1,4})")
_WORDED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s.]+(?:of\s+|de\s+)?([^\W\d]+)[\s.,]+(?:de\s+)?(\d{4})"
)
_WORD_FIRST = re.compile(r"([^\W\d]+)[\s.]+(\d{1,2})(?:st|nd|rd|th)?[\s.,]+(\d{4})")
_ISO_DIGITS = 4


def parse_detail(name: str, text: str, *, today: date) -> str:
    """Return the normal form of one detail. Raises InvalidInput, InvalidText."""
    if name not in (*DETAILS, *OPTIONAL_DETAILS):
        raise InvalidInput(field="name", allowed=", ".join((*DETAILS, *OPTIONAL_DETAILS)))
    value = " ".join(unicodedata.normalize("NFKC", text).split())
    if name == "birth_date":
        return _birth_date(value, today=today)
    return _PARSERS[name](value)


def parse_date(text: str) -> date:
    """Return the date the words name. Raises InvalidInput: because=format | ambiguous.

    >>> parse_date("born on 3 May 1990"), parse_date("1990-05-03"), parse_date("31.12.1985")
    (datetime.date(1990, 5, 3), datetime.date(1990, 5, 3), datetime.date(1985, 12, 31))
    """
    folded = _fold(text)
    for pattern, day_at, month_at in ((_WORDED, 1, 2), (_WORD_FIRST, 2, 1)):
        for match in pattern.finditer(folded):
            month = _months().get(match[month_at])
            if month:
                return _date(int(match[3]), month, int(match[day_at]))
    numeric = _NUMERIC.search(folded)
    if not numeric:
        raise InvalidInput(field="birth_date", because="format")
    first, second, third = numeric.groups()
    if len(first) == _ISO_DIGITS:
        return _date(int(first), int(second), int(third))
    if len(third) != _ISO_DIGITS:
        raise InvalidInput(field="birth_date", because="year")
    day, month = int(first), int(second)
    if "." in numeric[0]:  # written so only where the day comes first
        return _date(int(third), month, day)
    if day > 12 or month > 12 or day == month:
        day, month = (month, day) if month > 12 else (day, month)
        return _date(int(third), month, day)
    raise InvalidInput(field="birth_date", because="ambiguous")


def _birth_date(text: str, *, today: date) -> str:
    born = parse_date(text)
    if born > today:
        raise InvalidInput(field="birth_date", because="future")
    years = age_years(born, today=today)
    if years < number("application", "age_least_years"):
        raise InvalidInput(field="birth_date", because="underage")
    if years > number("application", "age_most_years"):
        raise InvalidInput(field="birth_date", because="too_old")
    return born.isoformat()


def _name(field: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        name = parse_person_name(text)
        if not any(char.isalpha() for char in name) or re.search(r"[\d@/\\<>{}]", name):
            raise InvalidText(field=field, because="letters")
        return name

    return parse


def _line(field: str, *, needs_letter: bool) -> Callable[[str], str]:
    def parse(text: str) -> str:
        good = 2 <= len(text) <= TEXT_MAX_CHARS and not re.search(r"[<>{}\\@]", text)
        if not good or (needs_letter and not any(char.isalpha() for char in text)):
            raise InvalidText(field=field, because="format")
        return text

    return parse


def _postcode(text: str) -> str:
    code = text.upper()
    if not re.fullmatch(r"[A-Z0-9][A-Z0-9 -]{1,9}", code) or not re.search(r"\d", code):
        raise InvalidText(field="postcode", because="format")
    return code


def _country(text: str) -> str:
    code = _territories().get(_fold(text).strip(" ."))
    if code is None:
        raise InvalidInput(field="country", because="unknown")
    return code


def _purpose(text: str) -> str:
    code = _fold(text)
    if code not in purposes():
        raise InvalidInput(field="purpose", allowed=", ".join(purposes()))
    return code


def _email(text: str) -> str:
    found = _EMAIL.search(text.rstrip("."))
    if not found:
        raise InvalidInput(field="email", because="format")
    return found[0].lower()


def _phone(text: str) -> str:
    digits = re.sub(r"[^\d+]", "", text)
    digits = f"+{digits[2:]}" if digits.startswith("00") else digits
    if not re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        raise InvalidInput(field="phone", because="format")
    return digits


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise InvalidInput(field="birth_date", because="no_such_day") from None


def _fold(text: str) -> str:
    """Return the text in lower case without marks on its letters."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


@cache
def _months() -> dict[str, int]:
    """Return month names, long and short, of all languages → 1-12."""
    names: dict[str, int] = {}
    for language in LANGUAGES:
        months = Locale.parse(language).months
        for use in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in months[use][width].items():
                    names.setdefault(_fold(str(name)).rstrip("."), int(month))
    return names


@cache
def _territories() -> dict[str, str]:
    """Return country names of all languages, and the codes themselves → ISO alpha-2."""
    names: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES:
                names.setdefault(_fold(str(name)), code)
                names[code.lower()] = code
    return names | _ALSO


#: In CLDR, not in ISO 3166-1 as countries.
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"})
#: What people say.
_ALSO = {
    "uk": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "great britain": "GB",
    "britain": "GB", "usa": "US", "america": "US", "holland": "NL", "the netherlands": "NL",
    "czech republic": "CZ", "turkey": "TR", "russia": "RU", "the united kingdom": "GB",
    "the united states": "US", "united states of america": "US", "bosnia": "BA",
}  # fmt: skip

_PARSERS: dict[str, Callable[[str], str]] = {
    "given_names": _name("given_names"),
    "surname": _name("surname"),
    "street": _line("street", needs_letter=True),
    "postcode": _postcode,
    "city": _line("city", needs_letter=True),
    "country": _country,
    "purpose": _purpose,
    "email": _email,
    "phone": _phone,
}
