"""`florin evidence`: the control matrix, each line linked to the test that shows it."""

from __future__ import annotations

import subprocess
import sys

import typer

from bank.cli.output import Json, out, print_json
from bank.cli.places import ROOT
from bank.yaml_text import read_yaml


def register(app: typer.Typer) -> None:
    """Add `florin evidence`."""

    @app.command()
    def evidence(
        *,
        run: bool = typer.Option(False, help="Run the linked tests now."),
        as_json: Json = False,
    ) -> None:
        """Print every control with the test behind it; with --run, run them."""
        controls = read_yaml((ROOT / "docs" / "controls.yml").read_text(encoding="utf-8"))
        broken = 0
        rows = []
        for control in controls:
            path = ROOT / control["test"].split("::")[0]
            state = "linked" if path.exists() else "missing"
            if run and state == "linked":
                done = subprocess.run(
                    [sys.executable, "-m", "pytest", "-q", "-x", control["test"]],
                    cwd=ROOT, capture_output=True, check=False,
                )  # fmt: skip
                state = "passed" if done.returncode == 0 else "failed"
            broken += state in ("missing", "failed")
            rows.append({**control, "state": state})
        if as_json:
            print_json({"controls": rows, "broken": broken})
        else:
            for row in rows:
                out.print(f"{row['id']:6} {row['state']:8} {row['control']}\n{'':15} {row['test']}")
        raise typer.Exit(1 if broken else 0)
