"""Names as they are compared: any script, any order, taken apart into tokens that know their kind.

    "Шейх МУХАММЕД бин Абдель-Рахман"
        └─ NFKC, Latin letters ─▶ "sheikh mukhammed bin abdel rakhman"
              └─ kinds ─▶ title·sheikh   word·mukhammed   word·abdel   word·rakhman (after "bin")

    word        says who it is                      initial     one letter of a word
    patronymic  the father's name (Ivanovich)       generation  junior, II
    number      Brigade 7: must agree               place       Germany, in a firm's name
    generic     trading, holding: many have it      soft        king, prince: title or name
    form        GmbH, OOO, Ltd                      title, small  say nothing: kept only if alone

Nothing here knows a list. What sounds alike is decided in `spelling.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from identity.screening.countries import is_place
from identity.screening.latin import pieces_of
from identity.screening.words import Words, words

#: Longer names are cut: no person has one, and work must stay bounded.
NAME_CHARS_MAX = 300
TOKENS_MAX = 16
#: A shorter word is perhaps an abbreviation, and no name alone.
_WHO_CHARS_MIN = 4


class NameKind(StrEnum):
    """Whose name it is. Vessels and aircraft are named like organisations, by few words."""

    PERSON = "person"
    ORGANISATION = "organisation"
    VESSEL = "vessel"
    AIRCRAFT = "aircraft"


class TokenKind(StrEnum):
    WORD = "word"
    INITIAL = "initial"
    PATRONYMIC = "patronymic"
    GENERATION = "generation"
    NUMBER = "number"
    GENERIC = "generic"
    FORM = "form"
    PLACE = "place"
    SOFT = "soft"
    SMALL = "small"
    TITLE = "title"


#: Share of the evidence a token of a kind carries, [0, 1].
KIND_WEIGHTS: Mapping[TokenKind, float] = {
    TokenKind.WORD: 1.0,
    TokenKind.INITIAL: 0.5,
    TokenKind.PATRONYMIC: 0.7,
    TokenKind.GENERATION: 0.2,
    TokenKind.NUMBER: 0.8,
    TokenKind.GENERIC: 0.45,
    TokenKind.PLACE: 0.6,
    TokenKind.SOFT: 0.25,
    TokenKind.FORM: 0.0,
    TokenKind.SMALL: 0.0,
    TokenKind.TITLE: 0.0,
}


@dataclass(frozen=True, slots=True, order=True)
class Token:
    """One word of a name, ASCII, lower case.

    `glued` are the particles before it without spaces ("vander" of "van der Berg").
    `is_bare` says that it came from a script without short vowels (Arabic, Hebrew).
    """

    text: str
    kind: TokenKind = TokenKind.WORD
    glued: str = ""
    is_bare: bool = False

    @property
    def weight(self) -> float:
        return KIND_WEIGHTS[self.kind]


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart. `tokens` bear weight and stand in a fixed order (sorted), so that the
    order a name was written in decides nothing; `spoken` are the same as written.
    `forms` are the company forms found, by group; `compact` is the whole name without spaces.
    `parts` are the names of a firm or group that has two with a stroke between them.
    """

    kind: NameKind
    original: str
    tokens: tuple[Token, ...]
    spoken: tuple[Token, ...]
    forms: frozenset[str] = frozenset()
    compact: str = ""
    parts: tuple[Name, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.tokens


@lru_cache(maxsize=65536)
def parse_name(text: str, kind: NameKind = NameKind.PERSON) -> Name:
    """Return a name taken apart. Never raises: an empty name has no tokens."""
    rough = pieces_of(text[:NAME_CHARS_MAX], joins_dots=kind is not NameKind.PERSON)[:TOKENS_MAX]
    if kind is NameKind.PERSON:
        spoken, forms = _person_tokens(rough), frozenset[str]()
    else:
        spoken, forms = _organisation_tokens(rough)
    weighty = [token for token in spoken if token.weight > 0] or _promoted(spoken)
    compact = "".join(word for word, _ in rough)
    return Name(
        kind, text, tuple(sorted(weighty)), tuple(weighty), forms, compact, parts_of(text, kind)
    )


def parts_of(text: str, kind: NameKind) -> tuple[Name, ...]:
    """Return the names that stand in one, with a stroke between them; () where there is one.

    >>> [part.compact for part in parts_of("Red Heron/Army of Reeds", NameKind.ORGANISATION)]
    ['redheron', 'armyofreeds']

    Company forms (A/S), trades (Import/Export) and people's names have strokes for other reasons.
    """
    if kind is NameKind.PERSON or "/" not in text:
        return ()
    parts = tuple(parse_name(part, kind) for part in text[:NAME_CHARS_MAX].split("/"))
    if not all(any(_says_who(token) for token in part.tokens) for part in parts):
        return ()
    for before, after in pairwise(parts):
        if {before.spoken[-1].kind, after.spoken[0].kind} == {TokenKind.GENERIC}:
            return ()
    return parts


def _says_who(token: Token) -> bool:
    return token.kind is TokenKind.WORD and len(token.text) >= _WHO_CHARS_MIN


def looks_like_organisation(text: str) -> bool:
    """Whether a name carries a company form or a word that firms have and people have not."""
    name = parse_name(text, NameKind.ORGANISATION)
    return bool(name.forms) or any(token.kind is TokenKind.GENERIC for token in name.tokens)


_ORDINAL = re.compile(r"^(\d+)(?:st|nd|rd|th)$")
_PATRONYMIC = re.compile(
    r".{3,}(?:ovich|evich|ovych|evych|ovitch|evitch|owicz|ovna|evna|ivna|ichna|oglu|ogly|kyzy|qizi)$"
)


def _person_tokens(pieces: Iterable[tuple[str, bool]]) -> list[Token]:
    table = words()
    spoken: list[Token] = []
    glued = ""
    for text, is_bare in pieces:
        if text in table.particles and not (len(text) == 1 and not is_bare and text not in "ye"):
            glued += text
            continue
        if text in table.titles:
            spoken.append(Token(text, TokenKind.TITLE))
            continue
        spoken.append(Token(text, _person_kind(text), glued, is_bare))
        glued = ""
    if glued and not spoken:
        spoken.append(Token(glued, TokenKind.WORD))
    return spoken


def _person_kind(text: str) -> TokenKind:
    if text in words().generations:
        return TokenKind.GENERATION
    if len(text) == 1:
        return TokenKind.NUMBER if text.isdigit() else TokenKind.INITIAL
    if text in words().soft_titles:
        return TokenKind.SOFT
    if _PATRONYMIC.match(text):
        return TokenKind.PATRONYMIC
    return TokenKind.NUMBER if text.isdigit() else TokenKind.WORD


def _organisation_tokens(
    pieces: list[tuple[str, bool]],
) -> tuple[list[Token], frozenset[str]]:
    table = words()
    pieces = [(part, is_bare) for text, is_bare in pieces for part in _digits_apart(text)]
    texts = [text for text, _ in pieces]
    spoken: list[Token] = []
    forms: set[str] = set()
    at = 0
    while at < len(texts):
        length, group = _form_at(texts, at)
        if group and len(texts) > length:
            forms.add(group)
            spoken.append(Token("".join(texts[at : at + length]), TokenKind.FORM))
            at += length
            continue
        token = _organisation_token(texts[at], table, is_bare=pieces[at][1])
        if token.kind is TokenKind.NUMBER and spoken and _is_tens(spoken[-1], token):
            token = Token(str(int(spoken.pop().text) + int(token.text)), TokenKind.NUMBER)
        spoken.append(token)
        at += 1
    return spoken, frozenset(forms)


def _digits_apart(text: str) -> list[str]:
    """Return "studio54" in two; digits inside a word are letters in disguise and stay."""
    found = re.fullmatch(r"([a-z]+)(\d+)", text) or re.fullmatch(r"(\d{2,})([a-z]{3,})", text)
    return list(found.groups()) if found else [text]


def _is_tens(before: Token, token: Token) -> bool:
    """Whether two numbers are one, said in two words: twenty one."""
    is_number = before.kind is TokenKind.NUMBER
    return is_number and before.text in _TENS and len(token.text) == 1


_TENS = frozenset("20 30 40 50 60 70 80 90".split())


def _form_at(texts: list[str], at: int) -> tuple[int, str]:
    for length in (5, 4, 3, 2, 1):
        group = words().forms.get(tuple(texts[at : at + length]))
        if group and at + length <= len(texts):
            return length, group
    return 0, ""


def _organisation_token(text: str, table: Words, *, is_bare: bool) -> Token:
    if ordinal := _ORDINAL.match(text):
        text = ordinal.group(1)
    text = table.numbers.get(text, table.short.get(text, text))
    if text.isdigit():
        return Token(text.lstrip("0") or "0", TokenKind.NUMBER)
    if text in table.small:
        return Token(text, TokenKind.SMALL)
    if text in table.generic:
        return Token(text, TokenKind.GENERIC)
    if is_place(text):
        return Token(text, TokenKind.PLACE)
    return Token(text, TokenKind.WORD, is_bare=is_bare)


def _promoted(spoken: list[Token]) -> list[Token]:
    """Return tokens without weight as words: a name of nothing but a title is still a name."""
    return [Token(token.text, TokenKind.WORD) for token in spoken]
