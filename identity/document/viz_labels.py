"""Labels of the visual zone: which line says what the next one is, in many languages.

    "Data wydania/Date of issue Data ważności/Date of expiry"  ─▶ issue_date │ expiry_date
    "Sexo: F"  ─▶ sex, and behind it F          "4b. 31.01.2035"  ─▶ expiry_date (a licence)

The phrases are viz_labels.toml. A line is a label where enough of it is like one; what stands
behind the label in the same line may be its value.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from identity.document.words import Word, fold

#: Fields that labels name, the first wins where two have the same phrase.
FIELDS = (
    "surname", "given_names", "number", "nationality", "birth_date", "sex", "expiry_date",
    "issue_date", "address", "never", "title",
)  # fmt: skip
#: Likeness (0-100) of a line's piece with a label; short labels must be exact.
_LIKE, _LIKE_SHORT = 84.0, 88.0
_NUMBERING = re.compile(r"^\s*\(?\d{1,2}[A-D]?[.):,\s]\s*(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Label:
    """A label of `field` found in a word; `rest` is what stands behind it in the same line."""

    field: str
    word: Word
    rest: str


def find_labels(word: Word) -> list[Label]:
    """Return the labels that a line is or begins with, from left to right; [] where it is a value.

    Languages of one label are joined by strokes ("Surname/Nom"); labels of two columns that were
    seen as one line are not.
    """
    # Two columns that were seen as one line touch: "naissanceLugar".
    text = fold(re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z][a-zß-ÿ])", " ", word.text))
    if licence := _licence_label(word, text):
        return [licence]
    plain = _NUMBERING.sub("", text)
    groups: list[list[_Piece]] = []
    for piece in _pieces(plain):
        if groups and piece.joined:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    letters = len(re.sub(r"[^A-Z]", "", plain))
    covered = sum(piece.length for group in groups for piece in group)
    if groups and covered >= 0.4 * max(letters, 1):
        labels = [_group_label(word, group, len(plain)) for group in groups]
        last = replace(labels[-1], rest=_behind(word, plain, groups[-1][-1].end))
        return [one for one, after in zip([*labels[:-1], last], [*labels[1:], None], strict=True)
                if after is None or after.field != one.field]  # fmt: skip
    one = _label_in_front(word, plain) or _label_inside(word, plain)
    return [one] if one else []


def _behind(word: Word, plain: str, end: int) -> str:
    """Return what stands behind a label in its line, "" where that is no value but more label."""
    behind = plain[end:].strip(" :.")
    if not behind or plain[end:].lstrip()[:1] in {"/", "|", ";"}:
        return ""
    printed = word.text[-len(behind) :]
    is_told = ":" in plain[end : end + 3]
    return behind if is_told or printed == printed.upper() else ""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some tokens of a line that are a label: where they begin, how many letters they have."""

    field: str
    start: int
    end: int
    length: int
    weight: float
    joined: bool  # to the piece before, by a stroke


def _pieces(plain: str) -> Iterator[_Piece]:
    """Yield the labels in a line, the longest likeness first at each token."""
    tokens = list(re.finditer(r"[^\s/|;•·]+", plain))
    at, stroke = 0, False
    while at < len(tokens):
        best: tuple[float, int, str] = (0.0, 0, "")
        for count in range(1, min(6, len(tokens) - at) + 1):
            between = plain[tokens[at].start() : tokens[at + count - 1].end()]
            if count > 1 and re.search(r"[/|;•·]", between):
                break
            name, like = _best_label(between)
            if name and (like - 0.7) * len(between) > best[0]:
                best = ((like - 0.7) * len(between), count, name)
        taken = max(best[1], 1)
        start = tokens[at].start()
        end = tokens[at + taken - 1].end()
        before = plain[tokens[at - 1].end() : start] if at else ""
        stroke = bool(re.search(r"[/|;•·]", before)) or (stroke and not best[2])
        if best[2]:
            length = len(re.sub(r"[^A-Z]", "", plain[start:end]))
            yield _Piece(best[2], start, end, length, best[0], stroke)
            stroke = False
        at += taken


