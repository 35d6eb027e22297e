"""Lists: read, refused, versioned, cached."""

from __future__ import annotations

import gzip
import json

import pytest

from identity.screening import ListBroken, invented_lists, load_lists, screen
from identity.screening.entries import NameQuality
from identity.screening.names import NameKind
from identity.screening.ofac import parse_born
from tests.identity.screening.builders import FILES, fill, some_lists


def entry(lists, entry_id):
    return next(one for one in lists.entries if one.entry_id == entry_id)


def test_given_ofac_files_when_read_then_remarks_become_dates_countries_and_aliases():
    found = entry(some_lists(), "ofac:101")

    assert [one.text for one in found.born] == ["1961-03-12", "1962"]
    assert found.nationalities == {"RU"}
    assert ("ZELENKOW, Wiktor", NameQuality.STRONG) in [(n.text, n.quality) for n in found.names]
    assert ("THE HERON", NameQuality.WEAK) in [(n.text, n.quality) for n in found.names]
    assert found.programs == ("RUSSIA-EO14024",)


def test_given_long_remarks_when_read_then_the_comments_file_continues_them():
    assert entry(some_lists(), "ofac:105").nationalities == {"AT"}


def test_given_the_un_list_when_read_then_aliases_have_their_quality():
    found = entry(some_lists(), "un:QDi.901")

    qualities = {name.text: name.quality for name in found.names}
    assert qualities["QAMAR FAYRUZ AL-ZUMURRUDI"] is NameQuality.PRIMARY
    assert qualities["Abu Fayruz"] is NameQuality.WEAK
    assert "قمر الزمردي" in qualities
    assert [one.text for one in found.born] == ["1968-1973"]
    assert found.nationalities == {"IR"}
    assert entry(some_lists(), "un:TAe.902").kind is NameKind.ORGANISATION


def test_given_an_own_list_when_read_then_it_is_named_by_its_file():
    found = entry(some_lists(), "pep:7")

    assert found.list_name == "pep"
    assert [one.text for one in found.born] == ["~1980"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("23 Nov 1965", ["1965-11-23"]), ("Nov 1965", ["1965-11"]), ("1965", ["1965"]),
        ("circa 1965", ["~1965"]), ("1968 to 1973", ["1968-1973"]), ("1973 to 1968", []),
        ("unknown", []), ("", []),
    ],
)  # fmt: skip
def test_given_a_birth_date_of_ofac_when_read_then_it_keeps_its_doubt(text, days):
    assert [one.text for one in parse_born(text)] == days


def test_given_a_folder_when_loaded_twice_then_the_second_reads_the_cache_and_says_the_same(
    tmp_path,
):
    fill(tmp_path)

    first, second = load_lists(tmp_path), load_lists(tmp_path)

    assert first.version == second.version
    assert first.entries == second.entries
    assert first.counts == {"person": 5, "organisation": 2, "vessel": 1}
    assert screen(first, "Wiktor Zelenkow") == screen(second, "Wiktor Zelenkow")
    assert second.sources["un"]["made_on"] == "2026-02-27"


def test_given_data_only_to_be_measured_when_loaded_then_the_folder_stays_as_it_is(tmp_path):
    fill(tmp_path)

    load_lists(tmp_path, keeps_cache=False)

    assert {path.name for path in tmp_path.iterdir()} == set(FILES)


def test_given_one_letter_more_when_loaded_then_the_version_is_another(tmp_path):
    before = load_lists(fill(tmp_path)).version
    (tmp_path / "own_pep.csv").write_text(FILES["own_pep.csv"].replace("~1980", "~1981"))

    assert load_lists(tmp_path).version != before


def test_given_packed_files_when_loaded_then_they_are_unpacked(tmp_path):
    for name, text in FILES.items():
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(text.encode()))

    assert len(load_lists(tmp_path).entries) == 8


def test_given_no_files_when_loaded_then_the_invented_list_is_in_force(tmp_path):
    lists = load_lists(tmp_path / "nowhere")

    assert lists.version == invented_lists().version
    assert lists.version.startswith("invented-")


