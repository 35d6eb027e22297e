"""The set-up script on machines that lack something: a sentence that says what to do."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ["bash", "env", "id", "mkdir", "dirname", "printf", "cat", "cmp", "cp", "rm", "ls", "sleep"]


@pytest.fixture
def bare_machine(tmp_path):
    """A checkout's set-up script and a PATH with next to nothing on it."""
    checkout = tmp_path / "checkout"
    (checkout / "setup").mkdir(parents=True)
    shutil.copy(ROOT / "setup" / "install.sh", checkout / "setup")
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in TOOLS:
        if found := shutil.which(name):
            (tools / name).symlink_to(found)

    def run(what="run", **env):
        return subprocess.run(
            ["bash", str(checkout / "setup" / "install.sh"), what], text=True, timeout=60,
            capture_output=True, check=False, cwd=checkout,
            env={"PATH": str(tools), "HOME": str(tmp_path / "home"), **env},
        )  # fmt: skip

    run.tools = tools
    return run


def stub(folder, name, body):
    path = folder / name
    path.write_text(f"#!/usr/bin/env bash\n{body}\n")
    path.chmod(0o755)


def test_given_no_python_when_set_up_then_the_versions_are_named(bare_machine):
    done = bare_machine()

    assert done.returncode == 1
    assert "Python 3.11, 3.12 or 3.13" in done.stderr


def test_given_no_python_310_and_none_to_download_then_it_says_how_to_name_one(bare_machine):
    (bare_machine.tools / "python3").symlink_to(sys.executable)
    stub(bare_machine.tools, "uv", "exit 2")

    done = bare_machine()

    assert done.returncode == 1
    assert "Rasa needs Python 3.10" in done.stderr
    assert "FLORIN_PYTHON310=" in done.stderr


def test_given_no_tesseract_and_no_way_to_install_it_then_it_says_what_still_works(bare_machine):
    (bare_machine.tools / "python3").symlink_to(sys.executable)
    stub(bare_machine.tools, "uv", "exit 2")

    done = bare_machine()

    assert "missing and could not be installed without root or sudo: tesseract" in done.stderr
    assert "What still works" in done.stderr


def test_given_a_pyenv_shim_that_does_not_answer_then_it_is_not_trusted(bare_machine):
    (bare_machine.tools / "python3").symlink_to(sys.executable)
    stub(
        bare_machine.tools,
        "python3.10",
        "echo 'pyenv: python3.10: command not found' >&2; exit 127",
    )
    stub(bare_machine.tools, "uv", "exit 2")

    done = bare_machine()

    assert "Rasa needs Python 3.10" in done.stderr
