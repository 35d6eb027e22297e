"""The visual zone: what people read on a document, field by field.

    words with places ─▶ labels (viz_labels.toml) ─▶ for each label the lines below, right of and
                                                     in it ─▶ those that can be such a value
                                       ─▶ the cheapest pairs first, each line taken once ─▶ fields

A label says what a value is, its place which one, its form whether it can be. Labels of what we do
not read (place of birth, authority) take their values away as well. Without a label nothing is
guessed but dates: three of them in order are birth, issue, expiry.

What is read here can be wrong in a letter: it confirms or contradicts the machine-readable zone,
it does not replace it (identity/authenticity/consistency.py).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache, partial
from importlib.resources import files

from rapidfuzz import fuzz, process

from identity.document import viz_values
from identity.document.reading import Mrz, Picture
from identity.document.viz_dates import find_dates
from identity.document.words import Word, fold, read_box, read_words

#: Fields of `read_visual`, in the order they are filled.
READ = (
    "surname", "given_names", "number", "nationality", "birth_date", "sex", "expiry_date",
    "issue_date", "address",
)  # fmt: skip
DATES = ("birth_date", "issue_date", "expiry_date")

#: Below this the recogniser guesses, and its guesses are left out.
CONFIDENCE_LEAST = 0.6
#: Likeness (0-100) of a line's piece with a label; short labels must be exact.
_LIKE, _LIKE_SHORT = 84.0, 88.0
#: A value stands at most this many heights below its label, or right of it.
_REACH_BELOW, _REACH_RIGHT = 2.6, 14.0
#: A value right of its label costs this much more than one below.
_RIGHT_COST = 1.2

_ZONE = re.compile(r"<{2,}|^[A-Z0-9<K]{28,}$")
_NUMBERING = re.compile(r"^\s*\(?\d{1,2}[A-D]?[.):,\s]\s*(?=[A-Z])")

Reader = Callable[[str], str]
Closer = Callable[[tuple[float, float, float, float]], str]


@dataclass(frozen=True, slots=True)
class Label:
    """A label of `field` found in a word; `rest` is what stands behind it in the same line."""

    field: str
    word: Word
    rest: str


@dataclass(slots=True)
class _Zone:
    """The words of a visual zone while it is read."""

    labels: list[Label]
    others: list[Word]
    today: date
    month_first: bool
    found: dict[str, str] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)


def read_visual(page: Picture, *, mrz: Mrz | None = None) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the fields of the visual zone, and its lines of text from top to bottom.

    page: RGB, upright and rectified. Fields are named as in reading.FIELDS plus issue_date and
    address, in the same form; what is not read has no key. `mrz` tells which lines are not the
    visual zone's and whether dates are American; its values are not looked at.
    """
    words = [word for word in read_words(page) if not _is_zone(word.text, mrz)]
    issuer = mrz.fields.get("issuer", "") if mrz else ""
    fields = fields_of(
        words, today=datetime.now(UTC).date(), issuer=issuer, closer=partial(read_box, page)
    )
    return fields, tuple(word.text for word in words)


def fields_of(
    words: Sequence[Word], *, today: date, issuer: str = "", closer: Closer | None = None
) -> dict[str, str]:
    """Return the fields that these words of a visual zone say.

    `closer` reads a box of the page again, where a label has nothing beside it: single letters
    are too little for the text detector.
    """
    labels: list[Label] = []
    others: list[Word] = []
    for word in words:
        if word.confidence >= CONFIDENCE_LEAST:
            here = find_labels(word)
            labels += [label for label in here if label.field != "title"]
            others += [] if here else [word]
    zone = _Zone(labels, others, today, _is_american(words, issuer))
    _take_inline(zone)
    for _, label, at in sorted(_pairs(zone), key=lambda pair: pair[0]):
        if at not in zone.taken and not _is_filled(zone, label):
            _take(zone, label, at)
    if closer is not None:
        _look_closer(zone, closer)
    _order_dates(zone)
    return {name: zone.found[name] for name in READ if zone.found.get(name)}


def _look_closer(zone: _Zone, closer: Closer) -> None:
    """Read what stands below the labels of single letters, where nothing was seen."""
    for label in zone.labels:
        if label.field not in {"sex", "nationality"} or label.field in zone.found:
            continue
        left, _, _, bottom = label.word.box
        height = label.word.height
        below = (
            left - 0.5 * height,
            bottom + 0.1 * height,
            left + 4 * height,
            bottom + 2.9 * height,
        )
        value = _reader(zone, label.field)(closer(below))
        if value:
            zone.found[label.field] = value


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


def _take_inline(zone: _Zone) -> None:
    """Take the values that stand in the line of their label."""
    for label in zone.labels:
        if label.rest and label.field != "never" and label.field not in zone.found:
            value = _reader(zone, label.field)(label.rest)
            if value:
                zone.found[label.field] = value


def _pairs(zone: _Zone) -> Iterator[tuple[float, Label, int]]:
    """Yield (cost, label, place in others) for every value a label might have."""
    for label in zone.labels:
        if label.field in zone.found or (label.field == "never" and label.rest):
            continue
        reads = _reader(zone, label.field)
        for at, other in enumerate(zone.others):
            cost = _cost(label.word, other)
            if cost is not None and reads(other.text):
                yield cost, label, at


