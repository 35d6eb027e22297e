"""Claims: what the applicant told us, to be compared with what the document says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Claims:
    """`country` is the country of residence, ISO 3166-1 alpha-2. What was not told is empty."""

    given_names: str = ""
    surname: str = ""
    birth_date: date | None = None
    country: str | None = None
    address: str = ""
