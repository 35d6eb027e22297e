"""Reading tables: what is read as what, and what is refused with its row."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.errors import BadTable
from analytics.tables.reading import read_chunks, read_table


def a_file(folder, content: str | bytes, name: str = "table.csv"):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refused(path, **options) -> tuple:
    with pytest.raises(BadTable) as refusal:
        read_table(path, **options)
    return refusal.value.problems


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_given_a_delimiter_when_read_then_it_is_told_from_the_lines(tmp_path, delimiter):
    path = a_file(tmp_path, "a,b,c\n1,x,2\n3,y,4\n".replace(",", delimiter))

    table = read_table(path)

    assert table.to_dict("list") == {"a": [1, 3], "b": ["x", "y"], "c": [2, 4]}


def test_given_decimal_commas_between_semicolons_when_read_then_they_are_numbers(tmp_path):
    table = read_table(a_file(tmp_path, "a;b\n1,5;1.250,75\n-2;3,125\n"))

    assert table.to_dict("list") == {"a": [1.5, -2.0], "b": [1250.75, 3.125]}


def test_given_thousands_in_quotes_when_read_then_they_are_numbers(tmp_path):
    assert read_table(a_file(tmp_path, 'a,b\n"1,234.5",1\n"987",2\n'))["a"].tolist() == [
        1234.5,
        987.0,
    ]


def test_given_a_code_with_a_leading_zero_when_read_then_it_stays_text(tmp_path):
    assert read_table(a_file(tmp_path, "code,b\n007,1\n123,2\n"))["code"].tolist() == ["007", "123"]


def test_given_blanks_among_numbers_when_read_then_they_are_unknown(tmp_path):
    table = read_table(a_file(tmp_path, "a,b\n 12 ,1\n ,2\nNA,3\n?,4\n"))

    assert table["a"].iloc[0] == 12
    assert table["a"].isna().tolist() == [False, True, True, True]


def test_given_true_and_false_when_read_then_they_are_flags(tmp_path):
    assert read_table(a_file(tmp_path, "a,b\ntrue,1\nFalse,2\n"))["a"].tolist() == [True, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_given_an_encoding_when_read_then_letters_are_right(tmp_path, encoding):
    path = a_file(tmp_path, "name,b\nÜrün,1\n".encode(encoding) if encoding != "cp1252"
                  else "name,b\nMüller,1\n".encode("cp1252"))  # fmt: skip

    assert read_table(path)["name"].tolist() in (["Ürün"], ["Müller"])


def test_given_a_gzip_or_parquet_of_any_name_when_read_then_the_content_tells(tmp_path):
    frame = pd.DataFrame({"a": [1.5, np.nan], "b": ["x", None]})
    zipped = a_file(tmp_path, gzip.compress(b"a,b\n1.5,x\n,\n"), "one.dat")
    frame.to_parquet(tmp_path / "two.dat")

    for path in (zipped, tmp_path / "two.dat"):
        pd.testing.assert_frame_equal(read_table(path), frame, check_dtype=False)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\n", "empty"),
        (b"a,b", "empty"),
        (b"a,b,a\n1,2,3\n", "duplicate_column"),
        (b"\x89PNG\x00\x00", "unreadable"),
        (b"a,b\n\x81\x8d,1\n", "unreadable"),
        (b"PK\x03\x04sheet", "unreadable"),
        (b"PAR1torn", "unreadable"),
        (gzip.compress(b"a,b\n1,2\n" * 500)[:-20], "unreadable"),
    ],
)
def test_given_what_is_no_table_when_read_then_the_refusal_has_a_code(tmp_path, content, code):
    assert [problem.code for problem in refused(a_file(tmp_path, content))] == [code]


def test_given_ragged_rows_when_read_then_the_refusal_counts_them_without_the_header(tmp_path):
    (problem,) = refused(a_file(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8\n"))

    assert (problem.code, problem.rows, problem.rows_count) == ("ragged_row", (2, 3), 2)


def test_given_a_wanted_column_that_is_absent_when_read_then_it_is_named(tmp_path):
    (problem,) = refused(a_file(tmp_path, "a,b\n1,2\n"), columns=["a", "zip"])

    assert (problem.code, problem.column) == ("missing_column", "zip")


def test_given_no_file_when_read_then_it_is_refused(tmp_path):
    assert refused(tmp_path / "none.csv")[0].code == "unreadable"


def test_given_text_columns_when_read_then_numbers_in_them_stay_as_written(tmp_path):
    assert read_table(a_file(tmp_path, "a,b\n1.0,2\n"), text=["a"])["a"].tolist() == ["1.0"]


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(1, 40), size=st.integers(1, 50))
def test_pieces_put_together_are_the_table(tmp_path_factory, rows, size):
    path = a_file(
        tmp_path_factory.mktemp("t"), "a,b\n" + "".join(f"{n},x{n}\n" for n in range(rows))
    )

    pieces = list(read_chunks(path, size))

    assert [len(piece) for piece in pieces[:-1]] == [size] * (len(pieces) - 1)
    pd.testing.assert_frame_equal(pd.concat(pieces), read_table(path), check_index_type=False)
