"""Cells of one column: written as text, meant as numbers, flags or text.

"12", "7,5", "1.250,00"   numbers, if *every* cell of the column is one
"true", "False"           flags, likewise
"007", "0123"             a code, so text: a number would lose the zero
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_CODE = r"^0\d+$"
_COMMA_DECIMAL = r"^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?$"
_COMMA_THOUSANDS = r"^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?$"


def typed(column: Any, *, keep_text: bool = False, decimal_comma: bool = False) -> Any:
    """Return an arrow column with the type its cells are meant in; unknown cells stay unknown.

    decimal_comma: "1,234" is a little more than one, as in a file cut by semicolons.
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_decimal(column.type):
        return column.cast(pa.float64())
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column.cast(pa.string()) if keep_text else column
    column = pc.utf8_trim_whitespace(column)
    column = pc.if_else(pc.equal(column, ""), None, column)
    if keep_text or column.null_count == len(column):
        return column
    number = _numbers(column, decimal_comma=decimal_comma)
    if number is not None:
        return number
    lower = pc.utf8_lower(column)
    if _every(lower, "^(true|false)$"):
        return pc.equal(lower, "true")
    return column


def _numbers(column: Any, *, decimal_comma: bool) -> Any | None:
    """Return the column as int64 or float64, None if a cell is not a number or is a code."""
    first = next((cell.as_py() for cell in column if cell.is_valid), "")
    if not any(sign.isdigit() for sign in first) and first.lower().lstrip("+-")[:3] != "inf":
        return None  # the usual text column, told from one cell
    if pc.any(pc.match_substring_regex(column, _CODE)).as_py():
        return None
    for form in (pa.int64(), pa.float64()):
        try:
            return column.cast(form)
        except pa.ArrowInvalid:
            continue
    forms = [(_COMMA_THOUSANDS, ",", "."), (_COMMA_DECIMAL, ".", ",")]
    for pattern, thousands, decimal in reversed(forms) if decimal_comma else forms:
        if _every(column, pattern):
            bare = pc.replace_substring(column, thousands, "")
            return pc.replace_substring(bare, decimal, ".").cast(pa.float64())
    return None


def _every(column: Any, pattern: str) -> bool:
    """Return whether each known cell has this form."""
    return bool(pc.all(pc.match_substring_regex(column, pattern)).as_py())
