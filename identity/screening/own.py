"""The bank's own lists (PEP, internal): CSV, UTF-8, comma, one header line.

    id            the bank's own number, unique in the file                       needed
    name          as written, any script                                          needed
    kind          person | organisation | vessel | aircraft; empty is person
    aliases       further names, apart by ";"
    weak_aliases  nicknames and doubtful names, apart by ";"
    born          1971-05-02, 1971-05, 1971, 1968/1973 or ~1971; several apart by ";"
    nationality   countries, alpha-2 or English, apart by ";"
    countries     of residence and birth, the same way
    programs      why, in the bank's words, apart by ";"  ("pep", "fraud")
    remarks       for staff

The file's name says what the list is called: own_pep.csv is shown as "pep".
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date

from identity.screening.countries import country_code
from identity.screening.entries import BirthDate, Entry, ListBroken, ListedName, NameQuality
from identity.screening.names import NameKind

NEEDED = frozenset({"id", "name"})
COLUMNS = (
    "id", "name", "kind", "aliases", "weak_aliases", "born", "nationality", "countries",
    "programs", "remarks",
)  # fmt: skip


def parse_own(text: str, list_name: str) -> list[Entry]:
    """Return the entries of one file. Raises ListBroken with the line where there is one."""
    source = f"own_{list_name}.csv"
    if not text.strip():
        raise ListBroken(source, "empty")
    reader = csv.DictReader(io.StringIO(text.lstrip("\ufeff")), strict=True)
    header = set(reader.fieldnames or ())
    if not header >= NEEDED or header - set(COLUMNS):
        raise ListBroken(source, "wrong_columns", ", ".join(sorted(header))[:120])
    entries: dict[str, Entry] = {}
    try:
        for row in reader:
            entry = _entry(row, list_name, source, reader.line_num)
            if entry.entry_id in entries:
                raise ListBroken(source, "malformed", f"line {reader.line_num}: id twice")
            entries[entry.entry_id] = entry
    except csv.Error as fault:
        raise ListBroken(source, "truncated", str(fault)) from fault
    if not entries:
        raise ListBroken(source, "empty")
    return list(entries.values())


def _entry(row: dict[str, str], list_name: str, source: str, line: int) -> Entry:
    if None in row or None in row.values():
        raise ListBroken(source, "truncated", f"line {line} has another number of columns")
    if not row["id"].strip() or not row["name"].strip():
        raise ListBroken(source, "malformed", f"line {line} has no id or no name")
    try:
        kind = NameKind(row.get("kind", "").strip() or "person")
        born = tuple(_born(text) for text in _many(row, "born"))
    except ValueError as fault:
        raise ListBroken(source, "malformed", f"line {line}: {fault}") from fault
    nationalities = _codes(_many(row, "nationality"), source, line)
    return Entry(
        entry_id=f"{list_name}:{row['id'].strip()}",
        list_name=list_name,
        kind=kind,
        names=(
            ListedName(row["name"].strip()),
            *(ListedName(text, NameQuality.STRONG) for text in _many(row, "aliases")),
            *(ListedName(text, NameQuality.WEAK) for text in _many(row, "weak_aliases")),
        ),
        born=born,
        nationalities=nationalities,
        countries=nationalities | _codes(_many(row, "countries"), source, line),
        programs=tuple(_many(row, "programs")),
        remarks=row.get("remarks", "").strip(),
    )


def _many(row: dict[str, str], column: str) -> list[str]:
    return [part.strip() for part in row.get(column, "").split(";") if part.strip()]


def _codes(texts: list[str], source: str, line: int) -> frozenset[str]:
    codes = {text: country_code(text) for text in texts}
    for text, code in codes.items():
        if code is None:
            raise ListBroken(source, "malformed", f"line {line}: no country {text[:30]!r}")
    return frozenset(code for code in codes.values() if code)


def _born(text: str) -> BirthDate:
    is_circa = text.startswith("~")
    text = text.lstrip("~").strip()
    if years := re.fullmatch(r"(\d{4})/(\d{4})", text):
        return BirthDate(date(int(years[1]), 1, 1), date(int(years[2]), 12, 31), is_circa)
    parts = [int(part) for part in text.split("-")]
    if not 1 <= len(parts) <= 3:
        raise ValueError(f"no birth date {text[:20]!r}")
    return BirthDate.of(*parts, is_circa=is_circa)
