"""Customers: the people who keep accounts here, and how they prove it is them.

A `Customer` is who they are; a `Login` (same id) is their password hash. They are two records
so that reading a customer never brings a hash along.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from bank.domain.errors import InvalidInput, InvalidText
from bank.domain.ids import CustomerId

NAME_MAX_CHARS = 100
PHONE_MIN_DIGITS = 5  # fewer, and three shown digits would tell it all
PASSWORD_MIN_CHARS = 10
PASSWORD_MAX_CHARS = 200  # argon2 takes any length; a megabyte of password is an attack


@dataclass(frozen=True, slots=True)
class Customer:
    """One person. `kyc_tier` 0 none, 1 basic, 2 full; `birth_date` is ISO."""

    id: CustomerId
    login_name: str
    full_name: str
    given_name: str
    email: str
    phone: str
    kyc_tier: int
    created_at_utc: datetime
    locale: str = "en"
    country: str = "DE"
    birth_date: str | None = None
    marketing_consent: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """What a customer logs in with; the id is the customer's."""

    id: CustomerId
    password_hash: str
    changed_at_utc: datetime


def parse_login_name(text: str) -> str:
    """Return the normal form of a login name: NFKC, lower case, no spaces around.

    >>> parse_login_name("  Amal.Haddad ")
    'amal.haddad'

    Raises InvalidText: other characters than letters, digits and `.-_@`, or a silly length.
    """
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    if not re.fullmatch(r"[\w.@-]{2,64}", name):
        raise InvalidText(field="login_name", min_chars=2, max_chars=64)
    return name


def validate_password(password: str) -> str:
    """Return the password as it is hashed (NFKC, as NIST SP 800-63B asks). Raises InvalidInput."""
    normal = unicodedata.normalize("NFKC", password)
    if not PASSWORD_MIN_CHARS <= len(normal) <= PASSWORD_MAX_CHARS:
        raise InvalidInput(
            field="password", min_chars=PASSWORD_MIN_CHARS, max_chars=PASSWORD_MAX_CHARS
        )
    return normal


def parse_person_name(text: str) -> str:
    """Return a person's name on one line. Raises InvalidText."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > NAME_MAX_CHARS or any(not char.isprintable() for char in name):
        raise InvalidText(field="name", max_chars=NAME_MAX_CHARS)
    return name


def mask_phone(phone: str) -> str:
    """Return a phone number with only its last three digits.

    >>> mask_phone("+49 151 2345678")
    '••• 678'
    """
    digits = [char for char in phone if char.isdigit()]
    return f"••• {''.join(digits[-3:])}" if len(digits) >= PHONE_MIN_DIGITS else "•••"


def mask_address(address: str) -> str:
    """Return an e-mail address or phone number that is recognised and not told.

    >>> mask_address("ana.silva@example.org"), mask_address("+49 151 2345678")
    ('a•••@example.org', '••• 678')
    """
    name, at, place = address.rpartition("@")
    return f"{name[:1]}•••@{place}" if at else mask_phone(address)
