"""Text as it may enter: normalised first, secrets masked second, before anything is stored.

    "//restart"            normalise ▶ "restart"           a leading slash is an intent to Rasa
    "my card 4242 4242 …"  mask      ▶ "my card •••• 4242" PAN, CVV, PIN, password, code

Order matters: NFKC first (a full-width slash becomes a slash), then invisible and control
characters go, then leading slashes and spaces. Done twice, at both walls: web and the channel.

Standard library only, and clean for Python 3.10: the bot loads this module too.
Does not find names or addresses; IBANs stay, because payments need them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MAX_TEXT_CHARS = 1000

#: Format characters are dropped; line breaks and tabs become spaces so that words stay apart.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs"})
#: Invisible, but letters or marks to Unicode.
_INVISIBLE = frozenset("\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180e\u2800\u3164\uffa0")
_LEADING = re.compile(r"^[\s/]+")

_PAN_MIN_DIGITS, _PAN_MAX_DIGITS = 13, 19
#: Between two digits of one number: spaces, dots, dashes, slashes, underscores, up to three.
_DIGIT_RUN = re.compile(r"\d(?:[\s.,·•\-\u2010-\u2015_/|*]{0,3}\d)+")
_IBAN_MIN_CHARS, _IBAN_MAX_CHARS = 15, 34
_IBAN = re.compile(r"\b[A-Za-z]{2}\s?\d{2}(?:[\s-]?[A-Za-z0-9]){11,30}\b")
_FILLER = r"(?:\s*(?:is|was|are|number|no|code|the|my|its|it's|here|:|=|-|,|\"|'|\()){0,5}\s*"
_CVV = re.compile(
    r"\b(?:cvv2?|cvc2?|cv2|csc|cid|security\s+(?:code|number|digits)|card\s+verification"
    r"(?:\s+(?:code|value|number))?|(?:three|3)\s+(?:digits|numbers)\s+on\s+the\s+back)\b"
    rf"{_FILLER}(?P<secret>\d(?:[\s.\-]?\d){{2,3}})(?!\d)",
    re.IGNORECASE,
)
_PIN = re.compile(
    rf"\bpins?\b{_FILLER}(?:to\s+|from\s+|as\s+)?(?P<secret>\d(?:[\s.\-]?\d){{3,7}})(?!\d)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<!sort )(?<!post )(?<!zip )(?<!area )(?<!bank )(?<!branch )(?<!postal )(?<!country )"
    r"\b(?:otp|tan|one[\s-]?time\s+(?:code|password|pin)|passcode|(?:(?:verification|security|sms|"
    r"access|login|confirmation|auth(?:entication)?)\s+)?code)\b"
    rf"{_FILLER}(?P<secret>\d(?:[\s.\-]?\d){{3,7}})(?!\d)",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"\b(?:password|passwort|passphrase|pass\s?word|pwd)\b\s*"
    r"(?:(?:is|was|=|:|are)\s*)+(?P<secret>[^\n]{1,200})",
    re.IGNORECASE,
)
#: "my password is not working" tells no password.
_NO_PASSWORD = re.compile(
    r"(?:not|no|wrong|incorrect|expired|blocked|locked|invalid|forgotten|lost|reset|being|too|"
    r"still|never|always|rejected|refused|old|unknown|weak|stolen|compromised|missing|required|"
    r"asked|needed)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Finding:
    """A secret that was masked: its kind, and where it stood in the text given to `mask`."""

    kind: str  # pan | cvv | pin | password | one_time_code
    start: int
    end: int


@dataclass(frozen=True)
class Masked:
    """Text that is safe to store, and what was taken out of it."""

    text: str
    findings: tuple[Finding, ...]


def normalise(text: str) -> str:
    r"""Return `text` so that nothing in it is a command to Rasa.

    >>> normalise("\u3000\uff0f\u200b/restart"), normalise("a\nb\x00c"), normalise("1/2")
    ('restart', 'a bc', '1/2')

    Idempotent. Never starts with a space or a slash.
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(_visible(character) for character in text)
    # Once more: dropping a character may have brought two together that compose.
    text = unicodedata.normalize("NFKC", text)
    return _LEADING.sub("", text).rstrip()


