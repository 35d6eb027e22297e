"""The bank's own phone numbers and addresses: all that an answer may hold of such things.

knowledge/articles/contacts.toml ─▶ every text in it ─▶ phone numbers, hosts, mail addresses
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

_HOST = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,24}|localhost)(?::\d+)?(?:/\S*)?")
_MAIL = re.compile(r"[\w.+-]+@((?:[\w-]+\.)+[\w-]+)")


@dataclass(frozen=True, slots=True)
class Contacts:
    """phones: digits only. hosts, mails: in small letters."""

    phones: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()


@lru_cache(maxsize=1)
def own_contacts() -> Contacts:
    """Return the shipped allow-list; empty where there is none."""
    file = resources.files("knowledge") / "articles" / "contacts.toml"
    return read_contacts(file.read_text(encoding="utf-8")) if file.is_file() else Contacts()


def read_contacts(text: str) -> Contacts:
    """Return what a contacts.toml allows. Raises tomllib.TOMLDecodeError."""
    phones, hosts, mails = set(), set(), set()
    for one in _texts(tomllib.loads(text)):
        value = one.strip().lower()
        if _MAIL.fullmatch(value):
            mails.add(value)
        elif found := _HOST.fullmatch(value):
            hosts.add(found[1])
        elif re.fullmatch(r"[+(\d][\d\s().\-/]{4,}", value):
            phones.add(digits_of(value))
    return Contacts(frozenset(phones), frozenset(hosts), frozenset(mails))


def digits_of(phone: str) -> str:
    """Return a number's digits; a leading + and 00 are one.

    >>> digits_of("+49 30 1234"), digits_of("0049 (30) 1234")
    ('49301234', '49301234')
    """
    digits = re.sub(r"\D", "", phone)
    return digits.removeprefix("00")


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []
