"""Channel links: which messenger account speaks for which customer.

The customer, logged in on the web page, asks for a code and types it into the messenger. A code
is 8 characters of 32 (40 bits), stored hashed, works once within ten minutes; wrong codes from one
messenger account are counted.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from bank.domain.ids import CustomerId

LINK_CODE_TTL_S = 600

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U


@dataclass(frozen=True, slots=True)
class ChannelLink:
    """The id is channel and hashed external id, so one messenger account has one customer."""

    id: str
    channel: str
    customer_id: CustomerId
    linked_at_utc: datetime


@dataclass(frozen=True, slots=True)
class LinkCode:
    """The id is the customer's: a new code replaces the old one."""

    id: CustomerId
    code_hash: str
    expires_at_utc: datetime


def make_link_code() -> str:
    """Return a code people can type, such as `7K3M-Q2ZT`."""
    characters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"{characters[:4]}-{characters[4:]}"


def clean_link_code(text: str) -> str:
    """Return a typed code in its normal form: the look-alikes of Crockford's alphabet fold.

    >>> clean_link_code(" 7k3m q2zt "), clean_link_code("OIL0-1111")
    ('7K3M-Q2ZT', '0110-1111')
    """
    code = "".join(char for char in text.upper() if char.isalnum())
    code = code.translate(str.maketrans("OIL", "011"))
    return f"{code[:4]}-{code[4:]}"
