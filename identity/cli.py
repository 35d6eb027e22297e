"""`florin identity`: what the checks say about pictures and names on this machine.

    read IMAGE [--back IMAGE]                    kind, MRZ lines, fields, check digits, findings
    compare IMAGE IMAGE                          faces in each, similarity, same person?
    verify --selfie F --document F [--back F]    the whole decision, with every reason
    screen NAME [--born D] [--country CC]        candidates of the lists, with scores and reasons
    lists                                        which lists are in force; --refresh fetches them
    specimen                                     an invented person's document and selfie, to try
    evaluate                                     every table of docs/benchmarks.md about identity
    train-reader                                 trains the reader of machine-readable zones anew

Nothing is kept: pictures stay where they are. Libraries of pictures take a second to load, so
they are imported by the command that needs them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bank.cli.output import Json, misuse, out, print_json, refuse
from identity import tools

if TYPE_CHECKING:
    from identity.document.reading import Picture

app = typer.Typer(no_args_is_help=True, help="Who is it: documents, faces, lists.")
tools.register(app)

ImageArgument = Annotated[Path, typer.Argument(help="JPEG, PNG, WebP or HEIC, at most 8 MB.")]
BackOption = Annotated[Path | None, typer.Option(help="The back of the document.")]


@app.command()
def read(image: ImageArgument, *, back: BackOption = None, as_json: Json = False) -> None:
    """Read a document: kind, machine-readable zone, fields, check digits, findings."""
    from identity.checks import read as read_pictures

    answer = read_pictures(_load(image), _load(back) if back else None, today=_today())
    if as_json:
        print_json(answer)
        return
    _print_reading(answer)


@app.command()
def compare(first: ImageArgument, second: ImageArgument, *, as_json: Json = False) -> None:
    """Compare the largest faces of two pictures."""
    from identity.checks import compare as compare_pictures

    answer = compare_pictures(_load(first), _load(second))
    if as_json:
        print_json(answer)
        return
    out.print(f"faces       {answer['faces'][0]} and {answer['faces'][1]}")
    if answer["similarity"] is not None:
        out.print(f"similarity  {answer['similarity']:.3f}   distance {answer['distance']:.3f}")
        out.print("same person" if answer["same_person"] else "not the same person")
    _print_findings(answer["findings"])


@app.command()
def verify(
    *,
    selfie: Annotated[Path, typer.Option(help="A picture of the applicant's face.")],
    document: Annotated[Path, typer.Option(help="The document, or its front.")],
    back: BackOption = None,
    as_json: Json = False,
) -> None:
    """Decide as the branch would: approved, needs_review, needs_retry or rejected."""
    from identity.checks import Applicant
    from identity.checks import verify as verify_pictures
    from identity.claims import Claims

    applicant = Applicant(
        selfie=_load(selfie), front=_load(document), back=_load(back) if back else None,
        frames=None, claims=Claims(), asks_liveness=False,
    )  # fmt: skip
    answer = verify_pictures(applicant, lists=_lists(), today=_today()).to_json()
    if as_json:
        print_json(answer)
        return
    decision = answer["decision"]
    out.print(f"[bold]{decision}[/bold]  risk {answer['risk']}")
    for reason in answer["reasons"]:
        out.print(f"  {reason['code']}: {reason['text']}", markup=False)
    _print_findings(answer["findings"])


@app.command()
def screen(
    name: Annotated[str, typer.Argument(help="A person's name, in any script.")],
    *,
    born: Annotated[str | None, typer.Option(help="Birth date, YYYY-MM-DD.")] = None,
    country: Annotated[str | None, typer.Option(help="ISO 3166-1 alpha-2.")] = None,
    as_json: Json = False,
) -> None:
    """Search the sanctions and PEP lists for a name."""
    from identity.checks import screen as screen_name

    if not name.strip():
        raise misuse("Give a name to search for.")
    answer = screen_name(_lists(), name, born=_date(born), country=country)
    if as_json:
        print_json(answer)
        return
    out.print(f"lists {answer['list_version']}: {len(answer['hits'])} candidates", markup=False)
    for hit in answer["hits"]:
        out.print(f"{hit['score']:.2f}  {hit['name']}  ({hit['source']})", markup=False)
        for reason in hit["reasons"]:
            out.print(f"        {reason['text']}", markup=False)


def _load(path: Path | None) -> Picture:
    """Return the picture, judged as an upload would be."""
    from identity.intake import PictureRefused, clean_picture, decode

    assert path is not None
    if not path.is_file():
        raise misuse(f"There is no file {path}.")
    try:
        return decode(clean_picture(path.read_bytes()).jpeg)
    except PictureRefused as refusal:
        raise refuse(
            f"{path.name} cannot be used ({refusal.reason}). "
            "Allowed: one JPEG, PNG, WebP or HEIC picture, at most 8 MB and 24 megapixels."
        ) from refusal


def _lists() -> Any:
    from bank.settings import load_settings
    from identity.checks import load_lists_of

    return load_lists_of(load_settings().home_dir)


def _today() -> date:
    return datetime.now(UTC).date()


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise misuse("--born takes a date such as 1980-12-31.") from fault


def _print_reading(answer: dict[str, Any]) -> None:
    out.print(f"{answer['document_type']}  ({answer['ms']} ms)")
    if answer["mrz"]:
        for line in answer["mrz"]["lines"]:
            out.print(f"  {line}", markup=False)
        held = ", ".join(
            f"{name} {'holds' if good else 'FAILS'}"
            for name, good in answer["mrz"]["checks"].items()
        )
        out.print(f"  check digits: {held}")
    for name, value in answer["fields"].items():
        if value:
            out.print(f"  {name:16} {value}", markup=False)
    _print_findings(answer["findings"])


def _print_findings(findings: list[dict[str, Any]]) -> None:
    for finding in findings:
        score = "" if finding["score"] is None else f" {finding['score']:.2f}"
        out.print(
            f"  [{finding['weight']}]{score} {finding['code']}: {finding['text']}", markup=False
        )

