"""What the machine-readable zone must be in itself: check digits, shape, dates, codes, number.

    check_digits     each printed one; a failing one is reported, never mended
    structure        document code, letters where letters stand, fillers
    dates            birth, issue and expiry against each other and against today
    codes            issuer and nationality exist
    number_format    as the issuer publishes it (a hint: series change)

Pure: text in, findings out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from bank.domain.findings import Breakdown, Finding, Weight
from identity.authenticity.policy import load_table
from identity.document import codes
from identity.document.mrz import LAYOUTS
from identity.document.reading import DocumentReading, DocumentType, Mrz, MrzFormat

#: First letter of the document code, by format (Doc 9303 parts 4 to 7).
_CODES = {
    MrzFormat.TD1: "IACP",
    MrzFormat.TD2: "IACP",
    MrzFormat.TD3: "P",
    MrzFormat.MRVA: "V",
    MrzFormat.MRVB: "V",
}
_CLASSES = {
    "N": "[0-9]",
    "L": "[A-Z]",
    "A": "[0-9A-Z]",
    "G": "[0-9CFGHJKLMNPRTVWXYZ]",
    "D": "[0-9A-NP-Z]",
}
_CHECK_NAMES = {
    "number": "document number",
    "birth_date": "birth date",
    "expiry_date": "expiry date",
    "optional": "optional data",
    "composite": "whole line",
}
#: Fields where letters and figures may stand in one place.
_MIXED = ("number", "optional_1", "optional_2")
DAYS_A_YEAR = 365.25


def is_unreliable(mrz: Mrz) -> bool:
    """Return whether so much fails that the zone was surely misread.

    One wrong character breaks its own check digit and the composite one; so do two at most.
    """
    failing = [name for name, holds in mrz.checks.items() if not holds]
    return len(failing) > load_table()["reading"]["failing_most"]


def check_digits(mrz: Mrz) -> Iterator[Finding]:
    """Yield one finding for each check digit that fails; the reader itself says what it repaired.

    Where the reader itself was unsure, another picture is asked for before anybody is suspected.
    """
    sure = mrz.confidence >= load_table()["reading"]["confidence_least"]
    for name, holds in mrz.checks.items():
        if holds:
            continue
        yield Finding(
            "check_digit_failed",
            Breakdown.DATA_VALIDATION,
            Weight.REVIEW if sure else Weight.RETRY,
            f"The check digit of the {_CHECK_NAMES.get(name, name)} does not hold.",
            score=mrz.confidence,
            about=name,
        )


def repairs(mrz: Mrz) -> Iterator[Finding]:
    """Yield repairs that may hide a printed check digit that is wrong.

    A letter where only a figure may stand was misread, whatever is printed. Where both may stand
    (number, optional data), or where a figure became another, what was read may be what is there.
    """
    layout = LAYOUTS[mrz.format]
    mixed = [layout.fields[name] for name in _MIXED if name in layout.fields]
    for line, column, read, taken in mrz.repaired:
        is_mixed = any(row == line and start <= column < end for row, start, end in mixed)
        if is_mixed or read.isdigit() == taken.isdigit():
            text = f"The check digits hold only where {read} is taken for {taken}."
            yield _finding("mrz_repair_doubtful", Weight.RETRY, text, about="document_front")
            return


def structure(mrz: Mrz) -> Iterator[Finding]:
    """Yield what has no place in a zone of this format."""
    code = mrz.fields.get("document_code", "")
    if code[:1] not in _CODES[mrz.format]:
        yield _finding(
            "mrz_document_code",
            Weight.REVIEW,
            f"The document code {code or '(empty)'} does not belong to the format {mrz.format}.",
            about="document_code",
        )
    names = mrz.lines[2] if mrz.format is MrzFormat.TD1 else mrz.lines[0][5:]
    if re.search(r"[0-9]", names):
        yield _finding(
            "mrz_names", Weight.HINT, "Digits stand among the names.", score=0.6, about="surname"
        )
    if names.startswith("<") or re.search(r"<{3,}[A-Z]", names):
        text = "Fillers stand before or inside the names."
        yield _finding("mrz_names", Weight.HINT, text, score=0.6, about="surname")
    if mrz.fields.get("sex", "") not in {"M", "F", "X"}:
        yield _finding("mrz_sex", Weight.HINT, "Sex is none of M, F and <.", score=0.5, about="sex")


def dates(reading: DocumentReading, *, today: date) -> Iterator[Finding]:
    """Yield what cannot be, or is no longer: birth, issue and expiry as printed."""
    born = _date(reading.fields, "birth_date")
    expires = _date(reading.fields, "expiry_date")
    issued = _date(reading.visual, "issue_date")
    for name in ("birth_date", "expiry_date"):
        if reading.mrz is not None and not reading.mrz.fields.get(name):
            text = f"The {name.replace('_', ' ')} of the machine-readable zone is no date."
            yield _finding("impossible_date", Weight.REVIEW, text, about=name)
    if expires is not None:
        yield from _expiry(expires, today)
    if born is not None:
        yield from _birth(born, reading, today)
    if issued is not None:
        yield from _issue(issued, born=born, expires=expires, today=today)


def issuer_codes(reading: DocumentReading) -> Iterator[Finding]:
    """Yield codes that no issuer or nationality has."""
    if reading.mrz is None:
        return
    issuer = reading.mrz.fields.get("issuer", "")
    nationality = reading.mrz.fields.get("nationality", "")
    if codes.UTOPIA in {issuer, nationality}:
        text = "Utopia (UTO) is the country of specimens: no real document has its code."
        yield _finding("specimen_issuer", Weight.REJECT, text, about="issuer")
    if codes.is_withdrawn(issuer):
        text = f"The issuer's code {issuer} was withdrawn."
        yield _finding("issuer_withdrawn", Weight.HINT, text, score=0.7, about="issuer")
    elif not codes.is_issuer(issuer):
        text = f"No issuer of documents has the code {issuer or '(empty)'}."
        yield _finding("issuer_unknown", Weight.REVIEW, text, about="issuer")
    if not codes.is_nationality(nationality) and not codes.is_withdrawn(nationality):
        text = f"No nationality has the code {nationality or '(empty)'}."
        yield _finding("nationality_unknown", Weight.REVIEW, text, about="nationality")


def number_format(reading: DocumentReading) -> Iterator[Finding]:
    """Yield a hint where the number is not written as its issuer writes numbers."""
    kinds = {DocumentType.PASSPORT: "passport", DocumentType.ID_CARD: "id_card"}
    table = load_table("numbers").get(kinds.get(reading.document_type, ""), {})
    row = table.get(reading.fields.get("issuer", ""))
    number = reading.fields.get("number", "")
    if (
        row is None
        or not number
        or any(re.fullmatch(_pattern(one), number) for one in row["forms"])
    ):
        return
    text = f"The number is not of a form its issuer publishes ({row['source']})."
    yield _finding("number_format", Weight.HINT, text, score=0.6, about="number")


def age_years(born: date, today: date) -> int:
    """Return full years of age.

    >>> age_years(date(2008, 11, 2), date(2026, 11, 1))
    17
    """
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _expiry(expires: date, today: date) -> Iterator[Finding]:
    if expires < today:
        text = f"The document expired on {expires.isoformat()}."
        yield _age("document_expired", Weight.RETRY, text, about="expiry_date")
    elif expires - today < timedelta(days=load_table()["dates"]["expires_soon_days"]):
        text = f"The document expires on {expires.isoformat()}."
        yield _age("document_expires_soon", Weight.NOTE, text, about="expiry_date")


def _birth(born: date, reading: DocumentReading, today: date) -> Iterator[Finding]:
    table = load_table()["dates"]
    if born > today:
        yield _finding("impossible_date", Weight.REVIEW, "Born in the future.", about="birth_date")
        return
    age = age_years(born, today)
    if age > table["age_years_most"]:
        text = f"The holder would be {age} years old."
        yield _finding("impossible_date", Weight.REVIEW, text, about="birth_date")
    if age < table["majority_years"]:
        holds = reading.mrz is None or reading.mrz.checks.get("birth_date", False)
        weight = Weight.REJECT if holds else Weight.REVIEW
        text = f"The holder is {age} years old; an account takes {table['majority_years']}."
        yield _age("underage", weight, text, about="birth_date")


def _issue(
    issued: date, *, born: date | None, expires: date | None, today: date
) -> Iterator[Finding]:
    table = load_table()["dates"]
    if issued > today:
        text = f"The document was issued on {issued.isoformat()}, in the future."
        yield _finding("impossible_date", Weight.REVIEW, text, about="issue_date")
    if born is not None and issued < born:
        text = "The document was issued before its holder was born."
        yield _finding("impossible_date", Weight.REVIEW, text, about="issue_date")
    if expires is None:
        return
    if expires <= issued:
        text = "The document expires before it was issued."
        yield _finding("impossible_date", Weight.REVIEW, text, about="issue_date")
    is_child = born is not None and age_years(born, issued) < 16
    years = table["validity_years_child"] if is_child else table["validity_years_most"]
    if (expires - issued).days > years * DAYS_A_YEAR + table["slack_days"]:
        text = f"The document is in force for {(expires - issued).days // 365} years."
        yield _finding("validity_too_long", Weight.HINT, text, score=0.7, about="expiry_date")


def _pattern(form: str) -> str:
    return "".join(_CLASSES.get(one, re.escape(one)) for one in form)


def _date(fields: Mapping[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(fields.get(name, ""))
    except ValueError:
        return None


def _finding(
    code: str, weight: Weight, text: str, *, score: float | None = None, about: str = ""
) -> Finding:
    return Finding(code, Breakdown.DATA_VALIDATION, weight, text, score, about)


def _age(code: str, weight: Weight, text: str, *, about: str) -> Finding:
    return Finding(code, Breakdown.AGE_VALIDATION, weight, text, None, about)
