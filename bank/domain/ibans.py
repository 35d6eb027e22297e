"""IBAN: the International Bank Account Number, ISO 13616, published by SWIFT.

Two letters of country, two check digits (mod 97 over the rearranged number), and up to 30 more;
each country has one length. https://www.swift.com/standards/data-standards/iban
"""

from __future__ import annotations

import re

from bank.domain.errors import InvalidIban

BANK_COUNTRY = "DE"
#: Not given to any bank: codes that begin with 9 belong to no clearing region, so no account of
#: ours is ever somebody's real one.
BANK_CODE = "99970000"

#: Length by country: ISO 13616 registry.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28,
    "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23,
    "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26,
    "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18,
    "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24,
    "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "ST": 25, "SV": 28, "TL": 23, "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip


def validate_iban(text: str) -> str:
    """Return the compact, upper-case number.

    >>> validate_iban("de89 3704 0044 0532 0130 00")
    'DE89370400440532013000'
    >>> validate_iban("DE88 3704 0044 0532 0130 00")
    Traceback (most recent call last):
    bank.domain.errors.InvalidIban: invalid_iban(because=check_digits)

    Raises InvalidIban with the reason: characters, country, length, check_digits.
    """
    number = compact(text)
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}", number):
        raise InvalidIban(because="characters")
    length = LENGTHS.get(number[:2])
    if length is None:
        raise InvalidIban(because="country", country=number[:2])
    if len(number) != length:
        raise InvalidIban(because="length", expected=length, got=len(number))
    if _mod97(number[4:] + number[:4]) != 1:
        raise InvalidIban(because="check_digits")
    return number


def make_iban(country: str, rest: str) -> str:
    """Return the IBAN of a basic account number, check digits computed.

    >>> make_iban("DE", "370400440532013000")
    'DE89370400440532013000'
    """
    check = 98 - _mod97(f"{rest}{country}00")
    return validate_iban(f"{country}{check:02d}{rest}")


def make_own_iban(account_no: int) -> str:
    """Return the IBAN of one of our accounts.

    >>> make_own_iban(42)
    'DE16999700000000000042'
    """
    assert 0 <= account_no < 10**10, account_no
    return make_iban(BANK_COUNTRY, f"{BANK_CODE}{account_no:010d}")


def compact(text: str) -> str:
    """Return the number without spaces and dashes, upper case, unchecked."""
    return re.sub(r"[\s-]", "", text).upper()


def mask(iban: str) -> str:
    """Return what may be shown and spoken: country, and the last four.

    >>> mask("DE89370400440532013000")
    'DE•• 3000'
    """
    return f"{iban[:2]}•• {iban[-4:]}"


def _mod97(characters: str) -> int:
    # A = 10 … Z = 35: ISO 13616-1, 6.1.
    return int("".join(str(int(c, 36)) for c in characters)) % 97