def mask(text: str) -> Masked:
    """Return `text` with card numbers, CVV, PIN, passwords and one-time codes masked.

    Digits of every script count, with the separators people use.

    >>> mask("pay with 4242 4242 4242 4242 cvv 123").text
    'pay with •••• 4242 cvv •••'
    >>> mask("my password is hunter2, help").text, mask("my password is not working").findings
    ('my password is ••••••', ())

    An IBAN stays, though its digits may pass the card check:

    >>> mask("to DE89 3704 0044 0532 0130 00").findings
    ()
    """
    western = "".join(_western(character) for character in text)
    assert len(western) == len(text), "offsets must fit"
    findings = _findings(western)
    pieces: list[str] = []
    position = 0
    for finding in findings:
        pieces.append(text[position : finding.start])
        pieces.append(_replacement(finding, western))
        position = finding.end
    pieces.append(text[position:])
    return Masked("".join(pieces), tuple(findings))


def is_luhn(digits: str) -> bool:
    """Return whether the check digit fits (ISO/IEC 7812-1, annex B).

    >>> is_luhn("4242424242424242"), is_luhn("4242424242424241")
    (True, False)
    """
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += sum(divmod(value, 10))
    return total % 10 == 0


def _visible(character: str) -> str:
    if character in "\n\r\t\v\f\u2028\u2029\x1c\x1d\x1e\x1f\x85":
        return " "
    if character in _INVISIBLE or unicodedata.category(character) in _DROPPED_CATEGORIES:
        return ""
    return character


def _western(character: str) -> str:
    if "0" <= character <= "9":
        return character
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _findings(western: str) -> list[Finding]:
    """All secrets, ordered, without overlaps; the earlier kind in this list wins a place."""
    found: list[Finding] = []
    for kind, spans in (
        ("password", _password_spans(western)),
        ("pan", _pan_spans(western)),
        ("cvv", _secret_spans(_CVV, western)),
        ("pin", _secret_spans(_PIN, western)),
        ("one_time_code", _secret_spans(_CODE, western)),
    ):
        for start, end in spans:
            if all(end <= other.start or start >= other.end for other in found):
                found.append(Finding(kind, start, end))
    return sorted(found, key=lambda finding: finding.start)


def _secret_spans(pattern: re.Pattern[str], western: str) -> list[tuple[int, int]]:
    return [match.span("secret") for match in pattern.finditer(western)]


def _password_spans(western: str) -> list[tuple[int, int]]:
    return [
        match.span("secret")
        for match in _PASSWORD.finditer(western)
        if not _NO_PASSWORD.match(match.group("secret"))
    ]


def _pan_spans(western: str) -> list[tuple[int, int]]:
    ibans = [match.span() for match in _IBAN.finditer(western) if _is_iban(match.group())]
    spans = []
    for run in _DIGIT_RUN.finditer(western):
        if any(run.start() < end and run.end() > start for start, end in ibans):
            continue
        places = [run.start() + i for i, c in enumerate(run.group()) if c.isdigit()]
        spans += _pans_in(western, places)
    return spans


def _pans_in(western: str, places: list[int]) -> list[tuple[int, int]]:
    """Card numbers within one run of digits, whose characters stand at `places`."""
    digits = "".join(western[place] for place in places)
    spans = []
    start = 0
    while start + _PAN_MIN_DIGITS <= len(digits):
        longest = min(_PAN_MAX_DIGITS, len(digits) - start)
        for length in range(longest, _PAN_MIN_DIGITS - 1, -1):
            candidate = digits[start : start + length]
            # 1 and 7-9 open no payment cards except airline and national schemes; 0 none.
            if candidate[0] in "23456" and len(set(candidate)) > 1 and is_luhn(candidate):
                spans.append((places[start], places[start + length - 1] + 1))
                start += length
                break
        else:
            start += 1
    return spans


def _is_iban(text: str) -> bool:
    """Mod 97 over the rearranged number: ISO 13616-1, 6.1."""
    compact = re.sub(r"[\s-]", "", text).upper()
    # The pattern may have swallowed a following word: every beginning that could be one counts.
    return any(
        _mod_97_fits(compact[:length])
        for length in range(_IBAN_MIN_CHARS, min(_IBAN_MAX_CHARS, len(compact)) + 1)
    )


def _mod_97_fits(compact: str) -> bool:
    rearranged = compact[4:] + compact[:4]
    try:
        return int("".join(str(int(c, 36)) for c in rearranged)) % 97 == 1
    except ValueError:
        return False


def _replacement(finding: Finding, western: str) -> str:
    if finding.kind == "pan":
        digits = [c for c in western[finding.start : finding.end] if c.isdigit()]
        return f"•••• {''.join(digits[-4:])}"
    return "•••" if finding.kind == "cvv" else "••••••"