def _group_label(word: Word, group: Sequence[_Piece], length: int) -> Label:
    """Return the label its languages agree on, with the part of the line's box it takes."""
    scores: dict[str, float] = {}
    for piece in group:
        scores[piece.field] = scores.get(piece.field, 0.0) + piece.weight
    left, top, right, bottom = word.box
    share = (right - left) / max(length, 1)
    end = group[-1].start + group[-1].length + 2
    box = (left + group[0].start * share, top, min(right, left + end * share), bottom)
    return Label(
        max(scores, key=lambda name: scores[name]), Word(word.text, box, word.confidence), ""
    )


def _best_label(part: str) -> tuple[str, float]:
    """Return (field, likeness 0-1) of the label a piece of a line is, ("", 0) where it is none."""
    solid = _label_form(part)
    if len(solid) < 2:
        return "", 0.0
    exact = _phrases().get(solid)
    if exact:
        return exact, 1.0
    if len(solid) < 5:
        return "", 0.0
    least = _LIKE_SHORT if len(solid) <= 7 else _LIKE
    best = process.extractOne(solid, _long_phrases(), scorer=fuzz.ratio, score_cutoff=least)
    return (_phrases()[best[0]], best[1] / 100) if best else ("", 0.0)


def _label_form(text: str) -> str:
    """Return letters alone, with those alike made one: readers take I for l."""
    return re.sub(r"[^A-Z]", "", text.upper().replace("0", "O").replace("1", "I")).replace("L", "I")


def _label_in_front(word: Word, plain: str) -> Label | None:
    """Return a label that is followed by its value: "Surname: MEIER", "DOB 08/31/1977"."""
    tokens = plain.split()
    for count in range(min(4, len(tokens) - 1), 0, -1):
        front = " ".join(tokens[:count])
        name, like = _best_label(front.rstrip(":."))
        if name and (like >= 0.9 or front.endswith(":")):
            return Label(name, word, " ".join(word.text.split()[count - len(tokens) :]))
    if ":" in plain:
        front, _, behind = plain.partition(":")
        name, _like = _best_label(front)
        if name and behind.strip():
            return Label(name, word, behind.strip())
    return None


def _label_inside(word: Word, plain: str) -> Label | None:
    """Return the label of a line whose strokes between languages were lost ("issuel Date de …")."""
    solid = _label_form(plain)
    if len(solid) < 7 or sum(one.islower() for one in word.text) < 3:
        return None
    best: tuple[float, int, str] = (0.0, 0, "")
    for phrase, name in _phrases().items():
        if len(phrase) >= 7 and len(phrase) <= len(solid) + 1:
            like = fuzz.partial_ratio(phrase, solid)
            if like >= 88 and (like + len(phrase), len(phrase)) > best[:2]:
                best = (like + len(phrase), len(phrase), name)
    return Label(best[2], word, "") if best[2] else None


def _licence_label(word: Word, text: str) -> Label | None:
    """Return the label of a European driving licence: a number before the value."""
    match = re.match(
        r"^\s*(4\s?[A-D]|1[0-2]|[1-9])[.,](?:\s+|(?=[A-Z])|(?=\d{1,2}\.\d{1,2}\.\d{2}))(.*)$", text
    )
    if match is None:
        return None
    name = _licence().get(match[1].replace(" ", ""), "")
    behind = word.text[len(word.text) - len(match[2]) :] if match[2] else ""
    # "1. Surname" is a label of the usual kind.
    if not name or any(True for _ in _pieces(match[2])):
        return None
    return Label(name, word, behind) if behind.strip() else None


@cache
def _phrases() -> Mapping[str, str]:
    """Return label, in the form of _label_form → field; the first field that has it wins."""
    table = _table()
    found: dict[str, str] = {}
    for name in FIELDS:
        for phrases in table[name].values():
            for phrase in phrases:
                found.setdefault(_label_form(phrase), name)
    return found


@cache
def _long_phrases() -> tuple[str, ...]:
    return tuple(phrase for phrase in _phrases() if len(phrase) >= 5)


@cache
def _licence() -> Mapping[str, str]:
    return {number: name for name, numbers in _table()["licence"].items() for number in numbers}


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = files("identity.document").joinpath("viz_labels.toml").read_text("utf-8")
    return tomllib.loads(text)
