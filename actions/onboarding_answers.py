"""Answers of an applicant: from words to the details the bank stores.

    step + words ─▶ {"given_names": "Ana", "surname": "Costa"}
                 ─▶ Unclear("which_day")      two readings: it is asked which one
                 ─▶ {}                        nothing of the kind was said

    "no, my birthday is 3 May 1990" at any other step ─▶ the field, and what is right

Pure, but for the tracker where an earlier message is read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from rasa_sdk import Tracker

from actions import slots
from actions.onboarding_dates import month_names, read_birth_date
from actions.onboarding_names import Named, cut, read_names, read_surname_of
from actions.onboarding_places import find_country, read_address
from actions.onboarding_steps import (
    ADDRESS,
    WHICH_DAY,
    WHICH_SURNAME,
    parts_of,
    unclear_day,
    unclear_name,
)

_EMAIL = re.compile(r"[^\s@<>\"(),:;]+@[^\s@,;]+\.[^\s@,;.!?]{2,}")
_PHONE = re.compile(r"(?:\+|00)[\d\s()/.\-]{6,24}\d")
#: Codes of purposes → words that mean them; the first that fits.
_PURPOSES = (
    ("business", (r"business|company|self.?employed|freelanc\w*|my shop|clients|invoices|"
     r"negocio|empresa|aut[oó]nom[oa]|mi tienda|clientes|facturas")),
    ("studies", (r"stud(?:y|ies|ent|ying)\w*|university|scholarship|school|college|erasmus|"
     r"estudi\w+|universidad|\bbeca")),
    ("salary", (r"salary|wages?|pay ?check|pension|income from work|my job|get paid|employer|"
     r"n[oó]mina|sueldo|salario|pensi[oó]n|mi trabajo")),
    ("savings", r"sav(?:e|ing|ings)\b|put (?:money )?aside|rainy day|\bahorr\w+"),
    ("investment", r"invest\w*|shares|stocks|funds|securities|inver\w+|\bfondos|\bacciones"),
    ("household", (r"house ?hold|every ?day|daily|rent\b|shopping|bills|grocer|payments|food|"
     r"hogar|\bcasa\b|diari[oa]s?|alquiler|\bcompra|recibos|\bpagos")),
    ("other", r"something else|other\b|none of (?:these|them)|different|otra cosa|ningun[oa]"),
)  # fmt: skip
_DOCUMENTS = (
    ("passport", r"passports?\b|pasaporte"),
    ("driving_licence", r"driv(?:ing|er)\w*|licen[cs]e\b|conducir|licencia"),
    ("id_card", (r"\bids?\b|id.?cards?|identity|identification|personalausweis|\bcard\b|"
     r"\bdni\b|\bnie\b|identidad|c[eé]dula")),
)
#: What an applicant calls a field; the more telling word first.
_FIELDS = (
    ("email", r"e-?mails?\b|mail address|\bcorreo"),
    ("phone", r"phone|mobile|cell\b|tel[eé]fono|m[oó]vil"),
    ("birth_date", (r"birth ?da(?:y|te)|date of birth|\bdob\b|\bborn\b|my age|"
     r"nacimiento|\bnac[ií]\b|cumplea[ñn]os")),
    ("postcode", r"post ?codes?|zip|postal code|c[oó]digo postal"),
    ("street", r"\bstreet\b|house number|\broad\b|\bcalle\b"),
    ("city", r"\bcity\b|\btown\b|\bciudad\b"),
    ("address", r"\baddress\b|where i live|\bdirecci[oó]n\b|\bdomicilio\b"),
    ("country", r"\bcountry\b|residen(?:ce|cy)|\bpa[ií]s\b"),
    ("purpose", r"\bpurpose\b|what the account is for|what it is for|\bfinalidad\b"),
    ("surname", r"sur ?name|last name|family name|\bapellidos?\b"),
    ("given_names", r"given names?|first names?|forenames?|nombre de pila"),
    ("names", r"\bnames?\b|\bnombre\b"),
    ("document_type", (r"\bdocument\b|\b(?:use|rather) (?:with )?(?:my|an?) (?:passport|id|driv)|"
     r"\bdocumento\b|\b(?:usar|mejor) (?:con )?(?:mi|el|un) (?:pasaporte|dni|permiso)")),
    ("selfie", r"\bselfi(?:es?|s)?\b"),
    ("document_back", r"\bback (?:side|of)\b|\bthe back\b|\breverso\b"),
    ("document_front", (r"\bfront\b|photo of (?:my|the) (?:passport|id|document|licen[cs]e)|"
     r"\banverso\b")),
)  # fmt: skip
#: Words by which a message corrects what was answered before …
_CORRECTS = re.compile(
    r"\b(?:no|not|wrong|incorrect|mis\w+|typo|mistake|change|correct\w*|fix|edit|should|instead|"
    r"actually|sorry|again|retake|update|redo|rather|use|once more|"
    r"mal|equivoc\w+|err[oó]ne\w+|cambi\w+|corri[jg]\w+|correg\w+|correcc\w+|perd[oó]n|mejor|"
    r"otra vez)\b",
    re.IGNORECASE,
)
#: … and those that do so only beside the field: "my street is", "another e-mail address".
_BEFORE = r"\b(?:another|other|new|different|otr[oa]|nuev[oa])\s+(?:\w+\s+)?(?:{0})"
_NAMES_IT = (
    r"\b(?:my|the|our|mis?|el|la)\s+(?:[\w-]+\s+)?(?:{0})\w*\s+"
    r"(?:is|was|reads|are|es|son|era)\b"
)
_PERSON = re.compile(
    r"\b(?:person|video|branch|human|colleague|somebody|without|staff|counter|"
    r"persona|v[ií]deo|oficina|compa[ñn]er[oa]|alguien|sin)\b"
)
_SELFIE = re.compile(
    r"\b(?:selfie|biometrics?|program|camera|here|photo|i consent|first|"
    r"selfi|biometr[ií]a|programa|c[aá]mara|aqu[ií]|foto|consiento|primer[ao])\b"
)
_WHICH_OF_TWO = re.compile(r"\b(first|second|one|two|primer[ao]?|segund[ao])\b", re.IGNORECASE)
_SIDES = frozenset({"selfie", "document_back", "document_front"})
_RETAKES = re.compile(
    r"\b(?:again|retake|another|new|redo|different|once more|better|"
    r"otra vez|de nuevo|repetir|otr[oa]|nuev[oa]|mejor)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unclear:
    """The answer has several readings; `step` is the question that settles it."""

    step: str


Answer = dict[str, str] | Unclear


def read_answer(
    step: str, tracker: Tracker, *, today: date, missing: tuple[str, ...], given_names: str = ""
) -> Answer:
    """Return the details this message tells for `step`; empty when it tells none.

    `missing` are the parts not known yet; of a question asked anew it is all of them.
    `given_names` as they are known: "Ana Costa" then repeats them, "Silva Costa" does not.
    """
    text = text_of(tracker)
    if step in ("names", *parts_of("names")):
        return _names(read_names(text), step, missing, given_names)
    if step in ("address", *ADDRESS):
        wanted = tuple(part for part in parts_of(step) if part in missing) or parts_of(step)
        return read_address(text, wanted)
    if step == WHICH_SURNAME:
        return _which_surname(text, tracker)
    if step in ("birth_date", WHICH_DAY):
        reads = _birth_date if step == "birth_date" else _which_day
        return reads(text, tracker, today)
    return _one(step, text, tracker)


def find_field(text: str) -> str | None:
    """Return the answer a message corrects, or None.

    >>> find_field("no, my birthday is 3 May 1990"), find_field("the street is wrong")
    ('birth_date', 'street')
    >>> find_field("why do you need my address") is None, find_field("Baker Street 5") is None
    (True, True)
    """
    if re.match(
        r"\s*¿?(?:why|what|how|who|when|(?:por|para) qu[eé]|qu[eé]|c[oó]mo|qui[eé]n|cu[aá]ndo)\b",
        text,
        re.IGNORECASE,
    ):
        return None
    corrects = bool(_CORRECTS.search(text))
    field = next((one for one, words in _FIELDS if _is_about(words, text, corrects=corrects)), None)
    if field in _SIDES and not _RETAKES.search(text):
        return None
    return field


def _is_about(words: str, text: str, *, corrects: bool) -> bool:
    patterns = [words] if corrects else [_BEFORE.format(words), _NAMES_IT.format(words)]
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in patterns)


def choice_of(tracker: Tracker) -> str | None:
    """Return the way of identification that was pressed or said."""
    pressed = slots.entity(tracker, "onboarding_path")
    if pressed in ("biometrics", "person"):
        return str(pressed)
    text = text_of(tracker).lower()
    if slots.intent(tracker) == "deny" or _PERSON.search(text):
        return "person"
    if _SELFIE.search(text):
        return "biometrics"
    return None


def text_of(tracker: Tracker) -> str:
    """Return what was typed; empty for a button or an event."""
    text = str((tracker.latest_message or {}).get("text") or "")
    return "" if text.startswith("/") else text


def _names(
    named: Named | None, step: str, missing: tuple[str, ...], given_names: str
) -> Answer:
    if named is None:
        return {}
    wants_one = [part for part in parts_of(step) if part in missing]
    whole = " ".join(named.words) or " ".join(
        part for part in (named.given_names, named.surname) if part
    )
    if len(wants_one) == 1:
        first, _, rest = whole.partition(" ")
        repeats = bool(rest) and first.casefold() in given_names.casefold().split()
        return {wants_one[0]: rest if repeats else whole}
    if named.words:
        return Unclear(WHICH_SURNAME)
    told = {"given_names": named.given_names, "surname": named.surname}
    return {name: value for name, value in told.items() if value}


def _which_surname(text: str, tracker: Tracker) -> Answer:
    words = unclear_name(tracker)
    pressed = slots.entity(tracker, "onboarding_choice")
    named = read_names(text) if text else None
    if isinstance(pressed, int) and words:
        named = cut(words, pressed)
    elif named is not None and named.given_names and named.surname and not named.words:
        # "Silva Costa" is a part of the name that was told; a whole new one is a new name.
        named = read_surname_of(text, words) or named
    elif text and words:
        named = read_surname_of(text, words)
    if named is None or not (named.given_names and named.surname):
        return {}
    return {"given_names": named.given_names, "surname": named.surname}


def _birth_date(text: str, tracker: Tracker, today: date) -> Answer:
    del tracker
    born = read_birth_date(text, today=today)
    if born is None:
        return {}
    return {"birth_date": born.day.isoformat()} if born.day else Unclear(WHICH_DAY)


def _which_day(text: str, tracker: Tracker, today: date) -> Answer:
    pressed = slots.entity(tracker, "onboarding_choice")
    born = unclear_day(tracker, today)
    if isinstance(pressed, int) and born and born.either and pressed in (1, 2):
        return {"birth_date": born.either[pressed - 1].isoformat()}
    told = read_birth_date(text, today=today)
    if told is not None and told.day:
        return {"birth_date": told.day.isoformat()}
    if born and born.either:
        words = set(text.casefold().split())
        fitting = [one for one in born.either if words & month_names(one.month)]
        number = slots.entity(tracker, "number")
        if number in (1, 2) and _WHICH_OF_TWO.search(text):
            fitting = [born.either[int(number) - 1]]
        if len(fitting) == 1:
            return {"birth_date": fitting[0].isoformat()}
    return {}


def _one(step: str, text: str, tracker: Tracker) -> Answer:
    """Return the answer to a question of one part."""
    found: str | None = None
    if step == "country":
        found = find_country(text) if text else None
    elif step == "purpose":
        found = _pressed_or_said(tracker, "purpose_code", _PURPOSES)
    elif step == "document_type":
        found = _pressed_or_said(tracker, "document_type", _DOCUMENTS)
    elif step == "email":
        match = _EMAIL.search(text)
        found = match[0] if match else None
    elif step == "phone":
        match = _PHONE.search(text)
        found = match[0] if match else None
    return {step: found} if found else {}


def _pressed_or_said(
    tracker: Tracker, entity: str, said: tuple[tuple[str, str], ...]
) -> str | None:
    pressed = slots.entity(tracker, entity)
    if pressed:
        return str(pressed)
    text = text_of(tracker)
    return next((code for code, words in said if re.search(words, text, re.IGNORECASE)), None)