BROKEN = {
    "empty sdn": ("sdn.csv", b"", "empty"),
    "sdn cut in a line": ("sdn.csv", FILES["sdn.csv"].encode()[:-40], "truncated"),
    "sdn cut in quotes": ("sdn.csv", FILES["sdn.csv"].encode()[:60], "truncated"),
    "sdn cut at a line": ("sdn.csv", b"\n".join(FILES["sdn.csv"].encode().split(b"\n")[3:]), "orphans"),
    "sdn is a page": ("sdn.csv", b"<html>sorry</html>", "wrong_columns"),
    "not utf-8": ("sdn.csv", b"\xff\xfe\x00", "malformed"),
    "xml cut": ("consolidated.xml", FILES["consolidated.xml"].encode()[:-300], "truncated"),
    "xml of another kind": ("consolidated.xml", b"<html></html>", "malformed"),
    "xml with entities": ("consolidated.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><CONSOLIDATED_LIST>&b;</CONSOLIDATED_LIST>', "malformed"),
    "xml without people": ("consolidated.xml", b"<CONSOLIDATED_LIST></CONSOLIDATED_LIST>", "empty"),
    "own without id": ("own_pep.csv", b"name\nA\n", "wrong_columns"),
    "own with half a line": ("own_pep.csv", b"id,name,born\n1\n", "truncated"),
    "own with a wrong date": ("own_pep.csv", b"id,name,born\n1,A B,31.12.1980\n", "malformed"),
    "own with a country of nowhere": ("own_pep.csv", b"id,name,countries\n1,A B,Atlantis\n", "malformed"),
    "own with an id twice": ("own_pep.csv", b"id,name\n1,A B\n1,C D\n", "malformed"),
    "gzip cut": ("sdn.csv", gzip.compress(FILES["sdn.csv"].encode() * 50)[:80], "truncated"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_given_a_broken_file_when_nothing_was_read_before_then_it_is_refused(case, tmp_path):
    name, raw, reason = BROKEN[case]
    fill(tmp_path)
    (tmp_path / name).write_bytes(raw)

    with pytest.raises(ListBroken) as refusal:
        load_lists(tmp_path)

    assert refusal.value.reason == reason


@pytest.mark.parametrize("case", BROKEN)
def test_given_a_broken_file_when_read_before_then_the_old_list_stays_and_says_so(case, tmp_path):
    name, raw, _ = BROKEN[case]
    good = load_lists(fill(tmp_path))
    (tmp_path / name).write_bytes(raw)

    lists = load_lists(tmp_path)

    assert lists.version == good.version
    assert lists.problems
    assert screen(lists, "Wiktor Zelenkow")


def test_given_half_the_entries_when_loaded_then_the_list_is_held_to_be_cut(tmp_path):
    lines = [f'{n},"HERON {n:03}","vessel","IRAN"' + ",-0- " * 8 for n in range(1, 60)]
    (tmp_path / "sdn.csv").write_text("\n".join(lines))
    good = load_lists(tmp_path)
    (tmp_path / "sdn.csv").write_text("\n".join(lines[:20]))

    lists = load_lists(tmp_path)

    assert lists.version == good.version
    assert "shrunk" in lists.problems[0]


def test_given_a_cache_that_is_rubbish_when_loaded_then_the_files_are_read(tmp_path):
    version = load_lists(fill(tmp_path)).version
    (tmp_path / "cache" / "lists.json.gz").write_bytes(
        gzip.compress(json.dumps({"format": -1}).encode())
    )

    assert load_lists(tmp_path).version == version


def test_given_a_firm_with_two_names_when_read_from_the_cache_then_either_still_finds_it(tmp_path):
    (tmp_path / "sdn.csv").write_text('1,"RED HERON/ARMY OF REEDS",-0-,"SDGT"' + ",-0- " * 8)
    fresh = load_lists(tmp_path)

    cached = load_lists(tmp_path)

    for lists in (fresh, cached):
        assert [hit.entry_id for hit in screen(lists, "Army of Reeds")] == ["ofac:1"]
