"""AAMVA: what the barcode of a North American driving licence says, and how to write one.

    @ LF RS CR  ANSI 636014 08 00 02  DL 0041 0278  ZC 0319 0008  DL DAQD1234567 LF DCSMEIER LF …
    └ prefix ─┘      issuer │  │  └ subfiles: kind, offset, length ┘ └ elements of three letters ┘
                     version┘  └ of the jurisdiction

Versions 1 (2000) to 10 (2020) differ in how names are split, how sex is written and how dates
are: version 1 and Canada write CCYYMMDD, the United States MMDDCCYY since version 2. No date can
be read both ways: a year begins with 19 or 20, a month with 0 or 1 and at most 12.

Offsets and counts of the header are often wrong on real cards, so elements are found by their
separators. Parsing never raises; what cannot be read is "".
Source: AAMVA DL/ID Card Design Standard, annex D.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files

_HEADER = re.compile(r"(?:ANSI|AAMVA)\s?(\d{6})(\d{2})")
_FIRST = re.compile(r"(?:DL|ID|EN)(?=D[A-Z]{2})")
_ELEMENT = re.compile(r"^(?:DL|ID|EN)?(D[A-Z]{2})(.*)$", re.DOTALL)
_SEPARATORS = re.compile(r"[\n\r\x1c-\x1e]")
_NOTHING = frozenset({"NONE", "UNAVL", "UNAVAIL", "UNK", "N/A", "NULL"})
_SEX = {"1": "M", "2": "F", "9": "X", "M": "M", "F": "F", "X": "X"}

#: Beside the names of reading.FIELDS.
MORE_FIELDS = ("issue_date", "address", "region", "issuing_region", "version", "full_name")


def parse_aamva(data: bytes | str) -> dict[str, str] | None:
    """Return the fields of an AAMVA barcode, None where the data is something else.

    Names as in reading.FIELDS (issuer USA or CAN; a licence tells no nationality), and
    `issue_date`, `address` (street, city, region postcode), `region` (of the address, US or CA
    two letters), `issuing_region` (by the issuer's number), `version`, `full_name` (version 1
    cards that do not split it). Elements that are absent have no key.
    """
    text = _text(data)
    header = _HEADER.search(text)
    if header is None:
        return None
    elements = _elements(text[header.end() :])
    if not elements:
        return None
    iin, version = header.groups()
    country, issuing_region = _issuers().get(iin, ("", ""))
    found = {
        "document_code": "ID" if re.search(r"\d{2}ID\d{4}", text) else "DL",
        "issuer": _country(elements, country),
        "issuing_region": issuing_region,
        "version": str(int(version)),
        **_names(elements),
        "number": _value(elements, "DAQ", "DBJ"),
        "birth_date": parse_date(_value(elements, "DBB", "DBL")),
        "expiry_date": parse_date(_value(elements, "DBA")),
        "issue_date": parse_date(_value(elements, "DBD")),
        "sex": _SEX.get(_value(elements, "DBC")[:1], ""),
        "region": _value(elements, "DAJ", "DAO")[:2],
        "address": _address(elements),
    }
    return {name: value for name, value in found.items() if value}


def parse_date(text: str) -> str:
    """Return an ISO date of CCYYMMDD or MMDDCCYY, "" where it is neither.

    >>> parse_date("12241985"), parse_date("19851224"), parse_date("13241985")
    ('1985-12-24', '1985-12-24', '')
    """
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) != 8:
        return ""
    ways = ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[:2], digits[2:4]))
    for year, month, day in ways:
        if "1900" <= year <= "2099":
            try:
                return date(int(year), int(month), int(day)).isoformat()
            except ValueError:
                continue
    return ""


def compose_aamva(fields: Mapping[str, str], *, region: str, version: int = 10) -> bytes:
    """Return a barcode's content for these fields, as a card of that region and version has it.

    `fields` are named as in reading.FIELDS plus issue_date, street, city, postcode; `region` is a
    US or Canadian two-letter code of aamva.toml. Raises KeyError on another.
    """
    iin, (country, _) = next(
        (iin, issuer) for iin, issuer in _issuers().items() if issuer[1] == region
    )
    elements = {
        "DAQ": fields.get("number", ""),
        **_written_names(fields, version),
        "DBB": _written_date(fields.get("birth_date", ""), version, country),
        "DBA": _written_date(fields.get("expiry_date", ""), version, country),
        "DBD": _written_date(fields.get("issue_date", ""), version, country),
        "DBC": _written_sex(fields.get("sex", ""), version),
        "DAG": fields.get("street", ""),
        "DAI": fields.get("city", ""),
        "DAJ": region,
        "DAK": fields.get("postcode", "").ljust(11),
    }
    if version >= 2:
        elements["DCG"] = country
    kind = fields.get("document_code", "DL")[:2] or "DL"
    body = kind + "\n".join(code + value for code, value in elements.items() if value) + "\r"
    count = 1
    head = f"@\n\x1e\rANSI {iin}{version:02d}" + ("00" if version >= 2 else "") + f"{count:02d}"
    offset = len(head) + 10
    return (head + f"{kind}{offset:04d}{len(body):04d}" + body).encode("latin-1", "replace")


@cache
def _issuers() -> dict[str, tuple[str, str]]:
    """Return issuer number → (ICAO country, region)."""
    table = tomllib.loads(files("identity.document").joinpath("aamva.toml").read_text("utf-8"))
    return {
        iin: (country, region)
        for country, name in (("USA", "usa"), ("CAN", "canada"))
        for region, iin in table[name].items()
    }


def _text(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _elements(body: str) -> dict[str, str]:
    """Return code → value, the first of each; a value is stripped and in upper case."""
    first = _FIRST.search(body, 0, 120)
    found: dict[str, str] = {}
    for piece in _SEPARATORS.split(body[first.start() :] if first else body):
        element = _ELEMENT.match(piece)
        if element:
            code, value = element.groups()
            found.setdefault(code, " ".join(value.upper().split()))
    return found


def _value(elements: Mapping[str, str], *codes: str) -> str:
    for code in codes:
        value = elements.get(code, "")
        if value and value not in _NOTHING:
            return value
    return ""


def _country(elements: Mapping[str, str], of_issuer: str) -> str:
    told = _value(elements, "DCG")[:3]
    return told if told in {"USA", "CAN"} else of_issuer


def _names(elements: Mapping[str, str]) -> dict[str, str]:
    surname = _value(elements, "DCS", "DAB", "DBO")
    given = [_value(elements, "DAC", "DBP"), _value(elements, "DAD", "DBQ")]
    if not given[0]:
        given = [_value(elements, "DCT")]
    whole = _value(elements, "DAA")
    if not surname and whole:
        parts = [part.strip() for part in re.split(r"[,@$]", whole)]
        if len(parts) == 1:
            return {"full_name": whole}
        surname, given = parts[0], parts[1:3]
    return {
        "surname": surname.replace(",", " ").strip(),
        "given_names": " ".join(" ".join(given).replace(",", " ").replace("$", " ").split()),
    }


def _address(elements: Mapping[str, str]) -> str:
    street = " ".join(
        filter(None, (_value(elements, "DAG", "DAL"), _value(elements, "DAH", "DAM")))
    )
    region = " ".join(
        filter(None, (_value(elements, "DAJ", "DAO"), _postcode(_value(elements, "DAK", "DAP"))))
    )
    return ", ".join(filter(None, (street, _value(elements, "DAI", "DAN"), region)))


def _postcode(text: str) -> str:
    """Return ZIP or ZIP+4 (the four only where they are not 0000), a Canadian code with its space.

    >>> _postcode("900120000"), _postcode("900121234"), _postcode("K1A0B1")
    ('90012', '90012-1234', 'K1A 0B1')
    """
    plain = text.replace("-", "").replace(" ", "")
    if re.fullmatch(r"\d{9}", plain):
        return plain[:5] if plain.endswith("0000") else f"{plain[:5]}-{plain[5:]}"
    if re.fullmatch(r"[A-Z]\d[A-Z]\d[A-Z]\d", plain):
        return f"{plain[:3]} {plain[3:]}"
    return plain


def _written_names(fields: Mapping[str, str], version: int) -> dict[str, str]:
    surname = fields.get("surname", "")
    first, _, middle = fields.get("given_names", "").partition(" ")
    if version == 1:
        return {"DAA": ",".join(filter(None, (surname, first, *middle.split())))}
    if version <= 3:
        return {"DCS": surname, "DCT": ",".join(filter(None, (first, *middle.split())))}
    return {
        "DCS": surname,
        "DDE": "N",
        "DAC": first,
        "DDF": "N",
        "DAD": middle or "NONE",
        "DDG": "N",
    }


def _written_date(iso: str, version: int, country: str) -> str:
    year, month, day = iso.split("-") if iso else ("", "", "")
    return year + month + day if version == 1 or country == "CAN" else month + day + year


def _written_sex(sex: str, version: int) -> str:
    return sex if version == 1 else {"M": "1", "F": "2", "X": "9"}.get(sex, "")
