"""Where everything stands in a machine-readable zone, format by format: Doc 9303, parts 4 to 7."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from identity.document.reading import MrzFormat

#: A place in the zone: line, first column, column after the last.
Span = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Check:
    """A check digit: the spans it covers, in order, and the (line, column) where it is printed."""

    name: str
    covers: tuple[Span, ...]
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands in one format. `names` is the span of surname and given names."""

    format: MrzFormat
    lines_count: int
    width: int
    fields: Mapping[str, Span]
    names: Span
    checks: tuple[Check, ...]

    @property
    def may_have_long_number(self) -> bool:
        """Whether a number of more than nine characters may run on into `optional_1`."""
        return self.format in {MrzFormat.TD1, MrzFormat.TD2}


def _two_lines(mrz_format: MrzFormat, width: int, *, optional_end: int) -> Layout:
    checks = [
        Check("number", ((1, 0, 9),), (1, 9)),
        Check("birth_date", ((1, 13, 19),), (1, 19)),
        Check("expiry_date", ((1, 21, 27),), (1, 27)),
    ]
    if mrz_format is MrzFormat.TD3:
        checks.append(Check("optional", ((1, 28, 42),), (1, 42)))
    if mrz_format in {MrzFormat.TD2, MrzFormat.TD3}:
        covers = ((1, 0, 10), (1, 13, 20), (1, 21, width - 1))
        checks.append(Check("composite", covers, (1, width - 1)))
    fields = {
        "document_code": (0, 0, 2),
        "issuer": (0, 2, 5),
        "number": (1, 0, 9),
        "nationality": (1, 10, 13),
        "birth_date": (1, 13, 19),
        "sex": (1, 20, 21),
        "expiry_date": (1, 21, 27),
        "optional_1": (1, 28, optional_end),
    }
    return Layout(mrz_format, 2, width, fields, (0, 5, width), tuple(checks))


LAYOUTS: Mapping[MrzFormat, Layout] = {
    MrzFormat.TD1: Layout(
        MrzFormat.TD1, 3, 30,
        {
            "document_code": (0, 0, 2),
            "issuer": (0, 2, 5),
            "number": (0, 5, 14),
            "optional_1": (0, 15, 30),
            "birth_date": (1, 0, 6),
            "sex": (1, 7, 8),
            "expiry_date": (1, 8, 14),
            "nationality": (1, 15, 18),
            "optional_2": (1, 18, 29),
        },
        (2, 0, 30),
        (
            Check("number", ((0, 5, 14),), (0, 14)),
            Check("birth_date", ((1, 0, 6),), (1, 6)),
            Check("expiry_date", ((1, 8, 14),), (1, 14)),
            Check("composite", ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)), (1, 29)),
        ),
    ),
    MrzFormat.TD2: _two_lines(MrzFormat.TD2, 36, optional_end=35),
    MrzFormat.TD3: _two_lines(MrzFormat.TD3, 44, optional_end=42),
    MrzFormat.MRVA: _two_lines(MrzFormat.MRVA, 44, optional_end=44),
    MrzFormat.MRVB: _two_lines(MrzFormat.MRVB, 36, optional_end=36),
}  # fmt: skip
