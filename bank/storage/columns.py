"""How a record becomes a row: one column a field, one codec a column.

    str, StrEnum, NewType of str   text          bool       boolean
    int                            bigint        float      double
    datetime                       bigint, microseconds since 1970-01-01 UTC
    date                           text, ISO 8601
    bytes                          blob          dict, tuple, list, frozenset   JSON text

Microseconds as integers compare and index the same way in every database, and lose nothing.
The memory store passes its records through the same codecs, so a value that would not
survive the database does not survive the tests either.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, timedelta
from enum import Enum, StrEnum
from operator import attrgetter
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_S, _S_US = 86_400, 1_000_000

Codec = Callable[[Any], Any]


class Kind(StrEnum):
    """What the database keeps."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    REAL = "real"
    BYTES = "bytes"
    INSTANT = "instant"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Field:
    """One column; `encode` and `decode` are None where Python and SQL agree. Never given None."""

    name: str
    kind: Kind
    nullable: bool
    encode: Codec | None = None
    decode: Codec | None = None


class Shape:
    """The columns of one kind of record, and the way there and back."""

    def __init__(self, record: type[Any]) -> None:
        hints = typing.get_type_hints(record)
        self.record = record
        self.fields = tuple(
            _field(record, field.name, hints[field.name]) for field in fields(record)
        )
        self.by_name: Mapping[str, Field] = {field.name: field for field in self.fields}
        assert self.fields[0].name == "id", f"the first field of {record.__name__} is not id"
        self._values = attrgetter(*(field.name for field in self.fields))
        self._encoders = _places(self.fields, "encode")
        self._decoders = _places(self.fields, "decode")

    def to_row(self, record: Any) -> tuple[Any, ...]:
        """Return the record's values as the database keeps them, in column order."""
        values: tuple[Any, ...] = self._values(record)
        if not self._encoders:
            return values
        row = list(values)
        for place, encode in self._encoders:
            if row[place] is not None:
                row[place] = encode(row[place])
        return tuple(row)

    def from_row(self, row: tuple[Any, ...]) -> Any:
        """Return the record of a row read in column order."""
        if not self._decoders:
            return self.record(*row)
        values = list(row)
        for place, decode in self._decoders:
            if values[place] is not None:
                values[place] = decode(values[place])
        return self.record(*values)

    def encode(self, name: str, value: Any) -> Any:
        """Return one value of a filter as the database keeps it."""
        encode = self.by_name[name].encode
        return value if value is None or encode is None else encode(value)


def shape_of(record: type[Any]) -> Shape:
    """Return the shape of a record type; worked out once."""
    found = _SHAPES.get(record)
    if found is None:
        found = _SHAPES[record] = Shape(record)
    return found


_SHAPES: dict[type[Any], Shape] = {}


def _places(of: tuple[Field, ...], codec: str) -> tuple[tuple[int, Codec], ...]:
    return tuple(
        (place, getattr(field, codec)) for place, field in enumerate(of) if getattr(field, codec)
    )


def _field(record: type[Any], name: str, hint: Any) -> Field:
    hint, nullable = _without_none(hint)
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    origin = typing.get_origin(hint) or hint
    if origin is typing.Literal:
        origin = type(typing.get_args(hint)[0])
    if isinstance(origin, type) and issubclass(origin, Enum):
        assert issubclass(origin, StrEnum), f"{record.__name__}.{name}: only StrEnum"
        members = {member.value: member for member in origin}
        return Field(name, Kind.TEXT, nullable, str, members.__getitem__)
    if origin not in _KINDS:
        raise TypeError(f"{record.__name__}.{name}: {hint!r} cannot be a column")
    kind, encode, decode = _KINDS[origin]
    return Field(name, kind, nullable, encode, decode)


def _without_none(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) not in (types.UnionType, typing.Union):
        return hint, False
    others = [part for part in typing.get_args(hint) if part is not type(None)]
    assert len(others) == 1, f"a column holds one type: {hint!r}"
    return others[0], True


def _to_micros(moment: datetime) -> int:
    assert moment.tzinfo is not None, "a moment without a time zone"
    since = moment - EPOCH
    return (since.days * _DAY_S + since.seconds) * _S_US + since.microseconds


def _from_micros(micros: int) -> datetime:
    return EPOCH + timedelta(microseconds=micros)


def _to_json(value: Any) -> str:
    if isinstance(value, frozenset):
        value = sorted(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _tuple_from_json(text: str) -> tuple[Any, ...]:
    return tuple(json.loads(text))


def _frozenset_from_json(text: str) -> frozenset[Any]:
    return frozenset(json.loads(text))


_KINDS: dict[Any, tuple[Kind, Codec | None, Codec | None]] = {
    str: (Kind.TEXT, None, None),
    int: (Kind.INTEGER, None, None),
    bool: (Kind.BOOLEAN, bool, bool),
    float: (Kind.REAL, float, float),
    bytes: (Kind.BYTES, None, bytes),
    datetime: (Kind.INSTANT, _to_micros, _from_micros),
    date: (Kind.TEXT, date.isoformat, date.fromisoformat),
    dict: (Kind.JSON, _to_json, json.loads),
    list: (Kind.JSON, _to_json, json.loads),
    tuple: (Kind.JSON, _to_json, _tuple_from_json),
    frozenset: (Kind.JSON, _to_json, _frozenset_from_json),
}
