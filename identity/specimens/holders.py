"""Holders who do not exist: what a document says about somebody, before anything is drawn.

Given and family names are drawn apart from invented mixtures, so a match with somebody real is
chance. Some names are there for what they do to a machine-readable zone: diacritics, apostrophes,
hyphens, and more letters than the line has room for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from identity.specimens.kinds import Kind

GIVEN = (
    "Ada Aisha Åsa Bastien Camille Chiara Dilan Édith Elif Emma Ewa Farah François Freya Gabriel "
    "Hélène Hugo Inês Ivo Jana Jürgen Kaï Karim Leila Łucja Luís Maja Marek Mehmet Noah Nora Olga "
    "Özlem Paula Rosa Samir Señan Šárka Søren Tara Tomáš Uma Vera Viktor Yara Zoë Żaneta"
).split()
FAMILY = (
    "Abara Ångfors Almeida Arslan Bergmann Bianchetti Brøndal Carvalhal Castelón Çelmer D’Arvanne "
    "Dahlgrün Demirel Diallonde Edermann Farkasdi Fontanelle Gruberly Haddadin Horvatin Ibañera "
    "Jensdal Jovanićer Kellermoss Kovácsdi Kowalskow Larsgård Lehmansky Lindqvard Löwenthau "
    "Maierhöf Müllstein Navarrine Nowakow O’Brannan Ödegren Okoyembe Ørstedal Pereirinha Petrovani "
    "Quirozal Romanelli Ruizado Saidoun Şahinler Schmittgen Sørvang Tanakura Toresén Ungarde "
    "Vogelsanger Walshmoor Weißdorn Yilmazer Ziegenfuß"
).split()
TOWNS = (
    "Larkmouth Ostermark Valdeira Norrholm Pontavel Grauensee Kirkvale Santoral Zelengrad Meerwijk"
).split()

#: Issuers whose codes appear on specimens. Layouts are invented.
ISSUERS = (
    "D", "FRA", "ITA", "ESP", "PRT", "NLD", "BEL", "POL", "CZE", "HRV", "FIN", "LVA", "LTU",
    "SWE", "DNK", "NOR", "AUT", "IRL", "GRC", "ROU", "HUN", "CAN", "AUS", "JPN", "BRA", "TUR",
)  # fmt: skip

#: Letters of a number form, as `authenticity/numbers.toml` names them.
_SETS = {
    "N": "0123456789",
    "L": "ABCDEFGHJKLMNPRSTUVWXYZ",
    "A": "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
    "G": "0123456789CFGHJKLMNPRTVWXYZ",
    "D": "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Names as the holder writes them; dates; the rest as FIELDS has it."""

    given_names: str
    surname: str
    birth_date: date
    sex: str
    birth_place: str
    nationality: str
    issuer: str
    number: str
    issue_date: date
    expiry_date: date
    optional_1: str = ""

    def fields(self, document_code: str) -> Mapping[str, str]:
        """Return the holder as `compose` takes it."""
        return {
            "document_code": document_code,
            "issuer": self.issuer,
            "surname": self.surname,
            "given_names": self.given_names,
            "number": self.number,
            "nationality": self.nationality,
            "birth_date": self.birth_date.isoformat(),
            "sex": self.sex,
            "expiry_date": self.expiry_date.isoformat(),
            "optional_1": self.optional_1,
        }


def make_holder(
    rng: np.random.Generator, *, kind: Kind, today: date, forms: Mapping[str, tuple[str, ...]]
) -> Holder:
    """Return somebody of age with a valid document. `forms`: number formats by issuer."""
    issuer = str(rng.choice(ISSUERS))
    birth = today - timedelta(days=int(rng.integers(18 * 366 + 30, 84 * 365)))
    years = int(rng.choice([1, 2, 5])) if kind.is_visa else 10
    issued = today - timedelta(days=int(rng.integers(5, years * 365 - 40)))
    issued = max(issued, birth + timedelta(days=18 * 366))
    template = str(rng.choice(forms.get(issuer, ("LLNNNNNNN", "LNNNNNNN", "ANNNNNNNA"))))
    foreign = kind.is_visa or rng.random() < 0.04
    return Holder(
        given_names=_given(rng),
        surname=_surname(rng),
        birth_date=birth,
        sex=str(rng.choice(["F", "M", "X"], p=[0.49, 0.49, 0.02])),
        birth_place=str(rng.choice(TOWNS)),
        nationality=str(rng.choice(ISSUERS)) if foreign else issuer,
        issuer=issuer,
        number=fill_number(rng, template),
        issue_date=issued,
        expiry_date=_years_later(issued, years) - timedelta(days=int(rng.integers(0, 2))),
        optional_1=fill_number(rng, "NNNNNNN") if rng.random() < 0.2 else "",
    )


def fill_number(rng: np.random.Generator, template: str) -> str:
    """Return a number of a form of `authenticity/numbers.toml`."""
    return "".join(str(rng.choice(list(_SETS[one]))) if one in _SETS else one for one in template)


def other_number(rng: np.random.Generator, number: str) -> str:
    """Return the number with one character changed to another of its kind."""
    at = int(rng.integers(len(number)))
    alphabet = _SETS["N" if number[at].isdigit() else "L"]
    other = str(rng.choice([one for one in alphabet if one != number[at]]))
    return number[:at] + other + number[at + 1 :]


def other_date(rng: np.random.Generator, day: date) -> date:
    """Return the date with one thing about it changed: the day, the month or the year."""
    which = int(rng.integers(3))
    if which == 0:
        return day.replace(day=(day.day + int(rng.integers(1, 27))) % 28 + 1)
    if which == 1:
        month = (day.month + int(rng.integers(0, 11))) % 12 + 1
        return day.replace(month=month, day=min(day.day, 28))
    return _years_later(day, int(rng.integers(1, 4)))


def other_surname(rng: np.random.Generator, surname: str) -> str:
    """Return another family name."""
    return str(rng.choice([one for one in FAMILY if one not in surname]))


def with_nationality(holder: Holder, code: str) -> Holder:
    """Return the holder under another issuer, a national of it."""
    return replace(holder, issuer=code, nationality=code)


def _given(rng: np.random.Generator) -> str:
    count = int(rng.choice([1, 2, 3], p=[0.55, 0.38, 0.07]))
    return " ".join(str(one) for one in rng.choice(GIVEN, size=count, replace=False))


def _surname(rng: np.random.Generator) -> str:
    count = int(rng.choice([1, 2], p=[0.85, 0.15]))
    return str(rng.choice(["-", " "])).join(
        str(one) for one in rng.choice(FAMILY, size=count, replace=False)
    )


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
