"""The machine-readable zone of ICAO Doc 9303: its shapes, its fields, its check digits.

    TD1  3 × 30   code issuer number·c optional_1
                  birth·c sex expiry·c nationality optional_2 C      ·c  its check digit
                  names                                              C   composite check digit
    TD2  2 × 36   code issuer names
                  number·c nationality birth·c sex expiry·c optional_1 C
    TD3  2 × 44   as TD2, with optional_1·c
    MRVB 2 × 36, MRVA 2 × 44: as TD2 and TD3, with V first, without C

Text to meaning and back. Nothing is repaired here and nothing is guessed: a wrong check digit is
reported in `Mrz.checks`. Pictures are the matter of `identity/document/reader.py`.

Doc 9303, parts 3 (check digits, dates, transliteration), 4 (TD3), 5 (TD1), 6 (TD2), 7 (visas).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from anyascii import anyascii

from identity.document.layouts import LAYOUTS, Layout, Span
from identity.document.reading import Mrz, MrzFormat

__all__ = [
    "ALPHABET", "DIGITS", "FILLER", "LAYOUTS", "LETTERS", "Layout", "Span", "check_digit",
    "compose", "cut", "find_checks", "find_format", "parse_lines", "transliterate",
]  # fmt: skip

FILLER = "<"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGITS = "0123456789"
ALPHABET = DIGITS + LETTERS + FILLER

_VALUES = {letter: at for at, letter in enumerate(DIGITS + LETTERS)} | {FILLER: 0}
_WEIGHTS = (7, 3, 1)
_LONG_NUMBER_LENGTH = 9


def check_digit(text: str) -> str:
    """Return the check digit of a text: weights 7, 3, 1 from the left, sum modulo 10.

    >>> check_digit("L898902C3")
    '6'
    >>> check_digit("<<<<<<")
    '0'

    Raises ValueError: a character outside A-Z, 0-9 and `<`.
    """
    try:
        return str(sum(_VALUES[one] * _WEIGHTS[at % 3] for at, one in enumerate(text)) % 10)
    except KeyError as wrong:
        raise ValueError(f"not a character of a machine-readable zone: {wrong}") from None


def find_format(lines: Sequence[str]) -> MrzFormat | None:
    """Return the format by number and length of the lines and the first letter, or None."""
    visa = bool(lines) and lines[0].startswith("V")
    match len(lines), {len(line) for line in lines}:
        case 3, widths if widths == {30}:
            return MrzFormat.TD1
        case 2, widths if widths == {36}:
            return MrzFormat.MRVB if visa else MrzFormat.TD2
        case 2, widths if widths == {44}:
            return MrzFormat.MRVA if visa else MrzFormat.TD3
    return None


def parse_lines(lines: Sequence[str], *, today: date | None = None) -> Mrz | None:
    """Return what the lines say, or None where they have no shape of Doc 9303.

    Spaces are dropped and letters raised; nothing else is changed. Two-digit years are read as of
    `today` (default: the current date in UTC): nobody is born later, nothing expires 50 years off.
    """
    texts = tuple(re.sub(r"\s+", "", line).upper() for line in lines)
    mrz_format = find_format(texts)
    if mrz_format is None or any(set(text) - set(ALPHABET) for text in texts):
        return None
    layout = LAYOUTS[mrz_format]
    number, extra = _number(layout, texts)
    birth = cut(texts, layout.fields["birth_date"])
    expiry = cut(texts, layout.fields["expiry_date"])
    now = today or datetime.now(UTC).date()
    surname, _, given = cut(texts, layout.names).strip(FILLER).partition("<<")
    sex = cut(texts, layout.fields["sex"])
    fields = {
        "document_code": cut(texts, layout.fields["document_code"]).rstrip(FILLER),
        "issuer": cut(texts, layout.fields["issuer"]).rstrip(FILLER),
        "surname": _words(surname),
        "given_names": _words(given),
        "number": number.strip(FILLER),
        "nationality": cut(texts, layout.fields["nationality"]).rstrip(FILLER),
        "birth_date": _iso(birth, latest_year=now.year, today=now),
        "sex": {"M": "M", "F": "F", FILLER: "X", "X": "X"}.get(sex, ""),
        "expiry_date": _iso(expiry, latest_year=now.year + 50),
        "optional_1": extra.strip(FILLER),
        "optional_2": "",
    }
    if "optional_2" in layout.fields:
        fields["optional_2"] = cut(texts, layout.fields["optional_2"]).strip(FILLER)
    return Mrz(mrz_format, texts, fields, find_checks(layout, texts))


def find_checks(layout: Layout, lines: Sequence[str]) -> dict[str, bool]:
    """Return, for each check digit of the format, whether the printed one holds."""
    found: dict[str, bool] = {}
    for check in layout.checks:
        covered = "".join(cut(lines, span) for span in check.covers)
        printed = lines[check.at[0]][check.at[1]]
        if check.name == "number" and printed == FILLER and layout.may_have_long_number:
            found["number"] = _long_number(layout, lines) is not None
        elif not covered.strip(FILLER) and check.name != "number":
            # Doc 9303-4, 4.2.2: the check digit of an empty field may be 0 or a filler.
            found[check.name] = printed in {"0", FILLER}
        else:
            found[check.name] = printed == check_digit(covered) and bool(covered.strip(FILLER))
    return found


def cut(lines: Sequence[str], span: Span) -> str:
    """Return the text of a span."""
    line, start, end = span
    return lines[line][start:end]


def transliterate(text: str) -> str:
    """Return a name as Doc 9303-3 section 6 writes it: A-Z and single fillers.

    >>> transliterate("Müller-Ødegård")
    'MUELLER<OEDEGAARD'
    >>> transliterate("O’Connor, Zoë")
    'OCONNOR<ZOE'
    """
    latin = "".join(_LATIN.get(letter, letter) for letter in text.upper())
    plain = anyascii(latin).upper()
    return re.sub(r"[^A-Z]+", FILLER, re.sub(r"['`]", "", plain)).strip(FILLER)


def compose(mrz_format: MrzFormat, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Return a valid zone with these fields (names of FIELDS, ISO dates); missing ones are empty.

    The inverse of `parse_lines` as far as the shape has room: names are transliterated and cut.

    Raises ValueError: a number, code or optional text that does not fit, a date that is none.
    """
    layout = LAYOUTS[mrz_format]
    rows = [[FILLER] * layout.width for _ in range(layout.lines_count)]
    values = {
        name: _plain(fields.get(name, ""))
        for name in ("document_code", "issuer", "nationality", "number", "optional_1", "optional_2")
    }
    values["birth_date"] = _yymmdd(fields.get("birth_date", ""))
    values["expiry_date"] = _yymmdd(fields.get("expiry_date", ""))
    values["sex"] = fields.get("sex", "").replace("X", FILLER)
    values["number"], values["optional_1"], is_long = _split_number(layout, values)
    for name, text in values.items():
        if name not in layout.fields:
            if text:
                raise ValueError(f"{mrz_format} has no {name}")
            continue
        line, start, end = layout.fields[name]
        if len(text) > end - start:
            raise ValueError(f"{name} does not fit: {len(text)} > {end - start}")
        rows[line][start : start + len(text)] = text
    line, start, end = layout.names
    surname = transliterate(fields.get("surname", ""))
    given = transliterate(fields.get("given_names", ""))
    names = (f"{surname}<<{given}" if given else surname)[: end - start]
    rows[line][start : start + len(names)] = names
    for check in layout.checks:
        if check.name == "number" and is_long:
            continue
        covered = "".join("".join(rows[row][first:last]) for row, first, last in check.covers)
        rows[check.at[0]][check.at[1]] = check_digit(covered)
    return tuple("".join(row) for row in rows)


