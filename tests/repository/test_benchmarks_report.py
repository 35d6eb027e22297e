"""The report of benchmarks: what commands print stands in it, one table can be taken anew."""

from __future__ import annotations

from benchmarks.__main__ import MEASUREMENTS, REPORT, report_of, sections, tables


def test_given_headings_tables_and_notes_among_other_lines_then_they_stand_apart():
    printed = "working\n### A\n| x |\n|---|\n| 1 |\n> a note\nbye\n### B\n| y |\n"

    assert tables(printed) == "### A\n\n| x |\n|---|\n| 1 |\n\n> a note\n\n### B\n\n| y |\n"


def test_given_a_report_when_taken_apart_and_put_together_then_it_is_the_same():
    first, second = MEASUREMENTS[0][0], MEASUREMENTS[1][0]
    found = {second: "idea\n\n### part\n\n| 2 |", first: "| 1 |"}

    report = report_of("# Benchmarks\n", found)

    assert sections(report) == found
    assert report.index(f"## {first}") < report.index(f"## {second}")


def test_every_section_of_the_report_has_a_measurement():
    titles = {title for title, *_ in MEASUREMENTS}

    assert set(sections(REPORT.read_text(encoding="utf-8"))) <= titles
