"""OFAC's list of Specially Designated Nationals, in its CSV form ("-0-" stands for nothing).

    sdn.csv           entity number, name, type, program, title, call sign, vessel type, tonnage,
                      gross tonnage, flag, owner, remarks
    alt.csv           entity number, alias number, aka | fka | nka, name, remarks
    add.csv           entity number, address number, address, city and province, country, remarks
    sdn_comments.csv  entity number, the rest of remarks that were too long

Names are "SURNAME, Given"; remarks hold "DOB 23 Nov 1965; POB …; nationality Tunisia; a.k.a. …".
https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from identity.screening.countries import country_code
from identity.screening.entries import BirthDate, Entry, ListBroken, ListedName, NameQuality
from identity.screening.names import NameKind

LIST_NAME = "OFAC SDN"
#: Columns of each file.
COLUMNS: Mapping[str, int] = {"sdn": 12, "alt": 5, "add": 6, "sdn_comments": 2}
#: Share of alias lines that may name an entity the list does not have.
ORPHANS_MAX = 0.01

_KINDS = {
    "individual": NameKind.PERSON, "vessel": NameKind.VESSEL, "aircraft": NameKind.AIRCRAFT,
}  # fmt: skip
_QUALITIES = {"aka": NameQuality.STRONG, "nka": NameQuality.STRONG, "fka": NameQuality.FORMER}
_BORN = re.compile(r"(?:^|;\s*)(?:alt\. )?DOB ([^;]+)")
_PLACE = re.compile(r"(?:^|;\s*)(?:alt\. )?POB ([^;]+)")
_NATIONALITY = re.compile(r"(?:^|;\s*)(?:alt\. )?(?:nationality|citizen) ([^;.]+)")
_ALIAS = re.compile(r"\b(?:a\.k\.a\.|f\.k\.a\.|alt\. name)\s+['\"]([^'\"]{2,80})['\"]")
_QUOTED = re.compile(r"['\"‘“]([^'\"’”]{3,})['\"’”]")


def parse_ofac(texts: Mapping[str, str]) -> list[Entry]:
    """Return the entries of the files, by their stems ("sdn", "alt", …); only "sdn" is needed.

    Raises ListBroken.
    """
    rows = {stem: list(_rows(stem, text)) for stem, text in texts.items()}
    known = {row[0] for row in rows["sdn"]}
    aliases = _by_entity(rows.get("alt", []), known, "alt.csv")
    addresses = _by_entity(rows.get("add", []), known, "add.csv")
    more = {row[0]: row[1] for row in rows.get("sdn_comments", [])}
    entries = [
        _entry(row, aliases[row[0]], addresses[row[0]], row[11] + more.get(row[0], ""))
        for row in rows["sdn"]
    ]
    if not entries:
        raise ListBroken("sdn.csv", "empty")
    return entries


def _rows(stem: str, text: str) -> Iterator[list[str]]:
    source = f"{stem}.csv"
    text = text.rstrip("\x1a\r\n \0")  # OFAC closes its files with the DOS end-of-file mark
    if not text:
        raise ListBroken(source, "empty")
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), strict=True), start=1):
            cells = ["" if cell.strip() == "-0-" else cell.strip() for cell in row]
            if not any(cells):
                continue
            if len(cells) != COLUMNS[stem]:
                last = "truncated" if number > 1 else "wrong_columns"
                raise ListBroken(source, last, f"line {number} has {len(cells)} columns")
            if not cells[0].isdigit():
                raise ListBroken(source, "malformed", f"line {number} has no entity number")
            yield cells
    except csv.Error as fault:
        raise ListBroken(source, "truncated", str(fault)) from fault


def _by_entity(rows: list[list[str]], known: set[str], source: str) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = defaultdict(list)
    orphans_count = 0
    for row in rows:
        found[row[0]].append(row)
        orphans_count += row[0] not in known
    if orphans_count > max(2, ORPHANS_MAX * len(rows)):
        raise ListBroken(source, "orphans", f"{orphans_count} lines of unknown entities")
    return found


def _entry(
    row: list[str], aliases: list[list[str]], addresses: list[list[str]], remarks: str
) -> Entry:
    kind = _KINDS.get(row[2], NameKind.ORGANISATION)
    names = [ListedName(row[1])]
    names += [
        ListedName(alias[3], _QUALITIES.get(alias[2], NameQuality.STRONG)) for alias in aliases
    ]
    names += [ListedName(text, NameQuality.WEAK) for text in _ALIAS.findall(remarks)]
    nationalities = _codes(_NATIONALITY.findall(remarks))
    countries = nationalities | _codes(
        [address[4] for address in addresses]
        + [place.rsplit(",", 1)[-1] for place in _PLACE.findall(remarks)]
        + [row[9]]
    )
    return Entry(
        entry_id=f"ofac:{row[0]}",
        list_name=LIST_NAME,
        kind=kind,
        names=unquoted(names),
        born=tuple(date for text in _BORN.findall(remarks) for date in parse_born(text)),
        nationalities=nationalities,
        countries=countries,
        programs=tuple(part.strip("[] ") for part in row[3].split("] [") if part.strip("[] ")),
        remarks=remarks,
    )


def unquoted(names: list[ListedName]) -> tuple[ListedName, ...]:
    """Return the names once each; a nickname in quotation marks becomes a weak name of its own."""
    found: dict[str, ListedName] = {}
    for name in names:
        for text, quality in (
            (_QUOTED.sub(" ", name.text), name.quality),
            *((inner, NameQuality.WEAK) for inner in _QUOTED.findall(name.text)),
        ):
            plain = " ".join(text.split()).strip(" ,;")
            if plain and plain.casefold() not in found:
                found[plain.casefold()] = ListedName(plain, quality)
    return tuple(found.values())


def parse_born(text: str) -> list[BirthDate]:
    """Return the birth dates of OFAC's words; none where they cannot be read.

    >>> [one.text for text in ("circa 1963", "1968 to 1973") for one in parse_born(text)]
    ['~1963', '1968-1973']
    """
    text = text.strip(" .")
    is_circa = text.lower().startswith(("circa", "ca", "approx"))
    text = re.sub(r"^(?:circa|ca\.?|approximately)\s+", "", text, flags=re.IGNORECASE)
    ends = [_day(part.strip(), is_circa=is_circa) for part in re.split(r"\s+to\s+|\s*-\s*", text)]
    if not ends or ends[0] is None or ends[-1] is None:
        return []
    if ends[0].earliest > ends[-1].latest:
        return []
    return [BirthDate(ends[0].earliest, ends[-1].latest, is_circa)]


def _day(text: str, *, is_circa: bool) -> BirthDate | None:
    for form in ("%d %b %Y", "%b %Y", "%Y", "%d %B %Y", "%B %Y"):
        try:
            day = datetime.strptime(text, form)  # noqa: DTZ007  a birth date has no zone
        except ValueError:
            continue
        if form == "%Y":
            return BirthDate.of(day.year, is_circa=is_circa)
        if form.startswith("%d"):
            return BirthDate.of(day.year, day.month, day.day, is_circa=is_circa)
        return BirthDate.of(day.year, day.month, is_circa=is_circa)
    return None


def _codes(texts: list[str]) -> frozenset[str]:
    return frozenset(code for text in texts if (code := country_code(text)))
