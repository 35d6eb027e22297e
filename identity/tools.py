"""More of `florin identity`: measuring, training, lists and specimens. Registered by cli.py."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress, TaskID

from bank.cli.output import Json, bars, err, misuse, out, print_json, refuse

if TYPE_CHECKING:
    from bank.settings import Settings
    from identity.screening import ScreeningLists

DATA_DIR = "FLORIN_DATA_DIR"


def register(app: typer.Typer) -> None:
    """Add the commands that check nobody."""
    app.command()(evaluate)
    app.command(name="train-reader")(train_reader)
    app.command()(lists)
    app.command()(specimen)


def evaluate(
    parts: Annotated[
        list[str] | None,
        typer.Argument(
            help="mrz, pictures, faces, liveness, screening, documents; all when none is named."
        ),
    ] = None,
    *,
    documents: Annotated[int, typer.Option(min=20, help="How many specimens to judge.")] = 200,
    from_document: Annotated[int, typer.Option(min=0, help="Number of the first specimen.")] = 0,
    from_seed: Annotated[int, typer.Option(min=1, help="Another seed, other specimens.")] = 1,
    keep: Annotated[
        Path | None,
        typer.Option(help="File of judged specimens: a stopped run goes on, runs add up."),
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="How many judge specimens at once.")] = 2,
    baselines: Annotated[
        bool, typer.Option(help="Measure RapidOCR and PassportEye beside, where installed.")
    ] = False,
    data: Annotated[
        Path | None, typer.Option(help="Public data; default $FLORIN_DATA_DIR.")
    ] = None,
    lfw: Annotated[
        Path | None, typer.Option(help="Faces: a folder laid out as LFW, with its pairs.txt.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Print every figure about identity, with targets: documents, faces, liveness, lists."""
    from identity.evaluate import PARTS, DataMissing, Wish
    from identity.evaluate import evaluate as measure

    wanted = parts or list(PARTS)
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        raise misuse(f"There is no part {unknown[0]}. There are: {', '.join(PARTS)}.")
    folder = data or Path(os.environ.get(DATA_DIR) or "../shared/data")
    wish = Wish(documents, from_document, from_seed, keep, processes, everything=baselines, lfw=lfw)
    figures, missing = {}, {}
    with bars() as bar:
        for part in wanted:
            task = bar.add_task(part, total=1.0)
            advance = partial(_advance, bar, task)
            try:
                figures[part] = measure(part, folder, wish=wish, progress=advance)
            except DataMissing as fault:
                missing[part] = str(fault)
            advance(1.0)
    if as_json:
        print_json({**figures, "missing": missing})
        return
    for part, found in figures.items():
        _print_tables(part, found)
    for part, where in missing.items():
        err.print(f"{part} was left out: its data is not at {where}. Name it with --data.")


def _print_tables(part: str, figures: dict[str, Any]) -> None:
    from identity.measured import tables_of
    from identity.tables import markdown

    for table in tables_of(part, figures):
        out.print()
        for line in markdown(table):
            out.print(line, markup=False, soft_wrap=True)


def _advance(bar: Progress, task: TaskID, share: float) -> None:
    bar.update(task, completed=share)


def train_reader(
    *,
    to: Annotated[Path, typer.Option(help="Where the weights go.")] = Path("var/ocrb.npz"),
    seed: Annotated[int, typer.Option(help="The same seed draws the same lines.")] = 3,
    as_json: Json = False,
) -> None:
    """Train the reader of machine-readable zones on drawn lines; takes minutes."""
    from identity.document.train_ocrb import train

    to.parent.mkdir(parents=True, exist_ok=True)
    measured = train(to, seed=seed, say=lambda line: err.print(line, markup=False))
    if as_json:
        print_json({"path": str(to), **measured})
        return
    out.print(f"{to}: {measured}", markup=False)


def lists(
    *,
    refresh: Annotated[
        bool, typer.Option(help="Fetch OFAC and UN lists, then screen all customers again.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say which screening lists are in force; with --refresh fetch them (weekly)."""
    from bank.settings import load_settings
    from identity.checks import LISTS_FOLDER
    from identity.screening import ListBroken, load_lists
    from identity.screening.refresh import refresh as fetch

    settings = load_settings()
    folder = settings.home_dir / LISTS_FOLDER
    answer: dict[str, Any] = {}
    try:
        held = load_lists(folder)
        if refresh:
            before, held = held, fetch(folder, now_utc=datetime.now(UTC)).lists
            answer["hits"] = _screen_again(settings, held, previous=before)
    except ListBroken as fault:
        raise refuse(f"{fault} The lists that were in force stay in force.") from fault
    answer |= {
        "list_version": held.version, "counts": dict(held.counts),
        "problems": list(held.problems),
    }  # fmt: skip
    for problem in held.problems:
        err.print(f"A list was refused, the one before it stays in force: {problem}")
    if as_json:
        print_json(answer)
        return
    out.print(f"version {held.version}", markup=False)
    for name, count in answer["counts"].items():
        out.print(f"  {name:24} {count}", markup=False)
    if refresh:
        out.print(f"{answer['hits']} hits among the customers; each is a case in alerts.")


def _screen_again(settings: Settings, held: ScreeningLists, *, previous: ScreeningLists) -> int:
    from bank.bootstrap import open_bank
    from identity.rescreen import screen_customers

    bank = open_bank(settings)
    try:
        with bars() as bar:
            task = bar.add_task("screening customers", total=None)
            return screen_customers(
                bank, held, previous=previous, progress=lambda count: bar.advance(task, count)
            )
    finally:
        bank.store.close()


def specimen(
    *,
    seed: Annotated[int, typer.Option(help="The same seed makes the same person.")] = 7,
    kind: Annotated[str, typer.Option(help="passport, id_card, id_card_td2, visa_a, visa_b.")] = (
        "passport"
    ),
    tamper: Annotated[str, typer.Option(help="What is wrong with it; empty: nothing.")] = "",
    to: Annotated[Path, typer.Option(help="The folder to write into.")] = Path("var/specimen"),
    as_json: Json = False,
) -> None:
    """Make an invented person's document and selfie, to try the onboarding with."""
    from PIL import Image

    from identity.specimens.faces import render_face
    from identity.specimens.making import make_specimen

    today = datetime.now(UTC).date()
    try:
        made = make_specimen(seed, kind=kind, tamper=tamper or None, today=today)
    except (KeyError, ValueError) as fault:
        raise misuse(f"There is no such kind or tamper: {fault}.") from fault
    to.mkdir(parents=True, exist_ok=True)
    pictures = {"document_front.jpg": made.front, "document_back.jpg": made.back}
    pictures["selfie.jpg"] = render_face(made.face_seed, size_px=720, sitting=4)
    written = []
    for name, picture in pictures.items():
        if picture is not None:
            Image.fromarray(picture).save(to / name, quality=92)
            written.append(str(to / name))
    claims = made.claims
    answer = {
        "files": written, "given_names": claims.given_names, "surname": claims.surname,
        "birth_date": str(claims.birth_date), "kind": kind, "tamper": tamper or None,
    }  # fmt: skip
    if as_json:
        print_json(answer)
        return
    for path in written:
        out.print(path, markup=False)
    out.print(
        f"{claims.given_names} {claims.surname}, born {claims.birth_date}: invented, like the "
        "country.", markup=False,
    )  # fmt: skip
