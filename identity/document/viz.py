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
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial

from rapidfuzz import fuzz

from identity.document import viz_values
from identity.document.reading import Mrz, Picture
from identity.document.viz_dates import find_dates
from identity.document.viz_labels import Label, find_labels
from identity.document.words import Word, fold, read_box, read_words

#: Fields of `read_visual`, in the order they are filled.
READ = (
    "surname", "given_names", "number", "nationality", "birth_date", "sex", "expiry_date",
    "issue_date", "address",
)  # fmt: skip
DATES = ("birth_date", "issue_date", "expiry_date")

#: Below this the recogniser guesses, and its guesses are left out.
CONFIDENCE_LEAST = 0.6
#: A value stands at most this many heights below its label, or right of it.
_REACH_BELOW, _REACH_RIGHT = 2.6, 14.0
#: A value right of its label costs this much more than one below.
_RIGHT_COST = 1.2

_ZONE = re.compile(r"<{2,}|^[A-Z0-9<K]{28,}$")

Reader = Callable[[str], str]
Closer = Callable[[tuple[float, float, float, float]], str]


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
