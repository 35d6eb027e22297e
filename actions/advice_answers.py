"""Answers of an investor: from words to the codes of bank/policies/investor_questions.toml.

    question + words ─▶ "from_5"                          one answer
                     ─▶ ["no_fossil", "no_weapons"]       where several may be given
                     ─▶ None                              nothing of the kind was said

A button brings its code. Words are matched in the order of the table: the more telling first.
Pure, but for the tracker that holds the message.
"""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker

from actions import slots
from bank.policies.investor_questions import question

MONTHS_A_YEAR = 12
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
    "un": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8,
    "nueve": 9, "diez": 10, "doce": 12, "quince": 15, "veinte": 20, "treinta": 30,
}  # fmt: skip
_TIME = re.compile(
    r"\b(\d{1,3}|[a-z]+)[ -]?(months?|years?|yrs?|mes(?:es)?|a[ñn]os?)\b", re.IGNORECASE
)
_NEXT_YEAR = re.compile(r"\bnext year\b|\ba[ñn]o que viene\b|\bpr[oó]ximo a[ñn]o\b", re.IGNORECASE)

#: question → (code, words that mean it), the first that fits.
_WORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "goal": (
        ("retirement", r"retire\w*|pension|old age|jubilaci[oó]n|pensi[oó]n|vejez"),
        ("income", r"income|monthly|regular|renta\b|ingresos|mensual"),
        ("purchase", (r"purchase|buy|house|car\b|wedding|study|studies|holiday|renovat\w*|"
         r"compra\w*|casa|coche|boda|estudios|vacaciones")),
        ("preserve", (r"keep|preserve|protect|safe\w*|inflation|value|conserv\w+|manten\w+|"
         r"proteger|segur\w+")),
        ("growth", r"grow\w*|more|increase|profit|gain|crecer|crezca|aument\w+|ganar|m[aá]s"),
    ),
    "reserve": (
        ("none", r"\bno(?:ne|thing)?\b|less than (?:one|a)|nada|ningun\w+|menos de un"),
        ("over_6", (r"more than (?:six|6|half a year)|over (?:six|6)|m[aá]s de (?:seis|6)|plenty|"
         r"a year|un a[ñn]o")),
        ("from_3", r"\b(?:3|three|4|four|5|five|6|six|tres|cuatro|cinco|seis)\b"),
        ("from_1", r"\b(?:1|one|2|two|un|uno|dos|a)\b"),
    ),
    "share": (
        ("over_half", r"more than half|over half|most|m[aá]s de la mitad|la mayor parte"),
        ("under_half", r"less than half|under half|a third|third|menos de la mitad|un tercio"),
        ("little", r"small|little|bit|tenth|quarter|few|peque[ñn]a?|poc[oa]|parte|cuarto"),
        ("all", r"\ball\b|everything|whole|todo|toda"),
    ),
    "income": (
        ("may_fall", (r"fall|less|drop|lose|uncertain|insecure|unsure|baj\w+|menos|inciert\w+|"
         r"insegur\w+")),
        ("grows", r"grow|rise|more|increase|raise|crec\w+|sub\w+|m[aá]s|aument\w+"),
        ("steady", r"same|stay\w*|steady|stable|constant|igual|estable|mism\w+|fij\w+"),
    ),
    "fall": (
        ("sell_some", r"(?:sell|vend\w+).*(?:part|some|half|parte|algo|mitad)|a part|una parte"),
        ("buy_more", r"buy|more|add|compr\w+|m[aá]s"),
        ("wait", r"wait|nothing|hold|keep|sit|leave|esper\w+|nada|manten\w+|aguant\w+"),
        ("sell_all", r"sell|out|everything|vend\w+|todo"),
    ),
    "worst_year": (
        ("half", r"half|50 ?%|5[.,]?000|mitad"),
        ("much", r"3[.,]?000|30 ?%|third|a lot|tres mil|tercio"),
        ("some", r"1[.,]?500|15 ?%|1[.,]?000|2[.,]?000|mil\b"),
        ("little", r"\b500\b|5 ?%|little|few|bit|quinient\w+|poco"),
        ("nothing", r"nothing|\bnone?\b|zero|\b0\b|nada|cero"),
    ),
    "manner": (
        ("careful", r"careful|cautious|conservative|timid|prudente|cautelos\w|conservador\w*"),
        ("bold", r"bold|daring|risk\w*|brave|adventur\w*|atrevid\w|arriesgad\w|valiente"),
        ("weighing", r"weigh\w*|balanced|both|middle|sensible|reflexiv\w|equilibrad\w|medio"),
    ),
    "knowledge": (
        ("complex", r"deriv\w+|options?|certificat\w+|futures?|opciones|futuros|certificados"),
        ("shares", r"shares?|stocks?|bonds?|acciones|bonos"),
        ("funds", r"funds?|etfs?|fondos?"),
        ("none", r"\bnone\b|nothing|never|\bno\b|nada|nunca|ningun\w+"),
    ),
}  # fmt: skip
_WISHES: tuple[tuple[str, str], ...] = (
    ("no_weapons", r"weapons?|arms|armas|armamento"),
    ("no_fossil", r"fossil|coal|oil|gas\b|f[oó]sil\w*|carb[oó]n|petr[oó]leo"),
    ("no_tobacco", r"tobacco|cigarettes?|tabaco"),
    ("no_gambling", r"gambl\w+|casinos?|bets?|juego|apuestas"),
    ("no_animal_testing", r"animals?|animales"),
    ("esg", r"\besg\b|sustainab\w+|green|ethical|sostenib\w+|verde|[eé]tic\w"),
    ("like_technology", r"tech\w*|tecnolog\w+"),
    ("like_health", r"health\w*|pharma\w*|salud|farma\w*"),
    ("like_climate", r"climate|renewab\w+|solar|wind\b|clima|renovab\w+"),
    ("like_europe", r"europ\w+"),
    ("like_emerging", r"emerging|asia\w*|emergentes"),
)
_NOTHING = re.compile(
    r"^\W*(?:no|none|nothing\b.*|nope|nada\b.*|ningun\w+|no special.*)\W*$", re.IGNORECASE
)
_BACK = re.compile(
    r"\b(?:wrong|mistake|mis\w+|go back|back up|previous|the last one|before that|"
    r"equivoc\w+|atr[aá]s|anterior|me he confundido)\b",
    re.IGNORECASE,
)
#: Words by which somebody names the answer they want to give anew.
_FIELDS: tuple[tuple[str, str], ...] = (
    ("horizon", r"horizon|how long|\bwhen\b|\btime\b|plazo|cu[aá]ndo"),
    ("goal", r"\bgoals?\b|\baims?\b|purpose|objetivos?|meta"),
    ("reserve", r"reserve|cushion|set aside|colch[oó]n|reserva"),
    ("income", r"income|salary|ingresos|sueldo"),
    ("knowledge", r"know\w*|experience|learn\w*|conocimientos|experiencia|\bs[eé]\b"),
    ("wishes", (r"weapons?|fossil\w*|coal|\boil\b|tobacco|gambling|exclu\w+|\besg\b|"
     r"sustainab\w+|armas|petr[oó]leo|sostenib\w+")),
)  # fmt: skip


