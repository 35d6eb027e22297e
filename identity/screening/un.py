"""The consolidated list of the UN Security Council, XML.

    INDIVIDUAL  FIRST_NAME … FOURTH_NAME, NAME_ORIGINAL_SCRIPT, INDIVIDUAL_ALIAS (Good | Low),
                INDIVIDUAL_DATE_OF_BIRTH (DATE | YEAR | FROM_YEAR, TO_YEAR), NATIONALITY
    ENTITY      FIRST_NAME, ENTITY_ALIAS (a.k.a. | f.k.a.), ENTITY_ADDRESS

XML from outside is read by defusedxml: no entities, no external references.
https://main.un.org/securitycouncil/en/content/un-sc-consolidated-list
"""

from __future__ import annotations

import re
from datetime import date
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from identity.screening.countries import country_code
from identity.screening.entries import BirthDate, Entry, ListBroken, ListedName, NameQuality
from identity.screening.names import NameKind
from identity.screening.ofac import unquoted

LIST_NAME = "UN Security Council"
SOURCE = "consolidated.xml"

_QUALITIES = {
    "good": NameQuality.STRONG, "a.k.a.": NameQuality.STRONG, "low": NameQuality.WEAK,
    "f.k.a.": NameQuality.FORMER,
}  # fmt: skip
_ACRONYM = re.compile(r"\(([A-Z0-9][A-Za-z0-9.\- ]{1,11})\)")


def parse_un(raw: bytes) -> tuple[list[Entry], date | None]:
    """Return the entries and the day the list was made. Raises ListBroken."""
    if not raw.strip():
        raise ListBroken(SOURCE, "empty")
    try:
        root = fromstring(raw)
    except ParseError as fault:
        raise ListBroken(SOURCE, "truncated", str(fault)) from fault
    except (DefusedXmlException, ValueError) as fault:
        raise ListBroken(SOURCE, "malformed", type(fault).__name__) from fault
    if root.tag != "CONSOLIDATED_LIST":
        raise ListBroken(SOURCE, "malformed", f"the root is {root.tag[:40]}")
    entries = [_individual(one) for one in root.iter("INDIVIDUAL")]
    entries += [_organisation(one) for one in root.iter("ENTITY")]
    if not entries:
        raise ListBroken(SOURCE, "empty")
    return entries, _made_on(root.get("dateGenerated", ""))


def _made_on(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _individual(one: Element) -> Entry:
    nationalities = _codes(one, "NATIONALITY/VALUE")
    return Entry(
        entry_id=_id(one),
        list_name=LIST_NAME,
        kind=NameKind.PERSON,
        names=_names(one, "INDIVIDUAL_ALIAS"),
        born=tuple(
            found
            for element in one.iterfind("INDIVIDUAL_DATE_OF_BIRTH")
            if (found := _born(element)) is not None
        ),
        nationalities=nationalities,
        countries=nationalities
        | _codes(one, "INDIVIDUAL_ADDRESS/COUNTRY")
        | _codes(one, "INDIVIDUAL_PLACE_OF_BIRTH/COUNTRY"),
        programs=_programs(one),
        remarks=_text(one, "COMMENTS1"),
    )


def _organisation(one: Element) -> Entry:
    return Entry(
        entry_id=_id(one),
        list_name=LIST_NAME,
        kind=NameKind.ORGANISATION,
        names=_names(one, "ENTITY_ALIAS"),
        countries=_codes(one, "ENTITY_ADDRESS/COUNTRY"),
        programs=_programs(one),
        remarks=_text(one, "COMMENTS1"),
    )


def _id(one: Element) -> str:
    reference = _text(one, "REFERENCE_NUMBER") or _text(one, "DATAID")
    if not reference:
        raise ListBroken(SOURCE, "malformed", "an entry has no reference number")
    return f"un:{reference}"


def _names(one: Element, alias_tag: str) -> tuple[ListedName, ...]:
    parts = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
    primary = " ".join(text for part in parts if (text := _text(one, part)))
    if not primary:
        raise ListBroken(SOURCE, "malformed", "an entry has no name")
    names = [ListedName(primary)]
    if original := _text(one, "NAME_ORIGINAL_SCRIPT"):
        names.append(ListedName(original, NameQuality.STRONG))
    for alias in one.iterfind(alias_tag):
        if text := _text(alias, "ALIAS_NAME"):
            quality = _QUALITIES.get(_text(alias, "QUALITY").lower(), NameQuality.WEAK)
            names.append(ListedName(text, quality))
    found = []
    for name in names:
        found.append(ListedName(_ACRONYM.sub(" ", name.text), name.quality))
        found += [ListedName(text, NameQuality.WEAK) for text in _ACRONYM.findall(name.text)]
    return unquoted(found)


def _born(element: Element) -> BirthDate | None:
    is_circa = _text(element, "TYPE_OF_DATE") == "APPROXIMATELY"
    try:
        if text := _text(element, "DATE"):
            day = date.fromisoformat(text[:10])
            return BirthDate(day, day, is_circa)
        if text := _text(element, "YEAR"):
            return BirthDate.of(int(text), is_circa=is_circa)
        first, last = _text(element, "FROM_YEAR"), _text(element, "TO_YEAR")
        if first and last:
            return BirthDate(date(int(first), 1, 1), date(int(last), 12, 31), is_circa)
    except ValueError:
        return None
    return None


def _programs(one: Element) -> tuple[str, ...]:
    found = _text(one, "UN_LIST_TYPE")
    return (found,) if found else ()


def _codes(one: Element, path: str) -> frozenset[str]:
    texts = (element.text or "" for element in one.iterfind(path))
    return frozenset(code for text in texts if (code := country_code(text)))


def _text(one: Element, tag: str) -> str:
    return " ".join((one.findtext(tag) or "").split())
