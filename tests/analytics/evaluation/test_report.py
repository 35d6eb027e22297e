"""The page for a board: whole, self-contained, escaped, readable; and its pictures."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from analytics.evaluation import Words, evaluate
from analytics.evaluation import report as report_room
from analytics.evaluation.curves import draw_gain, draw_reliability
from analytics.evaluation.pictures import draw_all, save_pictures
from analytics.evaluation.protocols import Folds
from analytics.evaluation.report import page_of, write_report
from analytics.evaluation.words import per_hundred
from analytics.tables.columns import Column, Kind, Schema
from tests.analytics.evaluation.forests import SCHEMA, TinyForest, a_table

EVIL = "<script>alert(1)</script>&\"'"


@pytest.fixture(scope="module")
def found():
    """An evaluation of a table whose names, levels and target are hostile."""
    table, labels = a_table(400)
    table = table.rename(columns={"segment": EVIL})
    table[EVIL] = table[EVIL].replace("basic", f"{EVIL} basic")
    levels = (f"{EVIL} basic", "plus", "private")
    schema = Schema((*SCHEMA.columns[:3], Column(EVIL, Kind.CATEGORY, levels=levels)))
    table["tenure"] += 4 * labels  # so that something is worth a warning
    return evaluate(
        TinyForest(), table, labels, schema, Folds(3), baseline=TinyForest("deep", leaf=1),
        slices=("age", EVIL), words=Words(title=EVIL, target=EVIL, happen=f"have {EVIL} = 1"),
        ceiling={"roc_auc": 0.9}, command=f"florin analytics evaluate '{EVIL}'",
    )  # fmt: skip


@pytest.fixture(scope="module")
def pictures(found):
    return draw_all(found)


@pytest.fixture(scope="module")
def page(found, pictures):
    return page_of(found, pictures)


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen, self.open, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br", "link"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(page):
    tags = Tags()
    tags.feed(page)
    return tags


def test_given_a_hostile_table_then_the_page_has_no_script_and_says_the_names_as_they_are(page):
    tags = read(page)

    assert not {"script", "iframe", "object", "link"} & {tag for tag, _ in tags.seen}
    assert not [name for _, attrs in tags.seen for name in attrs if name.startswith("on")]
    assert EVIL in "".join(tags.text)
    assert tags.open == []


def test_given_the_page_then_it_fetches_nothing(page):
    sources = [attrs.get("src", attrs.get("href", "")) for _, attrs in read(page).seen]

    assert [
        one for one in sources if one and not one.startswith(("data:image/png;base64,", "#"))
    ] == []
    assert not [one for one in ("http:", "https:", "url(", "@import") if one in page]


def test_given_the_page_then_it_has_all_its_pictures_each_said_in_words(page, pictures):
    images = [attrs for tag, attrs in read(page).seen if tag == "img"]

    assert [one["alt"] for one in images] == [
        one.alt for one in sorted(pictures, key=lambda one: one.name == "slices")
    ]
    assert {one.name for one in pictures} == {
        "roc", "precision_recall", "reliability", "gain", "confusion", "scores", "slices",
    }  # fmt: skip


def test_given_the_page_then_the_figures_warnings_and_command_are_on_it(found, page):
    text = "".join(read(page).text)

    assert f"{found.model.figures['roc_auc'].value:.3f}" in text
    assert f"{found.baseline.figures['average_precision'].value:.3f}" in text
    assert "0.900" in text
    assert all(one.sentence in text for one in found.warnings)
    assert found.warnings
    assert found.command in text
    assert all(f"{one.by} {one.level}" in text for one in found.slices)


def test_given_the_same_evaluation_then_the_same_page_and_the_same_picture(found, pictures, page):
    assert page_of(found, pictures) == page
    assert draw_gain(found) == pictures[0]


def test_given_pictures_then_each_is_a_png_of_the_size_a_page_needs(pictures):
    for one in pictures:
        with Image.open(io.BytesIO(one.png)) as image:
            assert image.format == "PNG"
            assert image.width >= 900
        assert len(one.png) < 120_000


def test_given_a_folder_then_page_and_pictures_are_written_and_nothing_else(
    tmp_path, found, pictures
):
    paths = save_pictures(pictures, tmp_path / "new")
    page = write_report(found, tmp_path / "new", pictures=pictures)

    assert sorted(tmp_path.rglob("*.*")) == sorted([*paths, page])


def test_given_a_page_that_cannot_be_made_then_the_old_one_stays(tmp_path, found, monkeypatch):
    (tmp_path / "report.html").write_text("old")

    def broken(*_):
        raise RuntimeError("no page")

    monkeypatch.setattr(report_room, "page_of", broken)
    with pytest.raises(RuntimeError):
        write_report(found, tmp_path, pictures=())

    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("report.html", "old")]


def luminance(colour):
    parts = [int(colour[one : one + 2], 16) / 255 for one in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return float(np.dot((0.2126, 0.7152, 0.0722), linear))


def contrast(first, second):
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("ink", None), ("ink-2", None), ("accent", None), ("bad", None), ("warn", None),
     ("warn", "warn-soft"), ("ink", "warn-soft"), ("ink", "accent-soft"), ("ink", "soft")],
)  # fmt: skip
def test_given_the_pages_colours_then_words_can_be_read(page, ink, paper):
    colours = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", page))

    assert contrast(colours[ink], colours[paper] if paper else "#ffffff") >= 4.5


def test_given_no_baseline_slices_or_ceiling_then_there_is_a_page_too():
    table, labels = a_table(200)

    one = evaluate(TinyForest(), table, labels, SCHEMA, Folds(2))

    page = page_of(one, [draw_reliability(one)])
    assert "It was compared with no baseline." in "".join(read(page).text)


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.274, "27 of 100"), (0.05, "5 of 100"), (0.0042, "4 of 1,000"), (0.00031, "3 of 10,000"),
     (1, "100 of 100"), (0, "none")],
)  # fmt: skip
def test_given_a_share_then_it_is_said_with_a_number_one_can_imagine(share, said):
    assert per_hundred(share) == said