def read_answer(code: str, tracker: Tracker) -> str | list[str] | None:
    """Return the answer this message gives to a question, as the bank's codes."""
    pressed = slots.entity(tracker, "investor_answer")
    asked = question(code)
    if pressed:
        return str(pressed) if pressed in asked.answers else None
    text = text_of(tracker)
    if code == "horizon":
        return _horizon(text)
    if code == "wishes":
        return _wishes(text)
    return next((one for one, words in _WORDS[code] if _says(words, text)), None)


def find_field(text: str) -> str | None:
    """Return the question somebody wants to answer anew ("my horizon has changed")."""
    return next((code for code, words in _FIELDS if _says(words, text)), None)


def goes_back(text: str) -> bool:
    """Whether somebody takes their last answer back ("no wait, that was wrong")."""
    return _BACK.search(text) is not None


def years_in(tracker: Tracker) -> int | None:
    """Return the whole years a message names: "18 months" is one, "next year" too.

    A button brings them as a number.
    """
    pressed = slots.entity(tracker, "horizon_years")
    if isinstance(pressed, int):
        return pressed
    months = _months(text_of(tracker))
    if months is not None:
        return months // MONTHS_A_YEAR
    return 1 if _NEXT_YEAR.search(text_of(tracker)) else None


def text_of(tracker: Tracker) -> str:
    """Return the latest message's text."""
    return str((tracker.latest_message or {}).get("text") or "")


def _horizon(text: str) -> str | None:
    if _says(r"within (?:a|one) year|less than (?:a|one)|soon|any ?time|menos de un|pronto", text):
        return "under_1"
    if _says(r"later|never|very long|over ten|m[aá]s tarde|nunca|mucho tiempo", text):
        return "over_10"
    spans = re.findall(r"\d{1,3}", text)
    months = _months(text)
    if months is None:
        # "1 to 3", "5-10", a bare number: the shorter end counts.
        words = [_NUMBERS[one] for one in re.findall(r"[a-z]+", text.lower()) if one in _NUMBERS]
        years = int(spans[0]) if spans else words[0] if words else None
    else:
        shorter = int(spans[0]) if len(spans) > 1 else months // MONTHS_A_YEAR
        years = min(shorter, months // MONTHS_A_YEAR)
    if years is None:
        return None
    least = (("over_10", 10), ("from_5", 5), ("from_3", 3), ("from_1", 1), ("under_1", 0))
    return next(code for code, at_least in least if years >= at_least)


def _wishes(text: str) -> list[str] | None:
    found = [code for code, words in _WISHES if _says(words, text)]
    if found:
        return found
    return ["nothing"] if _NOTHING.match(text) else None


def _months(text: str) -> int | None:
    for count, unit in _TIME.findall(text):
        number = int(count) if count.isdecimal() else _NUMBERS.get(count.lower())
        if number is not None:
            return number * (1 if unit.lower().startswith("m") else MONTHS_A_YEAR)
    return None


def _says(words: str, text: str) -> bool:
    return re.search(rf"(?:{words})", text, re.IGNORECASE) is not None


def asks_of(answers: dict[str, Any], code: str) -> dict[str, Any]:
    """Return the answers without one of them, so that it is asked next."""
    return {one: told for one, told in answers.items() if one != code}