def _cost(label: Word, other: Word) -> float | None:
    """Return how far a value is from its label, in heights; None where it cannot be its value."""
    height = max(label.height, 0.7 * other.height, 1.0)
    left, top, right, bottom = label.box
    middle = (other.box[1] + other.box[3]) / 2
    below = (other.box[1] - bottom) / height
    if -0.4 <= below <= _REACH_BELOW and middle > bottom:
        shared = min(right, other.box[2]) - max(left, other.box[0])
        aside = abs(other.box[0] - left) / height
        if shared > 0.3 * min(right - left, other.box[2] - other.box[0]) or aside <= 2.5:
            return max(below, 0.0) + 0.25 * aside
    beside = (other.box[0] - right) / height
    level = abs(middle - (top + bottom) / 2) / height
    if level <= 0.6 and -0.3 <= beside <= _REACH_RIGHT:
        return _RIGHT_COST + 0.3 * max(beside, 0.0) + level
    return None


def _is_filled(zone: _Zone, label: Label) -> bool:
    if label.field == "never":
        return id(label.word) in zone.taken
    return label.field in zone.found


def _take(zone: _Zone, label: Label, at: int) -> None:
    word = zone.others[at]
    zone.taken.add(at)
    if label.field == "never":
        zone.taken.add(id(label.word))
        return
    value = _reader(zone, label.field)(word.text)
    if label.field in {"surname", "given_names", "address"}:
        value = _with_next_lines(zone, label.field, word, value)
    zone.found[label.field] = value


def _with_next_lines(zone: _Zone, name: str, word: Word, value: str) -> str:
    """Return the value with the lines that go on below it, in the same print."""
    lines_most = 3 if name == "address" else 2
    joint = ", " if name == "address" else " "
    for _ in range(lines_most - 1):
        for at, other in enumerate(zone.others):
            gap = (other.box[1] - word.box[3]) / word.height
            alike = 0.8 <= other.height / word.height <= 1.25
            aside = abs(other.box[0] - word.box[0]) / word.height
            more = _reader(zone, name)(other.text)
            if at not in zone.taken and -0.2 <= gap <= 0.9 and alike and aside <= 0.8 and more:
                if any(
                    _cost(label.word, other) is not None and label.word.box[1] > word.box[1]
                    for label in zone.labels
                ):
                    return value
                zone.taken.add(at)
                value, word = value + joint + more, other
                break
        else:
            return value
    return value


def _order_dates(zone: _Zone) -> None:
    """Fill dates without a readable label, where only one order makes sense."""
    missing = [name for name in DATES if name not in zone.found]
    if not missing:
        return
    days = sorted({
        one.day for at, word in enumerate(zone.others) if at not in zone.taken
        for one in find_dates(word.text, today=zone.today, ahead=True, month_first=zone.month_first)
    } - {date.fromisoformat(zone.found[name]) for name in DATES if name in zone.found})  # fmt: skip
    if len(days) != len(missing) or len(days) < 2:
        return
    filled = {
        **zone.found,
        **{name: day.isoformat() for name, day in zip(missing, days, strict=True)},
    }
    order = [filled[name] for name in DATES if name in filled]
    if order == sorted(order) and len(order) == 3:
        zone.found.update({name: filled[name] for name in missing})


def _reader(zone: _Zone, name: str) -> Reader:
    """Return what reads a value of this field from a line, "" where the line is none."""
    if name in DATES:
        return partial(
            viz_values.read_date, today=zone.today, ahead=name == "expiry_date",
            month_first=zone.month_first, last=name == "expiry_date",
        )  # fmt: skip
    return {
        "surname": viz_values.read_name, "given_names": viz_values.read_name,
        "number": viz_values.read_number, "nationality": viz_values.read_nationality,
        "sex": viz_values.read_sex, "address": viz_values.read_address, "never": _any_text,
    }[name]  # fmt: skip


def _any_text(text: str) -> str:
    return text.strip()


def _is_zone(text: str, mrz: Mrz | None) -> bool:
    """Whether a line belongs to the machine-readable zone."""
    solid = text.upper().replace(" ", "")
    if _ZONE.search(solid):
        return True
    if mrz is not None and _is_name_of(text, mrz):
        return False
    return mrz is not None and any(
        len(solid) >= 15 and fuzz.partial_ratio(solid, line) >= 85 for line in mrz.lines
    )


def _is_name_of(text: str, mrz: Mrz) -> bool:
    """Whether a line is surname or given names alone; a line of the zone has more than that."""
    plain = re.sub(r"[^A-Z]", "", fold(text))
    names = (mrz.fields.get(name, "").replace(" ", "") for name in ("surname", "given_names"))
    return any(name and fuzz.ratio(plain, name) >= 80 for name in names)


def _is_american(words: Sequence[Word], issuer: str) -> bool:
    return issuer == "USA" or any("UNITED STATES" in fold(word.text) for word in words)


@cache
def _phrases() -> Mapping[str, str]:
    """Return label, in the form of _label_form → field; the first field that has it wins."""
    table = _table()
    found: dict[str, str] = {}
    for name in (*READ, "never", "title"):
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
