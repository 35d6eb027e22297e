"""Rules about the repository itself: sizes, held-out sentences, documented names."""

from __future__ import annotations

import csv
import re
import subprocess
from pathlib import Path

from bank.yaml_text import read_yaml

ROOT = Path(__file__).parents[2]
MAX_LINES = 300
MAX_TEST_LINES = 400  # a table of cases may be longer than a rule
#: Longer on purpose, with the reason.
LONG = {
    "bank/domain/errors.py": "the tree of refusals is read as one page",
    "bot/components/periods.py": "one table of patterns beside its readers",
    "identity/specimens/drawing.py": "one page, from paper to portrait",
    "identity/specimens/faces.py": "one head, from its surface to its photograph",
}


def tracked(*patterns):
    out = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def examples():
    for path in (ROOT / "nlu_data" / "nlu").rglob("*.yml"):
        for block in read_yaml(path.read_text(encoding="utf-8"))["nlu"]:
            for line in str(block.get("examples", "")).splitlines():
                yield block.get("intent"), line.removeprefix("- ").strip()


def plain(sentence):
    return re.sub(r"[\W_]+", " ", sentence.casefold()).strip()


def test_given_a_module_then_it_has_at_most_300_lines():
    too_long = {}
    for path in tracked("*.py", "*.js"):
        name = path.relative_to(ROOT).as_posix()
        lines = len(path.read_text(encoding="utf-8").splitlines())
        limit = MAX_TEST_LINES if name.startswith("tests/") else MAX_LINES
        if lines > limit and name not in LONG and "/migrations/" not in name:
            too_long[name] = lines

    assert too_long == {}


def test_given_the_held_out_sentences_then_none_is_in_the_training_data():
    trained = {plain(sentence) for _, sentence in examples()}
    held_out = [
        row["text"]
        for path in (ROOT / "tests" / "nlu").glob("*.csv")
        for row in csv.DictReader(path.open(encoding="utf-8"))
    ]

    assert held_out
    assert [text for text in held_out if plain(text) in trained] == []


def test_given_the_training_data_then_no_sentence_belongs_to_two_intents():
    seen = {}
    twice = []
    for intent, sentence in examples():
        other = seen.setdefault(plain(sentence), intent)
        if other != intent:
            twice.append((sentence, intent, other))

    assert twice == []


def test_given_a_setting_then_env_example_names_it_and_nothing_else():
    from bank.settings import Settings  # noqa: PLC0415

    known = {f"FLORIN_{name.upper()}" for name in Settings.model_fields}
    named = set(
        re.findall(r"^#?\s?(FLORIN_[A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    )

    assert named - known == set()
    assert known - named == set()


def test_given_the_documents_then_every_command_and_make_target_they_name_exists():
    from typer.main import get_command  # noqa: PLC0415

    from bank.cli import app  # noqa: PLC0415

    command = get_command(app)
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    unknown = []
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"`(?:uv run )?florin ([a-z]+)", text):
            if name not in command.commands:
                unknown.append((path.name, f"florin {name}"))
        for name in re.findall(r"`make ([a-z-]+)`", text):
            if name not in targets:
                unknown.append((path.name, f"make {name}"))

    assert unknown == []


def test_given_the_documents_then_every_relative_link_leads_somewhere():
    dead = []
    for path in tracked("*.md"):
        for link in re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", path.read_text("utf-8")):
            if not (path.parent / link).exists():
                dead.append((path.relative_to(ROOT).as_posix(), link))

    assert dead == []


def test_given_the_controls_then_each_names_a_test_that_exists():
    controls = read_yaml((ROOT / "docs" / "controls.yml").read_text(encoding="utf-8"))

    missing = []
    for control in controls:
        file, _, name = control["test"].partition("::")
        path = ROOT / file
        if not path.exists() or (name and f"def {name}" not in path.read_text(encoding="utf-8")):
            missing.append(control["test"])
    assert missing == []