def _number(layout: Layout, lines: Sequence[str]) -> tuple[str, str]:
    """Return the document number, joined where it is long, and what is left of `optional_1`."""
    number, extra = cut(lines, layout.fields["number"]), cut(lines, layout.fields["optional_1"])
    long = _long_number(layout, lines)
    if long is None:
        return number, extra
    return long, extra[len(long) - _LONG_NUMBER_LENGTH + 1 :]


def _long_number(layout: Layout, lines: Sequence[str]) -> str | None:
    """Return a number of more than nine characters whose check digit holds, or None.

    Doc 9303-5, note j: nine characters, a filler instead of the check digit, then in `optional_1`
    the rest, its check digit, a filler.
    """
    if not layout.may_have_long_number:
        return None
    line, _, end = layout.fields["number"]
    rest = cut(lines, layout.fields["optional_1"]).partition(FILLER)[0]
    if lines[line][end] != FILLER or len(rest) < 2:
        return None
    number = cut(lines, layout.fields["number"]) + rest[:-1]
    return number if check_digit(number) == rest[-1] else None


def _split_number(layout: Layout, values: Mapping[str, str]) -> tuple[str, str, bool]:
    number, extra = values["number"], values["optional_1"]
    if len(number) <= _LONG_NUMBER_LENGTH or not layout.may_have_long_number:
        return number, extra, False
    rest = number[_LONG_NUMBER_LENGTH:] + check_digit(number) + FILLER + extra
    return number[:_LONG_NUMBER_LENGTH], rest.rstrip(FILLER), True


def _words(text: str) -> str:
    return " ".join(word for word in text.split(FILLER) if word)


def _plain(text: str) -> str:
    plain = text.upper().replace(" ", FILLER)
    if set(plain) - set(ALPHABET):
        raise ValueError("only A-Z, 0-9 and fillers stand in a machine-readable zone")
    return plain


def _yymmdd(iso: str) -> str:
    return date.fromisoformat(iso).strftime("%y%m%d") if iso else ""


def _iso(yymmdd: str, *, latest_year: int, today: date | None = None) -> str:
    """Return the ISO date of the latest century that is not past the limit; "" if it is none."""
    if not re.fullmatch(r"\d{6}", yymmdd):
        return ""
    year = latest_year - (latest_year - int(yymmdd[:2])) % 100
    try:
        found = date(year, int(yymmdd[2:4]), int(yymmdd[4:]))
        if today and found > today:
            found = found.replace(year=year - 100)
    except ValueError:
        return ""
    return found.isoformat()


#: Doc 9303-3, section 6.A, where it differs from dropping the accent.
_LATIN = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ö": "OE", "Ø": "OE", "Ü": "UE", "ẞ": "SS", "ß": "SS",
    "Œ": "OE", "Þ": "TH", "Ð": "D", "Đ": "D", "Ĳ": "IJ", "Ŋ": "N", "Ł": "L", "Ñ": "N", "’": "",
}  # fmt: skip
