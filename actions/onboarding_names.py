"""A person's name as people say it: which words are given names, which the surname.

    "I'm Ana Costa"              given Ana · surname Costa
    "Ludwig van Beethoven"       a particle begins the surname
    "Costa, Ana Maria"           a comma: the surname stands first
    "Ana Maria Silva Costa"      unclear: one, two or three words of surname? it is asked

Pure. The words are kept as they were written; what a name may hold is the bank's rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS_MOST = 8
#: More words than this cannot all be the surname of one button.
SURNAME_WORDS_OFFERED = 3

_LEAD = re.compile(
    r"^(?:(?:no|wait|yes|yeah|ok|okay|sure|hi|hello|hey|sorry|well|oh|so|actually|of course|"
    r"s[ií]|hola|claro|vale|bueno|perd[oó]n|buenos d[ií]as|buenas tardes)\b"
    r"[\s,.!:]*)*"
    r"(?:(?:(?:my|the|it's|its)\s+)?(?:full\s+|whole\s+|complete\s+|legal\s+)?names?\s*"
    r"(?:(?:is|are|reads|should be|must be|would be)\b\s*|[:=]\s*|'s\s+)|"
    r"(?:i\s+am\s+called|i['’]?m\s+called|i\s*am|i['’]?m|it\s+is|it['’]?s|this\s+is|call\s+me|"
    r"they\s+call\s+me|i\s+go\s+by|me\s+llamo|soy|mi\s+nombre(?:\s+completo)?\s+es)\s+)?",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"[\s,]*(?:please|thanks|thank you|and you\?*|here|speaking|por favor|gracias)?[\s.!,;]*$",
    re.IGNORECASE,
)
_GIVEN = (
    r"(?:given\s+names?|first\s+names?|fore\s?names?|christian\s+names?|"
    r"nombres?\s+de\s+pila)"
)
_FAMILY = r"(?:sur\s?names?|last\s+names?|family\s+names?|apellidos?)"
_IS = r"\s*(?:(?:is|are|should be|must be|reads|es|son)\b|=|:)?\s*"
_BOTH_LABELLED = (
    re.compile(rf"{_GIVEN}{_IS}(?P<given>.+?)[\s,;]+(?:and\s+)?(?:my\s+|the\s+)?{_FAMILY}{_IS}"
               r"(?P<family>.+)", re.IGNORECASE),
    re.compile(rf"{_FAMILY}{_IS}(?P<family>.+?)[\s,;]+(?:and\s+)?(?:my\s+|the\s+)?{_GIVEN}{_IS}"
               r"(?P<given>.+)", re.IGNORECASE),
)  # fmt: skip
_ONE_LABELLED = {
    "surname": re.compile(rf"\b{_FAMILY}{_IS}(?P<value>.+)", re.IGNORECASE),
    "given_names": re.compile(rf"\b{_GIVEN}{_IS}(?P<value>.+)", re.IGNORECASE),
}
_NOT_BUT = re.compile(
    r"[\s,;]+(?:and\s+)?not\s+.+$|[\s,;]+with\s+(?:an?|one|two|double|only|no)\b.+$", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+(?:['’.\-][^\W\d_]*)*", re.UNICODE)
#: Words that begin a surname of several words.
_PARTICLES = frozenset(
    "da das de del della dem den der di do dos du el la le les van vande von zu zum zur af av "
    "bin bint ibn al ben abu ter ten te st".split()
)
#: Words of a sentence that is no name.
_NO_NAME = frozenset(
    "a an the i i'm i'd i'll i've you your you're my me mine it its it's that this these we our "
    "what why how who whom where when which do does did don't dont doesn't didn't can't cannot "
    "cant won't wouldn't want wants need needs have has had is are was were not no yes and or "
    "but for with because please tell say know give send open account bank card money name names "
    "surname first last wrong right about again later never just only same as above misspelt "
    "misspelled mistyped spelt spelled incorrect different missing z "
    "qué que por para cuál cómo cuándo quién dónde quiero necesito tengo puedo "
    "usted es está son cuenta banco tarjeta dinero nombre apellido apellidos mal otra vez".split()
)


@dataclass(frozen=True, slots=True)
class Named:
    """What was told of a name; None is what was not. `words` are set where the cut is unclear."""

    given_names: str | None = None
    surname: str | None = None
    words: tuple[str, ...] = ()


def read_names(text: str) -> Named | None:
    """Return the name in a message, or None when it holds none.

    >>> read_names("Hi, I'm Ana Costa")
    Named(given_names='Ana', surname='Costa', words=())
    >>> read_names("Ana Maria Silva Costa").words
    ('Ana', 'Maria', 'Silva', 'Costa')
    >>> read_names("my surname is Souza, not Sousa"), read_names("why do you need it")
    (Named(given_names=None, surname='Souza', words=()), None)
    """
    labelled = _labelled(text)
    if labelled is not None:
        return labelled
    rest = _TAIL.sub("", _LEAD.sub("", _NOT_BUT.sub("", text.strip())))
    if rest.count(",") == 1:
        family, given = (_name(part) for part in rest.split(","))
        return Named(given, family) if family and given else None
    name = _name(rest)
    if name is None:
        return None
    words = tuple(name.split())
    if len(words) == 1:
        return Named(given_names=words[0])
    begins = next((n for n, word in enumerate(words[1:], 1) if word.lower() in _PARTICLES), None)
    if begins is None and len(words) > 2:
        return Named(words=words)
    begins = 1 if begins is None else begins
    if begins == len(words) - 1 and words[begins].lower() in _PARTICLES:
        begins = 1  # the particle is the last word: it is a name itself
    return cut(words, len(words) - begins)


def cut(words: tuple[str, ...], surname_words: int) -> Named:
    """Return the name whose last `surname_words` words are the surname.

    >>> cut(("Ana", "Maria", "Silva", "Costa"), 2)
    Named(given_names='Ana Maria', surname='Silva Costa', words=())
    """
    at = len(words) - max(1, min(surname_words, len(words) - 1))
    return Named(" ".join(words[:at]), " ".join(words[at:]))


def cuts(words: tuple[str, ...]) -> list[str]:
    """Return the surnames the last words may be, shortest first."""
    most = min(SURNAME_WORDS_OFFERED, len(words) - 1)
    return [" ".join(words[-count:]) for count in range(1, most + 1)]


def read_surname_of(text: str, words: tuple[str, ...]) -> Named | None:
    """Return the name once the surname was told: its words, or how many of the last it are.

    >>> read_surname_of("it's Silva Costa", ("Ana", "Maria", "Silva", "Costa"))
    Named(given_names='Ana Maria', surname='Silva Costa', words=())
    >>> read_surname_of("the last two", ("Li", "Mei", "Wang"))
    Named(given_names='Li', surname='Mei Wang', words=())
    """
    lower = text.lower()
    counted = re.search(r"\blast\s+(one|two|three|1|2|3|word|name)\b", lower)
    if counted:
        return cut(words, {"two": 2, "2": 2, "three": 3, "3": 3}.get(counted[1], 1))
    said = {word.casefold() for word in _WORD.findall(text)}
    family = [word for word in words if word.casefold() in said]
    given = [word for word in words if word.casefold() not in said]
    if not family or not given:
        return None
    return Named(" ".join(given), " ".join(family))


def _labelled(text: str) -> Named | None:
    for pattern in _BOTH_LABELLED:
        if found := pattern.search(text):
            given, family = (_name(_TAIL.sub("", found[one])) for one in ("given", "family"))
            if given and family:
                return Named(given, family)
    for field, pattern in _ONE_LABELLED.items():
        if found := pattern.search(text):
            value = _name(_TAIL.sub("", _NOT_BUT.sub("", found["value"])))
            if value:
                return Named(surname=value) if field == "surname" else Named(given_names=value)
    return None


def _name(text: str) -> str | None:
    """Return the words of a name, or None where something in it cannot be one."""
    words = text.split()
    if not words or len(words) > WORDS_MOST:
        return None
    if any(not _WORD.fullmatch(word.strip(",")) for word in words):
        return None
    if any(word.lower().replace("’", "'") in _NO_NAME for word in words):
        return None
    name = " ".join(word.strip(",") for word in words)
    return name if name != name.lower() else " ".join(_capital(word) for word in name.split())


def _capital(word: str) -> str:
    """Return a word typed without capitals as names are written; particles stay small."""
    return word if word in _PARTICLES else word[:1].upper() + word[1:]
